namespace TgtModular.Buffers;

/// <summary>Pool of pinned memory, bounded in total; leases are tagged so that a leak names its owner.</summary>
public interface IBufferPool
{
    /// <summary>Rents exactly <paramref name="length"/> bytes with undefined content.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    /// <param name="tag">Who rents, for leak reports.</param>
    /// <returns>Null when the pool's bound is reached: the caller answers BUSY or waits.</returns>
    DataBuffer? TryRent(int length, string tag);
}
