namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Reason of a Reject (RFC 7143 section 11.17.1).</summary>
public enum RejectReason : byte
{
    /// <summary>Data digest error; the original PDU can be resent.</summary>
    DataDigestError = 0x02,

    /// <summary>SNACK reject.</summary>
    SnackReject = 0x03,

    /// <summary>Protocol error, for instance a SNACK for a status already acknowledged.</summary>
    ProtocolError = 0x04,

    /// <summary>Command not supported.</summary>
    CommandNotSupported = 0x05,

    /// <summary>Immediate command refused: too many of them.</summary>
    TooManyImmediateCommands = 0x06,

    /// <summary>Task in progress.</summary>
    TaskInProgress = 0x07,

    /// <summary>Invalid DataACK.</summary>
    InvalidDataAck = 0x08,

    /// <summary>Invalid PDU field.</summary>
    InvalidPduField = 0x09,

    /// <summary>Long operation refused: no Target Transfer Tag can be made.</summary>
    LongOperationReject = 0x0a,

    /// <summary>Waiting for logout.</summary>
    WaitingForLogout = 0x0c,
}

/// <summary>Reject (RFC 7143 section 11.17). Its data segment is the header of the rejected PDU.</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x3f      |1| Reserved    | Reason        | Reserved      |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| Reserved (8 bytes)                                            |
///   16| 0xffffffff                                                    |
///   20| Reserved                                                      |
///   24| StatSN                                                        |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| DataSN/R2TSN or Reserved                                      |
///   40| Reserved (8 bytes)                                            |
///   48| Header-Digest (optional), complete header of the bad PDU      |
/// </code>
/// </remarks>
public readonly ref struct RejectHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public RejectHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>The reason; may hold an undefined value.</summary>
    public RejectReason Reason => (RejectReason)_bhs[2];

    /// <summary>StatSN, ExpCmdSN, MaxCmdSN.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);

    /// <summary>Next Data-In or R2T number; valid for a rejected Data or R2T SNACK.</summary>
    public uint DataSN => BhsField.ReadUInt32(_bhs, 36);
}

/// <summary>Writes Reject headers.</summary>
public static class RejectWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="sequence">StatSN, ExpCmdSN, MaxCmdSN.</param>
    /// <param name="dataSN">For a rejected Data or R2T SNACK, else 0.</param>
    /// <param name="dataSegmentLength">Length of the rejected header in bytes.</param>
    public static void Write(
        Span<byte> bhs, RejectReason reason, in TargetSequence sequence, uint dataSN = 0, int dataSegmentLength = BasicHeader.Length)
    {
        bhs = BhsField.Begin(bhs, Opcode.Reject, immediate: false, 0x80, BasicHeader.ReservedTag, dataSegmentLength);
        bhs[2] = (byte)reason;
        BhsField.WriteTargetSequence(bhs, sequence);
        BhsField.WriteUInt32(bhs, 36, dataSN);
    }
}
