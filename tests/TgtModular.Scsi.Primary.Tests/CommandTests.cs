namespace TgtModular.Scsi.Primary.Tests;

[TestClass]
public sealed class CommandTests
{
    [TestMethod]
    public async Task TestUnitReady_AnswersWhatTheServerSays()
    {
        using RowBench bench = new(PrimaryCommands.TestUnitReady());
        await bench.GoodAsync("00 00000000 00");
        bench.Server.NotReady = Sense.MediumNotPresent;
        await bench.SenseAsync(Sense.MediumNotPresent, "00 00000000 00");
    }

    [TestMethod]
    [DataRow("03 00 0000 FC 00", "70 00 02 00 00 00 00 0A 00 00 00 00 3A 00 00 00 00 00")]
    [DataRow("03 01 0000 FC 00", "72 02 3A 00 00 00 00 00")]
    [DataRow("03 00 0000 04 00", "70 00 02 00")]
    public async Task RequestSense_FormatAsTheCdbAsks(string cdb, string expected)
    {
        using RowBench bench = new(PrimaryCommands.RequestSense(() => Sense.MediumNotPresent));
        CollectionAssert.AreEqual(RowBench.Hex(expected), await bench.GoodAsync(cdb));
    }

    [TestMethod]
    public async Task SendDiagnostic_OnlyTheDefaultSelfTest()
    {
        int tests = 0;
        using RowBench bench = new(PrimaryCommands.SendDiagnostic(_ =>
        {
            tests++;
            return default;
        }));
        await bench.GoodAsync("1D 00 00 0000 00");
        await bench.GoodAsync("1D 07 00 0000 00");
        Assert.AreEqual(1, tests);
        await bench.SenseAsync(Sense.InvalidFieldInCdb(1, 5), "1D 20 00 0000 00");
        await bench.SenseAsync(Sense.InvalidFieldInCdb(4, 2), "1D 04 00 0004 00");
    }

    [TestMethod]
    public void CdbMask_ReadsHexadecimalWithSpaces() => CollectionAssert.AreEqual(new byte[] { 0x28, 0x18, 0xFF }, CdbMask.Of("28 18FF"));
}
