namespace TgtModular.Sbc.Tests;

[TestClass]
public sealed class VerifyTests
{
    private const byte CompareAll = 0x02;
    private const byte CompareBlock = 0x06;

    [TestMethod]
    [DataRow((byte)0x2F)]
    [DataRow((byte)0xAF)]
    [DataRow((byte)0x8F)]
    public async Task Verify_ByteCheckOne_ComparesEveryByte(byte code)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        byte[] data = Enumerable.Range(0, 4 * 512).Select(i => (byte)i).ToArray();
        bench.Store.Fill(2 * 512, data);
        await bench.GoodAsync(Range(code, 2, 4, CompareAll), data);
        foreach (int at in new[] { 0, 511, 512, 2047 })
        {
            byte[] other = [.. data];
            other[at] ^= 0x80;
            await bench.SenseAsync(Sense.MiscompareDuringVerify(at), Range(code, 2, 4, CompareAll), other);
        }
    }

    [TestMethod]
    public async Task Verify_ByteCheckZero_ReadsAndComparesNothing()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.GoodAsync(Cdb.Range10(0x2F, 0, 4), bench.Blocks(4, 0xFF));
        Assert.AreEqual(1, bench.Store.Count(StoreOperation.Read));
        bench.Store.Fault = call => call.Operation == StoreOperation.Read ? new StorageResult(StorageStatus.ReadError, 1024) : null;
        await bench.SenseAsync(Sense.UnrecoveredReadError(2), Cdb.Range10(0x2F, 0, 4));
    }

    [TestMethod]
    public async Task Verify_ByteCheckThree_ComparesOneBlockOverAndOver()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fill(0, bench.Blocks(5000 / 512, 0x21));
        byte[] block = bench.Blocks(1, 0x21);
        await bench.GoodAsync(Cdb.Range16(0x8F, 0, 9, CompareBlock), block);
        bench.Store.Fill((8 * 512) + 17, [0x22]);
        await bench.SenseAsync(Sense.MiscompareDuringVerify(17), Cdb.Range16(0x8F, 0, 9, CompareBlock), block);
    }

    [TestMethod]
    public async Task Verify_ByteCheckTwo_InvalidField()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.InvalidFieldInCdb(1, 2), Cdb.Range10(0x2F, 0, 1, 0x04));
    }

    [TestMethod]
    public async Task Verify_LengthZero_Good()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.GoodAsync(Cdb.Range16(0x8F, 0, 0, CompareAll));
        await bench.GoodAsync(Cdb.Range16(0x8F, 0, 0, CompareBlock));
        Assert.IsEmpty(bench.Store.Calls);
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x8F, 2049, 0, CompareAll));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x8F, -1, 0, CompareAll));
    }

    [TestMethod]
    public async Task Verify_LessDataThanAsked_Refused()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.InvalidFieldInCommandInformationUnit, Cdb.Range10(0x2F, 0, 2, CompareAll), bench.Blocks(1, 0));
    }

    [TestMethod]
    public async Task Verify_CachedData_IsWrittenBackFirst()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 0x44));
        await bench.GoodAsync(Cdb.Range10(0x2F, 0, 1, CompareAll), bench.Blocks(1, 0x44));
        CollectionAssert.AreEqual(bench.Blocks(1, 0x44), bench.Store.Durable(0, 512));
    }

    [TestMethod]
    public async Task Verify_LongRange_BoundedMemoryAndHeardAbort()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(8 << 20, MemoryBlockStore.EveryAbility));
        await bench.GoodAsync(Cdb.Range16(0x8F, 0, 16384));
        Assert.AreEqual(1 << 20, bench.Store.Calls.Max(call => call.Length));
        using TestCommand command = bench.Driver.Create(Cdb.Range16(0x8F, 0, 16384));
        bench.Store.ForgetCalls();
        bench.Store.Hold = _ =>
        {
            command.Abort();
            return null;
        };
        CommandResult result = await bench.Driver.RunAsync(command);
        Assert.AreEqual(SenseKey.AbortedCommand, result.Sense.Key);
        Assert.IsLessThanOrEqualTo(1, bench.Store.Count(StoreOperation.Read));
    }

    [TestMethod]
    public async Task Verify_NoScratchMemory_Busy()
    {
        using TestHost host = new();
        await using DiskBench bench = await DiskBench.CreateAsync(host: host);
        host.Buffers.Capacity = 100;
        CommandResult result = await bench.RunAsync(Cdb.Range16(0x8F, 0, 1));
        Assert.AreEqual(ScsiOutcome.Of(ScsiStatus.Busy), result.Outcome);
    }

    [TestMethod]
    [DataRow((byte)0x2E)]
    [DataRow((byte)0xAE)]
    [DataRow((byte)0x8E)]
    public async Task WriteAndVerify_WritesThroughAndReadsBack(byte code)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.GoodAsync(Range(code, 5, 2, CompareAll), bench.Blocks(2, 0x91));
        CollectionAssert.AreEqual(bench.Blocks(2, 0x91), bench.Store.Durable(5 * 512, 1024));
        CollectionAssert.AreEqual(new[] { StoreOperation.Write, StoreOperation.Read }, bench.Store.Calls.Select(call => call.Operation).ToArray());
        await bench.GoodAsync(Range(code, 5, 2, 0), bench.Blocks(2, 0x92));
        Assert.AreEqual(2, bench.Store.Count(StoreOperation.Read));
    }

    [TestMethod]
    public async Task WriteAndVerify_MediumDoesNotKeepTheData_Miscompare()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Hold = call =>
        {
            if (call.Operation == StoreOperation.Read) bench.Store.Fill((5 * 512) + 100, [0x00]);
            return null;
        };
        await bench.SenseAsync(Sense.MiscompareDuringVerify(100), Cdb.Range10(0x2E, 5, 1, CompareAll), bench.Blocks(1, 0x91));
    }

    [TestMethod]
    public async Task WriteAndVerify_ByteCheckTwoAndThree_InvalidField()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.InvalidFieldInCdb(1, 2), Cdb.Range10(0x2E, 0, 1, 0x04), bench.Blocks(1, 0));
        await bench.SenseAsync(Sense.InvalidFieldInCdb(1, 2), Cdb.Range10(0x2E, 0, 1, 0x06), bench.Blocks(1, 0));
        Assert.IsEmpty(bench.Store.Calls);
    }

    private static byte[] Range(byte code, long lba, int blocks, byte flags) => (code >> 5) switch
    {
        1 => Cdb.Range10(code, lba, blocks, flags),
        5 => Cdb.Range12(code, lba, blocks, flags),
        _ => Cdb.Range16(code, lba, blocks, flags),
    };
}
