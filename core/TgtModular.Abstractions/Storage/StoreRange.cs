namespace TgtModular.Storage;

/// <summary>Range arithmetic that every store needs, safe against overflow.</summary>
public static class StoreRange
{
    /// <summary>True when a range lies within a store; an empty one may stand at the very end.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="storeLength">Size of the store in bytes.</param>
    public static bool Fits(long offset, long length, long storeLength) => offset >= 0 && length >= 0 && length <= storeLength - offset;

    /// <summary>True when offset and length are multiples of a power of two.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="alignment">A power of two.</param>
    public static bool IsAligned(long offset, long length, int alignment) => ((offset | length) & (alignment - 1)) == 0;
}
