using TgtModular.Buffers;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>A right store in a file, whose calls a wrong one changes.</summary>
internal class SeededFileStore(StoreOpenContext context) : SeededStore(context)
{
    private readonly FileStream _file = new(context.Options.RequireText("path"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    public override StoreInfo Info { get; } = new(StoreCapabilities.Write, StoreExecution.Blocking);

    public override ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        Run(offset, destination.Length, () =>
        {
            byte[] bytes = new byte[destination.Length];
            RandomAccess.Read(_file.SafeFileHandle, bytes, offset);
            destination.CopyFrom(bytes);
        }, cancellationToken).AsTask();

    public override ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        Run(offset, source.Length, () => Store(offset, source.ToArray()), cancellationToken).AsTask();

    public override ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => Run(0, 0, () => _file.Flush(flushToDisk: true), cancellationToken).AsTask();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _file.DisposeAsync();
    }

    protected void Store(long offset, byte[] bytes) => RandomAccess.Write(_file.SafeFileHandle, bytes, offset);
}

/// <summary>Stores that keep data, each wrong in one thing that only a process of its own shows.</summary>
internal static class WrongPersistentStores
{
#pragma warning disable CA1816 // As SeededFileStore.
    public class WritesWhenDisposed(StoreOpenContext context) : SeededFileStore(context)
    {
        private readonly List<(long Offset, byte[] Bytes)> _cached = [];

        public override ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
            Run(offset, source.Length, () => _cached.Add((offset, source.ToArray())), cancellationToken).AsTask();

        public override async ValueTask DisposeAsync()
        {
            WriteBack();
            await base.DisposeAsync();
        }

        protected void WriteBack()
        {
            foreach ((long offset, byte[] bytes) in _cached) Store(offset, bytes);
            _cached.Clear();
        }
    }

#pragma warning restore CA1816

    public sealed class ForgetsForceUnitAccess(StoreOpenContext context) : WritesWhenDisposed(context)
    {
        public override ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
        {
            WriteBack();
            return base.FlushAsync(cancellationToken);
        }
    }

    public sealed class LeavesItsFileOpen(StoreOpenContext context) : SeededFileStore(context)
    {
        private static readonly List<FileStream> Open = [];

        public override ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
        {
            Open.Add(new FileStream("/dev/null", FileMode.Open, FileAccess.Read));
            return base.FlushAsync(cancellationToken);
        }
    }

    public sealed class LeavesAThread(StoreOpenContext context) : SeededFileStore(context)
    {
        public override ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
        {
            new Thread(() => new SemaphoreSlim(0).Wait()) { IsBackground = true }.Start();
            return base.FlushAsync(cancellationToken);
        }
    }

    public sealed class KeepsItsMemory(StoreOpenContext context) : SeededFileStore(context)
    {
        private static readonly List<byte[]> Kept = [];

        public override ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
        {
            Kept.Add(new byte[1 << 16]);
            return base.FlushAsync(cancellationToken);
        }
    }

    public sealed class KeepsAPooledBuffer(StoreOpenContext context) : SeededFileStore(context)
    {
        public override ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
        {
            _ = Host.Buffers.TryRent(512, "leaked");
            return base.FlushAsync(cancellationToken);
        }
    }
}

/// <summary>The suite over such a store: a type by which a child process finds the store; no test class, so that only <see cref="SuiteRunner"/> runs it.</summary>
#pragma warning disable MSTEST0030
internal sealed class PersistentStoreSuite<TStore> : BlockStoreConformance, IDisposable
    where TStore : IBlockStore
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    protected override IStoreFactory Factory { get; } = new OpenFactory();

    protected override bool KeepsDataWhenReopened => true;

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object> { ["size"] = size, ["path"] = _path };

    public void Dispose() => File.Delete(_path);

    private sealed class OpenFactory : IStoreFactory
    {
        public OptionSchema Options { get; } = OptionSchema.Of(
            new OptionDefinition("size", OptionType.Size, "Bytes.") { Required = true }, new OptionDefinition("path", OptionType.Path, "The file.") { Required = true });

        public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) =>
            new((IBackingStore)Activator.CreateInstance(typeof(TStore), context)!);
    }
}
#pragma warning restore MSTEST0030
