namespace TgtModular.Sbc.Tests;

[TestClass]
public sealed class FormatTests
{
    private const string Format = "04 00 00 0000 00";
    private const string FormatWithList = "04 18 00 0000 00";
    private const string TestUnitReady = "00 00000000 00";

    [TestMethod]
    [DataRow(Format, null)]
    [DataRow("04 10 00 0000 00", "00 00 0000")]
    [DataRow(FormatWithList, "00 A0 0000")]
    [DataRow("04 38 00 0000 00", "00 00 00 00 00000000")]
    public async Task Format_EveryBlockReadsZeroAndIsDurable(string cdb, string? list)
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(65536, MemoryBlockStore.EveryAbility));
        bench.Store.Fill(0, bench.Blocks(128, 0xFF));
        await bench.GoodAsync(cdb, list is null ? null : Hex(list));
        CollectionAssert.AreEqual(new byte[65536], bench.Store.Cached(0, 65536));
        CollectionAssert.AreEqual(new byte[65536], bench.Store.Durable(0, 65536));
        await bench.GoodAsync(TestUnitReady);
    }

    [TestMethod]
    public async Task Format_StoreThatOnlyWrites_IsZeroed()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(3 << 20, StoreCapabilities.Write));
        bench.Store.Fill(0, bench.Blocks(128, 0xFF));
        await bench.GoodAsync(Format);
        CollectionAssert.AreEqual(new byte[65536], bench.Store.Cached(0, 65536));
    }

    [TestMethod]
    [DataRow("04 18 00 0000 00", "01 00 0000", 0, null)]
    [DataRow("04 18 00 0000 00", "00 08 0000", 1, 3)]
    [DataRow("04 18 00 0000 00", "00 01 0000", 1, 0)]
    [DataRow("04 18 00 0000 00", "00 20 0000", 1, 7)]
    [DataRow("04 18 00 0000 00", "00 00 0008", 3, null)]
    [DataRow("04 38 00 0000 00", "00 00 00 00 00000100", 6, null)]
    public async Task Format_ListAsksWhatIsNotThere_InvalidFieldInParameterList(string cdb, string list, int at, int? bit)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fill(0, bench.Blocks(1, 0xFF));
        await bench.SenseAsync(Sense.InvalidFieldInParameterList(at, bit), cdb, Hex(list));
        CollectionAssert.AreEqual(bench.Blocks(1, 0xFF), bench.Store.Cached(0, 512));
    }

    [TestMethod]
    public async Task Format_ListFlagsWithoutList_InvalidField()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.InvalidFieldInCdb(1, 5), "04 20 00 0000 00");
        await bench.SenseAsync(Sense.ParameterListLengthError, FormatWithList, new byte[3]);
    }

    [TestMethod]
    public async Task Format_ReadOnly_WriteProtected()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["readonly"] = true });
        await bench.SenseAsync(Sense.WriteProtected, Format);
    }

    [TestMethod]
    public async Task Format_Immediate_NotReadyWithProgressUntilDone()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(4 << 20, StoreCapabilities.Write));
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), held = new();
        bench.Store.Fill(0, bench.Blocks(8192, 0xFF));
        bench.Store.Hold = call =>
        {
            if (call.Offset < 2 << 20) return null;
            begun.TrySetResult();
            return held.Task;
        };
        await bench.GoodAsync(FormatWithList, Hex("00 82 0000"));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await bench.SenseAsync(Sense.FormatInProgress(0x7FFF), TestUnitReady);
        await bench.SenseAsync(Sense.FormatInProgress(0x7FFF), Format);
        byte[] sense = (await bench.GoodAsync("03 00 0000 FC 00")).DataIn;
        Assert.AreEqual("807FFF", Convert.ToHexString(sense[15..18]));
        held.SetResult();
        Assert.IsTrue(SpinWait.SpinUntil(() => bench.Server.CheckReady(out _), TimeSpan.FromSeconds(30)), string.Join("; ", bench.Host.Log.Entries));
        CollectionAssert.AreEqual(new byte[4 << 20], bench.Store.Cached(0, 4 << 20));
    }

    [TestMethod]
    public async Task Format_ImmediateAndDisposed_EndsBeforeTheDiskDoes()
    {
        MemoryBlockStore store = new(4 << 20, StoreCapabilities.Write);
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), held = new();
        DiskBench bench = await DiskBench.CreateAsync(store);
        store.Hold = _ =>
        {
            begun.TrySetResult();
            return held.Task;
        };
        await bench.GoodAsync(FormatWithList, Hex("00 82 0000"));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Task disposing = bench.DisposeAsync().AsTask();
        Assert.IsFalse(disposing.IsCompleted, "the disk went while its format still wrote");
        held.SetResult();
        await disposing;
        Assert.AreEqual(1, store.Count(StoreOperation.Write));
    }

    [TestMethod]
    public async Task Format_Fails_CorruptedUntilFormattedAgain()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = call => call.Operation == StoreOperation.WriteZeroes ? new StorageResult(StorageStatus.WriteError, 512) : null;
        await bench.SenseAsync(Sense.WriteError(1), Format);
        await bench.SenseAsync(Sense.MediumFormatCorrupted, TestUnitReady);
        bench.Store.Fault = null;
        await bench.GoodAsync(Format);
        await bench.GoodAsync(TestUnitReady);
        Assert.HasCount(1, bench.Host.Log.Entries);
    }

    [TestMethod]
    public async Task Format_Aborted_StopsAndIsCorrupted()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(4 << 20, StoreCapabilities.Write));
        using TestCommand command = bench.Driver.Create(Hex(Format));
        bench.Store.Hold = _ =>
        {
            command.Abort();
            return null;
        };
        CommandResult result = await bench.Driver.RunAsync(command);
        Assert.AreEqual(SenseKey.AbortedCommand, result.Sense.Key);
        Assert.AreEqual(1, bench.Store.Count(StoreOperation.Write));
        await bench.SenseAsync(Sense.MediumFormatCorrupted, TestUnitReady);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
