using TgtModular.Buffers;
using TgtModular.Storage;

namespace ExamplePlugin;

/// <summary>Bytes in memory: replace by what your store does. Answers with results, never with exceptions.</summary>
internal sealed class BlockStore(int length) : IBlockStore
{
    private readonly byte[] _bytes = new byte[length];

    /// <inheritdoc/>
    /// <remarks>Say only what is true: the daemon advertises it. Blocking: calls may wait, the daemon makes them on its worker threads.</remarks>
    public StoreInfo Info { get; } = new(StoreCapabilities.Write, StoreExecution.Inline);

    /// <inheritdoc/>
    public long Length => _bytes.Length;

    /// <inheritdoc/>
    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (!IsInside(offset, destination.Length)) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        destination.CopyFrom(_bytes.AsSpan((int)offset, destination.Length));
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!IsInside(offset, source.Length)) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        source.CopyTo(_bytes.AsSpan((int)offset, source.Length));
        return default;
    }

    /// <inheritdoc/>
    /// <remarks>Nothing to do without StoreCapabilities.VolatileCache; with it, return only when every completed write is durable.</remarks>
    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    private bool IsInside(long offset, int count) => offset >= 0 && count <= _bytes.Length && offset <= _bytes.Length - count;
}
