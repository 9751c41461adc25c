namespace TgtModular.Sbc.Tests;

/// <summary>What the initiator was told is on stable storage, is.</summary>
[TestClass]
public sealed class CacheTests
{
    private const string WriteCacheOff = "00 00 00 00 08 12 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
    private const byte Fua = 0x08;

    [TestMethod]
    [DataRow("2A", 0)]
    [DataRow("AA", 0)]
    [DataRow("8A", 0)]
    [DataRow("8B", 0)]
    [DataRow("89", 0)]
    public async Task Write_WithFua_StatusFollowsTheDurableWrite(string operationCode, int _)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        byte code = Convert.ToByte(operationCode, 16);
        byte[] cdb = code switch
        {
            0x2A => Cdb.Range10(code, 3, 1, Fua),
            0xAA => Cdb.Range12(code, 3, 1, Fua),
            0x89 => Cdb.CompareAndWrite(3, 1, Fua),
            _ => Cdb.Range16(code, 3, 1, Fua),
        };
        byte[] data = code == 0x89 ? [.. bench.Blocks(1, 0), .. bench.Blocks(1, 0x77)] : bench.Blocks(1, 0x77);
        TaskCompletionSource durable = new();
        bench.Store.Hold = call => call.Operation == StoreOperation.Write ? durable.Task : null;
        Task<CommandResult> write = bench.RunAsync(cdb, data).AsTask();
        Assert.AreEqual(WriteOptions.ForceUnitAccess, bench.Store.Calls[^1].Options);
        Assert.IsFalse(write.IsCompleted, "status came before the write was durable");
        durable.SetResult();
        Assert.AreEqual(ScsiOutcome.Good, (await write).Outcome);
        CollectionAssert.AreEqual(bench.Blocks(1, 0x77), bench.Store.Durable(3 * 512, 512));
    }

    [TestMethod]
    public async Task Write_WithoutFua_MayStayInTheCache()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.GoodAsync(Cdb.Range10(0x2A, 3, 1), bench.Blocks(1, 0x77));
        Assert.AreEqual(WriteOptions.None, bench.Store.Calls[^1].Options);
        CollectionAssert.AreEqual(bench.Blocks(1, 0), bench.Store.Durable(3 * 512, 512));
    }

    [TestMethod]
    public async Task Write_WithFuaThatFails_SenseAndNoGood()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = call => call.Options.HasFlag(WriteOptions.ForceUnitAccess) ? new StorageResult(StorageStatus.WriteError, 3 * 512) : null;
        await bench.SenseAsync(Sense.WriteError(3), Cdb.Range10(0x2A, 3, 1, Fua), bench.Blocks(1, 1));
    }

    [TestMethod]
    [DataRow("35 00 00000000 00 0000 00")]
    [DataRow("35 02 00000001 00 0004 00")]
    [DataRow("35 06 00000001 00 0004 00")]
    [DataRow("91 00 0000000000000000 00000000 00 00")]
    [DataRow("91 02 0000000000000001 00000001 00 00")]
    public async Task SynchronizeCache_StatusFollowsTheFlush(string cdb)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.WriteBlocksAsync(1, bench.Blocks(4, 0x42));
        TaskCompletionSource flushed = new();
        bench.Store.Hold = call => call.Operation == StoreOperation.Flush ? flushed.Task : null;
        Task<CommandResult> synchronize = bench.RunAsync(cdb).AsTask();
        Assert.IsFalse(synchronize.IsCompleted, "status came before the flush ended");
        CollectionAssert.AreEqual(bench.Blocks(4, 0), bench.Store.Durable(512, 4 * 512));
        flushed.SetResult();
        Assert.AreEqual(ScsiOutcome.Good, (await synchronize).Outcome);
        CollectionAssert.AreEqual(bench.Blocks(4, 0x42), bench.Store.Durable(512, 4 * 512));
    }

    [TestMethod]
    [DataRow("35 00 00000000 00 0000 00")]
    [DataRow("91 02 0000000000000000 00000000 00 00")]
    public async Task SynchronizeCache_FlushFails_SenseEvenWithImmed(string cdb)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = call => call.Operation == StoreOperation.Flush ? new StorageResult(StorageStatus.WriteError) : null;
        await bench.SenseAsync(Sense.WriteError(null), cdb);
    }

    [TestMethod]
    public async Task SynchronizeCache_BeyondTheEnd_LbaOutOfRange()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range10(0x35, 2048, 0));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x91, 2047, 2));
    }

    [TestMethod]
    public async Task SynchronizeCache_NoVolatileCache_GoodWithoutFlush()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(65536, StoreCapabilities.Write));
        await bench.GoodAsync(Cdb.Range10(0x35, 0, 0));
        Assert.AreEqual(0, bench.Store.Count(StoreOperation.Flush));
    }

    [TestMethod]
    public async Task Read_WithFua_WritesTheCacheBackFirst()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 0x11));
        bench.Store.ForgetCalls();
        CommandResult result = await bench.GoodAsync(Cdb.Range10(0x28, 0, 1, Fua));
        CollectionAssert.AreEqual(new[] { StoreOperation.Flush, StoreOperation.Read }, bench.Store.Calls.Select(call => call.Operation).ToArray());
        CollectionAssert.AreEqual(bench.Store.Durable(0, 512), result.DataIn);
    }

    [TestMethod]
    public async Task Read_WithFuaAndFailingFlush_SenseAndNoData()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = call => call.Operation == StoreOperation.Flush ? new StorageResult(StorageStatus.WriteError) : null;
        CommandResult result = await bench.RunAsync(Cdb.Range10(0x28, 0, 1, Fua));
        Assert.AreEqual(ScsiOutcome.Check(Sense.WriteError(null)), result.Outcome);
        Assert.IsEmpty(result.DataIn);
    }

    [TestMethod]
    public async Task WriteCacheOption_False_EveryWriteGoesThrough()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["write_cache"] = false });
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 1));
        await bench.GoodAsync(Cdb.Range16(0x93, 4, 4), bench.Blocks(1, 2));
        await bench.GoodAsync(Cdb.Range16(0x93, 8, 4), bench.Blocks(1, 0));
        await bench.GoodAsync(Cdb.Range16(0x8B, 0, 1), bench.Blocks(1, 8));
        Assert.IsTrue(bench.Store.Calls.Where(call => call.Operation is StoreOperation.Write or StoreOperation.WriteZeroes)
            .All(call => call.Options.HasFlag(WriteOptions.ForceUnitAccess)));
        CollectionAssert.AreEqual(bench.Store.Cached(0, 65536), bench.Store.Durable(0, 65536));
        Assert.IsFalse(bench.Unit.Geometry!.WriteCacheEnabled);
    }

    [TestMethod]
    public async Task WriteCacheOption_False_UnmapIsDurableBeforeItsStatus()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["write_cache"] = false });
        bench.Store.Fill(0, bench.Blocks(8, 0xEE));
        byte[] list = Cdb.UnmapList((0, 8));
        await bench.GoodAsync(Cdb.Unmap(list.Length), list);
        CollectionAssert.AreEqual(bench.Blocks(8, 0), bench.Store.Durable(0, 8 * 512));
    }

    [TestMethod]
    public async Task ModeSelect_WriteCacheOff_FlushesAndThenWritesThrough()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 0x33));
        await bench.GoodAsync("15 10 0000 18 00", Hex(WriteCacheOff));
        CollectionAssert.AreEqual(bench.Blocks(1, 0x33), bench.Store.Durable(0, 512));
        Assert.IsFalse(bench.Unit.Geometry!.WriteCacheEnabled);
        await bench.WriteBlocksAsync(1, bench.Blocks(1, 0x34));
        CollectionAssert.AreEqual(bench.Blocks(1, 0x34), bench.Store.Durable(512, 512));
    }

    [TestMethod]
    public async Task ModeSelect_WriteCacheOffButFlushFails_StaysOn()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = call => call.Operation == StoreOperation.Flush ? new StorageResult(StorageStatus.WriteError) : null;
        await bench.SenseAsync(Sense.WriteError(null), "15 10 0000 18 00", Hex(WriteCacheOff));
        Assert.IsTrue(bench.Unit.Geometry!.WriteCacheEnabled);
        await bench.WriteBlocksAsync(1, bench.Blocks(1, 0x34));
        Assert.AreEqual(WriteOptions.None, bench.Store.Calls[^1].Options);
    }

    [TestMethod]
    public async Task ModeSelect_WriteCacheOff_WaitsForWritesUnderWay()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        TaskCompletionSource held = new();
        bench.Store.Hold = call => call.Operation == StoreOperation.Write ? held.Task : null;
        Task<CommandResult> write = bench.RunAsync(Cdb.Range10(0x2A, 0, 1), bench.Blocks(1, 0x55)).AsTask();
        Task<CommandResult> select = bench.RunAsync("15 10 0000 18 00", Hex(WriteCacheOff)).AsTask();
        Assert.IsFalse(select.IsCompleted);
        held.SetResult();
        await write;
        Assert.AreEqual(ScsiOutcome.Good, (await select).Outcome);
        CollectionAssert.AreEqual(bench.Blocks(1, 0x55), bench.Store.Durable(0, 512));
    }

    [TestMethod]
    public async Task Reset_WriteCacheGoesBackToOff_IsWrittenBack()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["write_cache"] = false });
        byte[] on = Hex(WriteCacheOff);
        on[6] = 0x04;
        await bench.GoodAsync("15 10 0000 18 00", on);
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 0x66));
        CollectionAssert.AreEqual(bench.Blocks(1, 0), bench.Store.Durable(0, 512));
        TaskCompletionSource flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Store.Hold = call =>
        {
            if (call.Operation == StoreOperation.Flush) flushed.SetResult();
            return null;
        };
        bench.Server.Reset();
        await flushed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.IsFalse(bench.Unit.Geometry!.WriteCacheEnabled);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
