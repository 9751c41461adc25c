namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>AsyncEvent (RFC 7143 section 11.9.1).</summary>
public enum AsyncEvent : byte
{
    /// <summary>A SCSI asynchronous event; sense data is in the data segment.</summary>
    ScsiEvent = 0,

    /// <summary>The target asks for a logout; Parameter3 says within how many seconds.</summary>
    LogoutRequest = 1,

    /// <summary>The target will drop, or has dropped, the connection in Parameter1; Parameter2 and 3 are Time2Wait and Time2Retain.</summary>
    ConnectionDrop = 2,

    /// <summary>The target will drop all connections of the session; Parameter2 and 3 are Time2Wait and Time2Retain.</summary>
    SessionDrop = 3,

    /// <summary>The target asks for parameter negotiation on this connection; Parameter3 says within how many seconds.</summary>
    NegotiationRequest = 4,

    /// <summary>All active tasks for the LUN are being terminated (FastAbort task reporting).</summary>
    TasksTerminated = 5,

    /// <summary>Vendor specific; AsyncVCode says which.</summary>
    VendorSpecific = 255,
}

/// <summary>Asynchronous Message (RFC 7143 section 11.9).</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x32      |1| Reserved                                    |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| LUN or Reserved (8 bytes)                                     |
///   16| 0xffffffff                                                    |
///   20| Reserved                                                      |
///   24| StatSN                                                        |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| AsyncEvent    | AsyncVCode    | Parameter1 or Reserved        |
///   40| Parameter2 or Reserved        | Parameter3 or Reserved        |
///   44| Reserved                                                      |
///   48| Header-Digest (optional), sense data and iSCSI event data     |
/// </code>
/// </remarks>
public readonly ref struct AsyncMessageHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public AsyncMessageHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>LUN; valid for <see cref="AsyncEvent.ScsiEvent"/> and <see cref="AsyncEvent.TasksTerminated"/>.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>StatSN, ExpCmdSN, MaxCmdSN.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);

    /// <summary>The event; may hold an undefined value.</summary>
    public AsyncEvent Event => (AsyncEvent)_bhs[36];

    /// <summary>Vendor code; valid with <see cref="AsyncEvent.VendorSpecific"/>.</summary>
    public byte VendorCode => _bhs[37];

    /// <summary>Meaning by event: the CID of a dropped connection.</summary>
    public ushort Parameter1 => BhsField.ReadUInt16(_bhs, 38);

    /// <summary>Meaning by event: Time2Wait in seconds.</summary>
    public ushort Parameter2 => BhsField.ReadUInt16(_bhs, 40);

    /// <summary>Meaning by event: Time2Retain or the time to act, in seconds.</summary>
    public ushort Parameter3 => BhsField.ReadUInt16(_bhs, 42);
}

/// <summary>Writes Asynchronous Message headers.</summary>
public static class AsyncMessageWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="asyncEvent">The event.</param>
    /// <param name="sequence">StatSN, ExpCmdSN, MaxCmdSN.</param>
    /// <param name="lun">LUN or 0.</param>
    /// <param name="vendorCode">With <see cref="AsyncEvent.VendorSpecific"/> only.</param>
    /// <param name="parameter1">By event.</param>
    /// <param name="parameter2">By event.</param>
    /// <param name="parameter3">By event.</param>
    /// <param name="dataSegmentLength">Sense or event data in bytes.</param>
    public static void Write(
        Span<byte> bhs,
        AsyncEvent asyncEvent,
        in TargetSequence sequence,
        ulong lun = 0,
        byte vendorCode = 0,
        ushort parameter1 = 0,
        ushort parameter2 = 0,
        ushort parameter3 = 0,
        int dataSegmentLength = 0)
    {
        bhs = BhsField.Begin(bhs, Opcode.AsyncMessage, immediate: false, 0x80, BasicHeader.ReservedTag, dataSegmentLength);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteTargetSequence(bhs, sequence);
        bhs[36] = (byte)asyncEvent;
        bhs[37] = vendorCode;
        BhsField.WriteUInt16(bhs, 38, parameter1);
        BhsField.WriteUInt16(bhs, 40, parameter2);
        BhsField.WriteUInt16(bhs, 42, parameter3);
    }
}
