using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.LoadGenerator.Tests;

[TestClass]
public sealed class TargetAddressTests
{
    [TestMethod]
    public void TryParse_WithoutPort_TakesTheRegisteredOne()
    {
        Assert.IsTrue(TargetAddress.TryParse("iscsi://127.0.0.1/iqn.2026-11.org.example:a/5", out TargetAddress? address));
        Assert.AreEqual("iscsi://127.0.0.1:3260/iqn.2026-11.org.example:a/5", address.ToString());
    }

    [TestMethod]
    public void TryParse_IPv6WithPort_KeepsBoth()
    {
        Assert.IsTrue(TargetAddress.TryParse("iscsi://[::1]:4000/iqn.t:1/0", out TargetAddress? address));
        Assert.AreEqual("iscsi://[::1]:4000/iqn.t:1/0", address.ToString());
    }

    [TestMethod]
    [DataRow("http://127.0.0.1/iqn.t:1/0")]
    [DataRow("iscsi://127.0.0.1/iqn.t:1")]
    [DataRow("iscsi://127.0.0.1/iqn.t:1/x")]
    [DataRow("iscsi://127.0.0.1/iqn.t:1/16384")]
    [DataRow("iscsi://name.example/iqn.t:1/0")]
    [DataRow("iscsi://127.0.0.1//0")]
    public void TryParse_SomethingElse_IsRefused(string text) => Assert.IsFalse(TargetAddress.TryParse(text, out _));

    [TestMethod]
    [DataRow(0, 0x0000_0000_0000_0000UL)]
    [DataRow(1, 0x0001_0000_0000_0000UL)]
    [DataRow(255, 0x00ff_0000_0000_0000UL)]
    [DataRow(256, 0x4100_0000_0000_0000UL)]
    [DataRow(16383, 0x7fff_0000_0000_0000UL)]
    public void LunField_ByNumber_PeripheralOrFlatSpace(int lun, ulong field)
    {
        Assert.IsTrue(TargetAddress.TryParse($"iscsi://127.0.0.1/iqn.t:1/{lun}", out TargetAddress? address));
        Assert.AreEqual(field, address.LunField);
    }
}
