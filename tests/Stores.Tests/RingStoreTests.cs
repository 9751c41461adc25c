using Microsoft.Extensions.Logging;
using TgtModular.Storage;
using TgtModular.Stores.Native;
using TgtModular.Stores.Ring;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>What only a store with a ring does.</summary>
[TestClass]
public sealed class RingStoreTests : IDisposable
{
    private const long Size = 16 << 20;
    private const int Length = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FileStoreHarness _files = new("ring");

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public async Task Read_WouldWait_IsAnsweredLaterAndHoldsUpNobody()
    {
        await using IBlockStore store = Open();
        using ManualResetEventSlim go = Block("read");
        using DiagnosticBuffer buffer = Rent();

        Task<StorageResult> read = store.ReadAsync(0, buffer.Slice(), CancellationToken.None).AsTask();

        Assert.AreEqual(StoreExecution.Asynchronous, store.Info.Execution);
        Assert.IsFalse(read.IsCompleted);
        go.Set();
        Assert.AreEqual(StorageResult.Ok, await read);
    }

    [TestMethod]
    public async Task Reads_ThatComeTogether_GoToTheKernelInOneCall()
    {
        await using IBlockStore store = Open();
        using ManualResetEventSlim go = Block("fdatasync");
        List<int> entered = [];
        Func<string, nint?> block = _files.Script.Answer!;
        _files.Script.Answer = call =>
        {
            if (call == "read") entered.Add(_files.Script.Entered);
            return block(call);
        };
        Task<StorageResult> flush = store.FlushAsync(CancellationToken.None).AsTask();
        DiagnosticBuffer[] buffers = [.. Enumerable.Range(0, 32).Select(_ => Rent())];
        Task<StorageResult>[] reads = [.. buffers.Select((buffer, i) => store.ReadAsync(i * Length, buffer.Slice(), CancellationToken.None).AsTask())];

        go.Set();

        Assert.IsTrue((await Task.WhenAll(reads)).All(result => result.IsOk));
        Assert.AreEqual(StorageResult.Ok, await flush);
        Assert.HasCount(32, entered);
        Assert.HasCount(1, entered.Distinct().ToArray(), "calls of the kernel in between");
        foreach (DiagnosticBuffer buffer in buffers) buffer.Dispose();
    }

    [TestMethod]
    public async Task Calls_MoreThanTheRingTakes_WaitTheirTurn()
    {
        const int Calls = 4 * RingEngine<LinuxSystemCalls>.Depth;
        await using IBlockStore store = Open();
        DiagnosticBuffer[] buffers = [.. Enumerable.Range(0, Calls).Select(i => _files.Host.Buffers.Rent(FileStoreHarness.Bytes(Length, (byte)(i % 251))))];

        StorageResult[] written = await Task.WhenAll(buffers.Select((buffer, i) => store.WriteAsync(i * Length, buffer.Slice(), Kind(i), CancellationToken.None).AsTask()));
        Assert.IsTrue(written.All(result => result.IsOk));
        foreach (DiagnosticBuffer buffer in buffers) buffer.GetSegment(0).Span.Clear();
        StorageResult[] read = await Task.WhenAll(buffers.Select((buffer, i) => store.ReadAsync(i * Length, buffer.Slice(), CancellationToken.None).AsTask()));

        Assert.IsTrue(read.All(result => result.IsOk));
        for (int i = 0; i < Calls; i++) Assert.AreEqual(-1, buffers[i].GetSegment(0).Span.IndexOfAnyExcept((byte)(i % 251)), $"call {i}");
        foreach (DiagnosticBuffer buffer in buffers) buffer.Dispose();

        static WriteOptions Kind(int i) => i % 4 == 0 ? WriteOptions.ForceUnitAccess : WriteOptions.None;
    }

    [TestMethod]
    [DataRow("read", "read on a kernel thread")]
    [DataRow("write", "write on a kernel thread")]
    [DataRow("write-durably", "write-durably on a kernel thread")]
    public async Task Calls_KernelCannotWithoutWaiting_AreDoneOnAThreadOfTheKernel(string first, string second)
    {
        await using IBlockStore store = Open();
        _files.Script.Answer = call => call == first ? -ErrorNumber.WouldBlock : null;

        StorageResult result = first switch
        {
            "read" => (await _files.ReadAsync(store, 0, Length)).Result,
            "write" => await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(Length)),
            _ => await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(Length), WriteOptions.ForceUnitAccess),
        };

        Assert.AreEqual(StorageResult.Ok, result);
        CollectionAssert.AreEqual(new[] { first, second }, _files.Script.Waits.ToArray());
    }

    [TestMethod]
    public async Task Write_TwoForcedAtOnce_HaveTheirOwnErrorReports()
    {
        await using IBlockStore store = Open();
        using Barrier both = new(2);
        _files.Script.Answer = call =>
        {
            if (call == "open") Assert.IsTrue(both.SignalAndWait(Patience), "the other did not come");
            return null;
        };

        StorageResult[] results = await Task.WhenAll(Enumerable.Range(0, 2).Select(i => _files.WriteAsync(store, i * Length, FileStoreHarness.Bytes(Length), WriteOptions.ForceUnitAccess)));

        Assert.IsTrue(results.All(result => result.IsOk));
        Assert.HasCount(2, _files.Script.Descriptors);
    }

    [TestMethod]
    public async Task Write_ForcedWhileAllDescriptorsAreTaken_WaitsForOne()
    {
        await using IBlockStore store = Open();
        int opened = 0;
        _files.Script.Answer = call => call == "open" && Interlocked.Increment(ref opened) > 3 ? -24 : null; // EMFILE

        StorageResult[] results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => _files.WriteAsync(store, i * Length, FileStoreHarness.Bytes(Length), WriteOptions.ForceUnitAccess)));

        Assert.IsTrue(results.All(result => result.IsOk));
        Assert.IsLessThanOrEqualTo(3, _files.Script.Descriptors.Count);
    }

    [TestMethod]
    public async Task Flushes_ThatComeTogether_ShareOne()
    {
        await using IBlockStore store = Open();
        using ManualResetEventSlim go = Block("fdatasync");
        Task<StorageResult> first = store.FlushAsync(CancellationToken.None).AsTask();
        Assert.IsTrue(SpinWait.SpinUntil(() => _files.Script.Count("fdatasync") == 1, Patience));
        Task<StorageResult>[] others = [.. Enumerable.Range(0, 10).Select(_ => store.FlushAsync(CancellationToken.None).AsTask())];

        go.Set();

        Assert.AreEqual(StorageResult.Ok, await first);
        Assert.IsTrue((await Task.WhenAll(others)).All(result => result.IsOk));
        Assert.AreEqual(2, _files.Script.Count("fdatasync"), "what was asked for while the first ran is another one's");
    }

    [TestMethod]
    public async Task Dispose_CallsUnderWay_WaitsForThem()
    {
        await using IBlockStore store = Open();
        using ManualResetEventSlim go = Block("read");
        using DiagnosticBuffer buffer = Rent();
        Task<StorageResult> read = store.ReadAsync(0, buffer.Slice(), CancellationToken.None).AsTask();

        Task disposal = store.DisposeAsync().AsTask();

        Assert.IsFalse(disposal.IsCompleted);
        Assert.AreEqual(StorageStatus.Unavailable, (await store.FlushAsync(CancellationToken.None)).Status);
        go.Set();
        await disposal.WaitAsync(Patience);
        Assert.AreEqual(StorageResult.Ok, await read);
    }

    [TestMethod]
    public async Task Dispose_FromWhatFollowsACall_Ends()
    {
        await using IBlockStore store = Open();
        using DiagnosticBuffer buffer = Rent();
        await ReadAndDisposeAsync().WaitAsync(Patience);

        async Task ReadAndDisposeAsync()
        {
            Assert.AreEqual(StorageResult.Ok, await store.ReadAsync(0, buffer.Slice(), CancellationToken.None));
            await store.DisposeAsync();
        }
    }

    [TestMethod]
    public async Task Call_CancelledBeforeTheKernelHasIt_IsCancelled()
    {
        await using IBlockStore store = Open();
        using ManualResetEventSlim go = Block("fdatasync");
        using CancellationTokenSource abort = new();
        using DiagnosticBuffer buffer = Rent();
        Task<StorageResult> flush = store.FlushAsync(CancellationToken.None).AsTask();
        Assert.IsTrue(SpinWait.SpinUntil(() => _files.Script.Count("fdatasync") == 1, Patience));
        Task<StorageResult> write = store.WriteAsync(0, buffer.Slice(), WriteOptions.None, abort.Token).AsTask();
        Task<StorageResult> forced = store.WriteAsync(0, buffer.Slice(), WriteOptions.ForceUnitAccess, abort.Token).AsTask();

        await abort.CancelAsync();
        go.Set();

        Assert.AreEqual(StorageStatus.Cancelled, (await write).Status);
        Assert.AreEqual(StorageStatus.Cancelled, (await forced).Status);
        Assert.AreEqual(StorageResult.Ok, await flush);
        Assert.AreEqual(0, _files.Script.Count("write"));
    }

    [TestMethod]
    [DataRow("buffered")]
    [DataRow("direct")]
    public async Task ReadWrite_ManyCalls_AllocateNothing(string cache)
    {
        const int Calls = 20_000;
        await using IBlockStore store = await _files.OpenAsync(("size", Size), ("cache", cache));
        using DiagnosticBuffer buffer = Rent();
        // What follows the first answer runs on the ring's thread, and so do all calls and answers after it: its allocations are all there are.
        Assert.AreEqual(StorageResult.Ok, await store.WriteAsync(0, buffer.Slice(), WriteOptions.ForceUnitAccess, CancellationToken.None));
        await RunAsync(1000);
        int thread = Environment.CurrentManagedThreadId;
        long before = GC.GetAllocatedBytesForCurrentThread();
        await RunAsync(Calls);
        double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Calls;
        Assert.AreEqual(thread, Environment.CurrentManagedThreadId);
        Assert.IsLessThan(1.0, bytes, $"{bytes} bytes per call");

        async Task RunAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                long offset = i % 1024 * Length;
                StorageResult result = i % 2 == 0
                    ? await store.WriteAsync(offset, buffer.Slice(), WriteOptions.None, CancellationToken.None)
                    : await store.ReadAsync(offset, buffer.Slice(), CancellationToken.None);
                if (!result.IsOk) Assert.Fail($"{result}");
            }
        }
    }

    [TestMethod]
    public async Task Open_NoRingToBeHad_IsRefusedWhereItWasAskedForAndElseLogged()
    {
        _files.Script.RingProblem = "io_uring is forbidden here";

        StoreOpenException refusal = Assert.ThrowsExactly<StoreOpenException>(() => _files.OpenScripted(("size", Size)));
        StringAssert.Contains(refusal.Message, "io = \"ring\" cannot be had: io_uring is forbidden here");
        await using IBlockStore store = _files.OpenScripted(("size", Size), ("io", "auto"), ("cache", "direct"));

        Assert.AreEqual(StoreExecution.Blocking, store.Info.Execution);
        LogEntry warning = _files.Host.Log.Entries.Single(entry => entry.Level == LogLevel.Warning);
        StringAssert.Contains(warning.Text, "io_uring is forbidden here");
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(Length)));
    }

    /// <summary>A store whose page cache has nothing at once.</summary>
    private IBlockStore Open()
    {
        IBlockStore store = _files.OpenScripted(("size", Size), ("cache", "direct"));
        _files.Script.Forget();
        return store;
    }

    /// <summary>Holds the ring's thread at a call until the event is set.</summary>
    private ManualResetEventSlim Block(string name)
    {
        ManualResetEventSlim go = new();
        _files.Script.Answer = call =>
        {
            if (call == name) Assert.IsTrue(go.Wait(Patience), "nobody let it go on");
            return null;
        };
        return go;
    }

    private DiagnosticBuffer Rent() => _files.Host.Buffers.TryRent(Length, "test")!;
}
