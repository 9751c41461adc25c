using Moq;
using TgtModular.Buffers;
using TgtModular.Core.Stores;
using TgtModular.Core.Threading;
using TgtModular.Storage;

namespace TgtModular.Core.Tests;

/// <summary>The handle in front of a plugin's store: what it passes on, and what happens to calls while the store behind it is exchanged.</summary>
[TestClass]
public sealed class StoreHandleTests
{
    private static readonly StoreInfo Asynchronous = new(StoreCapabilities.Write, StoreExecution.Asynchronous);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static IEnumerable<object[]> Shapes =>
    [
        [new[] { typeof(IBlockStore) }], [new[] { typeof(IImmediateBlockStore) }], [new[] { typeof(IBlockStore), typeof(IStoreBuffers) }],
        [new[] { typeof(IImmediateBlockStore), typeof(IStoreBuffers) }], [new[] { typeof(IMediumStore) }], [new[] { typeof(IMediumStore), typeof(IStoreBuffers) }],
    ];

    [TestMethod]
    [DynamicData(nameof(Shapes))]
    public void Handle_OfAnyShape_HasTheInterfacesOfItsStoreAndNoOthers(Type[] shape)
    {
        StoreHandle handle = StoreHandle.Over(Make(shape), null)!;

        foreach (Type type in new[] { typeof(IBlockStore), typeof(IImmediateBlockStore), typeof(IMediumStore), typeof(IStoreBuffers) })
            Assert.AreEqual(shape.Any(type.IsAssignableFrom), type.IsInstanceOfType(handle), type.Name);
    }

    [TestMethod]
    public void Handle_OfAnotherKindOfStore_ThereIsNone() => Assert.IsNull(StoreHandle.Over(new Mock<IBackingStore>().Object, null));

    [TestMethod]
    public async Task Read_StoreCompletesAtOnce_TaskIsHandedOnAndNothingIsAllocated()
    {
        BlockStoreHandle handle = Over(new HeldStore { CompletesAtOnce = true });
        for (int i = 0; i < 100; i++) await handle.ReadAsync(0, default, default);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 1000; i++)
        {
            ValueTask<StorageResult> call = handle.ReadAsync(0, default, default);
            if (!call.IsCompletedSuccessfully || !call.Result.IsOk) Assert.Fail("the call did not end at once");
        }

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before, "bytes allocated by 1000 reads");
        Assert.AreEqual(0, handle.CallCount);
    }

    [TestMethod]
    public async Task EveryCall_ReachesTheStoreWithItsArguments()
    {
        HeldStore store = new() { CompletesAtOnce = true };
        BlockStoreHandle handle = Over(store);

        await handle.ReadAsync(1, default, default);
        await handle.WriteAsync(2, default, WriteOptions.ForceUnitAccess, default);
        await handle.FlushAsync(default);
        await handle.DiscardAsync(3, 30, default);
        await handle.WriteZeroesAsync(4, 40, WriteOptions.MayDeallocate, default);
        await handle.CompareAndWriteAsync(5, default, default, WriteOptions.ForceUnitAccess, default);
        await handle.ResizeAsync(6, default);
        Assert.IsTrue(handle.GetExtent(7, 70, out StoreExtent extent).IsOk);

        CollectionAssert.AreEqual(
            new[] { "read 1", "write 2 ForceUnitAccess", "flush", "discard 3 30", "zero 4 40 MayDeallocate", "compare 5 ForceUnitAccess", "resize 6", "extent 7 70" },
            store.Calls.ToArray());
        Assert.AreEqual(new StoreExtent(7, 70, false), extent);
        Assert.AreEqual(0, handle.CallCount);
    }

    [TestMethod]
    public async Task Call_StoreThrows_ExceptionPassesAndTheCallIsNotCountedAnyMore()
    {
        HeldStore store = new() { Fault = new InvalidOperationException("probe") };
        BlockStoreHandle handle = Over(store);

        await Assert.ThrowsExactlyAsync<InvalidOperationException>(async () => await handle.ReadAsync(0, default, default));
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(async () => await handle.WriteAsync(0, default, default, default));
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(async () => await handle.FlushAsync(default));

        Assert.AreEqual(0, handle.CallCount);
    }

    [TestMethod]
    public async Task TakeOffline_CallsUnderWay_EndsWithTheLastOfThem()
    {
        HeldStore store = new();
        BlockStoreHandle handle = Over(store);
        Task<StorageResult> first = handle.ReadAsync(1, default, default).AsTask();
        Task<StorageResult> second = handle.WriteAsync(2, default, default, default).AsTask();

        Task offline = handle.TakeOfflineAsync(CancellationToken.None);
        store.LetGo("read 1");
        await first.WaitAsync(Limit);
        Assert.IsFalse(offline.IsCompleted, "one call is still under way");
        store.LetGo("write 2 None");

        await offline.WaitAsync(Limit);
        await second.WaitAsync(Limit);
        Assert.AreEqual(0, handle.CallCount);
    }

    [TestMethod]
    public async Task Call_WhileOffline_WaitsAndGoesToTheNewStore()
    {
        HeldStore old = new() { CompletesAtOnce = true };
        HeldStore fresh = new() { CompletesAtOnce = true };
        BlockStoreHandle handle = Over(old);
        await handle.TakeOfflineAsync(CancellationToken.None);

        Task<StorageResult>[] held = [.. Enumerable.Range(0, 8).Select(i => handle.ReadAsync(i, default, default).AsTask())];
        Assert.IsFalse(held.Any(call => call.IsCompleted));
        handle.Exchange(fresh);
        handle.BringOnline();
        await Task.WhenAll(held).WaitAsync(Limit);

        Assert.IsTrue(held.All(call => call.Result.IsOk));
        Assert.AreEqual(0, old.Calls.Count);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 8).Select(i => $"read {i}").ToArray(), fresh.Calls.ToArray());
        Assert.AreEqual(0, handle.CallCount);
    }

    [TestMethod]
    public async Task Call_WhileOffline_AbortEndsItAtOnceAndItNeverReachesAStore()
    {
        HeldStore store = new() { CompletesAtOnce = true };
        BlockStoreHandle handle = Over(store);
        await handle.TakeOfflineAsync(CancellationToken.None);
        using CancellationTokenSource abort = new();

        Task<StorageResult> held = handle.WriteAsync(1, default, default, abort.Token).AsTask();
        await abort.CancelAsync();

        Assert.AreEqual(StorageStatus.Cancelled, (await held.WaitAsync(Limit)).Status);
        handle.BringOnline();
        Assert.AreEqual(0, store.Calls.Count);
        Assert.AreEqual(0, handle.CallCount);
    }

    [TestMethod]
    public async Task TakeOffline_CallDoesNotEndInTime_EverythingGoesOnAsBefore()
    {
        HeldStore store = new();
        BlockStoreHandle handle = Over(store);
        Task<StorageResult> hanging = handle.ReadAsync(1, default, default).AsTask();
        using CancellationTokenSource limit = new();
        Task offline = handle.TakeOfflineAsync(limit.Token);
        Task<StorageResult> held = handle.ReadAsync(2, default, default).AsTask();

        await limit.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => offline).WaitAsync(Limit);

        await store.Reached("read 2").WaitAsync(Limit);
        store.LetGo("read 2");
        store.LetGo("read 1");
        Assert.IsTrue((await held.WaitAsync(Limit)).IsOk && (await hanging.WaitAsync(Limit)).IsOk);
        Assert.ThrowsExactly<InvalidOperationException>(() => handle.Exchange(new HeldStore()), "not offline");
    }

    [TestMethod]
    public async Task Call_HeldBackFromAStoreThatBlocks_GoesOnAtTheWorkers()
    {
        using WorkerPool workers = new(2, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        HeldStore store = new() { CompletesAtOnce = true, Info = new StoreInfo(StoreCapabilities.Write, StoreExecution.Blocking) };
        BlockStoreHandle handle = (BlockStoreHandle)StoreHandle.Over(store, workers)!;
        await handle.TakeOfflineAsync(CancellationToken.None);
        Task<StorageResult> held = handle.ReadAsync(1, default, default).AsTask();

        handle.BringOnline();
        await held.WaitAsync(Limit);

        Assert.AreEqual("tgt worker", store.LastThread);
    }

    [TestMethod]
    public async Task Immediate_WhileOffline_AnswersNoAndTheNewStoreIsAsked()
    {
        Mock<IImmediateBlockStore> old = Immediate(true);
        Mock<IImmediateBlockStore> fresh = Immediate(true);
        var handle = (ImmediateBlockStoreHandle)StoreHandle.Over(old.Object, null)!;
        Assert.IsTrue(handle.TryRead(0, default) && handle.TryWrite(0, default));
        await handle.TakeOfflineAsync(CancellationToken.None);

        Assert.IsFalse(handle.TryRead(0, default) || handle.TryWrite(0, default));
        handle.Exchange(fresh.Object);
        handle.BringOnline();

        Assert.IsTrue(handle.TryRead(1, default));
        fresh.Verify(store => store.TryRead(1, It.IsAny<DataSlice>()), Times.Once);
        await handle.TakeOfflineAsync(CancellationToken.None);
        handle.Exchange(new HeldStore { CompletesAtOnce = true });
        handle.BringOnline();
        Assert.IsFalse(handle.TryRead(2, default), "a store that came later and does nothing at once");
        Assert.IsTrue((await handle.ReadAsync(2, default, default)).IsOk);
    }

    [TestMethod]
    public async Task TakeOffline_MemoryOfTheStoreIsOut_WaitsForItWithCallsStillServed()
    {
        Mock<IBlockStore> store = new();
        store.SetupGet(mock => mock.Info).Returns(Asynchronous);
        store.As<IStoreBuffers>().Setup(mock => mock.TryRent(512)).Returns(() => DataBuffer.Wrap(new byte[512]));
        store.Setup(mock => mock.FlushAsync(It.IsAny<CancellationToken>())).ReturnsAsync(StorageResult.Ok);
        var handle = (LendingBlockStoreHandle)StoreHandle.Over(store.Object, null)!;
        DataBuffer lent = handle.TryRent(512)!;
        Assert.AreEqual(512, lent.GetSegment(0).Length);

        Task offline = handle.TakeOfflineAsync(CancellationToken.None);
        Assert.IsNull(handle.TryRent(512), "nothing is lent any more");
        Assert.IsTrue((await handle.FlushAsync(default).AsTask().WaitAsync(Limit)).IsOk, "whoever has the memory can still reach the store");
        Assert.IsFalse(offline.IsCompleted);
        lent.Dispose();
        lent.Dispose();

        await offline.WaitAsync(Limit);
        Assert.AreEqual(0, handle.LentCount);
        handle.BringOnline();
        handle.TryRent(512)!.Dispose();
    }

    [TestMethod]
    public async Task Question_WhileOffline_WaitsForTheNewStore()
    {
        BlockStoreHandle handle = Over(new HeldStore { CompletesAtOnce = true, Length = 4096 });
        await handle.TakeOfflineAsync(CancellationToken.None);
        Task<StorageResult> question = Task.Factory.StartNew(() => handle.GetExtent(7, 70, out _), TaskCreationOptions.LongRunning);
        HeldStore fresh = new() { CompletesAtOnce = true, Length = 8192 };

        Assert.AreEqual(4096, handle.Length, "meanwhile");
        handle.Exchange(fresh);
        handle.BringOnline();

        Assert.IsTrue((await question.WaitAsync(Limit)).IsOk);
        CollectionAssert.AreEqual(new[] { "extent 7 70" }, fresh.Calls.ToArray());
        Assert.AreEqual(8192, handle.Length);
    }

    [TestMethod]
    public async Task Exchange_AgainAndAgainUnderCalls_NoCallMeetsAStoreThatIsOver()
    {
        const int Exchanges = 200;
        BlockStoreHandle handle = Over(new GuardedStore());
        using CancellationTokenSource end = new();
        Task<long>[] callers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => CallAsync(handle, end.Token)))];

        for (int i = 0; i < Exchanges; i++)
        {
            var old = (GuardedStore)handle.Current;
            await old.Used.WaitAsync(Limit);
            await handle.TakeOfflineAsync(CancellationToken.None).WaitAsync(Limit);
            await old.DisposeAsync();
            handle.Exchange(new GuardedStore());
            handle.BringOnline();
        }

        await end.CancelAsync();
        long[] counts = await Task.WhenAll(callers).WaitAsync(Limit);
        Assert.IsTrue(counts.Sum() >= Exchanges, $"{counts.Sum()} calls");
        Assert.AreEqual(0, handle.CallCount);
    }

    private static async Task<long> CallAsync(BlockStoreHandle handle, CancellationToken end)
    {
        long count = 0;
        while (!end.IsCancellationRequested)
        {
            StorageResult result = await handle.ReadAsync(count, default, CancellationToken.None);
            if (!result.IsOk) throw new AssertFailedException($"a call was answered {result.Status}");
            count++;
        }

        return count;
    }

    private static BlockStoreHandle Over(IBlockStore store) => (BlockStoreHandle)StoreHandle.Over(store, null)!;

    private static Mock<IImmediateBlockStore> Immediate(bool can)
    {
        Mock<IImmediateBlockStore> store = new();
        store.SetupGet(mock => mock.Info).Returns(Asynchronous);
        store.Setup(mock => mock.TryRead(It.IsAny<long>(), It.IsAny<DataSlice>())).Returns(can);
        store.Setup(mock => mock.TryWrite(It.IsAny<long>(), It.IsAny<DataSlice>())).Returns(can);
        return store;
    }

    private static IBackingStore Make(Type[] shape)
    {
        Mock<IBackingStore> store = new();
        store.SetupGet(mock => mock.Info).Returns(Asynchronous);
        foreach (Type type in shape)
        {
            if (type == typeof(IBlockStore)) store.As<IBlockStore>();
            else if (type == typeof(IImmediateBlockStore)) store.As<IImmediateBlockStore>();
            else if (type == typeof(IMediumStore)) store.As<IMediumStore>();
            else store.As<IStoreBuffers>();
        }

        return store.Object;
    }

    /// <summary>Answers now and then later, and fails a call that comes, or is still there, when it is over.</summary>
    private sealed class GuardedStore : IBlockStore
    {
        private int _calls;
        private readonly TaskCompletionSource _used = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _over;

        /// <summary>Some call has come.</summary>
        public Task Used => _used.Task;

        public StoreInfo Info => Asynchronous;

        public long Length => 1 << 20;

        public async ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            _used.TrySetResult();
            if (_over) return StorageStatus.Unavailable;
            if (offset % 3 == 0) await Task.Yield();
            Interlocked.Decrement(ref _calls);
            return _over ? StorageStatus.Unavailable : StorageResult.Ok;
        }

        public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) => default;

        public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync()
        {
            _over = true;
            Assert.AreEqual(0, Volatile.Read(ref _calls), "calls at the end");
            return default;
        }
    }
}
