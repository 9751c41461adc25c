using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Stores.Ring;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>File stores in a directory of their own, with the system calls under a script.</summary>
/// <param name="io">Who waits for the device.</param>
internal sealed class FileStoreHarness(string io = "threads") : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public TestHost Host { get; } = new();

    public CallScript Script { get; } = new();

    public RecordingStoreObserver Observer { get; } = new();

    public string Image => _scratch.Combine("disk.img");

    public string Combine(string name) => _scratch.Combine(name);

    /// <summary>Opens through the factory, as the core does.</summary>
    public ValueTask<IBlockStore> OpenAsync(params (string Name, object Value)[] options)
    {
        RingSupport.Require(io);
        return new FileStoreFactory().OpenBlockStoreAsync(Host, WithPath(options), Observer);
    }

    /// <summary>Opens with the system calls under the script.</summary>
    public IBlockStore OpenScripted(params (string Name, object Value)[] options)
    {
        RingSupport.Require(io);
        OptionValues values = new(new FileStoreFactory().Options, WithPath(options));
        IBlockStore store = FileStoreFactory.Open(new StoreOpenContext("test", values, Host, Observer, []), new ScriptedCalls(Script), makeRing: MakeRing);
        Script.Forget();
        return store;
    }

    public async Task<string> RefusalAsync(params (string Name, object Value)[] options)
    {
        StoreOpenException refusal = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(options));
        return refusal.Message;
    }

    /// <summary>How long the factory would go on trying after a first refusal.</summary>
    public TimeSpan WorthWaiting(params (string Name, object Value)[] options)
    {
        OptionValues values = new(new FileStoreFactory().Options, WithPath(options));
        FileOpener opener = new(FileStoreOptions.Read(values), wasThere: false);
        _ = Assert.ThrowsExactly<StoreOpenException>(() => opener.Open());
        return opener.WorthWaiting;
    }

    public async Task<StorageResult> WriteAsync(IBlockStore store, long offset, byte[] data, WriteOptions options = WriteOptions.None)
    {
        using DiagnosticBuffer buffer = Host.Buffers.Rent(data);
        return await store.WriteAsync(offset, buffer.Slice(), options, CancellationToken.None);
    }

    public async Task<(StorageResult Result, byte[] Data)> ReadAsync(IBlockStore store, long offset, int length)
    {
        using DiagnosticBuffer buffer = Host.Buffers.TryRent(length, "read")!;
        StorageResult result = await store.ReadAsync(offset, buffer.Slice(), CancellationToken.None);
        return (result, buffer.Slice().ToArray());
    }

    public static byte[] Bytes(int length, byte value = 0x5A)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    public void Dispose()
    {
        Host.Dispose();
        _scratch.Dispose();
    }

    private ScriptedRing? MakeRing(int file, out string problem) =>
        Script.RingProblem is { } scripted ? Refuse(scripted, out problem) : KernelRing.TryCreate(file, out problem) is { } ring ? new ScriptedRing(ring, Script) : null;

    private static ScriptedRing? Refuse(string why, out string problem)
    {
        problem = why;
        return null;
    }

    private Dictionary<string, object> WithPath((string Name, object Value)[] options)
    {
        Dictionary<string, object> all = options.ToDictionary(option => option.Name, option => option.Value);
        all.TryAdd("path", Image);
        all.TryAdd("io", io);
        return all;
    }
}
