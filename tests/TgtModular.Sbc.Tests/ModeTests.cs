namespace TgtModular.Sbc.Tests;

/// <summary>What the disk's mode pages do; the mode commands themselves are tested with Scsi.Primary.</summary>
[TestClass]
public sealed class ModeTests
{
    private const string SenseControl = "1A 08 0A 00 FF 00";
    private static readonly string[] DescriptorOf2048Blocks = ["00000800 00000200", "00000000 00000200", "00000800 00000400", "00000801 00000200"];

    [TestMethod]
    public async Task Control_DescriptorSense_ReachesTheUnit()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SelectControlAsync(bench, page => page[2] |= 0x04);
        Assert.IsTrue(bench.Unit.DescriptorSense);
        await SelectControlAsync(bench, page => page[2] &= 0xFB);
        Assert.IsFalse(bench.Unit.DescriptorSense);
    }

    [TestMethod]
    public async Task Control_TaskAbortedStatus_ReachesTheUnit()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SelectControlAsync(bench, page => page[5] |= 0x40);
        Assert.IsTrue(bench.Unit.TaskAbortedStatus);
    }

    [TestMethod]
    public async Task Control_SoftwareWriteProtect_RefusesWritesAndShows()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SelectControlAsync(bench, page => page[4] |= 0x08);
        await bench.SenseAsync(Sense.WriteProtected, Cdb.Range10(0x2A, 0, 1), bench.Blocks(1, 1));
        await bench.GoodAsync(Cdb.Range10(0x28, 0, 1));
        Assert.AreEqual(0x90, (await bench.GoodAsync(SenseControl)).DataIn[2]);
        await SelectControlAsync(bench, page => page[4] &= 0xF7);
        Assert.AreEqual(0x10, (await bench.GoodAsync(SenseControl)).DataIn[2]);
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 1));
    }

    [TestMethod]
    public async Task Control_SoftwareWriteProtectCleared_ReadOnlyDiskStaysSo()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["readonly"] = true });
        await SelectControlAsync(bench, page => page[4] |= 0x08);
        await SelectControlAsync(bench, page => page[4] &= 0xF7);
        Assert.IsTrue(bench.Unit.WriteProtected);
    }

    [TestMethod]
    public async Task ModeSelect_OtherNexusesAreTold()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SelectControlAsync(bench, page => page[2] |= 0x04);
        Assert.AreEqual(
            new EstablishedAttention(AdditionalSense.ModeParametersChanged, UnitAttentionScope.AllButOne, bench.Driver.Nexus), bench.Unit.Attentions.Single());
        await SelectControlAsync(bench, _ => { });
        Assert.HasCount(1, bench.Unit.Attentions, "nothing changed the second time");
    }

    [TestMethod]
    public async Task SavedPages_SurviveARestart()
    {
        MemoryJournal journal = new();
        await using (DiskBench bench = await DiskBench.CreateAsync(host: new TestHost(journal)))
            await SelectControlAsync(bench, page => page[2] |= 0x04, save: true);
        await using DiskBench again = await DiskBench.CreateAsync(host: new TestHost(journal));
        Assert.IsTrue(again.Unit.DescriptorSense);
        await SelectControlAsync(again, page => page[2] &= 0xFB);
        again.Server.Reset();
        Assert.IsTrue(again.Unit.DescriptorSense, "a reset goes back to what was saved");
    }

    [TestMethod]
    public async Task Reset_UnsavedValues_GoBackToTheOptions()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["descriptor_sense"] = true });
        Assert.IsTrue(bench.Unit.DescriptorSense);
        await SelectControlAsync(bench, page => page[2] &= 0xFB);
        bench.Server.Reset();
        Assert.IsTrue(bench.Unit.DescriptorSense);
    }

    [TestMethod]
    public async Task ModeSense_BlockDescriptors_ShortAndLong()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        byte[] six = (await bench.GoodAsync("1A 00 0A 00 FF 00")).DataIn;
        Assert.AreEqual("17001008" + "00000800" + "00000200", Convert.ToHexString(six[..12]));
        byte[] ten = (await bench.GoodAsync("5A 10 0A 00 000000 00FF 00")).DataIn;
        Assert.AreEqual("0022001001000010" + "0000000000000800" + "00000000" + "00000200", Convert.ToHexString(ten[..24]));
    }

    [TestMethod]
    [DataRow(0, true)]
    [DataRow(1, true)]
    [DataRow(2, false)]
    [DataRow(3, false)]
    public async Task ModeSelect_BlockDescriptor_MayOnlyRepeatWhatIs(int which, bool good)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        byte[] list = Convert.FromHexString("00000008" + DescriptorOf2048Blocks[which].Replace(" ", "", StringComparison.Ordinal));
        CommandResult result = await bench.RunAsync("15 10 0000 0C 00", list);
        Assert.AreEqual(good, result.Outcome.IsGood, result.Outcome.ToString());
        if (!good) Assert.AreEqual(AdditionalSense.InvalidFieldInParameterList, result.Sense.Additional);
    }

    [TestMethod]
    public async Task Caching_NoVolatileCache_WriteCacheIsOffAndFixed()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(65536, StoreCapabilities.Write));
        Assert.AreEqual(0, (await bench.GoodAsync("1A 08 08 00 FF 00")).DataIn[6]);
        Assert.AreEqual(0, (await bench.GoodAsync("1A 08 48 00 FF 00")).DataIn[6]);
        await bench.SenseAsync(
            Sense.InvalidFieldInParameterList(6), "15 10 0000 18 00", Convert.FromHexString("00000000" + "0812" + "04" + new string('0', 34)));
    }

    private static async Task SelectControlAsync(DiskBench bench, Action<byte[]> change, bool save = false)
    {
        byte[] sensed = (await bench.GoodAsync(SenseControl)).DataIn;
        byte[] list = [0, 0, 0, 0, .. sensed[4..]];
        list[4] &= 0x3F; // PS is reserved here
        byte[] page = list[4..];
        change(page);
        page.CopyTo(list, 4);
        await bench.GoodAsync($"15 {(save ? 0x11 : 0x10):X2} 0000 {list.Length:X2} 00", list);
    }
}
