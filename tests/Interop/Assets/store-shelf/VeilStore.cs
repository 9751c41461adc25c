using TgtModular.Buffers;
using TgtModular.Storage;

namespace Shelf;

/// <summary>Hands everything on, and has calls of its own under way.</summary>
internal sealed class VeilStore(IBlockStore lower) : IBlockStore
{
    private volatile bool _over;

    public StoreInfo Info { get; } = StoreStacking.Combine([lower], own: StoreExecution.Asynchronous);

    public long Length => lower.Length;

    public async ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return _over ? StorageStatus.Unavailable : await lower.ReadAsync(offset, destination, cancellationToken);
    }

    public async ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return _over ? StorageStatus.Unavailable : await lower.WriteAsync(offset, source, options, cancellationToken);
    }

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) =>
        _over ? StorageResult.FromStorageStatus(StorageStatus.Unavailable).AsTask() : lower.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _over = true;
        return default;
    }
}
