namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>NOP-Out (RFC 7143 section 11.18): a ping with a task tag, or the answer to a NOP-In with a transfer tag.</summary>
/// <remarks>
/// <code>
///    0|.|I| 0x00      |1| Reserved                                    |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| LUN or Reserved (8 bytes)                                     |
///   16| Initiator Task Tag or 0xffffffff                              |
///   20| Target Transfer Tag or 0xffffffff                             |
///   24| CmdSN                                                         |
///   28| ExpStatSN                                                     |
///   32| Reserved (16 bytes)                                           |
///   48| Header-Digest (optional), ping data                           |
/// </code>
/// </remarks>
public readonly ref struct NopOutHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public NopOutHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>LUN; copied from the NOP-In answered.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary><see cref="BasicHeader.ReservedTag"/> if no answer is wanted; then the PDU is immediate and CmdSN does not advance.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Tag of the NOP-In answered, or <see cref="BasicHeader.ReservedTag"/>.</summary>
    public uint TargetTransferTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>CmdSN and ExpStatSN.</summary>
    public InitiatorSequence Sequence => BhsField.ReadInitiatorSequence(_bhs);
}

/// <summary>Writes NOP-Out headers.</summary>
public static class NopOutWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="immediate">I bit.</param>
    /// <param name="lun">LUN of the NOP-In answered, or 0.</param>
    /// <param name="initiatorTaskTag">A tag to be answered, or <see cref="BasicHeader.ReservedTag"/>.</param>
    /// <param name="targetTransferTag">Of the NOP-In answered, or <see cref="BasicHeader.ReservedTag"/>.</param>
    /// <param name="sequence">CmdSN and ExpStatSN.</param>
    /// <param name="dataSegmentLength">Ping data in bytes.</param>
    public static void Write(
        Span<byte> bhs, bool immediate, ulong lun, uint initiatorTaskTag, uint targetTransferTag, in InitiatorSequence sequence, int dataSegmentLength = 0)
    {
        bhs = BhsField.Begin(bhs, Opcode.NopOut, immediate, 0x80, initiatorTaskTag, dataSegmentLength);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, targetTransferTag);
        BhsField.WriteInitiatorSequence(bhs, sequence);
    }
}

/// <summary>NOP-In (RFC 7143 section 11.19): the answer to a ping, a ping of the target, or only news of ExpCmdSN and MaxCmdSN.</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x20      |1| Reserved                                    |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| LUN or Reserved (8 bytes)                                     |
///   16| Initiator Task Tag or 0xffffffff                              |
///   20| Target Transfer Tag or 0xffffffff                             |
///   24| StatSN                                                        |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| Reserved (12 bytes)                                           |
///   48| Header-Digest (optional), returned ping data                  |
/// </code>
/// </remarks>
public readonly ref struct NopInHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public NopInHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>LUN; valid with a Target Transfer Tag.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Tag of the NOP-Out answered, or <see cref="BasicHeader.ReservedTag"/>.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>A tag to be answered, or <see cref="BasicHeader.ReservedTag"/>.</summary>
    public uint TargetTransferTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>StatSN (advanced only in the answer to a NOP-Out), ExpCmdSN, MaxCmdSN.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);
}

/// <summary>Writes NOP-In headers.</summary>
public static class NopInWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="lun">LUN with a Target Transfer Tag, else 0.</param>
    /// <param name="initiatorTaskTag">Of the NOP-Out answered, or <see cref="BasicHeader.ReservedTag"/>.</param>
    /// <param name="targetTransferTag">A tag to be answered, or <see cref="BasicHeader.ReservedTag"/>.</param>
    /// <param name="sequence">StatSN, ExpCmdSN, MaxCmdSN.</param>
    /// <param name="dataSegmentLength">Ping data in bytes.</param>
    public static void Write(
        Span<byte> bhs, ulong lun, uint initiatorTaskTag, uint targetTransferTag, in TargetSequence sequence, int dataSegmentLength = 0)
    {
        bhs = BhsField.Begin(bhs, Opcode.NopIn, immediate: false, 0x80, initiatorTaskTag, dataSegmentLength);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, targetTransferTag);
        BhsField.WriteTargetSequence(bhs, sequence);
    }
}
