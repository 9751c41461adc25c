using TgtModular.Lio.Fabrics;
using TgtModular.Scsi;

namespace TgtModular.Lio.Tests.Fabrics;

/// <summary>Names as people write them, and as each fabric's module wants them.</summary>
[TestClass]
public sealed class WwnFormTests
{
    [TestMethod]
    [DataRow("qla2xxx", "21:00:00:24:FF:31:4C:48", "21:00:00:24:ff:31:4c:48")]
    [DataRow("qla2xxx", "0x21000024ff314c48", "21:00:00:24:ff:31:4c:48")]
    [DataRow("qla2xxx", "naa.21000024ff314c48", "21:00:00:24:ff:31:4c:48")]
    [DataRow("qla2xxx", "21000024ff314c48@2101001B32000001:2001001b32000001", "21:00:00:24:ff:31:4c:48@2101001b32000001:2001001b32000001")]
    [DataRow("qla2xxx", "21:00:00:24:ff:31:4c", null)]
    [DataRow("qla2xxx", "21:00:00:24:ff:31:4c:4g", null)]
    [DataRow("qla2xxx", "2100:00:24:ff:31:4c:48", null)]
    [DataRow("qla2xxx", "21:00:00:24:ff:31:4c:48@2101001b32000001", null)]
    [DataRow("qla2xxx", "iqn.2026-11.org.example:a", null)]
    [DataRow("tcm-fc", "20:00:02:00:00:00:0b:02", "20:00:02:00:00:00:0b:02")]
    [DataRow("loopback", "naa.500140500000000A", "naa.500140500000000a")]
    [DataRow("loopback", "500140500000000a", null)]
    [DataRow("vhost-scsi", "naa.5001405", null)]
    [DataRow("srpt", "fe80::1", null)]
    [DataRow("srpt", "fe80:0:0:0:5054:ff:fe12:3456", "0xfe80000000000000505400fffe123456")]
    [DataRow("srpt", "0xFE80000000000000505400fffe123456", "0xfe80000000000000505400fffe123456")]
    [DataRow("ibmvio", "0x30000003", "30000003")]
    [DataRow("ibmvio", "vscsi", null)]
    [DataRow("ibmvio", "", null)]
    public void Find_PortName_IsTheKernelsForm(string transport, string name, string? expected) =>
        Assert.AreEqual(expected, FabricTable.All.Single(family => family.Transport == transport).Find(name)?.Name);

    [TestMethod]
    public void Identify_EachForm_NamesThePortByItsProtocol()
    {
        Assert.AreEqual(TransportId.ForFibreChannel(0x2100001b32000001), WwnForm.FibreChannel.Identify("21:00:00:1b:32:00:00:01"));
        Assert.AreEqual(TransportId.ForSas(0x5001405000000001), WwnForm.Sas.Identify("naa.5001405000000001"));
        Assert.AreEqual(TransportId.ForSrp(new UInt128(0xfe80000000000000, 0x505400fffe123456)), WwnForm.Srp.Identify("0xfe80000000000000505400fffe123456"));
        Assert.AreEqual("2101001b32000001", WwnForm.VirtualFibreChannel.PortName("21:00:00:24:ff:31:4c:48@2101001b32000001:2001001b32000001"));
        Assert.AreEqual("21000024ff314c48", WwnForm.FibreChannel.PortName("21:00:00:24:ff:31:4c:48"));
    }

    [TestMethod]
    public void Table_FamiliesAndPrefixes_AreApart()
    {
        CollectionAssert.AllItemsAreUnique(FabricTable.All.Select(family => family.Hba).ToArray());
        string[] prefixes = [.. FabricTable.All.Select(family => family.BackendPrefix)];
        Assert.IsFalse(prefixes.Any(one => prefixes.Any(other => other != one && other.StartsWith(one, StringComparison.Ordinal))), "a family must not take another's");
    }
}
