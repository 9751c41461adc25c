using System.Buffers.Binary;

namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Big-endian fields of a header by byte offset, and what all writers begin with.</summary>
internal static class BhsField
{
    private const byte ImmediateBit = 0x40;

    public static ushort ReadUInt16(ReadOnlySpan<byte> bhs, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bhs[offset..]);

    public static int ReadUInt24(ReadOnlySpan<byte> bhs, int offset) => (bhs[offset] << 16) | ReadUInt16(bhs, offset + 1);

    public static uint ReadUInt32(ReadOnlySpan<byte> bhs, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bhs[offset..]);

    public static ulong ReadUInt64(ReadOnlySpan<byte> bhs, int offset) => BinaryPrimitives.ReadUInt64BigEndian(bhs[offset..]);

    public static TargetSequence ReadTargetSequence(ReadOnlySpan<byte> bhs) => new(ReadUInt32(bhs, 24), ReadUInt32(bhs, 28), ReadUInt32(bhs, 32));

    public static InitiatorSequence ReadInitiatorSequence(ReadOnlySpan<byte> bhs) => new(ReadUInt32(bhs, 24), ReadUInt32(bhs, 28));

    public static void WriteUInt16(Span<byte> bhs, int offset, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(bhs[offset..], value);

    public static void WriteUInt32(Span<byte> bhs, int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bhs[offset..], value);

    public static void WriteUInt64(Span<byte> bhs, int offset, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(bhs[offset..], value);

    public static void WriteTargetSequence(Span<byte> bhs, in TargetSequence sequence)
    {
        WriteUInt32(bhs, 24, sequence.StatSN);
        WriteUInt32(bhs, 28, sequence.ExpCmdSN);
        WriteUInt32(bhs, 32, sequence.MaxCmdSN);
    }

    public static void WriteInitiatorSequence(Span<byte> bhs, in InitiatorSequence sequence)
    {
        WriteUInt32(bhs, 24, sequence.CmdSN);
        WriteUInt32(bhs, 28, sequence.ExpStatSN);
    }

    /// <summary>Zeroes the header, writes opcode, I bit, byte 1, lengths and task tag, and returns exactly its 48 bytes.</summary>
    public static Span<byte> Begin(
        Span<byte> destination, Opcode opcode, bool immediate, byte flags, uint initiatorTaskTag, int dataSegmentLength = 0, int totalAhsLengthWords = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)dataSegmentLength, (uint)BasicHeader.MaxDataSegmentLength, nameof(dataSegmentLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)totalAhsLengthWords, byte.MaxValue, nameof(totalAhsLengthWords));
        Span<byte> bhs = destination[..BasicHeader.Length];
        bhs.Clear();
        bhs[0] = immediate ? (byte)((byte)opcode | ImmediateBit) : (byte)opcode;
        bhs[1] = flags;
        WriteUInt32(bhs, 4, ((uint)totalAhsLengthWords << 24) | (uint)dataSegmentLength);
        WriteUInt32(bhs, 16, initiatorTaskTag);
        return bhs;
    }
}
