namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Byte 1 of a SCSI Data-In (RFC 7143 section 11.7.1).</summary>
[Flags]
public enum DataInFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>S: Status, StatSN and Residual Count are valid; only together with F and good or condition-met status.</summary>
    Status = 0x01,

    /// <summary>U: residual underflow; with S only.</summary>
    Underflow = 0x02,

    /// <summary>O: residual overflow; with S only.</summary>
    Overflow = 0x04,

    /// <summary>A: the target asks for a DataACK SNACK (ErrorRecoveryLevel 1 and up).</summary>
    Acknowledge = 0x40,

    /// <summary>F: last PDU of a sequence.</summary>
    Final = 0x80,
}

/// <summary>SCSI Data-In (RFC 7143 section 11.7).</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x25      |F|A|0 0 0|O|U|S| Reserved      |Status or Rsvd |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| LUN or Reserved (8 bytes)                                     |
///   16| Initiator Task Tag                                            |
///   20| Target Transfer Tag or 0xffffffff                             |
///   24| StatSN or Reserved                                            |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| DataSN                                                        |
///   40| Buffer Offset                                                 |
///   44| Residual Count                                                |
/// </code>
/// </remarks>
public readonly ref struct DataInHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public DataInHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>F, A, O, U, S.</summary>
    public DataInFlags Flags => (DataInFlags)(_bhs[1] & 0xc7);

    /// <summary>SAM status code; valid with <see cref="DataInFlags.Status"/>.</summary>
    public byte Status => _bhs[3];

    /// <summary>LUN; valid with a Target Transfer Tag.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Initiator Task Tag of the command.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Tag for a DataACK, or <see cref="BasicHeader.ReservedTag"/>.</summary>
    public uint TargetTransferTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>StatSN (valid with <see cref="DataInFlags.Status"/>), ExpCmdSN, MaxCmdSN.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);

    /// <summary>Number of this PDU among the command's Data-In and R2T PDUs, from 0.</summary>
    public uint DataSN => BhsField.ReadUInt32(_bhs, 36);

    /// <summary>Offset of the data in the command's input buffer, in bytes.</summary>
    public uint BufferOffset => BhsField.ReadUInt32(_bhs, 40);

    /// <summary>In bytes; valid with <see cref="DataInFlags.Status"/> and one of U and O.</summary>
    public uint ResidualCount => BhsField.ReadUInt32(_bhs, 44);
}

/// <summary>Writes SCSI Data-In headers.</summary>
public static class DataInWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="flags">F, A, O, U, S.</param>
    /// <param name="status">SAM status code; 0 without <see cref="DataInFlags.Status"/>.</param>
    /// <param name="initiatorTaskTag">Of the command.</param>
    /// <param name="sequence">StatSN is to be 0 without <see cref="DataInFlags.Status"/>.</param>
    /// <param name="dataSN">Number of this PDU.</param>
    /// <param name="bufferOffset">In bytes.</param>
    /// <param name="dataSegmentLength">In bytes.</param>
    /// <param name="residualCount">In bytes.</param>
    /// <param name="lun">Only with a Target Transfer Tag.</param>
    /// <param name="targetTransferTag">Only where A is set.</param>
    public static void Write(
        Span<byte> bhs,
        DataInFlags flags,
        byte status,
        uint initiatorTaskTag,
        in TargetSequence sequence,
        uint dataSN,
        uint bufferOffset,
        int dataSegmentLength,
        uint residualCount = 0,
        ulong lun = 0,
        uint targetTransferTag = BasicHeader.ReservedTag)
    {
        bhs = BhsField.Begin(bhs, Opcode.DataIn, immediate: false, (byte)flags, initiatorTaskTag, dataSegmentLength);
        bhs[3] = status;
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, targetTransferTag);
        BhsField.WriteTargetSequence(bhs, sequence);
        BhsField.WriteUInt32(bhs, 36, dataSN);
        BhsField.WriteUInt32(bhs, 40, bufferOffset);
        BhsField.WriteUInt32(bhs, 44, residualCount);
    }
}
