using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Nothing, in a size: what the rest of the daemon costs is measured on it.</summary>
internal sealed class NullStore(long length, IStoreObserver observer) : IBlockStore
{
    private long _length = length;
    private volatile bool _disposed;

    public StoreInfo Info { get; } = new(
        StoreCapabilities.Write | StoreCapabilities.Discard | StoreCapabilities.DiscardReadsZero | StoreCapabilities.WriteZeroes |
        StoreCapabilities.AllocationMap | StoreCapabilities.Resize,
        StoreExecution.Inline)
    {
        DiscardGranularity = 512,
        RotationRate = 1,
    };

    public long Length => Volatile.Read(ref _length);

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        StorageResult result = Check(offset, destination.Length, cancellationToken);
        if (result.IsOk) destination.Clear();
        return result.AsTask();
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        Check(offset, source.Length, cancellationToken).AsTask();

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => Check(0, 0, cancellationToken).AsTask();

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) =>
        Check(offset, length, cancellationToken).AsTask();

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
        Check(offset, length, cancellationToken).AsTask();

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: false);
        return length == 0 ? StorageStatus.OutOfRange : Check(offset, length, CancellationToken.None);
    }

    public ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken)
    {
        StorageResult result = length < 1 ? StorageStatus.OutOfRange : Check(0, 0, cancellationToken);
        if (!result.IsOk) return result.AsTask();
        Volatile.Write(ref _length, length);
        observer.Resized(length);
        return result.AsTask();
    }

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        return default;
    }

    private StorageResult Check(long offset, long length, CancellationToken cancellationToken)
    {
        if (_disposed) return StorageStatus.Unavailable;
        if (cancellationToken.IsCancellationRequested) return StorageStatus.Cancelled;
        return StoreRange.Fits(offset, length, Length) ? StorageResult.Ok : StorageStatus.OutOfRange;
    }
}
