namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Byte 1 of a SCSI Command (RFC 7143 section 11.3.1), without the task attribute.</summary>
[Flags]
public enum ScsiCommandFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>W: the command is expected to write (Data-Out).</summary>
    Write = 0x20,

    /// <summary>R: the command is expected to read (Data-In).</summary>
    Read = 0x40,

    /// <summary>F: no unsolicited Data-Out PDUs follow this PDU.</summary>
    Final = 0x80,
}

/// <summary>ATTR, the task attribute of a SCSI Command (RFC 7143 section 11.3.1). 5 to 7 are reserved.</summary>
public enum TaskAttribute : byte
{
    /// <summary>Untagged.</summary>
    Untagged = 0,

    /// <summary>Simple.</summary>
    Simple = 1,

    /// <summary>Ordered.</summary>
    Ordered = 2,

    /// <summary>Head of queue.</summary>
    HeadOfQueue = 3,

    /// <summary>Auto contingent allegiance.</summary>
    Aca = 4,
}

/// <summary>SCSI Command (RFC 7143 section 11.3; priority: RFC 7144 section 4.1).</summary>
/// <remarks>
/// <code>
///    0|.|I| 0x01      |F|R|W|. .|ATTR | Pri   |   .   | Reserved      |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| Logical Unit Number (8 bytes)                                 |
///   16| Initiator Task Tag                                            |
///   20| Expected Data Transfer Length                                 |
///   24| CmdSN                                                         |
///   28| ExpStatSN                                                     |
///   32| SCSI Command Descriptor Block (16 bytes)                      |
///   48| AHS (optional), Header-Digest (optional), immediate data      |
/// </code>
/// </remarks>
public readonly ref struct ScsiCommandHeader
{
    /// <summary>Bytes of the CDB that the header itself holds.</summary>
    public const int CdbLength = 16;

    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public ScsiCommandHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>F, R and W.</summary>
    public ScsiCommandFlags Flags => (ScsiCommandFlags)(_bhs[1] & 0xe0);

    /// <summary>ATTR; may hold a reserved value.</summary>
    public TaskAttribute Attribute => (TaskAttribute)(_bhs[1] & 0x07);

    /// <summary>Command priority, 0 (none given) to 15; meaningful from iSCSIProtocolLevel 2 on (RFC 7144).</summary>
    public byte Priority => (byte)(_bhs[2] >> 4);

    /// <summary>The eight LUN bytes as one big-endian number.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Initiator Task Tag.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Expected Data Transfer Length in bytes: of the write where W is set, else of the read.</summary>
    public uint ExpectedDataTransferLength => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>CmdSN and ExpStatSN.</summary>
    public InitiatorSequence Sequence => BhsField.ReadInitiatorSequence(_bhs);

    /// <summary>The first 16 bytes of the CDB; the rest, if any, is in an Extended CDB AHS.</summary>
    public ReadOnlySpan<byte> Cdb => _bhs.Slice(32, CdbLength);
}

/// <summary>Writes SCSI Command headers.</summary>
public static class ScsiCommandWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="immediate">I bit.</param>
    /// <param name="flags">F, R, W.</param>
    /// <param name="attribute">Task attribute.</param>
    /// <param name="lun">The eight LUN bytes as one big-endian number.</param>
    /// <param name="initiatorTaskTag">Initiator Task Tag.</param>
    /// <param name="expectedDataTransferLength">In bytes.</param>
    /// <param name="sequence">CmdSN and ExpStatSN.</param>
    /// <param name="cdb">Up to 16 bytes; padded with zeroes. A longer CDB continues in an AHS.</param>
    /// <param name="dataSegmentLength">Immediate data in bytes.</param>
    /// <param name="totalAhsLengthWords">AHS in four-byte words.</param>
    /// <param name="priority">0 to 15; 0 unless iSCSIProtocolLevel 2 was negotiated.</param>
    public static void Write(
        Span<byte> bhs,
        bool immediate,
        ScsiCommandFlags flags,
        TaskAttribute attribute,
        ulong lun,
        uint initiatorTaskTag,
        uint expectedDataTransferLength,
        in InitiatorSequence sequence,
        ReadOnlySpan<byte> cdb,
        int dataSegmentLength = 0,
        int totalAhsLengthWords = 0,
        byte priority = 0)
    {
        bhs = BhsField.Begin(
            bhs, Opcode.ScsiCommand, immediate, (byte)((byte)flags | ((byte)attribute & 0x07)), initiatorTaskTag, dataSegmentLength, totalAhsLengthWords);
        bhs[2] = (byte)(priority << 4);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, expectedDataTransferLength);
        BhsField.WriteInitiatorSequence(bhs, sequence);
        cdb.CopyTo(bhs.Slice(32, ScsiCommandHeader.CdbLength));
    }
}
