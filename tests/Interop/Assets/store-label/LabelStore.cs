using System.Reflection;
using System.Text;
using TgtModular.Buffers;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace Label;

/// <summary>Opens stores of type <c>label</c>.</summary>
[ExportStore("label")]
public sealed class LabelStoreFactory : IStoreFactory
{
    public OptionSchema Options { get; } = OptionSchema.Of();

    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) => new(new LabelStore());
}

/// <summary>Every block reads as this plugin's name and version.</summary>
internal sealed class LabelStore : IBlockStore
{
    private const int BlockLength = 512;
    private readonly byte[] _block = new byte[BlockLength];

    public LabelStore()
    {
        string version = typeof(LabelStore).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        _ = Encoding.ASCII.GetBytes($"store-label {version}", _block);
    }

    public StoreInfo Info { get; } = new(StoreCapabilities.None, StoreExecution.Inline);

    public long Length => 1 << 20;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (offset < 0 || offset > Length - destination.Length) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        long at = offset;
        foreach (DataSegment segment in destination)
        {
            Span<byte> bytes = segment.Memory.Span;
            for (int index = 0; index < bytes.Length; index++) bytes[index] = _block[at++ % BlockLength];
        }

        return StorageResult.Ok.AsTask();
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        StorageResult.FromStorageStatus(StorageStatus.ReadOnly).AsTask();

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => StorageResult.Ok.AsTask();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
