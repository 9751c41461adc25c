using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Tests.Pdus;

[TestClass]
public sealed class AdditionalHeaderTests
{
    [TestMethod]
    public void Ahs_ExtendedCdbAndReadLength_MatchesLayout()
    {
        // A 21-byte CDB: five bytes beyond sixteen, and the reserved byte, make AHSLength 6; two more bytes pad it to twelve.
        byte[] ahs = Hex.Dirty(ScsiCommandAhs.GetLength(5, hasBidirectionalRead: true));
        Assert.AreEqual(20, ScsiCommandAhs.Write(ahs, Hex.Parse("a1a2a3a4a5"), 0x00020000));
        Hex.AssertEqual("00 06 01 00 a1 a2 a3 a4 a5 00 00 00  00 05 02 00 00 02 00 00", ahs);

        Assert.IsTrue(ScsiCommandAhs.TryRead(ahs, out ScsiCommandAhs read));
        Hex.AssertEqual("a1a2a3a4a5", read.CdbTail);
        Assert.AreEqual(0x00020000u, read.BidirectionalReadExpectedDataTransferLength);
    }

    [TestMethod]
    public void Ahs_Absent_ReadsAsNothing()
    {
        Assert.IsTrue(ScsiCommandAhs.TryRead([], out ScsiCommandAhs read));
        Assert.IsTrue(read.CdbTail.IsEmpty);
        Assert.IsNull(read.BidirectionalReadExpectedDataTransferLength);
        Assert.AreEqual(0, ScsiCommandAhs.GetLength(0, hasBidirectionalRead: false));
    }

    [TestMethod]
    [DataRow("00 05 02 00 00 02", DisplayName = "Length runs past the end")]
    [DataRow("00 00 01 00", DisplayName = "Length zero")]
    [DataRow("ff ff 01 00 00 00 00 00", DisplayName = "Length of 65,535")]
    [DataRow("00 05 07 00 00 00 00 00", DisplayName = "Unknown type")]
    [DataRow("00 05 02 00 00 02 00 00  00 05 02 00 00 02 00 00", DisplayName = "Repeated type")]
    [DataRow("00 04 02 00 00 02 00 00", DisplayName = "Read length of the wrong size")]
    [DataRow("00 01 01 00", DisplayName = "Extended CDB without bytes")]
    [DataRow("00 05 02", DisplayName = "Shorter than a word")]
    public void Ahs_Malformed_IsRefused(string bytes) => Assert.IsFalse(ScsiCommandAhs.TryRead(Hex.Parse(bytes), out _));

    [TestMethod]
    public void SenseSegment_RoundTrip_SplitsSenseAndRest()
    {
        byte[] segment = new byte[16];
        int written = SenseSegment.Write(segment, Hex.Parse("70 00 05"));
        segment[written] = 0x99;
        Hex.AssertEqual("00 03 70 00 05 99", segment.AsSpan(0, written + 1));
        Assert.IsTrue(SenseSegment.TryRead(segment.AsSpan(0, written + 1), out ReadOnlySpan<byte> sense, out ReadOnlySpan<byte> rest));
        Hex.AssertEqual("70 00 05", sense);
        Hex.AssertEqual("99", rest);
    }

    [TestMethod]
    [DataRow("00")]
    [DataRow("00 04 70 00 05")]
    [DataRow("ff ff 70")]
    public void SenseSegment_LengthPastEnd_IsRefused(string bytes) => Assert.IsFalse(SenseSegment.TryRead(Hex.Parse(bytes), out _, out _));
}
