using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>Where there are no limits, the filter is not there.</summary>
[TestClass]
public sealed class RateStoreConformanceTests : BlockStoreConformance
{
    protected override IStoreFactory Factory => new RateStoreFactory();

    protected override bool KeepsDataWhenReopened => true;

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object>();

    protected override async ValueTask<IReadOnlyList<IBackingStore>> OpenLowerAsync(long size) =>
        [await new MemoryStoreFactory().OpenBlockStoreAsync(Host, new Dictionary<string, object> { ["size"] = size })];
}

[TestClass]
public sealed class FilterStoreTests
{
    private const long Size = 1 << 20;

    private readonly TestHost _host = new();

    [TestCleanup]
    public void Close() => _host.Dispose();

    [TestMethod]
    public async Task ReadOnly_EveryChange_IsRefusedAndNothingChanges()
    {
        await using IBlockStore lower = await MemoryAsync();
        await using IBlockStore store = await new ReadOnlyStoreFactory().OpenBlockStoreAsync(_host, new Dictionary<string, object>(), lower: [lower]);
        using DiagnosticBuffer data = _host.Buffers.Rent([1, 2, 3, 4]);
        Assert.AreEqual(StorageResult.Ok, await lower.WriteAsync(0, data.Slice(0, 4), WriteOptions.None, default));
        using DiagnosticBuffer other = _host.Buffers.Rent([9, 9, 9, 9]);

        Assert.AreEqual(StorageStatus.ReadOnly, (await store.WriteAsync(0, other.Slice(0, 4), WriteOptions.None, default)).Status);
        Assert.AreEqual(StorageStatus.ReadOnly, (await store.WriteZeroesAsync(0, 4, WriteOptions.None, default)).Status);
        Assert.AreEqual(StorageStatus.ReadOnly, (await store.DiscardAsync(0, 4, default)).Status);
        Assert.AreEqual(StorageStatus.ReadOnly, (await store.CompareAndWriteAsync(0, data.Slice(0, 4), other.Slice(0, 4), WriteOptions.None, default)).Status);
        Assert.AreEqual(StorageStatus.ReadOnly, (await store.ResizeAsync(Size * 2, default)).Status);
        Assert.AreEqual(StorageStatus.OutOfRange, (await store.WriteAsync(Size, other.Slice(0, 4), WriteOptions.None, default)).Status);
        Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(default));

        Assert.AreEqual(StorageResult.Ok, await store.ReadAsync(0, other.Slice(0, 4), default));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4 }, other.Slice(0, 4).ToArray());
        Assert.AreEqual(Size, lower.Length);
    }

    [TestMethod]
    public async Task ReadOnly_Info_ClaimsNoChange()
    {
        await using IBlockStore lower = await MemoryAsync();
        await using IBlockStore store = await new ReadOnlyStoreFactory().OpenBlockStoreAsync(_host, new Dictionary<string, object>(), lower: [lower]);
        Assert.AreEqual(
            StoreCapabilities.None,
            store.Info.Capabilities & (StoreCapabilities.Write | StoreCapabilities.Discard | StoreCapabilities.WriteZeroes | StoreCapabilities.CompareAndWrite | StoreCapabilities.Resize));
    }

    [TestMethod]
    public async Task Rate_MoreThanIsInHand_WaitsUntilItIsPaid()
    {
        await using IBlockStore lower = await MemoryAsync();
        await using IBlockStore store = await RateAsync(lower, "read_bytes", 100_000);
        using DiagnosticBuffer data = _host.Buffers.TryRent(10_000, "read")!;
        Assert.IsTrue(store.ReadAsync(0, data.Slice(0, 10_000), default).AsTask().IsCompletedSuccessfully, "a tenth of a second's worth is in hand");
        Task<StorageResult> second = store.ReadAsync(0, data.Slice(0, 10_000), default).AsTask();
        Task<StorageResult> third = store.ReadAsync(0, data.Slice(0, 10_000), default).AsTask();
        _host.Clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.IsFalse(second.IsCompleted);
        _host.Clock.Advance(TimeSpan.FromMilliseconds(2));
        Assert.AreEqual(StorageResult.Ok, await second);
        Assert.IsFalse(third.IsCompleted);
        _host.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.AreEqual(StorageResult.Ok, await third);
    }

    [TestMethod]
    public async Task Rate_Operations_CountCallsOfAnyKindButFlushes()
    {
        await using IBlockStore lower = await MemoryAsync();
        await using IBlockStore store = await RateAsync(lower, "operations", 10);
        using DiagnosticBuffer data = _host.Buffers.TryRent(512, "read")!;
        Assert.IsTrue(store.ReadAsync(0, data.Slice(0, 512), default).AsTask().IsCompletedSuccessfully);
        Task<StorageResult> write = store.WriteAsync(0, data.Slice(0, 512), WriteOptions.None, default).AsTask();
        Assert.IsFalse(write.IsCompleted);
        Assert.IsTrue(store.FlushAsync(default).AsTask().IsCompletedSuccessfully);
        _host.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.AreEqual(StorageResult.Ok, await write);
    }

    [TestMethod]
    public async Task Rate_CancelledWhileItWaits_DoesNothing()
    {
        await using IBlockStore lower = await MemoryAsync();
        await using IBlockStore store = await RateAsync(lower, "write_bytes", 10);
        using DiagnosticBuffer data = _host.Buffers.Rent([1, 2, 3, 4]);
        using CancellationTokenSource abort = new();
        Task<StorageResult> write = store.WriteAsync(0, data.Slice(0, 4), WriteOptions.None, abort.Token).AsTask();
        await abort.CancelAsync();
        Assert.AreEqual(StorageStatus.Cancelled, (await write).Status);
        using DiagnosticBuffer read = _host.Buffers.Rent([9, 9, 9, 9]);
        Assert.AreEqual(StorageResult.Ok, await lower.ReadAsync(0, read.Slice(0, 4), default));
        CollectionAssert.AreEqual(new byte[4], read.Slice(0, 4).ToArray());
    }

    [TestMethod]
    public async Task Rate_DisposedWhileCallsWait_LetsThemGo()
    {
        await using IBlockStore lower = await MemoryAsync();
        IBlockStore store = await RateAsync(lower, "write_bytes", 10);
        using DiagnosticBuffer data = _host.Buffers.Rent([1, 2, 3, 4]);
        Task<StorageResult> write = store.WriteAsync(0, data.Slice(0, 4), WriteOptions.None, default).AsTask();
        await store.DisposeAsync();
        Assert.AreEqual(StorageStatus.Unavailable, (await write).Status);
    }

    private ValueTask<IBlockStore> MemoryAsync() => new MemoryStoreFactory().OpenBlockStoreAsync(_host, new Dictionary<string, object> { ["size"] = Size });

    private ValueTask<IBlockStore> RateAsync(IBlockStore lower, string limit, long perSecond) =>
        new RateStoreFactory().OpenBlockStoreAsync(_host, new Dictionary<string, object> { [limit] = perSecond }, lower: [lower]);
}
