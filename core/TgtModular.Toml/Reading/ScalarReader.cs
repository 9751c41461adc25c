namespace TgtModular.Toml.Reading;

/// <summary>Reads what stands as a value without quotes and brackets: booleans, numbers, dates and times.</summary>
internal static class ScalarReader
{
    /// <summary>The value, or null with the reason in <paramref name="error"/>.</summary>
    public static TomlValue? Read(ReadOnlySpan<char> text, TomlPosition position, out string error)
    {
        error = string.Empty;
        TomlValue? value = text switch
        {
            "true" => new TomlBoolean(true, position),
            "false" => new TomlBoolean(false, position),
            _ when DateTimeReader.LooksLikeOne(text) => DateTimeReader.Read(text, position, out error),
            _ when NumberReader.LooksLikeOne(text) => NumberReader.Read(text, position, out error),
            _ => null,
        };
        if (value is null && error.Length == 0)
            error = ExplainWord(text);
        return value;
    }

    /// <summary>Why <paramref name="text"/> is no value.</summary>
    public static string Explain(ReadOnlySpan<char> text) =>
        Read(text, default, out string error) is null ? error : $"'{Printable.Show(text)}' is no value";

    private static string ExplainWord(ReadOnlySpan<char> text)
    {
        string shown = Printable.Show(text);
        Span<char> lower = stackalloc char[8];
        int length = text.Length <= lower.Length ? text.ToLowerInvariant(lower) : 0;
        return lower[..length] switch
        {
            "true" or "false" => $"'{shown}' is no value: a boolean is written in lower case",
            "inf" or "nan" or "+inf" or "-inf" or "+nan" or "-nan" => $"'{shown}' is no value: inf and nan are written in lower case",
            "yes" or "on" => $"'{shown}' is no value: write true, or \"{shown}\" for a string",
            "no" or "off" => $"'{shown}' is no value: write false, or \"{shown}\" for a string",
            "null" or "nil" or "none" => $"'{shown}' is no value: TOML has none for nothing; leave the key out",
            _ => $"'{shown}' is no value: a string needs quotes",
        };
    }
}
