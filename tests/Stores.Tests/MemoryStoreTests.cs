using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

[TestClass]
public sealed class MemoryStoreConformanceTests : BlockStoreConformance
{
    protected override IStoreFactory Factory { get; } = new MemoryStoreFactory();

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object> { ["size"] = size };
}

[TestClass]
public sealed class MemoryStoreTests : IDisposable
{
    private const long Megabyte = 1 << 20;

    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [TestMethod]
    public async Task Write_HugeSparseStore_TakesMemoryForWrittenPagesOnly()
    {
        await using IBlockStore store = await OpenAsync(1L << 40);
        await WriteAsync(store, (1L << 40) - 10, 10);
        await WriteAsync(store, 5 * Megabyte, 1);
        CollectionAssert.AreEqual(new[] { 5 * Megabyte, (1L << 40) - Megabyte }, AllocatedPages(store));
    }

    [TestMethod]
    public async Task Discard_WholePages_GivesMemoryBack()
    {
        await using IBlockStore store = await OpenAsync((4 * Megabyte) + 100);
        await WriteAsync(store, 0, (int)store.Length);
        await store.DiscardAsync(Megabyte - 1, Megabyte + 1, CancellationToken.None);
        CollectionAssert.AreEqual(new[] { 0, 2 * Megabyte, 3 * Megabyte, 4 * Megabyte }, AllocatedPages(store));
        await store.DiscardAsync(3 * Megabyte, Megabyte + 100, CancellationToken.None);
        CollectionAssert.AreEqual(new[] { 0, 2 * Megabyte }, AllocatedPages(store));
    }

    [TestMethod]
    public async Task Read_WhilePageIsRewritten_SeesWholeWrites()
    {
        await using IBlockStore store = await OpenAsync(Megabyte);
        const int Length = 65536;
        using CancellationTokenSource stop = new();
        Task writer = Task.Run(async () =>
        {
            for (byte value = 0; !stop.IsCancellationRequested; value++) await FillAsync(store, value, Length);
        });
        using DiagnosticBuffer buffer = _host.Buffers.TryRent(Length, "read")!;
        for (int i = 0; i < 3000; i++)
        {
            Assert.AreEqual(StorageResult.Ok, await store.ReadAsync(0, buffer.Slice(), CancellationToken.None));
            Span<byte> bytes = buffer.GetSegment(0).Span;
            Assert.IsFalse(bytes.ContainsAnyExcept(bytes[0]), "a read mixed two writes");
        }

        await stop.CancelAsync();
        await writer;
    }

    [TestMethod]
    public async Task Open_WithoutSaneSize_SaysWhy()
    {
        StoreOpenException refusal = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(0));
        StringAssert.Contains(refusal.Message, "size 0");
    }

    [TestMethod]
    public async Task ReadWrite_AMillionCalls_AllocateNothing()
    {
        await using IBlockStore store = await OpenAsync(64 * Megabyte);
        double bytes = AllocationMeter.Measure(store, _host);
        Assert.IsLessThan(1.0, bytes, $"{bytes} bytes per call");
    }

    private ValueTask<IBlockStore> OpenAsync(long size) =>
        new MemoryStoreFactory().OpenBlockStoreAsync(_host, new Dictionary<string, object> { ["size"] = size });

    private async Task WriteAsync(IBlockStore store, long offset, int length)
    {
        using DiagnosticBuffer buffer = _host.Buffers.TryRent(length, "write")!;
        Assert.AreEqual(StorageResult.Ok, await store.WriteAsync(offset, buffer.Slice(), WriteOptions.None, CancellationToken.None));
    }

    private async Task FillAsync(IBlockStore store, byte value, int length)
    {
        using DiagnosticBuffer buffer = _host.Buffers.TryRent(length, "write")!;
        buffer.GetSegment(0).Span.Fill(value);
        await store.WriteAsync(0, buffer.Slice(), WriteOptions.None, CancellationToken.None);
    }

    private static long[] AllocatedPages(IBlockStore store)
    {
        List<long> pages = [];
        for (long offset = 0; offset < store.Length;)
        {
            Assert.AreEqual(StorageResult.Ok, store.GetExtent(offset, store.Length - offset, out StoreExtent extent));
            for (long page = 0; extent.Allocated && page < extent.Length; page += Megabyte) pages.Add(offset + page);
            offset += extent.Length;
        }

        return [.. pages];
    }
}
