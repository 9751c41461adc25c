using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Core.Stores;

/// <summary>Stands where an upgrade left no store open: nothing of it can be reached.</summary>
internal sealed class AbsentStore(StoreInfo info, long length) : IBlockStore
{
    private static readonly StorageResult Answer = StorageStatus.Unavailable;

    public StoreInfo Info => info;

    public long Length => length;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) => Answer.AsTask();

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) => Answer.AsTask();

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => Answer.AsTask();

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) => Answer.AsTask();

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) => Answer.AsTask();

    public ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken) => Answer.AsTask();

    public ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken) => Answer.AsTask();

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        return Answer;
    }

    public ValueTask DisposeAsync() => default;
}
