namespace TgtModular.Toml;

/// <summary>Limits on what is read. Each limit exceeded is a diagnostic.</summary>
public sealed record TomlReadOptions
{
    /// <summary>The limits used when none are given.</summary>
    public static TomlReadOptions Default { get; } = new();

    /// <summary>The largest document: bytes of UTF-8, or UTF-16 code units of a string. Default 16 MiB.</summary>
    public int MaximumSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>How many tables and arrays may stand in each other, the root not counted. Default 64, at most 256.</summary>
    public int MaximumDepth
    {
        get;
        init => field = value is >= 0 and <= 256 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "a depth of 0 to 256 is wanted");
    }
    = 64;

    /// <summary>How many values a document may hold, tables and arrays included. It bounds memory, to about 100 bytes each. Default 1,000,000.</summary>
    public int MaximumValues { get; init; } = 1_000_000;

    /// <summary>How many diagnostics are kept; reading stops there. Default 100.</summary>
    public int MaximumDiagnostics { get; init; } = 100;
}
