using TgtModular.Storage;

namespace TgtModular.TestKit;

/// <summary>
/// What every block store must do. Inherit it in a test class, say how to open an empty store, and the cases run against it. Abilities that the
/// store does not claim are tested to be refused.
/// </summary>
public abstract class BlockStoreConformance
{
    private readonly List<IBackingStore> _lower = [];
    private readonly List<IBlockStore> _open = [];

    /// <summary>The test's context, set by the test framework.</summary>
    public TestContext TestContext { get; set; } = null!;

    /// <summary>The factory under test.</summary>
    protected abstract IStoreFactory Factory { get; }

    /// <summary>Options of an empty, writable store of this size; called once per test, before it is opened.</summary>
    /// <param name="size">Bytes; a multiple of 1 MiB and then one of 4096.</param>
    protected abstract IReadOnlyDictionary<string, object> CreateOptions(long size);

    /// <summary>Opens the stores beneath a filter.</summary>
    protected virtual ValueTask<IReadOnlyList<IBackingStore>> OpenLowerAsync(long size) => new([]);

    /// <summary>False for a store that swallows writes and reads as zero.</summary>
    protected virtual bool KeepsData => true;

    /// <summary>True when what was written is there after the store is disposed and opened with the same options.</summary>
    protected virtual bool KeepsDataWhenReopened => false;

    /// <summary>False for a store that only takes over a size that was changed elsewhere (a block device).</summary>
    protected virtual bool ResizesFreely => true;

    /// <summary>Size of the store under test in bytes.</summary>
    protected virtual long Size => (4L << 20) + (3 * 4096);

    /// <summary>Host of the store; checked for leaks when the test ends.</summary>
    protected TestHost Host { get; } = new();

    /// <summary>Says that the machine cannot run these tests, and why; null when it can.</summary>
    protected virtual string? WhyNotHere => null;

    /// <summary>Skips where the machine lacks what the store needs.</summary>
    [TestInitialize]
    public void CheckMachine()
    {
        if (WhyNotHere is { } reason) Assert.Inconclusive(reason);
    }

    /// <summary>Closes what the test opened, then looks for leaks.</summary>
    [TestCleanup]
    public async Task CloseAsync()
    {
        foreach (IBlockStore store in _open) await store.DisposeAsync();
        foreach (IBackingStore store in _lower) await store.DisposeAsync();
        Host.Dispose();
    }

#pragma warning disable CS1591 // The names say what is tested.
    [TestMethod]
    public Task Info_WhenOpened_IsConsistent() => RunAsync(InfoCases.IsConsistentAsync);

    [TestMethod]
    public Task Read_FreshStore_IsZero() => RunAsync(fixture => fixture.CheckAllAsync());

    [TestMethod]
    public Task Write_EveryAlignment_ReadsBack() => RunAsync(ReadWriteCases.EveryAlignmentAsync);

    [TestMethod]
    public Task Write_FirstAndLastUnit_ReadsBack() => RunAsync(ReadWriteCases.EdgesAsync);

    [TestMethod]
    public Task Write_OverlappingOlderData_LastWins() => RunAsync(ReadWriteCases.OverlapsAsync);

    [TestMethod]
    public Task ReadWrite_ManySegments_Match() => RunAsync(ReadWriteCases.ManySegmentsAsync);

    [TestMethod]
    public Task ReadWrite_OddMemory_Match() => RunAsync(ReadWriteCases.OddMemoryAsync);

    [TestMethod]
    public Task ReadWrite_MemoryWithoutAddress_Match() => RunAsync(ReadWriteCases.MemoryWithoutAddressAsync);

    [TestMethod]
    public Task ReadWrite_Megabytes_Match() => RunAsync(ReadWriteCases.WholeStoreInOneCallAsync);

    [TestMethod]
    public Task ReadWrite_NoBytes_IsOkWithinTheStore() => RunAsync(ReadWriteCases.ZeroLengthAsync);

    [TestMethod]
    public Task ReadWrite_OutOfRange_IsRefusedAndChangesNothing() => RunAsync(ReadWriteCases.OutOfRangeAsync);

    [TestMethod]
    public Task ReadWrite_OffTheAlignment_IsRefusedAndChangesNothing() => RunAsync(ReadWriteCases.UnalignedAsync);

    [TestMethod]
    public Task Write_ForceUnitAccess_ReadsBack() => RunAsync(ReadWriteCases.ForceUnitAccessAsync);

    [TestMethod]
    public Task Flush_AnyTime_IsOk() => RunAsync(ReadWriteCases.FlushAsync);

    [TestMethod]
    public Task Discard_WhenClaimed_GivesBackOnlyItsRange() => RunAsync(AbilityCases.DiscardAsync);

    [TestMethod]
    public Task WriteZeroes_WhenClaimed_ZeroesOnlyItsRange() => RunAsync(AbilityCases.WriteZeroesAsync);

    [TestMethod]
    public Task CompareAndWrite_Equal_Writes() => RunAsync(AbilityCases.CompareAndWriteEqualAsync);

    [TestMethod]
    public Task CompareAndWrite_Different_TellsWhereAndChangesNothing() => RunAsync(AbilityCases.CompareAndWriteDifferentAsync);

    [TestMethod]
    public Task CompareAndWrite_FromManyThreads_LosesNoUpdate() => RunAsync(ConcurrencyCases.CompareAndWriteAsync);

    [TestMethod]
    public Task GetExtent_AnyState_TellsTheTruth() => RunAsync(AbilityCases.ExtentsAsync);

    [TestMethod]
    public Task Resize_WhenClaimed_KeepsDataAndTellsTheObserver() => RunAsync(fixture =>
        ResizesFreely ? AbilityCases.ResizeAsync(fixture) : AbilityCases.RefuseResizeAsync(fixture, StorageStatus.OutOfRange));

    [TestMethod]
    public Task Resize_UnderIo_LosesNothing() => RunAsync(fixture => ResizesFreely ? AbilityCases.ResizeUnderIoAsync(fixture) : Task.CompletedTask);

    [TestMethod]
    public Task Calls_CancelledUnderWay_AnswerAndGoOn() => RunAsync(LifetimeCases.CancelledUnderWayAsync);

    [TestMethod]
    public Task Calls_Cancelled_AnswerCancelledAndChangeNothing() => RunAsync(LifetimeCases.CancelledAsync);

    [TestMethod]
    public Task Calls_AfterDisposal_AnswerUnavailable() => RunAsync(LifetimeCases.AfterDisposalAsync);

    [TestMethod]
    public Task Dispose_DuringCalls_EndsThemWithResults() => RunAsync(LifetimeCases.DisposeDuringCallsAsync);

    [TestMethod]
    public Task Write_DisjointFromManyThreads_KeepsAll() => RunAsync(ConcurrencyCases.DisjointAsync);

    [TestMethod]
    public Task ReadWrite_SameRangeFromManyThreads_YieldsWrittenBytesOnly() => RunAsync(ConcurrencyCases.OverlappingAsync);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public Task AnyCalls_AtRandomFromManyThreads_AgreeWithTheModel(int seed) => RunAsync(fixture => ConcurrencyCases.RandomRegionsAsync(fixture, seed));

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public Task AnyCalls_AtRandom_AgreeWithTheModel(int seed) => RunAsync(fixture => RandomCases.RunAsync(fixture, seed));

    [TestMethod]
    public async Task Reopen_AfterFlush_KeepsData()
    {
        IReadOnlyDictionary<string, object> options = CreateOptions(Size);
        StoreFixture fixture = await OpenAsync(options);
        await fixture.WriteAsync(fixture.Align(1 << 20), StoreFixture.Pattern(0, (int)fixture.Align(1 << 16)));
        Assert.AreEqual(StorageResult.Ok, await fixture.Store.FlushAsync(CancellationToken.None));
        await fixture.Store.DisposeAsync();
        if (!KeepsDataWhenReopened)
        {
            const string Danger = "what was written is gone when the store is closed, and an upgrade closes it while it is in use: have the factory's Upgrade say Refused (or KeepsDataWhenReopened say true)";
            if (KeepsData) Assert.AreEqual(StoreUpgrade.Refused, Factory.Upgrade, Danger);
            return;
        }

        IBlockStore again = await Factory.OpenBlockStoreAsync(Host, options, lower: _lower);
        _open.Add(again);
        StoreFixture reopened = new(again, Host, new RecordingStoreObserver(), KeepsData);
        reopened.Model.Write(0, fixture.Model.Read(0, fixture.Model.Length));
        await reopened.CheckAllAsync();
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Process_KilledWhileItWrites_KeepsWhatWasAcknowledged(bool forceUnitAccess)
    {
        if (!KeepsDataWhenReopened) return;
        if ((await OpenLowerAsync(Size)) is { Count: > 0 } lower)
        {
            _lower.AddRange(lower); // a filter keeps nothing itself, and what stands beneath it is the test's own
            return;
        }

        CheckChild();
        IReadOnlyDictionary<string, object> options = CreateOptions(Size);
        await ProcessCases.KilledAsync(this, forceUnitAccess, options, () => OpenAsync(options));
    }

    [TestMethod]
    public Task Process_OpeningAndDisposingManyTimes_LeaksNothing()
    {
        CheckChild();
        return ProcessCases.ManyRoundsAsync(this);
    }
#pragma warning restore CS1591

    internal async Task<StoreFixture> OpenInChildAsync(TestHost host, IReadOnlyDictionary<string, object> options, IReadOnlyList<IBackingStore> lower)
    {
        RecordingStoreObserver observer = new();
        return new StoreFixture(await Factory.OpenBlockStoreAsync(host, options, observer, lower), host, observer, KeepsData);
    }

    internal async Task<(IReadOnlyDictionary<string, object> Options, IReadOnlyList<IBackingStore> Lower)> PrepareInChildAsync()
    {
        IReadOnlyDictionary<string, object> options = CreateOptions(Size);
        _lower.AddRange(await OpenLowerAsync(Size));
        return (options, _lower);
    }

    private void CheckChild()
    {
        if (ChildProcess.WhyNotHere(GetType()) is { } reason) Assert.Inconclusive(reason);
    }

    private async Task RunAsync(Func<StoreFixture, Task> test) => await test(await OpenAsync(CreateOptions(Size)));

    private async Task<StoreFixture> OpenAsync(IReadOnlyDictionary<string, object> options)
    {
        _lower.AddRange(await OpenLowerAsync(Size));
        RecordingStoreObserver observer = new();
        IBlockStore store = await Factory.OpenBlockStoreAsync(Host, options, observer, _lower);
        _open.Add(store);
        if (!store.Info.Has(StoreCapabilities.Write)) Assert.Fail("the suite writes, and this store does not claim StoreCapabilities.Write: test a read-only store by cases of its own");
        Assert.AreEqual(Size, store.Length, "size of the store under test");
        return new StoreFixture(store, Host, observer, KeepsData);
    }
}
