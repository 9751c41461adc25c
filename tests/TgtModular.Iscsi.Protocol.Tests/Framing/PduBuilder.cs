using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Tests.Framing;

/// <summary>Whole PDUs for tests.</summary>
internal static class PduBuilder
{
    public static byte[] DataOut(in FramingLimits limits, int dataLength, int ahsLength = 0)
    {
        byte[] bhs = new byte[48];
        DataOutWriter.Write(bhs, true, 0, 1, 2, 3, 4, 5, dataLength);
        bhs[4] = (byte)(ahsLength / 4);
        byte[] data = new byte[dataLength];
        new Random(dataLength).NextBytes(data);
        return Assemble(bhs, limits, new byte[ahsLength], data);
    }

    /// <summary>Adds digests and padding as the limits ask; lengths in the header are the caller's.</summary>
    public static byte[] Assemble(ReadOnlySpan<byte> bhs, in FramingLimits limits, ReadOnlySpan<byte> ahs, ReadOnlySpan<byte> data)
    {
        PduLayout layout = PduLayout.Create(ahs.Length / 4, data.Length, limits.HeaderDigest, limits.DataDigest);
        byte[] pdu = new byte[layout.TotalLength];
        bhs.CopyTo(pdu);
        ahs.CopyTo(pdu.AsSpan(BasicHeader.Length));
        if (limits.HeaderDigest)
            PduFramer.WriteHeaderDigest(pdu.AsSpan(0, layout.HeaderLength));
        data.CopyTo(pdu.AsSpan(layout.HeaderLength));
        Crc32C crc = default;
        crc.Append(data);
        PduFramer.WriteTrailer(pdu.AsSpan(layout.HeaderLength + data.Length), layout, crc);
        return pdu;
    }
}
