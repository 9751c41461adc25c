namespace TgtModular.Sbc.Tests;

/// <summary>START STOP UNIT, PREVENT ALLOW MEDIUM REMOVAL, readiness, size changes.</summary>
[TestClass]
public sealed class MediumTests
{
    private const string TestUnitReady = "00 00000000 00";
    private const string Stop = "1B 00 00 00 00 00";
    private const string Start = "1B 00 00 00 01 00";
    private const string Eject = "1B 00 00 00 02 00";
    private const string Load = "1B 00 00 00 03 00";
    private const string Prevent = "1E 000000 01 00";
    private const string Allow = "1E 000000 00 00";

    private static Dictionary<string, object> Removable => new() { ["removable"] = true };

    [TestMethod]
    public async Task Stop_FixedDisk_NotReadyUntilStarted()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 0x12));
        await bench.GoodAsync(Stop);
        CollectionAssert.AreEqual(bench.Blocks(1, 0x12), bench.Store.Durable(0, 512));
        await bench.SenseAsync(Sense.InitializingCommandRequired, TestUnitReady);
        await bench.SenseAsync(Sense.InitializingCommandRequired, Cdb.Range10(0x28, 0, 1));
        CommandResult requested = await bench.GoodAsync("03 00 0000 FC 00");
        Assert.AreEqual(SenseKey.NotReady, (SenseKey)(requested.DataIn[2] & 0x0F));
        await bench.GoodAsync(Start);
        await bench.GoodAsync(TestUnitReady);
        await bench.SenseAsync(Sense.InvalidFieldInCdb(4, 1), Eject);
    }

    [TestMethod]
    public async Task Stop_FlushFails_SenseAndStillReady()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = call => call.Operation == StoreOperation.Flush ? new StorageResult(StorageStatus.WriteError) : null;
        await bench.SenseAsync(Sense.WriteError(null), Stop);
        await bench.GoodAsync(TestUnitReady);
        await bench.GoodAsync("1B 00 00 00 04 00"); // NO_FLUSH
        await bench.SenseAsync(Sense.InitializingCommandRequired, TestUnitReady);
    }

    [TestMethod]
    public async Task Stop_RemovableDisk_StaysReady()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: Removable);
        foreach (string cdb in new[] { Stop, Start, "1B 01 00 00 00 00", "1B 01 00 00 01 00", "1B 00 00 00 04 00", "1B 01 00 00 05 00" })
        {
            await bench.GoodAsync(cdb);
            await bench.GoodAsync(TestUnitReady);
        }
    }

    [TestMethod]
    public async Task PowerConditions_AreTakenAndChangeNothing()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: Removable);
        for (int condition = 1; condition < 16; condition++)
        {
            await bench.GoodAsync($"1B 01 00 00 {(condition << 4) | 0x02:X2} 00");
            await bench.GoodAsync(TestUnitReady);
        }
    }

    [TestMethod]
    public async Task Eject_MediumIsGoneUntilLoaded()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: Removable);
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 0x12));
        await bench.GoodAsync(Eject);
        CollectionAssert.AreEqual(bench.Blocks(1, 0x12), bench.Store.Durable(0, 512));
        foreach (CommandDescriptor row in bench.Server.Commands.Descriptors.Where(row => row.NeedsMedium))
        {
            byte[] cdb = new byte[row.UsageMask.Length];
            cdb[0] = row.OperationCode;
            cdb[1] = (byte)(row.ServiceAction ?? 0);
            await bench.SenseAsync(Sense.MediumNotPresent, cdb);
        }

        await bench.SenseAsync(Sense.MediumNotPresent, "04 00 00 0000 00");
        await bench.SenseAsync(Sense.MediumNotPresent, Start);
        await bench.GoodAsync(Eject);
        await bench.GoodAsync(Load);
        await bench.GoodAsync(TestUnitReady);
        EstablishedAttention attention = bench.Unit.Attentions.Single();
        Assert.AreEqual(new EstablishedAttention(AdditionalSense.MediumMayHaveChanged, UnitAttentionScope.AllButOne, bench.Driver.Nexus), attention);
    }

    [TestMethod]
    public async Task Prevent_EjectAndLoadAreRefusedUntilAllNexusesAllow()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: Removable);
        TestNexus other = new("iqn.2026-11.org.example:other");
        await bench.GoodAsync(Prevent);
        await bench.GoodAsync(Prevent, nexus: other);
        await bench.SenseAsync(Sense.MediumRemovalPrevented, Eject);
        await bench.GoodAsync(TestUnitReady);
        await bench.GoodAsync(Allow);
        await bench.SenseAsync(Sense.MediumRemovalPrevented, Eject);
        await bench.GoodAsync(Allow, nexus: other);
        await bench.GoodAsync(Eject);
        await bench.GoodAsync(Prevent);
        await bench.SenseAsync(Sense.MediumRemovalPrevented, Load);
        await bench.GoodAsync(Allow);
        await bench.GoodAsync(Load);
    }

    [TestMethod]
    public async Task Prevent_EndsWithItsNexus()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: Removable);
        await bench.GoodAsync(Prevent);
        bench.Server.NexusLost(bench.Driver.Nexus);
        await bench.GoodAsync(Eject);
    }

    [TestMethod]
    public async Task Prevent_EndsWithAReset()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: Removable);
        await bench.GoodAsync(Prevent);
        bench.Server.Reset();
        await bench.GoodAsync(Eject);
        bench.Server.Reset();
        await bench.SenseAsync(Sense.MediumNotPresent, TestUnitReady);
    }

    [TestMethod]
    public async Task Prevent_ObsoleteValue_InvalidField()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.InvalidFieldInCdb(4, 1), "1E 000000 02 00");
    }

    [TestMethod]
    public async Task Reset_StoppedDisk_IsStarted()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.GoodAsync(Stop);
        bench.Server.Reset();
        await bench.GoodAsync(TestUnitReady);
    }

    [TestMethod]
    public async Task StoreResized_NewCapacityAndUnitAttention()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.SetLength((2 << 20) + 100);
        bench.Server.StoreResized("store", bench.Store.Length);
        byte[] capacity = (await bench.GoodAsync("25 00 00000000 0000 00 00")).DataIn;
        Assert.AreEqual("00000FFF00000200", Convert.ToHexString(capacity));
        Assert.AreEqual(4096, bench.Unit.Geometry!.BlockCount);
        Assert.AreEqual(new EstablishedAttention(AdditionalSense.CapacityDataHasChanged, UnitAttentionScope.All, null), bench.Unit.Attentions.Single());
        await bench.GoodAsync(Cdb.Range10(0x2A, 4095, 1), bench.Blocks(1, 1));
    }

    [TestMethod]
    public async Task StoreResized_SameNumberOfBlocks_NobodyIsTold()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Server.StoreResized("store", (1 << 20) + 511);
        Assert.IsEmpty(bench.Unit.Attentions);
    }

    [TestMethod]
    public async Task StoreResized_Shrunk_BlocksBeyondAreGone()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.SetLength(4096);
        bench.Server.StoreResized("store", 4096);
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range10(0x28, 8, 1));
        bench.Server.StoreResized("store", 100);
        await bench.SenseAsync(Sense.NotReadyCauseNotReportable, "25 00 00000000 0000 00 00");
    }

    [TestMethod]
    public async Task ReadCapacity10_MoreThan32Bits_SaysUseTheLongOne()
    {
        long length = 3L << 40;
        Moq.Mock<IBlockStore> store = new();
        store.Setup(s => s.Info).Returns(new StoreInfo(StoreCapabilities.Write, StoreExecution.Inline));
        store.Setup(s => s.Length).Returns(length);
        TestUnit unit = new(new Dictionary<string, IBackingStore> { ["store"] = store.Object });
        using TestHost host = new();
        SbcFactory factory = new();
        await using IDeviceServer disk = await factory.CreateAsync(
            new DeviceServerContext(unit, new OptionValues(factory.Options, new Dictionary<string, object>()), host), CancellationToken.None);
        CommandDriver driver = new(disk, host, unit);
        CommandResult result = await driver.RunAsync(Convert.FromHexString("25000000000000000000"));
        Assert.AreEqual("FFFFFFFF00000200", Convert.ToHexString(result.DataIn));
        result = await driver.RunAsync(Convert.FromHexString("9E10000000000000000000000020" + "0000"));
        Assert.AreEqual("000000017FFFFFFF00000200", Convert.ToHexString(result.DataIn[..12]));
    }

    [TestMethod]
    public async Task SelfTest_ReadsTheFirstBlock()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.GoodAsync("1D 04 00 0000 00");
        Assert.AreEqual(new StoreCall(StoreOperation.Read, 0, 512), bench.Store.Calls.Single());
        bench.Store.Fault = _ => new StorageResult(StorageStatus.ReadError, 0);
        await bench.SenseAsync(Sense.UnrecoveredReadError(0), "1D 04 00 0000 00");
        await bench.GoodAsync("1D 00 00 0000 00");
    }

    [TestMethod]
    public async Task Prefetch_WholeRange_ConditionMet()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(16 << 20, StoreCapabilities.Write));
        CommandResult result = await bench.RunAsync(Cdb.Range10(0x34, 4, 4));
        Assert.AreEqual(ScsiOutcome.Of(ScsiStatus.ConditionMet), result.Outcome);
        Assert.AreEqual(new StoreCall(StoreOperation.Read, 2048, 2048), bench.Store.Calls.Single());
        Assert.AreEqual(ScsiOutcome.Of(ScsiStatus.ConditionMet), (await bench.RunAsync(Cdb.Range16(0x90, 4, 4, 0x02))).Outcome);
    }

    [TestMethod]
    public async Task Prefetch_MoreThanItsLimit_Good()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(16 << 20, StoreCapabilities.Write));
        CommandResult result = await bench.RunAsync(Cdb.Range16(0x90, 0, 0));
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome);
        Assert.AreEqual(8 << 20, bench.Store.Calls.Sum(call => call.Length));
        await bench.SenseAsync(Sense.LbaOutOfRange, Cdb.Range16(0x90, 1 << 20, 0));
    }

    [TestMethod]
    public async Task Prefetch_ReadFails_Sense()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        bench.Store.Fault = _ => new StorageResult(StorageStatus.ReadError, 512);
        await bench.SenseAsync(Sense.UnrecoveredReadError(1), Cdb.Range10(0x34, 0, 4));
    }
}
