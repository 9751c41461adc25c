using System.Buffers.Binary;
using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Interop.Fuzz;

/// <summary>Spoils sound PDUs: most so that they get past the header's checks, some so that they do not even stay in step.</summary>
/// <param name="random">Seeded: the same seed gives the same PDUs.</param>
internal sealed class PduMutator(Random random)
{
    private static readonly int[] Fields = [8, 12, 16, 20, 24, 28, 32, 36, 40, 44];
    private static readonly uint[] Edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

    /// <summary>Spoils a PDU and makes the bytes.</summary>
    /// <param name="pdu">A sound one.</param>
    /// <param name="limits">The target's limits and the digests in force.</param>
    public FuzzPdu Mutate(RawPdu pdu, in FramingLimits limits)
    {
        for (int count = 1 + random.Next(3); count > 0; count--)
            MutateOnce(pdu, limits);
        byte[] bytes = Assemble(pdu, limits);
        if (random.Next(10) == 0)
            Break(ref bytes);
        return Classify(bytes, limits);
    }

    /// <summary>What the target's own framing says of the bytes.</summary>
    private static FuzzPdu Classify(byte[] bytes, in FramingLimits limits)
    {
        bool whole = PduFramer.TryRead(bytes, limits, out PduFrame frame, out FramingOutcome outcome);
        bool isFramed = outcome.ConsumedBytes == bytes.Length;
        return new FuzzPdu(bytes, isFramed, whole && isFramed && frame.Basic.Opcode.IsInitiatorOpcode());
    }

    private void MutateOnce(RawPdu pdu, in FramingLimits limits)
    {
        switch (random.Next(9))
        {
            case 0 or 1:
                BinaryPrimitives.WriteUInt32BigEndian(pdu.Bhs.AsSpan(Fields[random.Next(Fields.Length)]), Edges[random.Next(Edges.Length)]);
                break;
            case 2:
                pdu.Bhs[AnywhereButLengths()] ^= (byte)(1 << random.Next(8));
                break;
            case 3:
                pdu.Bhs[AnywhereButLengths()] = (byte)random.Next(256);
                break;
            case 4:
                pdu.Bhs[1] = (byte)random.Next(256);
                break;
            case 5 when pdu.Bhs[0] is 1 or 0x41:
                pdu.Bhs[32 + random.Next(16)] = (byte)random.Next(256);
                break;
            case 6:
                pdu.Ahs = RandomAhs(limits.MaxAhsLength);
                break;
            case 7:
                pdu.Data = Resize(pdu.Data, limits.MaxDataSegmentLength);
                break;
            default:
                SpoilData(pdu.Data);
                break;
        }
    }

    /// <summary>The lengths are set by <see cref="Assemble"/>; wrong ones are made by <see cref="Break"/>.</summary>
    private int AnywhereButLengths() => random.Next(BasicHeader.Length - 4) is var index && index < 4 ? index : index + 4;

    private byte[] RandomAhs(int limit)
    {
        int words = random.Next(Math.Min(limit / 4, 16) + 1);
        byte[] ahs = new byte[words * 4];
        random.NextBytes(ahs);
        if (ahs.Length >= 8 && random.Next(2) == 0)
        {
            // An extended CDB, or a bidirectional read length, that nearly fits.
            ahs[0] = 0;
            ahs[1] = (byte)(random.Next(2) == 0 ? 5 : ahs.Length - 3);
            ahs[2] = (byte)random.Next(1, 3);
        }

        return ahs;
    }

    private byte[] Resize(byte[] data, int limit)
    {
        int[] lengths = [0, 1, 3, 4, 511, 512, 4096, 8192, Math.Min(limit, 16384), data.Length / 2, data.Length + 1];
        byte[] resized = new byte[Math.Min(limit, lengths[random.Next(lengths.Length)])];
        random.NextBytes(resized);
        data.AsSpan(0, Math.Min(data.Length, resized.Length)).CopyTo(resized);
        return resized;
    }

    private void SpoilData(byte[] data)
    {
        if (data.Length == 0)
            return;
        int at = random.Next(data.Length);
        switch (random.Next(4))
        {
            case 0:
                data[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                data[at] = (byte)random.Next(256);
                break;
            case 2:
                data.AsSpan(at, Math.Min(data.Length - at, 1 + random.Next(32))).Fill((byte)"\0=,0A~ÿ"[random.Next(7)]);
                break;
            default:
                data.AsSpan(at).CopyTo(data.AsSpan(random.Next(at + 1)));
                break;
        }
    }

    private static byte[] Assemble(RawPdu pdu, in FramingLimits limits)
    {
        BinaryPrimitives.WriteUInt32BigEndian(pdu.Bhs.AsSpan(4), ((uint)(pdu.Ahs.Length / 4) << 24) | (uint)pdu.Data.Length);
        PduLayout layout = PduLayout.Create(pdu.Ahs.Length / 4, pdu.Data.Length, limits.HeaderDigest, limits.DataDigest);
        byte[] bytes = new byte[layout.TotalLength];
        pdu.Bhs.CopyTo(bytes, 0);
        pdu.Ahs.CopyTo(bytes, BasicHeader.Length);
        if (limits.HeaderDigest)
            PduFramer.WriteHeaderDigest(bytes.AsSpan(0, layout.HeaderLength));
        pdu.Data.CopyTo(bytes, layout.HeaderLength);
        Crc32C crc = default;
        crc.Append(pdu.Data);
        PduFramer.WriteTrailer(bytes.AsSpan(layout.HeaderLength + pdu.Data.Length), layout, crc);
        return bytes;
    }

    /// <summary>Lengths that lie, digests that do not fit, a PDU cut off.</summary>
    private void Break(ref byte[] bytes)
    {
        switch (random.Next(4))
        {
            case 0:
                bytes[4 + random.Next(4)] = (byte)random.Next(256);
                break;
            case 1:
                bytes = bytes[..random.Next(1, bytes.Length + 1)];
                break;
            case 2:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            default:
                bytes[0] = (byte)random.Next(256);
                break;
        }
    }
}
