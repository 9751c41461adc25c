using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Passes reads on and refuses everything that would change the store beneath, which stays the core's.</summary>
internal sealed class ReadOnlyStore(IBlockStore lower) : IBlockStore
{
    private const StoreCapabilities Changes = StoreCapabilities.Write | StoreCapabilities.VolatileCache | StoreCapabilities.Discard
        | StoreCapabilities.WriteZeroes | StoreCapabilities.CompareAndWrite | StoreCapabilities.Resize;

    private volatile bool _disposed;

    public StoreInfo Info { get; } = StoreStacking.Combine([lower], removed: Changes) with { DiscardGranularity = 0 };

    public long Length => lower.Length;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        _disposed ? StorageResult.FromStorageStatus(StorageStatus.Unavailable).AsTask() : lower.ReadAsync(offset, destination, cancellationToken);

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) => Refuse(offset, source.Length);

    /// <summary>Nothing is written, so there is nothing to do.</summary>
    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) =>
        (_disposed ? StorageStatus.Unavailable : cancellationToken.IsCancellationRequested ? StorageStatus.Cancelled : StorageResult.Ok).AsTask();

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) => Refuse(offset, length);

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) => Refuse(offset, length);

    public ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken) => Refuse(offset, expected.Length);

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        return _disposed ? StorageStatus.Unavailable : lower.GetExtent(offset, length, out extent);
    }

    public ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken) => Refuse(0, 0);

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        return default;
    }

    private ValueTask<StorageResult> Refuse(long offset, long length)
    {
        StorageStatus status = _disposed ? StorageStatus.Unavailable
            : StoreRange.Fits(offset, length, Length) ? StorageStatus.ReadOnly : StorageStatus.OutOfRange;
        return StorageResult.FromStorageStatus(status).AsTask();
    }
}
