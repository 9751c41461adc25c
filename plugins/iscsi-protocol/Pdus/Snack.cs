namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Type of a SNACK Request (RFC 7143 section 11.16.1).</summary>
public enum SnackType : byte
{
    /// <summary>Data-In or R2T PDUs are to be sent again.</summary>
    DataOrR2T = 0,

    /// <summary>Status PDUs are to be sent again.</summary>
    Status = 1,

    /// <summary>Data-In PDUs were received: a positive acknowledgment.</summary>
    DataAck = 2,

    /// <summary>All Data-In of a command is to be sent again, perhaps in other pieces.</summary>
    ResegmentedData = 3,
}

/// <summary>SNACK Request (RFC 7143 section 11.16); for ErrorRecoveryLevel 1 and up.</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x10      |1|. . .| Type  | Reserved                      |
///    4|TotalAHSLength | DataSegmentLength (0)                         |
///    8| LUN or Reserved (8 bytes)                                     |
///   16| Initiator Task Tag or 0xffffffff                              |
///   20| Target Transfer Tag or SNACK Tag or 0xffffffff                |
///   24| Reserved                                                      |
///   28| ExpStatSN                                                     |
///   32| Reserved (8 bytes)                                            |
///   40| BegRun                                                        |
///   44| RunLength                                                     |
/// </code>
/// </remarks>
public readonly ref struct SnackRequestHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public SnackRequestHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>What is asked; may hold an undefined value.</summary>
    public SnackType Type => (SnackType)(_bhs[1] & 0x0f);

    /// <summary>LUN; valid with <see cref="SnackType.DataAck"/>.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Tag of the command; <see cref="BasicHeader.ReservedTag"/> for status and DataACK.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Target Transfer Tag (DataACK) or SNACK Tag (resegmented data).</summary>
    public uint TargetTransferTagOrSnackTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>ExpStatSN.</summary>
    public uint ExpStatSN => BhsField.ReadUInt32(_bhs, 28);

    /// <summary>First DataSN, R2TSN or StatSN meant.</summary>
    public uint BegRun => BhsField.ReadUInt32(_bhs, 40);

    /// <summary>How many PDUs; 0 means all from <see cref="BegRun"/> on.</summary>
    public uint RunLength => BhsField.ReadUInt32(_bhs, 44);
}

/// <summary>Writes SNACK Request headers.</summary>
public static class SnackRequestWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="type">What is asked.</param>
    /// <param name="lun">With DataACK only.</param>
    /// <param name="initiatorTaskTag">Of the command, or <see cref="BasicHeader.ReservedTag"/>.</param>
    /// <param name="targetTransferTagOrSnackTag">By type.</param>
    /// <param name="expStatSN">ExpStatSN.</param>
    /// <param name="begRun">First number meant.</param>
    /// <param name="runLength">How many; 0 for all.</param>
    public static void Write(
        Span<byte> bhs,
        SnackType type,
        ulong lun,
        uint initiatorTaskTag,
        uint targetTransferTagOrSnackTag,
        uint expStatSN,
        uint begRun,
        uint runLength)
    {
        bhs = BhsField.Begin(bhs, Opcode.SnackRequest, immediate: false, (byte)(0x80 | (byte)type), initiatorTaskTag);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, targetTransferTagOrSnackTag);
        BhsField.WriteUInt32(bhs, 28, expStatSN);
        BhsField.WriteUInt32(bhs, 40, begRun);
        BhsField.WriteUInt32(bhs, 44, runLength);
    }
}
