using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>The whole contract, over a disk in memory, with a cache much smaller than the disk.</summary>
public abstract class CacheStoreConformance(long memory, long blockSize) : BlockStoreConformance
{
    protected override IStoreFactory Factory => new CacheStoreFactory();

    protected override bool KeepsDataWhenReopened => true;

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object> { ["size"] = memory, ["block_size"] = blockSize };

    protected override async ValueTask<IReadOnlyList<IBackingStore>> OpenLowerAsync(long size) =>
        [await new MemoryStoreFactory().OpenBlockStoreAsync(Host, new Dictionary<string, object> { ["size"] = size })];
}

[TestClass]
public sealed class CacheStoreConformanceTests() : CacheStoreConformance(memory: 1 << 20, blockSize: 64 << 10);

[TestClass]
public sealed class CacheStoreSmallConformanceTests() : CacheStoreConformance(memory: 64 << 10, blockSize: 4 << 10);

[TestClass]
public sealed class CacheStoreTests : IDisposable
{
    private const int Block = 4096;
    private const int Size = 64 * Block;

    private readonly TestHost _host = new();
    private readonly MemoryBlockStore _lower = new(Size);

    public void Dispose() => _host.Dispose();

    [TestMethod]
    public async Task Read_Twice_AsksTheStoreBeneathOnce()
    {
        _lower.Fill(5000, [1, 2, 3]);
        await using IBlockStore store = await OpenAsync();
        for (int i = 0; i < 3; i++) CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, await ReadAsync(store, 5000, 3));
        CollectionAssert.AreEqual(new byte[] { 0, 1, 2, 3, 0 }, await ReadAsync(store, 4999, 5));
        Assert.AreEqual(1, _lower.Count(StoreOperation.Read));
    }

    [TestMethod]
    public async Task TryRead_OfWhatIsThere_NeedsNoWorker()
    {
        await using IBlockStore store = await OpenAsync();
        var immediate = (IImmediateBlockStore)store;
        Buffers.DataSlice data = Buffers.DataBuffer.Wrap(new byte[512]).Slice();
        Assert.IsFalse(immediate.TryRead(0, data));
        _ = await ReadAsync(store, 0, 1);
        Assert.IsTrue(immediate.TryRead(512, data));
        Assert.IsFalse(immediate.TryRead(Block - 100, data), "the second block is not there");
        Assert.IsFalse(immediate.TryRead(Size - 100, data), "beyond the end");
    }

    [TestMethod]
    public async Task Read_ManyAtTheSameTime_FetchOnce()
    {
        await using IBlockStore store = await OpenAsync();
        TaskCompletionSource hold = new();
        _lower.Hold = _ => hold.Task;
        Task<byte[]>[] reads = [.. Enumerable.Range(0, 20).Select(i => ReadAsync(store, i * 8, 8))];
        _lower.Hold = null;
        hold.SetResult();
        await Task.WhenAll(reads);
        Assert.AreEqual(1, _lower.Count(StoreOperation.Read));
    }

    [TestMethod]
    public async Task Read_BegunBeforeAWriteEndedAfterIt_LeavesNothingOldBehind()
    {
        LateStore late = new(_lower);
        await using IBlockStore store = await OpenAsync(lower: late);
        TaskCompletionSource hold = new();
        late.AfterRead = hold.Task;
        Task<byte[]> old = ReadAsync(store, 0, 4);
        await WriteAsync(store, 0, [9, 9, 9, 9]);
        late.AfterRead = Task.CompletedTask;
        CollectionAssert.AreEqual(new byte[] { 9, 9, 9, 9 }, await ReadAsync(store, 0, 4));
        hold.SetResult();
        CollectionAssert.AreEqual(new byte[4], await old);
        CollectionAssert.AreEqual(new byte[] { 9, 9, 9, 9 }, await ReadAsync(store, 0, 4));
    }

    [TestMethod]
    public async Task Write_ThatFails_ForgetsWhatItMayHaveChanged()
    {
        await using IBlockStore store = await OpenAsync();
        _ = await ReadAsync(store, 0, 4);
        _lower.Fault = call => call.Operation == StoreOperation.Write ? StorageStatus.WriteError : null;
        Assert.AreEqual(StorageStatus.WriteError, (await store.WriteAsync(0, Buffers.DataBuffer.Wrap(new byte[4]).Slice(), WriteOptions.None, CancellationToken.None)).Status);
        _lower.Fill(0, [5, 5, 5, 5]); // a part of it was there after all
        CollectionAssert.AreEqual(new byte[] { 5, 5, 5, 5 }, await ReadAsync(store, 0, 4));
    }

    [TestMethod]
    public async Task Read_BlockWithABadByte_FailsOnlyThere()
    {
        await using IBlockStore store = await OpenAsync();
        _lower.Fault = call => call.Operation == StoreOperation.Read && call.Offset <= 1000 && call.Offset + call.Length > 1000 ? new StorageResult(StorageStatus.ReadError, 1000) : null;
        _ = await ReadAsync(store, 2000, 4);
        Assert.AreEqual(
            new StorageResult(StorageStatus.ReadError, 1000), await store.ReadAsync(998, Buffers.DataBuffer.Wrap(new byte[4]).Slice(), CancellationToken.None));
    }

    [TestMethod]
    public async Task Read_AfterTheSizeChangedBehindItsBack_IsNotOld()
    {
        await using IBlockStore store = await OpenAsync();
        _lower.Fill(Size - 8, [7, 7, 7, 7]);
        _ = await ReadAsync(store, Size - 8, 4);
        _lower.SetLength(Size - Block);
        _ = await ReadAsync(store, 0, 4);
        _lower.SetLength(Size);
        CollectionAssert.AreEqual(new byte[4], await ReadAsync(store, Size - 8, 4));
    }

    [TestMethod]
    public async Task Open_OptionsThatDoNotFit_SaysWhy()
    {
        StoreOpenException small = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(size: 64L << 10, block: 64L << 10));
        Assert.Contains("size 65536 is less than 8 blocks of block_size 65536", small.Message);
    }

    [TestMethod]
    public async Task ReadsAndWrites_FromManyThreads_NeverGoBack()
    {
        await using IBlockStore store = await OpenAsync();
        // One writer counts up in a block, readers must never see less than they saw before, nor less than was acknowledged when they began.
        long acknowledged = 0;
        using CancellationTokenSource stop = new();
        Task writer = Task.Run(async () =>
        {
            for (long i = 1; i <= 20_000; i++)
            {
                await WriteAsync(store, 0, BitConverter.GetBytes(i));
                Volatile.Write(ref acknowledged, i);
            }

            await stop.CancelAsync();
        });
        Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                long least = Volatile.Read(ref acknowledged);
                long seen = BitConverter.ToInt64(await ReadAsync(store, 0, sizeof(long)));
                Assert.IsGreaterThanOrEqualTo(least, seen);
            }
        }))];
        await Task.WhenAll([writer, .. readers]);
    }

    private ValueTask<IBlockStore> OpenAsync(long size = 128L << 10, long block = Block, IBlockStore? lower = null) =>
        new CacheStoreFactory().OpenBlockStoreAsync(_host, new Dictionary<string, object> { ["size"] = size, ["block_size"] = block }, lower: [lower ?? _lower]);

    private static async Task WriteAsync(IBlockStore store, long offset, byte[] data) =>
        Assert.AreEqual(StorageResult.Ok, await store.WriteAsync(offset, Buffers.DataBuffer.Wrap(data).Slice(), WriteOptions.None, CancellationToken.None));

    private static async Task<byte[]> ReadAsync(IBlockStore store, long offset, int length)
    {
        byte[] data = new byte[length];
        Assert.AreEqual(StorageResult.Ok, await store.ReadAsync(offset, Buffers.DataBuffer.Wrap(data).Slice(), CancellationToken.None));
        return data;
    }

    /// <summary>Its reads have their data at once, and end later.</summary>
    private sealed class LateStore(MemoryBlockStore store) : IBlockStore
    {
        public Task AfterRead { get; set; } = Task.CompletedTask;

        public StoreInfo Info => store.Info;

        public long Length => store.Length;

        public async ValueTask<StorageResult> ReadAsync(long offset, Buffers.DataSlice destination, CancellationToken cancellationToken)
        {
            Task after = AfterRead;
            StorageResult result = await store.ReadAsync(offset, destination, cancellationToken);
            await after;
            return result;
        }

        public ValueTask<StorageResult> WriteAsync(long offset, Buffers.DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
            store.WriteAsync(offset, source, options, cancellationToken);

        public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => store.FlushAsync(cancellationToken);

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
