namespace TgtModular.Abstractions.Tests;

[TestClass]
public sealed class LunTests
{
    [TestMethod]
    [DataRow(0, "0000000000000000")]
    [DataRow(1, "0001000000000000")]
    [DataRow(255, "00FF000000000000")]
    [DataRow(256, "4100000000000000")]
    [DataRow(16383, "7FFF000000000000")]
    public void FromNumber_WritesPeripheralOrFlatAddressing(int number, string field)
    {
        byte[] bytes = new byte[Lun.Length];
        Lun.FromNumber(number).Write(bytes);
        Assert.AreEqual(field, Convert.ToHexString(bytes));
        Assert.AreEqual(Lun.FromNumber(number), Lun.Read(bytes));
        Assert.IsTrue(Lun.Read(bytes).TryGetNumber(out int read));
        Assert.AreEqual(number, read);
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(16384)]
    public void FromNumber_OutsideSingleLevel_Throws(int number) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Lun.FromNumber(number));

    [TestMethod]
    [DataRow("0100000000000000", "peripheral addressing on another bus")]
    [DataRow("8001000000000000", "logical unit addressing")]
    [DataRow("C101000000000000", "well known")]
    [DataRow("0001000100000000", "second level")]
    [DataRow("0001000000000001", "fourth level")]
    public void TryGetNumber_NotSingleLevel_False(string field, string why)
    {
        Assert.IsFalse(Lun.Read(Convert.FromHexString(field)).TryGetNumber(out _), why);
        Assert.AreEqual(field, Lun.Read(Convert.FromHexString(field)).ToString().ToUpperInvariant());
    }

    [TestMethod]
    public void TryGetNumber_FlatAddressingOfASmallNumber_IsThatNumber()
    {
        Assert.IsTrue(Lun.Read(Convert.FromHexString("4005000000000000")).TryGetNumber(out int number));
        Assert.AreEqual(5, number);
    }

    [TestMethod]
    public void Order_IsByTheEightBytes()
    {
        Lun[] sorted = [.. new[] { 300, 2, 256, 0 }.Select(Lun.FromNumber).Order()];
        Assert.AreEqual("0 2 256 300", string.Join(' ', sorted));
        Assert.IsTrue(sorted[0] < sorted[1] && sorted[1] > sorted[0] && sorted[2] <= sorted[3] && sorted[3] >= sorted[2]);
    }
}
