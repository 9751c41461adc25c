namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Byte 1 of the text PDUs (RFC 7143 sections 11.10.1 and 11.10.2); both together are an error.</summary>
[Flags]
public enum TextFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>C: the text continues in the next PDU.</summary>
    Continue = 0x40,

    /// <summary>F: the sender has nothing more to say.</summary>
    Final = 0x80,
}

/// <summary>Text Request (RFC 7143 section 11.10).</summary>
/// <remarks>
/// <code>
///    0|.|I| 0x04      |F|C| Reserved                                  |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| LUN or Reserved (8 bytes)                                     |
///   16| Initiator Task Tag                                            |
///   20| Target Transfer Tag or 0xffffffff                             |
///   24| CmdSN                                                         |
///   28| ExpStatSN                                                     |
///   32| Reserved (16 bytes)                                           |
/// </code>
/// </remarks>
public readonly ref struct TextRequestHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public TextRequestHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>F and C.</summary>
    public TextFlags Flags => (TextFlags)(_bhs[1] & 0xc0);

    /// <summary>LUN given by the target together with the Target Transfer Tag.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Initiator Task Tag; the same throughout one text sequence.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Tag of the response continued; <see cref="BasicHeader.ReservedTag"/> starts a sequence anew.</summary>
    public uint TargetTransferTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>CmdSN and ExpStatSN.</summary>
    public InitiatorSequence Sequence => BhsField.ReadInitiatorSequence(_bhs);
}

/// <summary>Writes Text Request headers.</summary>
public static class TextRequestWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="immediate">I bit.</param>
    /// <param name="flags">F and C.</param>
    /// <param name="initiatorTaskTag">The same throughout one text sequence.</param>
    /// <param name="targetTransferTag">Of the response continued, or <see cref="BasicHeader.ReservedTag"/>.</param>
    /// <param name="sequence">CmdSN and ExpStatSN.</param>
    /// <param name="dataSegmentLength">Text in bytes.</param>
    /// <param name="lun">Copied from the response continued.</param>
    public static void Write(
        Span<byte> bhs,
        bool immediate,
        TextFlags flags,
        uint initiatorTaskTag,
        uint targetTransferTag,
        in InitiatorSequence sequence,
        int dataSegmentLength,
        ulong lun = 0)
    {
        bhs = BhsField.Begin(bhs, Opcode.TextRequest, immediate, (byte)flags, initiatorTaskTag, dataSegmentLength);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, targetTransferTag);
        BhsField.WriteInitiatorSequence(bhs, sequence);
    }
}

/// <summary>Text Response (RFC 7143 section 11.11).</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x24      |F|C| Reserved                                  |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| LUN or Reserved (8 bytes)                                     |
///   16| Initiator Task Tag                                            |
///   20| Target Transfer Tag or 0xffffffff                             |
///   24| StatSN                                                        |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| Reserved (12 bytes)                                           |
/// </code>
/// </remarks>
public readonly ref struct TextResponseHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public TextResponseHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>F and C.</summary>
    public TextFlags Flags => (TextFlags)(_bhs[1] & 0xc0);

    /// <summary>LUN to be copied into the request that continues.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Initiator Task Tag of the request.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Tag to continue with; <see cref="BasicHeader.ReservedTag"/> with F.</summary>
    public uint TargetTransferTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>StatSN, ExpCmdSN, MaxCmdSN.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);
}

/// <summary>Writes Text Response headers.</summary>
public static class TextResponseWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="flags">F and C.</param>
    /// <param name="initiatorTaskTag">Of the request.</param>
    /// <param name="targetTransferTag"><see cref="BasicHeader.ReservedTag"/> with F, any other value without.</param>
    /// <param name="sequence">StatSN, ExpCmdSN, MaxCmdSN.</param>
    /// <param name="dataSegmentLength">Text in bytes.</param>
    /// <param name="lun">To be copied into the request that continues.</param>
    public static void Write(
        Span<byte> bhs, TextFlags flags, uint initiatorTaskTag, uint targetTransferTag, in TargetSequence sequence, int dataSegmentLength, ulong lun = 0)
    {
        bhs = BhsField.Begin(bhs, Opcode.TextResponse, immediate: false, (byte)flags, initiatorTaskTag, dataSegmentLength);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, targetTransferTag);
        BhsField.WriteTargetSequence(bhs, sequence);
    }
}
