namespace TgtModular.Sbc.Tests;

/// <summary>READ DEFECT DATA(10/12) (SBC-3 sections 5.17 and 5.18).</summary>
[TestClass]
public sealed class DefectTests
{
    [TestMethod]
    [DataRow("37 00 00 00000000 0020 00", "00000000", DisplayName = "header only")]
    [DataRow("37 00 10 00000000 0020 00", "00100000", DisplayName = "primary list")]
    [DataRow("37 00 1D 00000000 0020 00", "001D0000", DisplayName = "both lists by physical sector")]
    [DataRow("B7 00 00000000 00000020 00 00", "0000000000000000", DisplayName = "long header only")]
    [DataRow("B7 0B 00000000 00000020 00 00", "000B000000000000", DisplayName = "grown list by long blocks")]
    [DataRow("B7 18 00000007 00000020 00 00", "0018000000000000", DisplayName = "from an address descriptor that is not there")]
    public async Task ReadDefectData_VirtualDisk_ListsAreEmptyInTheFormatAskedFor(string cdb, string expected)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        Assert.AreEqual(expected, Convert.ToHexString((await bench.GoodAsync(cdb)).DataIn));
    }

    [TestMethod]
    [DataRow("37 00 18 00000000 0003 00", 3)]
    [DataRow("37 00 18 00000000 0000 00", 0)]
    [DataRow("B7 18 00000000 00000005 00 00", 5)]
    public async Task ReadDefectData_ShortAllocationLength_CutsTheHeader(string cdb, int length)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        Assert.HasCount(length, (await bench.GoodAsync(cdb)).DataIn);
    }

    [TestMethod]
    [DataRow("37 00 1E 00000000 0020 00", 2, DisplayName = "vendor specific")]
    [DataRow("37 00 1F 00000000 0020 00", 2, DisplayName = "reserved")]
    [DataRow("B7 1E 00000000 00000020 00 00", 1, DisplayName = "vendor specific, long")]
    public async Task ReadDefectData_FormatWithoutMeaning_PointsAtTheFormat(string cdb, int byteIndex)
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        await bench.SenseAsync(Sense.InvalidFieldInCdb(byteIndex, 2), cdb);
    }
}
