using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Engine;

/// <summary>The least a block store must write itself: two properties and four methods. Everything else has a default.</summary>
internal sealed class FlatStore(int length) : IBlockStore
{
    private readonly byte[] _bytes = new byte[length];

    public StoreInfo Info { get; } = new(StoreCapabilities.Write, StoreExecution.Inline);

    public long Length => _bytes.Length;

    /// <summary>The content, for tests.</summary>
    public Span<byte> Bytes => _bytes;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (!StoreRange.Fits(offset, destination.Length, Length)) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        destination.CopyFrom(_bytes.AsSpan((int)offset, destination.Length));
        return StorageResult.Ok.AsTask();
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!StoreRange.Fits(offset, source.Length, Length)) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        source.CopyTo(_bytes.AsSpan((int)offset));
        return StorageResult.Ok.AsTask();
    }

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => StorageResult.Ok.AsTask();

    public ValueTask DisposeAsync() => default;
}
