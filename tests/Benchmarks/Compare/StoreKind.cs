namespace TgtModular.Benchmarks.Compare;

/// <summary>What the bytes of a case come from.</summary>
public enum StoreKind
{
    /// <summary>One file on a tmpfs, the same for every target.</summary>
    File,

    /// <summary>Nothing at all: what the target itself costs.</summary>
    Null,

    /// <summary>The target's own memory; a target that has no such store serves the file.</summary>
    Memory,

    /// <summary>Many logical units, each with a small file of its own.</summary>
    Spread,

    /// <summary>A file on a device, past the page cache unless the target's options say otherwise.</summary>
    Device,
}

/// <summary>The logical units of <see cref="StoreKind.Spread"/>.</summary>
internal static class SpreadUnits
{
    public const int Count = 64;
    public const long Length = 4 << 20;
}
