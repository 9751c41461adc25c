using System.Buffers.Binary;

namespace TgtModular.Sbc.Tests;

/// <summary>WRITE SAME, UNMAP, GET LBA STATUS, and what the pages say of them.</summary>
[TestClass]
public sealed class ProvisioningTests
{
    [TestMethod]
    public async Task WriteSame_Pattern_RepeatsItOverTheRange()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        byte[] block = Enumerable.Range(0, 512).Select(i => (byte)(i * 3)).ToArray();
        await bench.GoodAsync(Cdb.Range10(0x41, 7, 5), block);
        for (int i = 0; i < 5; i++) CollectionAssert.AreEqual(block, bench.Store.Cached((7 + i) * 512, 512));
        CollectionAssert.AreEqual(bench.Blocks(1, 0), bench.Store.Cached(12 * 512, 512));
    }

    [TestMethod]
    public async Task WriteSame_LengthZero_GoesToTheEnd()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.GoodAsync(Cdb.Range16(0x93, 2040, 0), bench.Blocks(1, 0x5C));
        CollectionAssert.AreEqual(bench.Blocks(8, 0x5C), bench.Store.Cached(2040 * 512, 8 * 512));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x93, 2048, 0), bench.Blocks(1, 0x5C));
    }

    [TestMethod]
    public async Task WriteSame_WholeStore_BoundedMemory()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(16 << 20, StoreCapabilities.Write));
        await bench.GoodAsync(Cdb.Range16(0x93, 0, 0), bench.Blocks(1, 0x5C));
        Assert.AreEqual(1 << 20, bench.Store.Calls.Max(call => call.Length));
        Assert.AreEqual(16, bench.Store.Count(StoreOperation.Write));
    }

    [TestMethod]
    public async Task WriteSame_Aborted_Stops()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(16 << 20, StoreCapabilities.Write));
        byte[] block = bench.Blocks(1, 0x5C);
        using TestCommand command = bench.Driver.Create(Cdb.Range16(0x93, 0, 0), block.Length);
        bench.Store.Hold = _ =>
        {
            command.Abort();
            return null;
        };
        CommandResult result = await bench.Driver.RunAsync(command, block);
        Assert.AreEqual(SenseKey.AbortedCommand, result.Sense.Key);
        Assert.AreEqual(1, bench.Store.Count(StoreOperation.Write));
    }

    [TestMethod]
    public async Task WriteSame16_NoDataOut_WritesZeroes()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fill(0, bench.Blocks(4, 0xFF));
        await bench.GoodAsync(Cdb.Range16(0x93, 1, 2, 0x01));
        CollectionAssert.AreEqual(bench.Blocks(2, 0), bench.Store.Cached(512, 1024));
        CollectionAssert.AreEqual(bench.Blocks(1, 0xFF), bench.Store.Cached(3 * 512, 512));
        Assert.AreEqual(new StoreCall(StoreOperation.WriteZeroes, 512, 1024), bench.Store.Calls[^1]);
    }

    [TestMethod]
    public async Task WriteSame_ZeroesButStoreCannot_WritesThemItself()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(65536, StoreCapabilities.Write));
        bench.Store.Fill(0, bench.Blocks(4, 0xFF));
        await bench.GoodAsync(Cdb.Range16(0x93, 1, 2, 0x01));
        CollectionAssert.AreEqual(bench.Blocks(2, 0), bench.Store.Cached(512, 1024));
    }

    [TestMethod]
    [DataRow((byte)0x41)]
    [DataRow((byte)0x93)]
    public async Task WriteSame_Unmap_DeallocatesZeroes(byte code)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fill(0, bench.Blocks(8, 0xFF));
        byte[] cdb = code == 0x41 ? Cdb.Range10(code, 2, 4, 0x08) : Cdb.Range16(code, 2, 4, 0x08);
        await bench.GoodAsync(cdb, bench.Blocks(1, 0));
        CollectionAssert.AreEqual(bench.Blocks(4, 0), await bench.ReadBlocksAsync(2, 4));
        Assert.AreEqual("0+2 mapped, 2+4 deallocated, 6+2 mapped, 8+2040 deallocated", await StatusAsync(bench, 0));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task WriteSame_UnmapWithData_ZeroWhereUnmappedReadsZeroElseTheData(bool readsZero)
    {
        StoreCapabilities without = readsZero ? StoreCapabilities.None : StoreCapabilities.DiscardReadsZero;
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(65536, MemoryBlockStore.EveryAbility & ~without));
        bench.Store.Fill(0, bench.Blocks(8, 0xFF));
        await bench.GoodAsync(Cdb.Range16(0x93, 2, 4, 0x08), bench.Blocks(1, 0x61));
        CollectionAssert.AreEqual(bench.Blocks(4, readsZero ? (byte)0 : (byte)0x61), await bench.ReadBlocksAsync(2, 4));
    }

    [TestMethod]
    public async Task WriteSame_LongerThanThePageSays_InvalidFieldAlsoToTheEnd()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["max_write_same"] = 100L });
        byte[] limits = (await bench.GoodAsync("12 01 B0 0040 00")).DataIn;
        Assert.AreEqual(100, BinaryPrimitives.ReadInt64BigEndian(limits.AsSpan(36)));
        await bench.GoodAsync(Cdb.Range16(0x93, 0, 100), bench.Blocks(1, 1));
        await bench.SenseAsync(Sense.InvalidFieldInCdb(10), Cdb.Range16(0x93, 0, 101), bench.Blocks(1, 1));
        await bench.SenseAsync(Sense.InvalidFieldInCdb(7), Cdb.Range10(0x41, 2048 - 101, 0), bench.Blocks(1, 1));
        await bench.GoodAsync(Cdb.Range10(0x41, 2048 - 100, 0), bench.Blocks(1, 1));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x93, 2049, 0), bench.Blocks(1, 1));
    }

    [TestMethod]
    public async Task WriteSame_LengthZeroWithoutLimit_WholeStore()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(64 << 20, StoreCapabilities.Write), new() { ["max_write_same"] = 0L });
        await bench.GoodAsync(Cdb.Range16(0x93, 0, 0), bench.Blocks(1, 0x5C));
        Assert.AreEqual(64, bench.Store.Count(StoreOperation.Write));
        CollectionAssert.AreEqual(bench.Blocks(8, 0x5C), bench.Store.Cached((64 << 20) - 4096, 4096));
    }

    [TestMethod]
    public async Task WriteSame_UnmapWhereOnlyDiscardExists_ReadsZero()
    {
        MemoryBlockStore store = new(65536, StoreCapabilities.Write | StoreCapabilities.Discard | StoreCapabilities.DiscardReadsZero);
        store.Info = store.Info with { DiscardGranularity = 4096 };
        await using DiskBench bench = await DiskBench.CreateAsync(store);
        store.Fill(0, bench.Blocks(32, 0xFF));
        await bench.GoodAsync(Cdb.Range16(0x93, 3, 20, 0x08), bench.Blocks(1, 0));
        CollectionAssert.AreEqual(bench.Blocks(20, 0), await bench.ReadBlocksAsync(3, 20));
        CollectionAssert.AreEqual(bench.Blocks(3, 0xFF), await bench.ReadBlocksAsync(0, 3));
        CollectionAssert.AreEqual(bench.Blocks(9, 0xFF), await bench.ReadBlocksAsync(23, 9));
        Assert.AreEqual(new StoreCall(StoreOperation.Discard, 4096, 4096), store.Calls.Single(call => call.Operation == StoreOperation.Discard));
    }

    [TestMethod]
    [DataRow(0x10)]
    [DataRow(0x18)]
    [DataRow(0x20)]
    public async Task WriteSame_AnchorOrProtect_InvalidField(int flags)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.RunAsync(Cdb.Range16(0x93, 0, 1, (byte)flags), bench.Blocks(1, 0));
        Assert.AreEqual(AdditionalSense.InvalidFieldInCdb, result.Sense.Additional);
    }

    [TestMethod]
    [DataRow(256)]
    [DataRow(1024)]
    [DataRow(0)]
    public async Task WriteSame_DataNotOneBlock_IllegalRequest(int length)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.RunAsync(Cdb.Range16(0x93, 0, 1), new byte[length]);
        Assert.AreEqual(SenseKey.IllegalRequest, result.Sense.Key);
        Assert.IsEmpty(bench.Store.Calls);
    }

    [TestMethod]
    public async Task Unmap_SeveralDescriptors_UnmapsEach()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fill(0, bench.Blocks(16, 0xFF));
        byte[] list = Cdb.UnmapList((0, 2), (4, 0), (8, 4));
        await bench.GoodAsync(Cdb.Unmap(list.Length), list);
        Assert.AreEqual("0+2 deallocated, 2+6 mapped, 8+4 deallocated, 12+4 mapped, 16+2032 deallocated", await StatusAsync(bench, 0));
        CollectionAssert.AreEqual(bench.Blocks(4, 0), await bench.ReadBlocksAsync(8, 4));
    }

    [TestMethod]
    public async Task Unmap_OneBadDescriptor_NothingIsUnmapped()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fill(0, bench.Blocks(16, 0xFF));
        byte[] list = Cdb.UnmapList((0, 2), (2047, 2));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Unmap(list.Length), list);
        CollectionAssert.AreEqual(bench.Blocks(16, 0xFF), bench.Store.Cached(0, 16 * 512));
    }

    [TestMethod]
    [DataRow(2048L, 0L, true)]
    [DataRow(2049L, 0L, false)]
    [DataRow(-1L, 0L, false)]
    [DataRow(0L, 0xFFFFFFFFL, false)]
    [DataRow(0L, 2048L, true)]
    public async Task Unmap_Ranges_AreChecked(long lba, long blocks, bool good)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        byte[] list = Cdb.UnmapList((lba, blocks));
        CommandResult result = await bench.RunAsync(Cdb.Unmap(list.Length), list);
        Assert.AreEqual(good ? ScsiOutcome.Good : ScsiOutcome.Check(Sense.LbaOutOfRange), result.Outcome);
    }

    [TestMethod]
    public async Task Unmap_ListLengths_AreChecked()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.GoodAsync(Cdb.Unmap(0));
        await bench.GoodAsync(Cdb.Unmap(8), Cdb.UnmapList());
        await bench.SenseAsync(Sense.ParameterListLengthError, Cdb.Unmap(7), new byte[7]);
        await bench.SenseAsync(Sense.ParameterListLengthError, Cdb.Unmap(24), new byte[8]);
        byte[] longer = Cdb.UnmapList((0, 1));
        longer[1] += 16;
        await bench.SenseAsync(Sense.InvalidFieldInParameterList(0), Cdb.Unmap(24), longer);
        byte[] descriptors = Cdb.UnmapList((0, 1));
        descriptors[3] += 16;
        await bench.SenseAsync(Sense.InvalidFieldInParameterList(2), Cdb.Unmap(24), descriptors);
        byte[] incomplete = Cdb.UnmapList((0, 1));
        incomplete[3] = 15;
        bench.Store.ForgetCalls();
        await bench.GoodAsync(Cdb.Unmap(24), incomplete);
        Assert.AreEqual(0, bench.Store.Count(StoreOperation.Discard));
    }

    [TestMethod]
    public async Task Unmap_StoreFails_Sense()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = call => call.Operation == StoreOperation.Discard ? new StorageResult(StorageStatus.Unavailable) : null;
        await bench.SenseAsync(Sense.CommunicationFailure, Cdb.Unmap(24), Cdb.UnmapList((0, 1)));
    }

    [TestMethod]
    public async Task Unmap_ReadOnly_WriteProtected()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["readonly"] = true });
        await bench.SenseAsync(Sense.WriteProtected, Cdb.Unmap(24), Cdb.UnmapList((0, 1)));
    }

    [TestMethod]
    public async Task Thin_StoreCannotDiscard_NothingOfItIsOffered()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(65536, StoreCapabilities.Write));
        await bench.SenseAsync(Sense.InvalidOperationCode, Cdb.Unmap(24), Cdb.UnmapList((0, 1)));
        await bench.SenseAsync(Sense.InvalidFieldInCdb(1, 3), Cdb.Range10(0x41, 0, 1, 0x08), bench.Blocks(1, 0));
        byte[] capacity = (await bench.GoodAsync("9E 10 0000000000000000 00000020 00 00")).DataIn;
        Assert.AreEqual(0, capacity[14] & 0xC0);
        byte[] provisioning = (await bench.GoodAsync("12 01 B2 00FF 00")).DataIn;
        CollectionAssert.AreEqual(new byte[4], provisioning[4..]);
        Assert.AreEqual("0+128 mapped", await StatusAsync(bench, 0));
    }

    [TestMethod]
    public async Task Thin_OptionAgainstTheStore_MessageSaysSo()
    {
        DeviceServerException failure = await Assert.ThrowsExactlyAsync<DeviceServerException>(
            () => DiskBench.CreateAsync(new MemoryBlockStore(65536, StoreCapabilities.Write), new() { ["thin"] = true }));
        StringAssert.Contains(failure.Message, "cannot discard");
    }

    [TestMethod]
    public async Task Thin_OptionFalse_NotOffered()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["thin"] = false });
        await bench.SenseAsync(Sense.InvalidOperationCode, Cdb.Unmap(24), Cdb.UnmapList((0, 1)));
    }

    [TestMethod]
    public async Task Unmap_DiscardDoesNotReadZero_OnlyWholeGranulesAreDiscarded()
    {
        MemoryBlockStore store = new(65536, StoreCapabilities.Write | StoreCapabilities.Discard);
        store.Info = store.Info with { DiscardGranularity = 4096 };
        await using DiskBench bench = await DiskBench.CreateAsync(store);
        await bench.GoodAsync(Cdb.Unmap(24), Cdb.UnmapList((3, 20)));
        await bench.GoodAsync(Cdb.Unmap(24), Cdb.UnmapList((3, 2)));
        Assert.AreEqual(new StoreCall(StoreOperation.Discard, 4096, 4096), store.Calls.Single());
        byte[] limits = (await bench.GoodAsync("12 01 B0 0040 00")).DataIn;
        Assert.AreEqual(8u, BinaryPrimitives.ReadUInt32BigEndian(limits.AsSpan(28)));
        byte[] capacity = (await bench.GoodAsync("9E 10 0000000000000000 00000020 00 00")).DataIn;
        Assert.AreEqual(0x80, capacity[14] & 0xC0);
    }

    [TestMethod]
    public async Task GetLbaStatus_FirstDescriptorStartsAtTheAddress()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fill(0, bench.Blocks(16, 1));
        byte[] status = (await bench.GoodAsync("9E 12 0000000000000005 00000018 00 00")).DataIn;
        Assert.HasCount(24, status);
        Assert.AreEqual(20, BinaryPrimitives.ReadInt32BigEndian(status));
        Assert.AreEqual(5, BinaryPrimitives.ReadInt64BigEndian(status.AsSpan(8)));
        Assert.AreEqual(11u, BinaryPrimitives.ReadUInt32BigEndian(status.AsSpan(16)));
        Assert.AreEqual(0, status[20]);
    }

    [TestMethod]
    [DataRow("9E 12 0000000000000800 00000018 00 00")]
    [DataRow("9E 12 8000000000000000 00000018 00 00")]
    [DataRow("9E 12 FFFFFFFFFFFFFFFF 00000018 00 00")]
    public async Task GetLbaStatus_BeyondTheEnd_LbaOutOfRange(string cdb)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.LbaOutOfRange, cdb);
    }

    [TestMethod]
    public async Task GetLbaStatus_BlockAllocatedInPart_CountsAsMapped()
    {
        MemoryBlockStore store = new(65536, MemoryBlockStore.EveryAbility);
        await using DiskBench bench = await DiskBench.CreateAsync(store, new() { ["block_size"] = 4096L });
        store.Fill(512 * 9, new byte[512]);
        Assert.AreEqual("0+1 deallocated, 1+1 mapped, 2+14 deallocated", await StatusAsync(bench, 0));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(7)]
    [DataRow(23)]
    public async Task GetLbaStatus_ShortAllocationLength_IsCutOff(int length)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        CommandResult result = await bench.GoodAsync($"9E 12 0000000000000000 {length:X8} 00 00");
        Assert.HasCount(length, result.DataIn);
    }

    [TestMethod]
    [DataRow(StoreExecution.Inline, 0)]
    [DataRow(StoreExecution.Asynchronous, 1)]
    public async Task GetLbaStatus_MapMayWait_IsLookedUpByAWorker(StoreExecution execution, int queued)
    {
        MemoryBlockStore store = new(65536, MemoryBlockStore.EveryAbility);
        store.Info = store.Info with { Execution = execution };
        await using DiskBench bench = await DiskBench.CreateAsync(store);
        int before = bench.Host.Workers.Queued;
        Assert.AreEqual("0+128 deallocated", await StatusAsync(bench, 0));
        Assert.AreEqual(queued, bench.Host.Workers.Queued - before);
    }

    /// <summary>Provisioning from a block to the end; runs of the same status that follow each other are joined.</summary>
    private static async Task<string> StatusAsync(DiskBench bench, long lba)
    {
        byte[] status = (await bench.GoodAsync($"9E 12 {lba:X16} 00010000 00 00")).DataIn;
        List<string> runs = [];
        for (int at = 8; at < status.Length; at += 16)
        {
            long start = BinaryPrimitives.ReadInt64BigEndian(status.AsSpan(at));
            uint count = BinaryPrimitives.ReadUInt32BigEndian(status.AsSpan(at + 8));
            runs.Add($"{start}+{count} {(status[at + 12] == 0 ? "mapped" : "deallocated")}");
        }

        return string.Join(", ", runs);
    }
}
