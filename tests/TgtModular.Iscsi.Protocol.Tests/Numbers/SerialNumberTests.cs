using TgtModular.Iscsi.Protocol.Numbers;

namespace TgtModular.Iscsi.Protocol.Tests.Numbers;

[TestClass]
public sealed class SerialNumberTests
{
    [TestMethod]
    [DataRow(0u, 1u, true)]
    [DataRow(1u, 0u, false)]
    [DataRow(5u, 5u, false)]
    [DataRow(0xffff_ffffu, 0u, true)]
    [DataRow(0u, 0xffff_ffffu, false)]
    [DataRow(0u, 0x7fff_ffffu, true)]
    [DataRow(0u, 0x8000_0000u, false)]
    [DataRow(0x8000_0000u, 0u, false)]
    [DataRow(0xffff_fff0u, 0x0000_0010u, true)]
    public void SerialNumber_Compare_FollowsRfc1982(uint left, uint right, bool less)
    {
        Assert.AreEqual(less, SerialNumber.IsLess(left, right));
        Assert.AreEqual(less || left == right, SerialNumber.IsLessOrEqual(left, right));
        Assert.AreEqual(less ? right : left, SerialNumber.Max(left, right));
    }
}
