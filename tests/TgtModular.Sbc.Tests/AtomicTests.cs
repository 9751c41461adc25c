namespace TgtModular.Sbc.Tests;

[TestClass]
public sealed class AtomicTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task CompareAndWrite_Equal_Writes(bool native)
    {
        await using DiskBench bench = await CreateAsync(native);
        bench.Store.Fill(4 * 512, bench.Blocks(2, 0xAA));
        await bench.GoodAsync(Cdb.CompareAndWrite(4, 2), [.. bench.Blocks(2, 0xAA), .. bench.Blocks(2, 0xBB)]);
        CollectionAssert.AreEqual(bench.Blocks(2, 0xBB), bench.Store.Cached(4 * 512, 1024));
        Assert.AreEqual(native ? 1 : 0, bench.Store.Count(StoreOperation.CompareAndWrite));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task CompareAndWrite_Different_MiscompareAtTheByteAndNothingWritten(bool native)
    {
        await using DiskBench bench = await CreateAsync(native);
        foreach (int at in new[] { 0, 1, 511, 512, 1023 })
        {
            byte[] expected = bench.Blocks(2, 0);
            expected[at] = 1;
            await bench.SenseAsync(Sense.MiscompareDuringVerify(at), Cdb.CompareAndWrite(0, 2), [.. expected, .. bench.Blocks(2, 0xBB)]);
        }

        CollectionAssert.AreEqual(bench.Blocks(2, 0), bench.Store.Cached(0, 1024));
    }

    [TestMethod]
    public async Task CompareAndWrite_CountZero_GoodAndNothingTouched()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.GoodAsync(Cdb.CompareAndWrite(0, 0));
        Assert.IsEmpty(bench.Store.Calls);
    }

    [TestMethod]
    public async Task CompareAndWrite_BeyondTheEnd_LbaOutOfRange()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.CompareAndWrite(2047, 2), bench.Blocks(4, 0));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.CompareAndWrite(-1, 1), bench.Blocks(2, 0));
    }

    [TestMethod]
    public async Task CompareAndWrite_LongerThanThePageSays_InvalidField()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(prepare: unit => unit.MaximumTransferLength = 8 * 512);
        byte[] limits = (await bench.GoodAsync("12 01 B0 0040 00")).DataIn;
        Assert.AreEqual(4, limits[5]);
        await bench.GoodAsync(Cdb.CompareAndWrite(0, 4), bench.Blocks(8, 0));
        bench.Unit.MaximumTransferLength = 1 << 20; // so that the command reaches the device
        await bench.SenseAsync(Sense.InvalidFieldInCdb(13), Cdb.CompareAndWrite(0, 5), bench.Blocks(10, 0));
    }

    [TestMethod]
    [DataRow(1, 4)]
    [DataRow(3, 4)]
    [DataRow(2, 0)]
    public async Task CompareAndWrite_DataOfAnotherLength_Refused(int blocks, int dataBlocks)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.RunAsync(Cdb.CompareAndWrite(0, (byte)blocks), bench.Blocks(dataBlocks, 0));
        Assert.AreEqual(SenseKey.IllegalRequest, result.Sense.Key);
        Assert.IsEmpty(bench.Store.Calls);
    }

    [TestMethod]
    public async Task CompareAndWrite_WriteUnderWay_WaitsForIt()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        TaskCompletionSource held = new();
        bench.Store.Hold = call => call.Operation == StoreOperation.Write ? held.Task : null;
        Task<CommandResult> write = bench.RunAsync(Cdb.Range10(0x2A, 0, 4), bench.Blocks(4, 1)).AsTask();
        Task<CommandResult> compare = bench.RunAsync(Cdb.CompareAndWrite(3, 1), [.. bench.Blocks(1, 1), .. bench.Blocks(1, 2)]).AsTask();
        Assert.AreEqual(0, bench.Store.Count(StoreOperation.Read), "compared before the write ended");
        held.SetResult();
        Assert.AreEqual(ScsiOutcome.Good, (await write).Outcome);
        Assert.AreEqual(ScsiOutcome.Good, (await compare).Outcome);
    }

    [TestMethod]
    public async Task Write_OverlapsCompareAndWriteUnderWay_WaitsForIt()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        TaskCompletionSource held = new();
        bench.Store.Hold = call => call.Operation == StoreOperation.Read ? held.Task : null;
        Task<CommandResult> compare = bench.RunAsync(Cdb.CompareAndWrite(3, 1), [.. bench.Blocks(1, 0), .. bench.Blocks(1, 2)]).AsTask();
        Task<CommandResult>[] overlapping =
        [
            bench.RunAsync(Cdb.Range10(0x2A, 3, 1), bench.Blocks(1, 1)).AsTask(),
            bench.RunAsync(Cdb.Range10(0x41, 0, 8), bench.Blocks(1, 1)).AsTask(),
            bench.RunAsync(Cdb.Unmap(24), Cdb.UnmapList((0, 8))).AsTask(),
            bench.RunAsync(Cdb.Range16(0x8B, 3, 1), bench.Blocks(1, 1)).AsTask(),
            bench.RunAsync(Cdb.Range16(0x8E, 3, 1), bench.Blocks(1, 1)).AsTask(),
        ];
        Task<CommandResult> elsewhere = bench.RunAsync(Cdb.Range10(0x2A, 9, 1), bench.Blocks(1, 1)).AsTask();
        Assert.IsTrue(elsewhere.IsCompletedSuccessfully);
        Assert.IsFalse(overlapping.Any(command => command.IsCompleted));
        Assert.AreEqual(1, bench.Store.Count(StoreOperation.Write));
        held.SetResult();
        Assert.AreEqual(ScsiOutcome.Good, (await compare).Outcome);
        foreach (Task<CommandResult> command in overlapping) Assert.AreEqual(ScsiOutcome.Good, (await command).Outcome);
    }

    [TestMethod]
    public async Task CompareAndWrite_AbortedWhileItWaits_EndsAndLetsOthersPass()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        TaskCompletionSource held = new();
        bench.Store.Hold = call => call.Operation == StoreOperation.Write ? held.Task : null;
        Task<CommandResult> write = bench.RunAsync(Cdb.Range10(0x2A, 0, 4), bench.Blocks(4, 1)).AsTask();
        byte[] data = bench.Blocks(2, 0);
        using TestCommand command = bench.Driver.Create(Cdb.CompareAndWrite(3, 1), data.Length);
        Task<CommandResult> compare = bench.Driver.RunAsync(command, data).AsTask();
        Task<CommandResult> behind = bench.RunAsync(Cdb.CompareAndWrite(3, 1), data).AsTask();
        command.Abort();
        Assert.AreEqual(SenseKey.AbortedCommand, (await compare).Sense.Key);
        held.SetResult();
        await write;
        Assert.AreEqual(SenseKey.Miscompare, (await behind).Sense.Key);
    }

    [TestMethod]
    public async Task CompareAndWrite_ManyCountersInParallel_NoneIsLost()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Hold = _ => Task.Run(static () => { });
        const int Workers = 4, Steps = 50;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => CountAsync(bench, Steps))));
        bench.Store.Hold = null;
        Assert.AreEqual(Workers * Steps, BitConverter.ToInt32(bench.Store.Cached(0, 4)));
    }

    [TestMethod]
    public async Task OrWrite_MergesBits()
    {
        using TestHost host = new();
        host.Buffers.SegmentLength = 200;
        await using DiskBench bench = await DiskBench.CreateAsync(host: host);
        bench.Store.Fill(0, bench.Blocks(3, 0xA5));
        await bench.GoodAsync(Cdb.Range16(0x8B, 1, 2), bench.Blocks(2, 0x5A));
        CollectionAssert.AreEqual(bench.Blocks(1, 0xA5), bench.Store.Cached(0, 512));
        CollectionAssert.AreEqual(bench.Blocks(2, 0xFF), bench.Store.Cached(512, 1024));
        await bench.GoodAsync(Cdb.Range16(0x8B, 0, 0));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x8B, 2049, 0));
    }

    [TestMethod]
    [DataRow(StoreOperation.Read)]
    [DataRow(StoreOperation.Write)]
    public async Task OrWriteAndCompareAndWrite_StoreFails_SenseAndRangeFreed(StoreOperation failing)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = call => call.Operation == failing ? new StorageResult(StorageStatus.Unavailable) : null;
        await bench.SenseAsync(Sense.CommunicationFailure, Cdb.Range16(0x8B, 1, 1), bench.Blocks(1, 1));
        await bench.SenseAsync(Sense.CommunicationFailure, Cdb.CompareAndWrite(1, 1), bench.Blocks(2, 0));
        bench.Store.Fault = null;
        await bench.GoodAsync(Cdb.CompareAndWrite(1, 1), bench.Blocks(2, 0));
    }

    private static Task<DiskBench> CreateAsync(bool native) => DiskBench.CreateAsync(
        new MemoryBlockStore(1 << 20, MemoryBlockStore.EveryAbility | (native ? StoreCapabilities.CompareAndWrite : StoreCapabilities.None)));

    private static async Task CountAsync(DiskBench bench, int steps)
    {
        for (int done = 0; done < steps;)
        {
            byte[] old = (await bench.RunAsync(Cdb.Range16(0x88, 0, 1))).DataIn;
            byte[] next = [.. old];
            BitConverter.TryWriteBytes(next, BitConverter.ToInt32(old) + 1);
            CommandResult result = await bench.RunAsync(Cdb.CompareAndWrite(0, 1), [.. old, .. next]);
            if (result.Outcome.IsGood) done++;
            else Assert.AreEqual(SenseKey.Miscompare, result.Sense.Key);
        }
    }
}
