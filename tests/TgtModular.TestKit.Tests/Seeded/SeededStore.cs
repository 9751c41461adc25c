using TgtModular.Buffers;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>A right store in memory, whose calls a wrong one changes.</summary>
internal class SeededStore(StoreOpenContext context) : IBlockStore
{
    private readonly Lock _gate = new();
    private bool _disposed;

    protected byte[] Bytes { get; set; } = new byte[context.Options.GetInteger("size")];

    protected IPluginHost Host => context.Host;

    protected bool IsDisposed => _disposed;

    public virtual StoreInfo Info { get; } = new(
        StoreCapabilities.Write | StoreCapabilities.Discard | StoreCapabilities.DiscardReadsZero | StoreCapabilities.WriteZeroes |
        StoreCapabilities.CompareAndWrite | StoreCapabilities.Resize,
        StoreExecution.Inline)
    {
        DiscardGranularity = 1,
    };

    public virtual long Length => Bytes.Length;

    public virtual ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        Run(offset, destination.Length, () => destination.CopyFrom(Bytes.AsSpan((int)offset, destination.Length)), cancellationToken).AsTask();

    public virtual ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        Run(offset, source.Length, () => source.CopyTo(Bytes.AsSpan((int)offset)), cancellationToken).AsTask();

    public virtual ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => Run(0, 0, () => { }, cancellationToken).AsTask();

    public virtual ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) =>
        Run(offset, length, () => Bytes.AsSpan((int)offset, (int)length).Clear(), cancellationToken).AsTask();

    public virtual ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
        Run(offset, length, () => Bytes.AsSpan((int)offset, (int)length).Clear(), cancellationToken).AsTask();

    public virtual ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken)
    {
        int same = 0;
        StorageResult done = Run(offset, expected.Length, () =>
        {
            same = Bytes.AsSpan((int)offset, expected.Length).CommonPrefixLength(expected.ToArray());
            if (same == expected.Length) replacement.CopyTo(Bytes.AsSpan((int)offset));
        }, cancellationToken);
        return done.IsOk && same < expected.Length ? new(new StorageResult(StorageStatus.Miscompare, same)) : done.AsTask();
    }

    public virtual ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken)
    {
        if (length < 0) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        StorageResult done = Run(0, 0, () =>
        {
            byte[] bytes = Bytes;
            Array.Resize(ref bytes, (int)length);
            Bytes = bytes;
        }, cancellationToken);
        if (done.IsOk) context.Observer.Resized(length);
        return done.AsTask();
    }

    public virtual ValueTask DisposeAsync()
    {
        lock (_gate) _disposed = true;
        return default;
    }

    protected virtual StorageResult Check(long offset, long length, CancellationToken cancellationToken)
    {
        if (_disposed) return StorageStatus.Unavailable;
        if (cancellationToken.IsCancellationRequested) return StorageStatus.Cancelled;
        return StoreRange.Fits(offset, length, Length) ? StorageResult.Ok : StorageStatus.OutOfRange;
    }

    protected StorageResult Run(long offset, long length, Action action, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            StorageResult result = Check(offset, length, cancellationToken);
            if (result.IsOk) action();
            return result;
        }
    }
}

/// <summary>Opens a store of the test's choice.</summary>
internal sealed class SeededStoreFactory(Func<StoreOpenContext, IBlockStore> open) : IStoreFactory
{
    public OptionSchema Options { get; } = OptionSchema.Of(new OptionDefinition("size", OptionType.Size, "Bytes.") { Required = true });

    public StoreUpgrade Upgrade { get; init; }

    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) => new(open(context));
}

/// <summary>The suite over such a store; no test class, so that only <see cref="SuiteRunner"/> runs it.</summary>
#pragma warning disable MSTEST0030
internal sealed class SeededStoreSuite(Func<StoreOpenContext, IBlockStore> open, StoreUpgrade upgrade = StoreUpgrade.Refused) : BlockStoreConformance
{
    protected override IStoreFactory Factory { get; } = new SeededStoreFactory(open) { Upgrade = upgrade };

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object> { ["size"] = size };
}
#pragma warning restore MSTEST0030
