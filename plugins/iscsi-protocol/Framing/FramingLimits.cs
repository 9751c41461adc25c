using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Framing;

/// <summary>What a receiver accepts and which digests are in force.</summary>
/// <param name="MaxDataSegmentLength">The MaxRecvDataSegmentLength that this side declared, in bytes.</param>
/// <param name="MaxAhsLength">Longest sum of Additional Header Segments accepted, in bytes; the field can hold 1,020.</param>
/// <param name="HeaderDigest">Whether HeaderDigest=CRC32C is in force.</param>
/// <param name="DataDigest">Whether DataDigest=CRC32C is in force.</param>
public readonly record struct FramingLimits(int MaxDataSegmentLength, int MaxAhsLength, bool HeaderDigest, bool DataDigest)
{
    /// <summary>Longest sum of segments that TotalAHSLength can express, in bytes.</summary>
    public const int LargestAhsLength = 255 * 4;

    /// <summary>The limits of the login phase: 8,192 bytes of text, no digests, no additional headers (RFC 7143 sections 6.1 and 13.12).</summary>
    public static FramingLimits Login => new(8192, 0, HeaderDigest: false, DataDigest: false);
}

/// <summary>Why a PDU cannot be taken.</summary>
public enum FramingError
{
    /// <summary>No error.</summary>
    None,

    /// <summary>TotalAHSLength is beyond <see cref="FramingLimits.MaxAhsLength"/>. The stream cannot be trusted further.</summary>
    AhsTooLong,

    /// <summary>The header digest is wrong: nothing of the header may be used and the stream is out of step.</summary>
    HeaderDigestMismatch,

    /// <summary>DataSegmentLength is beyond <see cref="FramingLimits.MaxDataSegmentLength"/>.</summary>
    DataSegmentTooLong,

    /// <summary>The data digest is wrong: the header may be used (for a Reject), the data may not; the stream is in step.</summary>
    DataDigestMismatch,
}

/// <summary>The lengths of one PDU's parts, in bytes (RFC 7143 section 11.2).</summary>
/// <param name="AhsLength">Additional Header Segments.</param>
/// <param name="HeaderDigestLength">4 or 0.</param>
/// <param name="DataSegmentLength">Without padding.</param>
/// <param name="PaddingLength">0 to 3.</param>
/// <param name="DataDigestLength">4 or 0; 0 for an empty data segment.</param>
public readonly record struct PduLayout(int AhsLength, int HeaderDigestLength, int DataSegmentLength, int PaddingLength, int DataDigestLength)
{
    /// <summary>Basic header, additional headers and header digest.</summary>
    public int HeaderLength => BasicHeader.Length + AhsLength + HeaderDigestLength;

    /// <summary>Data segment, padding and data digest.</summary>
    public int BodyLength => DataSegmentLength + PaddingLength + DataDigestLength;

    /// <summary>Padding and data digest: what follows the data itself.</summary>
    public int TrailerLength => PaddingLength + DataDigestLength;

    /// <summary>The whole PDU.</summary>
    public int TotalLength => HeaderLength + BodyLength;

    /// <summary>The layout that follows from a header's two lengths and the digests in force.</summary>
    /// <param name="totalAhsLengthWords">In four-byte words.</param>
    /// <param name="dataSegmentLength">In bytes, without padding.</param>
    /// <param name="headerDigest">HeaderDigest=CRC32C in force.</param>
    /// <param name="dataDigest">DataDigest=CRC32C in force.</param>
    public static PduLayout Create(int totalAhsLengthWords, int dataSegmentLength, bool headerDigest, bool dataDigest) => new(
        totalAhsLengthWords * 4,
        headerDigest ? Digests.Crc32C.Length : 0,
        dataSegmentLength,
        -dataSegmentLength & 3,
        dataDigest && dataSegmentLength > 0 ? Digests.Crc32C.Length : 0);
}

/// <summary>How far a framing attempt came.</summary>
/// <param name="ConsumedBytes">Bytes of the buffer that the frame takes; 0 unless one was read.</param>
/// <param name="MissingBytes">Bytes that must still arrive before another attempt can get further; 0 if one was read or on an error.</param>
/// <param name="Error">Why the PDU cannot be taken.</param>
public readonly record struct FramingOutcome(int ConsumedBytes, int MissingBytes, FramingError Error);
