namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Reason of a Logout Request (RFC 7143 section 11.14.1).</summary>
public enum LogoutReason : byte
{
    /// <summary>Close the session: all its connections.</summary>
    CloseSession = 0,

    /// <summary>Close the connection named by CID.</summary>
    CloseConnection = 1,

    /// <summary>Remove the connection named by CID for recovery (ErrorRecoveryLevel 2).</summary>
    RemoveConnectionForRecovery = 2,
}

/// <summary>Answer to a Logout Request (RFC 7143 section 11.15.1).</summary>
public enum LogoutResponseCode : byte
{
    /// <summary>Connection or session closed.</summary>
    Closed = 0,

    /// <summary>CID not found.</summary>
    CidNotFound = 1,

    /// <summary>Connection recovery is not supported.</summary>
    RecoveryNotSupported = 2,

    /// <summary>Cleanup failed.</summary>
    CleanupFailed = 3,
}

/// <summary>Logout Request (RFC 7143 section 11.14).</summary>
/// <remarks>
/// <code>
///    0|.|I| 0x06      |1| Reason Code | Reserved                      |
///    4|TotalAHSLength | DataSegmentLength (0)                         |
///    8| Reserved (8 bytes)                                            |
///   16| Initiator Task Tag                                            |
///   20| CID or Reserved               | Reserved                      |
///   24| CmdSN                                                         |
///   28| ExpStatSN                                                     |
///   32| Reserved (16 bytes)                                           |
/// </code>
/// </remarks>
public readonly ref struct LogoutRequestHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public LogoutRequestHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>The reason; may hold an undefined value.</summary>
    public LogoutReason Reason => (LogoutReason)(_bhs[1] & 0x7f);

    /// <summary>Initiator Task Tag.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Connection to be closed; reserved with <see cref="LogoutReason.CloseSession"/>.</summary>
    public ushort Cid => BhsField.ReadUInt16(_bhs, 20);

    /// <summary>CmdSN and ExpStatSN.</summary>
    public InitiatorSequence Sequence => BhsField.ReadInitiatorSequence(_bhs);
}

/// <summary>Writes Logout Request headers.</summary>
public static class LogoutRequestWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="immediate">I bit.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="initiatorTaskTag">Initiator Task Tag.</param>
    /// <param name="cid">Connection to be closed.</param>
    /// <param name="sequence">CmdSN and ExpStatSN.</param>
    public static void Write(Span<byte> bhs, bool immediate, LogoutReason reason, uint initiatorTaskTag, ushort cid, in InitiatorSequence sequence)
    {
        bhs = BhsField.Begin(bhs, Opcode.LogoutRequest, immediate, (byte)(0x80 | (byte)reason), initiatorTaskTag);
        BhsField.WriteUInt16(bhs, 20, cid);
        BhsField.WriteInitiatorSequence(bhs, sequence);
    }
}

/// <summary>Logout Response (RFC 7143 section 11.15).</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x26      |1| Reserved    | Response      | Reserved      |
///    4|TotalAHSLength | DataSegmentLength (0)                         |
///    8| Reserved (8 bytes)                                            |
///   16| Initiator Task Tag                                            |
///   20| Reserved                                                      |
///   24| StatSN                                                        |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| Reserved                                                      |
///   40| Time2Wait                     | Time2Retain                   |
///   44| Reserved                                                      |
/// </code>
/// </remarks>
public readonly ref struct LogoutResponseHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public LogoutResponseHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>The answer.</summary>
    public LogoutResponseCode Response => (LogoutResponseCode)_bhs[2];

    /// <summary>Initiator Task Tag of the request.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>StatSN, ExpCmdSN, MaxCmdSN.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);

    /// <summary>Seconds to wait before reassigning tasks.</summary>
    public ushort Time2WaitSeconds => BhsField.ReadUInt16(_bhs, 40);

    /// <summary>Seconds, after Time2Wait, in which tasks can still be reassigned.</summary>
    public ushort Time2RetainSeconds => BhsField.ReadUInt16(_bhs, 42);
}

/// <summary>Writes Logout Response headers.</summary>
public static class LogoutResponseWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="response">The answer.</param>
    /// <param name="initiatorTaskTag">Of the request.</param>
    /// <param name="sequence">StatSN, ExpCmdSN, MaxCmdSN.</param>
    /// <param name="time2WaitSeconds">Reserved (0) when the session was closed.</param>
    /// <param name="time2RetainSeconds">Reserved (0) when the session was closed.</param>
    public static void Write(
        Span<byte> bhs,
        LogoutResponseCode response,
        uint initiatorTaskTag,
        in TargetSequence sequence,
        ushort time2WaitSeconds = 0,
        ushort time2RetainSeconds = 0)
    {
        bhs = BhsField.Begin(bhs, Opcode.LogoutResponse, immediate: false, 0x80, initiatorTaskTag);
        bhs[2] = (byte)response;
        BhsField.WriteTargetSequence(bhs, sequence);
        BhsField.WriteUInt16(bhs, 40, time2WaitSeconds);
        BhsField.WriteUInt16(bhs, 42, time2RetainSeconds);
    }
}
