using TgtModular.Storage;

namespace TgtModular.TestKit;

/// <summary>A store under test with its model: every call goes to both, every read is compared.</summary>
internal sealed class StoreFixture(IBlockStore store, TestHost host, RecordingStoreObserver observer, bool keepsData)
{
    public IBlockStore Store => store;

    public TestHost Host => host;

    public RecordingStoreObserver Observer => observer;

    public StoreModel Model { get; } = new(store.Length, keepsData);

    /// <summary>The least step of offsets and lengths.</summary>
    public int Unit => store.Info.Alignment;

    public bool Has(StoreCapabilities capability) => store.Info.Has(capability);

    /// <summary>Rounds down to whole units.</summary>
    public long Align(long value) => value / Unit * Unit;

    /// <summary>Bytes that tell where they belong: no two units are alike, and nothing is zero.</summary>
    public static byte[] Pattern(long offset, int length, int salt = 0)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte)((((offset + i) * 31) + ((offset + i) >> 8) + (salt * 101)) % 255 + 1);
        return bytes;
    }

    public async Task WriteAsync(long offset, byte[] data, WriteOptions options = WriteOptions.None)
    {
        using DiagnosticBuffer buffer = host.Buffers.Rent(data);
        StorageResult result = await Call(store.WriteAsync(offset, buffer.Slice(0, data.Length), options, CancellationToken.None));
        Assert.AreEqual(StorageResult.Ok, result, $"write of {data.Length} at {offset}");
        Assert.IsTrue(buffer.Slice(0, data.Length).ToArray().AsSpan().SequenceEqual(data), "the store changed the data it was to write");
        Model.Write(offset, data);
    }

    public async Task CheckAsync(long offset, int length)
    {
        using DiagnosticBuffer buffer = host.Buffers.TryRent(Math.Max(1, length), "read")!;
        StorageResult result = await Call(store.ReadAsync(offset, buffer.Slice(0, length), CancellationToken.None));
        Assert.AreEqual(StorageResult.Ok, result, $"read of {length} at {offset}");
        byte[] read = buffer.Slice(0, length).ToArray();
        int common = read.AsSpan().CommonPrefixLength(Model.Read(offset, length));
        if (common == length) return;
        Assert.Fail($"read of {length} at {offset} differs at byte {common}: {read[common]:x2} instead of {Model.Read(offset, length)[common]:x2}");
    }

    /// <summary>Compares everything.</summary>
    public async Task CheckAllAsync()
    {
        const int Step = 1 << 18;
        Assert.AreEqual(Model.Length, store.Length, "size");
        for (long offset = 0; offset < Model.Length; offset += Step) await CheckAsync(offset, (int)Math.Min(Step, Model.Length - offset));
    }

    public async Task<StorageResult> ReadAsync(long offset, int length, CancellationToken cancellationToken = default)
    {
        using DiagnosticBuffer buffer = host.Buffers.TryRent(Math.Max(1, length), "read")!;
        return await Call(store.ReadAsync(offset, buffer.Slice(0, length), cancellationToken));
    }

    /// <summary>A write that the model does not follow: for calls that must be refused.</summary>
    public async Task<StorageResult> TryWriteAsync(long offset, int length, CancellationToken cancellationToken = default)
    {
        using DiagnosticBuffer buffer = host.Buffers.Rent(Pattern(offset & 0xFFFF, length, salt: 7));
        return await Call(store.WriteAsync(offset, buffer.Slice(0, length), WriteOptions.None, cancellationToken));
    }

    public async Task<StorageResult> CompareAndWriteAsync(long offset, byte[] expected, byte[] replacement)
    {
        using DiagnosticBuffer old = host.Buffers.Rent(expected);
        using DiagnosticBuffer fresh = host.Buffers.Rent(replacement);
        StorageResult result = await Call(store.CompareAndWriteAsync(
            offset, old.Slice(0, expected.Length), fresh.Slice(0, replacement.Length), WriteOptions.None, CancellationToken.None));
        if (result.IsOk) Model.Write(offset, replacement);
        return result;
    }

    /// <summary>A call of a store that says it completes at once must have.</summary>
    public ValueTask<StorageResult> Call(ValueTask<StorageResult> call)
    {
        if (store.Info.Execution == StoreExecution.Inline) Assert.IsTrue(call.IsCompleted, "an inline store completed a call later");
        return call;
    }
}
