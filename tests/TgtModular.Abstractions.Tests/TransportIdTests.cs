namespace TgtModular.Abstractions.Tests;

[TestClass]
public sealed class TransportIdTests
{
    [TestMethod]
    public void Iscsi_WithIsid_FormatOneAndPadded()
    {
        TransportId id = TransportId.ForIscsi("iqn.2026-11.org.example:a", [0x80, 0, 1, 2, 3, 4]);
        Assert.AreEqual(0x45, id.Bytes[0]);
        Assert.AreEqual(0, id.Bytes.Length % 4);
        Assert.AreEqual(id.Bytes.Length - 4, (id.Bytes[2] << 8) | id.Bytes[3]);
        Assert.AreEqual("iqn.2026-11.org.example:a,i,0x800001020304", id.ToString());
        Assert.AreEqual(0, id.Bytes[^1]);
    }

    [TestMethod]
    public void Iscsi_ShortName_IsAtLeast24Bytes()
    {
        TransportId id = TransportId.ForIscsi("iqn.a");
        Assert.AreEqual(24, id.Bytes.Length);
        Assert.AreEqual(0x05, id.Bytes[0]);
        Assert.AreEqual(ProtocolIdentifier.Iscsi, id.Protocol);
    }

    [TestMethod]
    public void FibreChannelAndSrp_PortNamesStandAtByteEight()
    {
        TransportId fibre = TransportId.ForFibreChannel(0x2100001122334455);
        Assert.AreEqual(new string('0', 16) + "2100001122334455" + new string('0', 16), Convert.ToHexString(fibre.Bytes));
        TransportId srp = TransportId.ForSrp(new UInt128(1, 2));
        Assert.AreEqual("04" + new string('0', 14) + "0000000000000001" + "0000000000000002", Convert.ToHexString(srp.Bytes));
        Assert.AreEqual(ProtocolIdentifier.Srp, srp.Protocol);
    }

    [TestMethod]
    public void Sas_AddressStandsAtByteFour()
    {
        TransportId id = TransportId.ForSas(0x5001405000000001);
        Assert.AreEqual("06" + new string('0', 6) + "5001405000000001" + new string('0', 24), Convert.ToHexString(id.Bytes));
        Assert.AreEqual(ProtocolIdentifier.Sas, id.Protocol);
        Assert.AreEqual("5001405000000001", id.ToString());
        Assert.AreEqual("2100001122334455", TransportId.ForFibreChannel(0x2100001122334455).ToString());
    }

    [TestMethod]
    public void TryRead_WhatWasWritten_IsEqual()
    {
        TransportId[] ids =
        [
            TransportId.ForIscsi("iqn.x", [1, 2, 3, 4, 5, 6]), TransportId.ForIscsi("iqn.x"), TransportId.ForFibreChannel(5), TransportId.ForSrp(9),
            TransportId.ForSas(7),
        ];
        foreach (TransportId id in ids)
        {
            Assert.IsTrue(TransportId.TryRead([.. id.Bytes, 1, 2, 3], out TransportId? read));
            Assert.AreEqual(id, read);
            Assert.AreEqual(id.GetHashCode(), read!.GetHashCode());
        }

        Assert.HasCount(5, ids.ToHashSet());
    }

    [TestMethod]
    [DataRow("", "empty")]
    [DataRow("0000000000000000000000000000000000000000000000", "23 bytes")]
    [DataRow("450000130000000000000000000000000000000000000000", "too short")]
    [DataRow("450000150000000000000000000000000000000000000000", "no multiple of four")]
    [DataRow("450000180000000000000000000000000000000000000000", "beyond the source")]
    [DataRow("C50000140000000000000000000000000000000000000000", "reserved format")]
    [DataRow("4500FFFC0000000000000000000000000000000000000000", "far beyond the source")]
    public void TryRead_Malformed_False(string bytes, string why) => Assert.IsFalse(TransportId.TryRead(Convert.FromHexString(bytes), out _), why);
}
