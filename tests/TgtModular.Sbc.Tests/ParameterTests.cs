namespace TgtModular.Sbc.Tests;

[TestClass]
public sealed class ParameterTests
{
    [TestMethod]
    public async Task Online_Zero_NotReadyAndBackWithUnitAttention()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SetAsync(bench, "online", "0");
        await bench.SenseAsync(Sense.NotReady(AdditionalSense.LogicalUnitOffline), "00 00000000 00");
        await SetAsync(bench, "online", "1");
        await bench.GoodAsync("00 00000000 00");
        Assert.AreEqual(AdditionalSense.MediumMayHaveChanged, bench.Unit.Attentions.Single().Additional);
    }

    [TestMethod]
    public async Task Online_RemovableDisk_MediumNotPresent()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["removable"] = true });
        await SetAsync(bench, "online", "0");
        await bench.SenseAsync(Sense.MediumNotPresent, "00 00000000 00");
    }

    [TestMethod]
    public async Task ReadOnly_TakesEffectAtOnce()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SetAsync(bench, "readonly", "1");
        await bench.SenseAsync(Sense.WriteProtected, Cdb.Range10(0x2A, 0, 1), bench.Blocks(1, 1));
        await SetAsync(bench, "readonly", "0");
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 1));
    }

    [TestMethod]
    public async Task Removable_ChangesInquiryAndTells()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SetAsync(bench, "removable", "1");
        Assert.AreEqual(0x80, (await bench.GoodAsync("12 00 00 0060 00")).DataIn[1]);
        await bench.GoodAsync("1B 00 00 00 02 00");
        await SetAsync(bench, "removable", "0");
        await bench.GoodAsync("00 00000000 00");
        Assert.AreEqual(AdditionalSense.InquiryDataHasChanged, bench.Unit.Attentions[0].Additional);
    }

    [TestMethod]
    [DataRow("sense_format")]
    [DataRow("descriptor_sense")]
    public async Task SenseFormat_SetsDescriptorSense(string name)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SetAsync(bench, name, "1");
        Assert.IsTrue(bench.Unit.DescriptorSense);
    }

    [TestMethod]
    public async Task WriteCache_Off_FlushesAndTellsAll()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.WriteBlocksAsync(0, bench.Blocks(1, 0x31));
        await SetAsync(bench, "write_cache", "0");
        CollectionAssert.AreEqual(bench.Blocks(1, 0x31), bench.Store.Durable(0, 512));
        Assert.AreEqual(new EstablishedAttention(AdditionalSense.ModeParametersChanged, UnitAttentionScope.All, null), bench.Unit.Attentions.Single());
    }

    [TestMethod]
    public async Task WriteCache_StoreHasNone_Refused()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(new MemoryBlockStore(65536, StoreCapabilities.Write));
        Assert.IsNotNull(await RefusalAsync(bench, "write_cache", "1"));
    }

    [TestMethod]
    public async Task Geometry_ShowsInThePages()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SetAsync(bench, "lbppbe", "3");
        await SetAsync(bench, "la_lba", "7");
        await SetAsync(bench, "optimal_xfer_gran", "16");
        await SetAsync(bench, "optimal_xfer_len", "256");
        await SetAsync(bench, "rotation_rate", "7200");
        byte[] capacity = (await bench.GoodAsync("9E 10 0000000000000000 00000020 00 00")).DataIn;
        Assert.AreEqual("03C007", Convert.ToHexString(capacity[13..16]));
        byte[] limits = (await bench.GoodAsync("12 01 B0 0040 00")).DataIn;
        Assert.AreEqual("0010", Convert.ToHexString(limits[6..8]));
        Assert.AreEqual("00000100", Convert.ToHexString(limits[12..16]));
        byte[] characteristics = (await bench.GoodAsync("12 01 B1 0040 00")).DataIn;
        Assert.AreEqual("1C20", Convert.ToHexString(characteristics[4..6]));
    }

    [TestMethod]
    public async Task ModePage_NewPage_IsSensed()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SetAsync(bench, "mode_page", "3:0:2:0x12:255");
        byte[] sensed = (await bench.GoodAsync("1A 08 03 00 FF 00")).DataIn;
        Assert.AreEqual("030212FF", Convert.ToHexString(sensed[4..]));
    }

    [TestMethod]
    public async Task ModePage_ChangeableBitOfAKnownPage_IsSet()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await SetAsync(bench, "mode_page", "10:0:10:6:16:0:0x40:0:0:0xff:0xff:0:0");
        Assert.IsTrue(bench.Unit.DescriptorSense);
        Assert.IsTrue(bench.Unit.TaskAbortedStatus);
    }

    [TestMethod]
    [DataRow("online", "maybe")]
    [DataRow("lbppbe", "16")]
    [DataRow("lbppbe", "-1")]
    [DataRow("optimal_xfer_gran", "65536")]
    [DataRow("scsi_id", "x")]
    [DataRow("thin_provisioning", "1")]
    [DataRow("block_size", "4096")]
    [DataRow("colour", "blue")]
    [DataRow("mode_page", "3:0:4:1")]
    [DataRow("mode_page", "63:0:1:1")]
    [DataRow("mode_page", "3:0")]
    [DataRow("mode_page", "3:0:1:0x1FF")]
    [DataRow("mode_page", "8:0:4:0:0:0:0")]
    [DataRow("mode_page", "10:0:10:6:0:0:0:0:0:0:0:0:0")]
    public async Task Set_WhatCannotBe_SaysWhy(string name, string value)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        string? refusal = await RefusalAsync(bench, name, value);
        Assert.IsFalse(string.IsNullOrEmpty(refusal));
        Assert.IsEmpty(bench.Unit.Attentions);
    }

    private static async Task SetAsync(DiskBench bench, string name, string value) => Assert.IsNull(await RefusalAsync(bench, name, value));

    private static async Task<string?> RefusalAsync(DiskBench bench, string name, string value) =>
        await ((IParameterVerbs)bench.Server).SetAsync(name, value, CancellationToken.None);
}
