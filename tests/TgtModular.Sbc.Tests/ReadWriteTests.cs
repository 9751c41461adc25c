namespace TgtModular.Sbc.Tests;

[TestClass]
public sealed class ReadWriteTests
{
    [TestMethod]
    [DataRow("0A 000005 01 00", "08 000005 01 00")]
    [DataRow("2A 00 00000005 00 0001 00", "28 00 00000005 00 0001 00")]
    [DataRow("AA 00 00000005 00000001 00 00", "A8 00 00000005 00000001 00 00")]
    [DataRow("8A 00 0000000000000005 00000001 00 00", "88 00 0000000000000005 00000001 00 00")]
    public async Task WriteThenRead_OneBlock_SameBytes(string write, string read)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        byte[] data = bench.Blocks(1, 0x5A);
        await bench.GoodAsync(write, data);
        CommandResult result = await bench.GoodAsync(read);
        CollectionAssert.AreEqual(data, result.DataIn);
        CollectionAssert.AreEqual(data, bench.Store.Cached(5 * 512, 512));
    }

    [TestMethod]
    public async Task Read6_LengthZero_Reads256Blocks()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.GoodAsync("08 000000 00 00");
        Assert.HasCount(256 * 512, result.DataIn);
    }

    [TestMethod]
    public async Task Read10_LengthZero_GivesNothing()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.GoodAsync(Cdb.Range10(0x28, 0, 0));
        Assert.IsEmpty(result.DataIn);
        Assert.AreEqual(0, bench.Store.Count(StoreOperation.Read));
    }

    [TestMethod]
    [DataRow(2047L, 2)]
    [DataRow(2048L, 1)]
    [DataRow(2049L, 0)]
    [DataRow(0x80000000L, 1)]
    [DataRow(0xFFFFFFFFL, 1)]
    public async Task ReadAndWrite_BeyondTheEnd_LbaOutOfRange(long lba, int blocks)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        byte[] data = bench.Blocks(blocks, 1);
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range10(0x28, lba, blocks));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range12(0xA8, lba, blocks));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x88, lba, blocks));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range10(0x2A, lba, blocks), data);
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x8A, lba, blocks), data);
        Assert.IsEmpty(bench.Store.Calls);
    }

    [TestMethod]
    [DataRow(-1L)]
    [DataRow(long.MinValue)]
    [DataRow(long.MaxValue)]
    public async Task Read16_AddressNearTheTopOf64Bits_LbaOutOfRange(long lba)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x88, lba, 1));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x88, lba, -1));
    }

    [TestMethod]
    public async Task Read_InitiatorExpectsLess_ResidualTellsTheRest()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.RunAsync(Cdb.Range10(0x28, 0, 1), expectedIn: 200);
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome);
        Assert.HasCount(200, result.DataIn);
        Assert.AreEqual(-312, result.ResidualIn);
    }

    [TestMethod]
    public async Task Write_InitiatorAnnouncesFewerBlocks_WritesThose()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.RunAsync(Cdb.Range10(0x2A, 0, 2), bench.Blocks(1, 0xBB));
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome);
        Assert.AreEqual(-512, result.ResidualOut);
        CollectionAssert.AreEqual(bench.Blocks(1, 0xBB), bench.Store.Cached(0, 512));
        CollectionAssert.AreEqual(bench.Blocks(1, 0), bench.Store.Cached(512, 512));
    }

    [TestMethod]
    public async Task Write_InitiatorAnnouncesNothing_GoodAndNothingWritten()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.RunAsync(Cdb.Range10(0x2A, 0, 1));
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome);
        Assert.AreEqual(0, bench.Store.Count(StoreOperation.Write));
    }

    [TestMethod]
    [DataRow(200, 1)]
    [DataRow(700, 4)]
    public async Task Write_DataEndsWithinABlock_RestOfTheBlockStays(int length, int blocks)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fill(0, bench.Blocks(4, 0xAA));
        byte[] data = Enumerable.Repeat((byte)0xBB, length).ToArray();
        CommandResult result = await bench.RunAsync(Cdb.Range10(0x2A, 0, blocks, 0x08), data);
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome);
        Assert.AreEqual(length - (blocks * 512), result.ResidualOut);
        CollectionAssert.AreEqual((byte[])[.. data, .. bench.Blocks(4, 0xAA)[length..]], bench.Store.Durable(0, 2048));
    }

    [TestMethod]
    [DataRow((byte)0x8B)]
    [DataRow((byte)0x8E)]
    public async Task OrWriteAndWriteAndVerify_DataEndsWithinABlock_Refused(byte code)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.RunAsync(Cdb.Range16(code, 0, 2), new byte[700]);
        Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidFieldInCommandInformationUnit), result.Outcome);
        Assert.AreEqual(700 - 1024, result.ResidualOut);
        Assert.IsEmpty(bench.Store.Calls);
    }

    [TestMethod]
    public async Task Write_MoreAnnouncedThanAsked_WritesWhatWasAsked()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.RunAsync(Cdb.Range10(0x2A, 0, 1), Enumerable.Repeat((byte)7, 10000).ToArray());
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome);
        Assert.AreEqual(10000 - 512, result.ResidualOut);
        CollectionAssert.AreEqual(bench.Blocks(1, 0), bench.Store.Cached(512, 512));
    }

    [TestMethod]
    public async Task Transfer_LongerThanTheMaximum_InvalidFieldAtTheLength()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(prepare: unit => unit.MaximumTransferLength = 4096);
        await bench.SenseAsync(Sense.InvalidFieldInCdb(7), Cdb.Range10(0x28, 0, 9));
        await bench.SenseAsync(Sense.InvalidFieldInCdb(10), Cdb.Range16(0x88, 0, 9));
        await bench.GoodAsync(Cdb.Range16(0x88, 0, 8));
    }

    [TestMethod]
    [DataRow(StorageStatus.ReadError, 512L * 3, SenseKey.MediumError)]
    [DataRow(StorageStatus.Unavailable, -1L, SenseKey.NotReady)]
    [DataRow(StorageStatus.InternalFault, -1L, SenseKey.HardwareError)]
    [DataRow(StorageStatus.NotSupported, -1L, SenseKey.HardwareError)]
    [DataRow(StorageStatus.Cancelled, -1L, SenseKey.AbortedCommand)]
    public async Task Read_StoreFails_SenseSaysHow(StorageStatus status, long position, SenseKey key)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = _ => new StorageResult(status, position);
        CommandResult result = await bench.RunAsync(Cdb.Range10(0x28, 2, 2));
        Assert.AreEqual(ScsiStatus.CheckCondition, result.Outcome.Status);
        Assert.AreEqual(key, result.Sense.Key);
        Assert.AreEqual(position < 0 ? (long?)null : 3, result.Sense.Information);
        Assert.IsEmpty(result.DataIn);
    }

    [TestMethod]
    [DataRow(StorageStatus.WriteError, SenseKey.MediumError)]
    [DataRow(StorageStatus.OutOfSpace, SenseKey.DataProtect)]
    [DataRow(StorageStatus.ReadOnly, SenseKey.DataProtect)]
    public async Task Write_StoreFails_SenseSaysHow(StorageStatus status, SenseKey key)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = _ => new StorageResult(status, 1024);
        CommandResult result = await bench.RunAsync(Cdb.Range10(0x2A, 2, 1), bench.Blocks(1, 1));
        Assert.AreEqual(key, result.Sense.Key);
    }

    [TestMethod]
    public async Task Write_StoreCompletesLater_StatusWaitsAndRangeIsFreed()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        TaskCompletionSource held = new();
        bench.Store.Hold = _ => held.Task;
        Task<CommandResult> write = bench.RunAsync(Cdb.Range10(0x2A, 0, 1), bench.Blocks(1, 9)).AsTask();
        Assert.IsFalse(write.IsCompleted);
        held.SetResult();
        Assert.AreEqual(ScsiOutcome.Good, (await write).Outcome);
        bench.Store.Hold = null;
        byte[] both = [.. bench.Blocks(1, 9), .. bench.Blocks(1, 8)];
        await bench.GoodAsync(Cdb.CompareAndWrite(0, 1), both);
    }

    [TestMethod]
    public async Task ReadAndWrite_LongerThanTheStoreTakes_AreSplit()
    {
        MemoryBlockStore store = new(1 << 20, MemoryBlockStore.EveryAbility);
        store.Info = store.Info with { MaximumTransferLength = 1500 };
        await using DiskBench bench = await DiskBench.CreateAsync(store);
        byte[] data = Enumerable.Range(0, 8 * 512).Select(i => (byte)(i / 3)).ToArray();
        await bench.WriteBlocksAsync(1, data);
        CollectionAssert.AreEqual(data, await bench.ReadBlocksAsync(1, 8));
        Assert.AreEqual(4, store.Count(StoreOperation.Write));
        Assert.AreEqual(4, store.Count(StoreOperation.Read));
    }

    [TestMethod]
    public async Task ReadAndWrite_BuffersInSegments_SameBytes()
    {
        using TestHost host = new();
        host.Buffers.SegmentLength = 333;
        await using DiskBench bench = await DiskBench.CreateAsync(host: host);
        byte[] data = Enumerable.Range(0, 8 * 512).Select(i => (byte)(i * 7)).ToArray();
        await bench.WriteBlocksAsync(3, data);
        CollectionAssert.AreEqual(data, await bench.ReadBlocksAsync(3, 8));
    }

    [TestMethod]
    public async Task Write_ReadOnlyDisk_WriteProtectedBeforeAnythingElse()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["readonly"] = true });
        await bench.SenseAsync(Sense.WriteProtected, Cdb.Range10(0x2A, 0, 1), bench.Blocks(1, 1));
        await bench.SenseAsync(Sense.WriteProtected, Cdb.Range10(0x2A, 0, 1), new byte[100]);
        await bench.SenseAsync(Sense.WriteProtected, Cdb.Range10(0x41, 0, 1, 0x08));
        Assert.IsTrue(bench.Unit.Geometry!.ReadOnly);
    }

    [TestMethod]
    public async Task Write_StoreCannotBeWritten_WriteProtectedAlsoWithUnmap()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(65536, StoreCapabilities.None));
        await bench.SenseAsync(Sense.WriteProtected, Cdb.Range10(0x2A, 0, 1), bench.Blocks(1, 1));
        await bench.SenseAsync(Sense.WriteProtected, Cdb.Range16(0x93, 0, 1, 0x08));
        Assert.IsTrue(bench.Unit.WriteProtected);
    }
}
