using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Tests.Framing;

[TestClass]
public sealed class PduFramerTests
{
    private static readonly FramingLimits Plain = new(65536, 64, HeaderDigest: false, DataDigest: false);
    private static readonly FramingLimits Digested = new(65536, 64, HeaderDigest: true, DataDigest: true);

    [TestMethod]
    public void Frame_ArrivingByteByByte_SaysWhatIsMissingUntilComplete()
    {
        byte[] pdu = PduBuilder.DataOut(Digested, dataLength: 13, ahsLength: 8);
        Assert.AreEqual(48 + 8 + 4 + 16 + 4, pdu.Length);
        for (int have = 0; have < pdu.Length; have++)
        {
            Assert.IsFalse(PduFramer.TryRead(pdu.AsSpan(0, have), Digested, out _, out FramingOutcome outcome));
            int goal = have < 48 ? 48 : have < 60 ? 60 : pdu.Length;
            Assert.AreEqual(new FramingOutcome(0, goal - have, FramingError.None), outcome, $"{have}");
        }

        Assert.IsTrue(PduFramer.TryRead(pdu, Digested, out PduFrame frame, out FramingOutcome complete));
        Assert.AreEqual(new FramingOutcome(pdu.Length, 0, FramingError.None), complete);
        Assert.AreEqual(8, frame.Ahs.Length);
        Assert.AreEqual(13, frame.Data.Length);
        Assert.AreEqual(3, frame.Layout.PaddingLength);
        Assert.IsTrue(frame.Data.SequenceEqual(pdu.AsSpan(60, 13)));
        Assert.AreEqual(Opcode.DataOut, frame.Basic.Opcode);
    }

    [TestMethod]
    public void Frame_FollowedByAnother_TakesOnlyItsOwnBytes()
    {
        byte[] first = PduBuilder.DataOut(Plain, 5);
        byte[] both = [.. first, .. PduBuilder.DataOut(Plain, 100)];
        Assert.IsTrue(PduFramer.TryRead(both, Plain, out _, out FramingOutcome outcome));
        Assert.AreEqual(first.Length, outcome.ConsumedBytes);
        Assert.IsTrue(PduFramer.TryRead(both.AsSpan(first.Length), Plain, out PduFrame second, out _));
        Assert.AreEqual(100, second.Data.Length);
    }

    [TestMethod]
    public void Frame_EmptyDataSegment_HasNoDataDigest()
    {
        byte[] pdu = PduBuilder.DataOut(Digested, 0);
        Assert.AreEqual(52, pdu.Length);
        Assert.IsTrue(PduFramer.TryRead(pdu, Digested, out PduFrame frame, out _));
        Assert.AreEqual(0, frame.Layout.BodyLength);
    }

    [TestMethod]
    public void Frame_DataLongerThanLimit_IsRefusedFromTheHeaderAlone()
    {
        byte[] pdu = PduBuilder.DataOut(Plain, Plain.MaxDataSegmentLength + 1);
        Assert.IsFalse(PduFramer.TryRead(pdu.AsSpan(0, 48), Plain, out _, out FramingOutcome outcome));
        Assert.AreEqual(FramingError.DataSegmentTooLong, outcome.Error);
        Assert.AreEqual(0, outcome.MissingBytes);
    }

    [TestMethod]
    public void Frame_DataOfExactlyTheLimit_IsTaken()
    {
        byte[] pdu = PduBuilder.DataOut(Plain, Plain.MaxDataSegmentLength);
        Assert.IsTrue(PduFramer.TryRead(pdu, Plain, out _, out _));
    }

    [TestMethod]
    public void Frame_AhsLongerThanLimit_IsRefusedFromTheHeaderAlone()
    {
        byte[] pdu = PduBuilder.DataOut(Plain, 0, ahsLength: 68);
        Assert.IsFalse(PduFramer.TryRead(pdu.AsSpan(0, 48), Plain, out _, out FramingOutcome outcome));
        Assert.AreEqual(FramingError.AhsTooLong, outcome.Error);
    }

    [TestMethod]
    public void Frame_AnyHeaderBitFlipped_IsNeverTrusted()
    {
        byte[] pdu = PduBuilder.DataOut(Digested, 40, ahsLength: 8);
        for (int bit = 0; bit < 60 * 8; bit++)
        {
            pdu[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.IsFalse(PduFramer.TryReadHeader(pdu, Digested, out _, out FramingOutcome outcome), $"bit {bit}");
            bool ahsLengthBit = bit / 8 == 4;
            Assert.IsTrue(outcome.Error == FramingError.HeaderDigestMismatch || (ahsLengthBit && outcome != default), $"bit {bit}: {outcome}");
            pdu[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [TestMethod]
    public void Frame_DataBitFlipped_KeepsHeaderAndStreamPosition()
    {
        byte[] pdu = PduBuilder.DataOut(Digested, 41);
        for (int index = 52; index < pdu.Length; index++)
        {
            pdu[index] ^= 0x10;
            Assert.IsFalse(PduFramer.TryRead(pdu, Digested, out PduFrame frame, out FramingOutcome outcome), $"byte {index}");
            Assert.AreEqual(new FramingOutcome(pdu.Length, 0, FramingError.DataDigestMismatch), outcome, $"byte {index}");
            Assert.AreEqual(Opcode.DataOut, frame.Basic.Opcode);
            Assert.IsTrue(frame.Data.IsEmpty);
            pdu[index] ^= 0x10;
        }
    }

    [TestMethod]
    public void Payload_ReceivedElsewhereInPieces_IsVerified()
    {
        byte[] pdu = PduBuilder.DataOut(Digested, 3001);
        Assert.IsTrue(PduFramer.TryReadHeader(pdu, Digested, out PduHeaderFrame header, out FramingOutcome outcome));
        ReadOnlySpan<byte> body = pdu.AsSpan(outcome.ConsumedBytes);
        DataSegmentReceiver receiver = new(header.Layout);
        for (int offset = 0; receiver.RemainingDataBytes > 0; offset += 700)
            receiver.Append(body.Slice(offset, Math.Min(700, receiver.RemainingDataBytes)));
        Assert.AreEqual(3 + 4, receiver.TrailerLength);
        Assert.IsTrue(receiver.TryFinish(body[3001..]));
        byte[] wrong = body[3001..].ToArray();
        wrong[^1] ^= 1;
        Assert.IsFalse(receiver.TryFinish(wrong));
    }

    [TestMethod]
    public void Payload_MoreThanAnnounced_Throws()
    {
        DataSegmentReceiver receiver = new(PduLayout.Create(0, 8, false, true));
        receiver.Append(new byte[5]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => receiver.Append(new byte[4]));
        Assert.ThrowsExactly<InvalidOperationException>(() => receiver.TryFinish(new byte[4]));
    }

    [TestMethod]
    public void Layout_AllLengths_AddUp()
    {
        for (int data = 0; data < 9; data++)
        {
            PduLayout layout = PduLayout.Create(3, data, headerDigest: true, dataDigest: true);
            Assert.AreEqual(0, layout.TotalLength % 4);
            Assert.AreEqual(48 + 12 + 4, layout.HeaderLength);
            Assert.AreEqual(data == 0 ? 0 : ((data + 3) / 4 * 4) + Crc32C.Length, layout.BodyLength);
        }
    }
}
