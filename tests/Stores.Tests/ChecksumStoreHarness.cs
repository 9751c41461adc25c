using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>The whole contract, over two disks in memory.</summary>
[TestClass]
public sealed class ChecksumStoreConformanceTests : BlockStoreConformance
{
    protected override IStoreFactory Factory => new ChecksumStoreFactory();

    protected override bool KeepsDataWhenReopened => true;

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object>();

    protected override async ValueTask<IReadOnlyList<IBackingStore>> OpenLowerAsync(long size) =>
    [
        await new MemoryStoreFactory().OpenBlockStoreAsync(Host, new Dictionary<string, object> { ["size"] = size }),
        await new MemoryStoreFactory().OpenBlockStoreAsync(Host, new Dictionary<string, object> { ["size"] = new ChecksumLayout(size).SumsLength }),
    ];
}

/// <summary>The same over a disk that claims less, and with a page and a region at a time.</summary>
[TestClass]
public sealed class ChecksumStorePlainConformanceTests : BlockStoreConformance
{
    protected override IStoreFactory Factory => new ChecksumStoreFactory();

    protected override bool KeepsDataWhenReopened => true;

    protected override long Size => (12L << 20) + (3 * 4096);

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) =>
        new Dictionary<string, object> { ["dirty_limit"] = ChecksumLayout.RegionLength };

    protected override ValueTask<IReadOnlyList<IBackingStore>> OpenLowerAsync(long size) =>
        new([new MemoryBlockStore(size), new MemoryBlockStore(new ChecksumLayout(size).SumsLength)]);
}

/// <summary>Two disks in memory and what tests do with them.</summary>
public abstract class ChecksumStoreHarness : IDisposable
{
    internal const int Block = ChecksumLayout.BlockLength;
    internal const int Region = (int)ChecksumLayout.RegionLength;
    internal const int Size = (2 * Region) + (3 * Block) + 512; // neither the last region nor the last block is whole

    internal static readonly ChecksumLayout Layout = new(Size);

    internal TestHost Host { get; } = new();

    internal MemoryBlockStore Data { get; set; } = new(Size);

    internal MemoryBlockStore Sums { get; set; } = new(Layout.SumsLength);

    internal IEnumerable<string> Logged => Host.Log.Entries.Select(entry => entry.Text);

    public void Dispose()
    {
        Host.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static byte[] Pattern(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal ValueTask<IBlockStore> OpenAsync(bool adopt = false, IBlockStore? data = null, IBlockStore? sums = null) => new ChecksumStoreFactory().OpenBlockStoreAsync(
        Host, new Dictionary<string, object> { ["adopt"] = adopt, ["cache_size"] = 64L << 10, ["dirty_limit"] = 1L << 30 }, lower: [data ?? Data, sums ?? Sums]);

    internal async Task<string> RefusalAsync(bool adopt = false, IBlockStore? data = null, IBlockStore? sums = null) =>
        (await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(adopt, data, sums))).Message;

    internal static async Task WriteAsync(IBlockStore store, long offset, byte[] data, WriteOptions options = WriteOptions.None) =>
        Assert.AreEqual(StorageResult.Ok, await TryWriteAsync(store, offset, data, options));

    internal static async Task<StorageResult> TryWriteAsync(IBlockStore store, long offset, byte[] data, WriteOptions options = WriteOptions.None) =>
        await store.WriteAsync(offset, DataBuffer.Wrap(data).Slice(), options, CancellationToken.None);

    internal static async Task<StorageResult> TryReadAsync(IBlockStore store, long offset, byte[] data) =>
        await store.ReadAsync(offset, DataBuffer.Wrap(data).Slice(), CancellationToken.None);

    internal static async Task<byte[]> ReadAsync(IBlockStore store, long offset, int length)
    {
        byte[] data = new byte[length];
        Assert.AreEqual(StorageResult.Ok, await TryReadAsync(store, offset, data));
        return data;
    }

    internal static void Flip(MemoryBlockStore store, long offset, byte bits = 0x10) => store.Fill(offset, [(byte)(store.Cached(offset, 1)[0] ^ bits)]);

    /// <summary>What is left when the daemon is killed now: what it wrote, and no goodbye.</summary>
    internal void Kill()
    {
        Data = Copy(Data.Cached(0, Size));
        Sums = Copy(Sums.Cached(0, (int)Layout.SumsLength));
    }

    /// <summary>What is left when the power is cut now, and the caches lose everything.</summary>
    internal void CutPower()
    {
        Data = Copy(Data.Durable(0, Size));
        Sums = Copy(Sums.Durable(0, (int)Layout.SumsLength));
    }

    internal byte MarkOf(int region, bool durable = false)
    {
        long offset = ChecksumLayout.MapOffset(0) + region;
        return (durable ? Sums.Durable(offset, 1) : Sums.Cached(offset, 1))[0];
    }

    private static MemoryBlockStore Copy(byte[] bytes)
    {
        MemoryBlockStore copy = new(bytes.Length);
        copy.Fill(0, bytes);
        return copy;
    }
}
