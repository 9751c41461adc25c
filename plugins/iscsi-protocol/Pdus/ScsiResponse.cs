namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Residual flags of a SCSI Response (RFC 7143 section 11.4.1). U and O exclude each other, so do the two bidirectional ones.</summary>
[Flags]
public enum ScsiResponseFlags : byte
{
    /// <summary>No residual.</summary>
    None = 0,

    /// <summary>U: fewer bytes moved than expected; ResidualCount says how many.</summary>
    Underflow = 0x02,

    /// <summary>O: the command wanted to move more than expected; ResidualCount says how many.</summary>
    Overflow = 0x04,

    /// <summary>u: as U for the read part of a bidirectional command.</summary>
    BidirectionalReadUnderflow = 0x08,

    /// <summary>o: as O for the read part of a bidirectional command.</summary>
    BidirectionalReadOverflow = 0x10,
}

/// <summary>iSCSI service response (RFC 7143 section 11.4.3). 0x80 to 0xff are vendor specific.</summary>
public enum ScsiServiceResponse : byte
{
    /// <summary>Command completed at the target; Status is valid.</summary>
    CommandCompleted = 0x00,

    /// <summary>Target failure; Status is reserved.</summary>
    TargetFailure = 0x01,
}

/// <summary>SCSI Response (RFC 7143 section 11.4; status qualifier: RFC 7144 section 4.2).</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x21      |1|. .|o|u|O|U|.| Response      | Status        |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| Status Qualifier              | Reserved (6 bytes)            |
///   16| Initiator Task Tag                                            |
///   20| SNACK Tag or Reserved                                         |
///   24| StatSN                                                        |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| ExpDataSN or Reserved                                         |
///   40| Bidirectional Read Residual Count or Reserved                 |
///   44| Residual Count or Reserved                                    |
///   48| Header-Digest (optional), SenseLength (2), sense, response data|
/// </code>
/// </remarks>
public readonly ref struct ScsiResponseHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public ScsiResponseHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>Residual flags.</summary>
    public ScsiResponseFlags Flags => (ScsiResponseFlags)(_bhs[1] & 0x1e);

    /// <summary>iSCSI service response.</summary>
    public ScsiServiceResponse Response => (ScsiServiceResponse)_bhs[2];

    /// <summary>SAM status code; valid if <see cref="Response"/> is command completed.</summary>
    public byte Status => _bhs[3];

    /// <summary>SAM-5 status qualifier; meaningful from iSCSIProtocolLevel 2 on (RFC 7144).</summary>
    public ushort StatusQualifier => BhsField.ReadUInt16(_bhs, 8);

    /// <summary>Initiator Task Tag.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>SNACK Tag or 0.</summary>
    public uint SnackTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>StatSN, ExpCmdSN, MaxCmdSN.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);

    /// <summary>Number of R2T and Data-In PDUs the target has sent for the command.</summary>
    public uint ExpDataSN => BhsField.ReadUInt32(_bhs, 36);

    /// <summary>In bytes; valid with one of the bidirectional flags.</summary>
    public uint BidirectionalReadResidualCount => BhsField.ReadUInt32(_bhs, 40);

    /// <summary>In bytes; valid with <see cref="ScsiResponseFlags.Underflow"/> or <see cref="ScsiResponseFlags.Overflow"/>.</summary>
    public uint ResidualCount => BhsField.ReadUInt32(_bhs, 44);
}

/// <summary>Writes SCSI Response headers.</summary>
public static class ScsiResponseWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="flags">Residual flags.</param>
    /// <param name="response">iSCSI service response.</param>
    /// <param name="status">SAM status code.</param>
    /// <param name="initiatorTaskTag">Of the command.</param>
    /// <param name="sequence">StatSN, ExpCmdSN, MaxCmdSN.</param>
    /// <param name="expDataSN">R2T and Data-In PDUs sent for the command; 0 unless the command completed.</param>
    /// <param name="residualCount">In bytes.</param>
    /// <param name="bidirectionalReadResidualCount">In bytes.</param>
    /// <param name="dataSegmentLength">SenseLength field, sense and response data in bytes.</param>
    /// <param name="statusQualifier">0 unless iSCSIProtocolLevel 2 was negotiated.</param>
    /// <param name="snackTag">SNACK Tag or 0.</param>
    public static void Write(
        Span<byte> bhs,
        ScsiResponseFlags flags,
        ScsiServiceResponse response,
        byte status,
        uint initiatorTaskTag,
        in TargetSequence sequence,
        uint expDataSN = 0,
        uint residualCount = 0,
        uint bidirectionalReadResidualCount = 0,
        int dataSegmentLength = 0,
        ushort statusQualifier = 0,
        uint snackTag = 0)
    {
        bhs = BhsField.Begin(bhs, Opcode.ScsiResponse, immediate: false, (byte)(0x80 | (byte)flags), initiatorTaskTag, dataSegmentLength);
        bhs[2] = (byte)response;
        bhs[3] = status;
        BhsField.WriteUInt16(bhs, 8, statusQualifier);
        BhsField.WriteUInt32(bhs, 20, snackTag);
        BhsField.WriteTargetSequence(bhs, sequence);
        BhsField.WriteUInt32(bhs, 36, expDataSN);
        BhsField.WriteUInt32(bhs, 40, bidirectionalReadResidualCount);
        BhsField.WriteUInt32(bhs, 44, residualCount);
    }
}
