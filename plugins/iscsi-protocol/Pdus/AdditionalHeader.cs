using System.Buffers.Binary;

namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>AHSType (RFC 7143 section 11.2.2.1).</summary>
public enum AhsType : byte
{
    /// <summary>Extended CDB (section 11.2.2.3).</summary>
    ExtendedCdb = 1,

    /// <summary>Expected Bidirectional Read Data Length (section 11.2.2.4).</summary>
    BidirectionalReadExpectedDataTransferLength = 2,
}

/// <summary>One Additional Header Segment (RFC 7143 section 11.2.2).</summary>
/// <remarks>
/// <code>
///    0| AHSLength                     | AHSType       | AHS-Specific  |
///    4| AHS-Specific, padded to a multiple of four bytes              |
/// AHSLength counts from byte 3 (the first AHS-specific byte), without padding.
/// </code>
/// </remarks>
public readonly ref struct AdditionalHeader
{
    private AdditionalHeader(AhsType type, ReadOnlySpan<byte> specific)
    {
        Type = type;
        Specific = specific;
    }

    /// <summary>Type; may hold an undefined value.</summary>
    public AhsType Type { get; }

    /// <summary>The AHS-specific bytes, of which the first is reserved in both types defined.</summary>
    public ReadOnlySpan<byte> Specific { get; }

    /// <summary>
    /// Takes the first segment off <paramref name="ahs"/>. False at its end, and if a length runs past it; <paramref name="ahs"/> is empty only
    /// in the first case.
    /// </summary>
    /// <param name="ahs">The remaining segments; advanced past the segment read.</param>
    /// <param name="segment">The segment.</param>
    public static bool TryRead(scoped ref ReadOnlySpan<byte> ahs, out AdditionalHeader segment)
    {
        segment = default;
        if (ahs.Length < 4)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(ahs);
        int padded = (3 + length + 3) & ~3;
        if (length == 0 || padded > ahs.Length)
            return false;
        segment = new AdditionalHeader((AhsType)(ahs[2] & 0x3f), ahs.Slice(3, length));
        ahs = ahs[padded..];
        return true;
    }
}

/// <summary>What the Additional Header Segments of a SCSI Command say (RFC 7143 sections 11.2.2.3 and 11.2.2.4).</summary>
public readonly ref struct ScsiCommandAhs
{
    private ScsiCommandAhs(ReadOnlySpan<byte> cdbTail, uint? bidirectionalReadLength)
    {
        CdbTail = cdbTail;
        BidirectionalReadExpectedDataTransferLength = bidirectionalReadLength;
    }

    /// <summary>CDB bytes from byte 16 on; empty without an Extended CDB segment.</summary>
    public ReadOnlySpan<byte> CdbTail { get; }

    /// <summary>In bytes; null without that segment.</summary>
    public uint? BidirectionalReadExpectedDataTransferLength { get; }

    /// <summary>
    /// Reads all segments. False for a malformed, unknown or repeated one; the PDU is then to be rejected as having an invalid field.
    /// </summary>
    /// <param name="ahs">All Additional Header Segments of the PDU.</param>
    /// <param name="result">What they say.</param>
    public static bool TryRead(ReadOnlySpan<byte> ahs, out ScsiCommandAhs result)
    {
        result = default;
        ReadOnlySpan<byte> tail = default;
        uint? bidirectional = null;
        while (!ahs.IsEmpty)
        {
            if (!AdditionalHeader.TryRead(ref ahs, out AdditionalHeader segment))
                return false;
            ReadOnlySpan<byte> specific = segment.Specific;
            if (segment.Type == AhsType.ExtendedCdb && tail.IsEmpty && specific.Length > 1)
                tail = specific[1..];
            else if (segment.Type == AhsType.BidirectionalReadExpectedDataTransferLength && bidirectional is null && specific.Length == 5)
                bidirectional = BinaryPrimitives.ReadUInt32BigEndian(specific[1..]);
            else
                return false;
        }

        result = new ScsiCommandAhs(tail, bidirectional);
        return true;
    }

    /// <summary>Bytes that <see cref="Write"/> needs: a multiple of four.</summary>
    /// <param name="cdbTailLength">CDB bytes beyond the sixteenth; 0 for none.</param>
    /// <param name="hasBidirectionalRead">Whether the read length segment is wanted.</param>
    public static int GetLength(int cdbTailLength, bool hasBidirectionalRead) =>
        (cdbTailLength > 0 ? (4 + cdbTailLength + 3) & ~3 : 0) + (hasBidirectionalRead ? 8 : 0);

    /// <summary>Writes the segments, padding zeroed; returns the bytes written.</summary>
    /// <param name="destination">At least <see cref="GetLength"/> bytes.</param>
    /// <param name="cdbTail">CDB bytes beyond the sixteenth, or empty.</param>
    /// <param name="bidirectionalReadLength">In bytes, or null.</param>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> cdbTail, uint? bidirectionalReadLength)
    {
        int length = GetLength(cdbTail.Length, bidirectionalReadLength.HasValue);
        Span<byte> rest = destination[..length];
        rest.Clear();
        if (!cdbTail.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)(cdbTail.Length + 1)));
            rest[2] = (byte)AhsType.ExtendedCdb;
            cdbTail.CopyTo(rest[4..]);
            rest = rest[GetLength(cdbTail.Length, hasBidirectionalRead: false)..];
        }

        if (bidirectionalReadLength is uint readLength)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, 5);
            rest[2] = (byte)AhsType.BidirectionalReadExpectedDataTransferLength;
            BinaryPrimitives.WriteUInt32BigEndian(rest[4..], readLength);
        }

        return length;
    }
}
