using TgtModular.Buffers;

namespace TgtModular.Storage;

/// <summary>Traits of one write.</summary>
[Flags]
public enum WriteOptions
{
    /// <summary>The write may stay in a volatile cache.</summary>
    None = 0,

    /// <summary>The write is on stable storage before it completes (FUA).</summary>
    ForceUnitAccess = 1,

    /// <summary>With zeroes: the range may be deallocated if it then reads as zero.</summary>
    MayDeallocate = 2,
}

/// <summary>A run of bytes that is allocated, or is not.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Allocated">False: a hole, reads as zero.</param>
public readonly record struct StoreExtent(long Offset, long Length, bool Allocated);

/// <summary>
/// Random access storage in bytes. Every call may complete synchronously; calls for different ranges may overlap in time. A range is checked by
/// the caller against <see cref="IBackingStore.Length"/>, and by the store again. Stores answer with results, never with exceptions: the core
/// ends the command of a call that throws with HARDWARE ERROR, INTERNAL TARGET FAILURE. After disposal every call answers
/// <see cref="StorageStatus.Unavailable"/>.
/// </summary>
public interface IBlockStore : IBackingStore
{
    /// <summary>Reads exactly <paramref name="destination"/>'s length at <paramref name="offset"/>.</summary>
    ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken);

    /// <summary>Writes all of <paramref name="source"/> at <paramref name="offset"/>.</summary>
    ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Makes every completed write durable. Without <see cref="StoreCapabilities.VolatileCache"/> it may do nothing.</summary>
    ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken);

    /// <summary>Gives the range's space back. Default: not supported.</summary>
    ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) =>
        StorageResult.FromStorageStatus(StorageStatus.NotSupported).AsTask();

    /// <summary>Makes the range read as zero. Default: not supported, and the caller writes zeroes itself.</summary>
    ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
        StorageResult.FromStorageStatus(StorageStatus.NotSupported).AsTask();

    /// <summary>
    /// Writes <paramref name="replacement"/> if the range equals <paramref name="expected"/>, as one step. Default: not supported, and the caller
    /// reads, compares and writes under its own range lock.
    /// </summary>
    ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken) =>
        StorageResult.FromStorageStatus(StorageStatus.NotSupported).AsTask();

    /// <summary>
    /// The allocation state at <paramref name="offset"/>. The one call that has its answer when it returns: it may wait unless the store is
    /// <see cref="StoreExecution.Inline"/>, also that of an asynchronous store. Default: everything is allocated.
    /// </summary>
    /// <param name="offset">First byte of interest.</param>
    /// <param name="length">Bytes of interest, at least 1.</param>
    /// <param name="extent">The run that starts at <paramref name="offset"/>, at most <paramref name="length"/> long.</param>
    /// <returns>How it ended.</returns>
    StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        return length >= 1 && StoreRange.Fits(offset, length, Length) ? StorageResult.Ok : StorageStatus.OutOfRange;
    }

    /// <summary>Changes the size; new space reads as zero. Default: not supported.</summary>
    ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken) =>
        StorageResult.FromStorageStatus(StorageStatus.NotSupported).AsTask();
}
