namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Task management functions (RFC 7143 section 11.5.1; 9 to 12: RFC 7144 section 4.3, from iSCSIProtocolLevel 2 on).</summary>
public enum TaskManagementFunction : byte
{
    /// <summary>ABORT TASK.</summary>
    AbortTask = 1,

    /// <summary>ABORT TASK SET.</summary>
    AbortTaskSet = 2,

    /// <summary>CLEAR ACA.</summary>
    ClearAca = 3,

    /// <summary>CLEAR TASK SET.</summary>
    ClearTaskSet = 4,

    /// <summary>LOGICAL UNIT RESET.</summary>
    LogicalUnitReset = 5,

    /// <summary>TARGET WARM RESET.</summary>
    TargetWarmReset = 6,

    /// <summary>TARGET COLD RESET.</summary>
    TargetColdReset = 7,

    /// <summary>TASK REASSIGN.</summary>
    TaskReassign = 8,

    /// <summary>QUERY TASK.</summary>
    QueryTask = 9,

    /// <summary>QUERY TASK SET.</summary>
    QueryTaskSet = 10,

    /// <summary>I_T NEXUS RESET.</summary>
    NexusReset = 11,

    /// <summary>QUERY ASYNCHRONOUS EVENT.</summary>
    QueryAsyncEvent = 12,
}

/// <summary>Answers to a task management function (RFC 7143 section 11.6.1; 7: RFC 7144 section 4.4).</summary>
public enum TaskManagementResponseCode : byte
{
    /// <summary>Function complete.</summary>
    FunctionComplete = 0,

    /// <summary>Task does not exist.</summary>
    TaskDoesNotExist = 1,

    /// <summary>LUN does not exist.</summary>
    LunDoesNotExist = 2,

    /// <summary>Task still allegiant.</summary>
    TaskStillAllegiant = 3,

    /// <summary>Task allegiance reassignment not supported.</summary>
    ReassignmentNotSupported = 4,

    /// <summary>Task management function not supported.</summary>
    FunctionNotSupported = 5,

    /// <summary>Function authorization failed.</summary>
    AuthorizationFailed = 6,

    /// <summary>Function succeeded (the query functions' "yes").</summary>
    FunctionSucceeded = 7,

    /// <summary>Function rejected.</summary>
    FunctionRejected = 255,
}

/// <summary>Task Management Function Request (RFC 7143 section 11.5).</summary>
/// <remarks>
/// <code>
///    0|.|I| 0x02      |1| Function    | Reserved                      |
///    4|TotalAHSLength | DataSegmentLength (0)                         |
///    8| Logical Unit Number (LUN) or Reserved (8 bytes)               |
///   16| Initiator Task Tag                                            |
///   20| Referenced Task Tag or 0xffffffff                             |
///   24| CmdSN                                                         |
///   28| ExpStatSN                                                     |
///   32| RefCmdSN or Reserved                                          |
///   36| ExpDataSN or Reserved                                         |
///   40| Reserved (8 bytes)                                            |
/// </code>
/// </remarks>
public readonly ref struct TaskManagementRequestHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public TaskManagementRequestHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>The function; may hold an undefined value.</summary>
    public TaskManagementFunction Function => (TaskManagementFunction)(_bhs[1] & 0x7f);

    /// <summary>LUN; reserved for the target resets and TASK REASSIGN of an unknown unit.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Initiator Task Tag of this request.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Initiator Task Tag of the task meant; ABORT TASK, TASK REASSIGN and QUERY TASK only.</summary>
    public uint ReferencedTaskTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>CmdSN and ExpStatSN.</summary>
    public InitiatorSequence Sequence => BhsField.ReadInitiatorSequence(_bhs);

    /// <summary>CmdSN of the task meant; ABORT TASK only.</summary>
    public uint RefCmdSN => BhsField.ReadUInt32(_bhs, 32);

    /// <summary>TASK REASSIGN only.</summary>
    public uint ExpDataSN => BhsField.ReadUInt32(_bhs, 36);
}

/// <summary>Writes Task Management Function Request headers.</summary>
public static class TaskManagementRequestWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="immediate">I bit.</param>
    /// <param name="function">The function.</param>
    /// <param name="lun">LUN or 0.</param>
    /// <param name="initiatorTaskTag">Of this request.</param>
    /// <param name="sequence">CmdSN and ExpStatSN.</param>
    /// <param name="referencedTaskTag">Of the task meant, or <see cref="BasicHeader.ReservedTag"/>.</param>
    /// <param name="refCmdSN">ABORT TASK only.</param>
    /// <param name="expDataSN">TASK REASSIGN only.</param>
    public static void Write(
        Span<byte> bhs,
        bool immediate,
        TaskManagementFunction function,
        ulong lun,
        uint initiatorTaskTag,
        in InitiatorSequence sequence,
        uint referencedTaskTag = BasicHeader.ReservedTag,
        uint refCmdSN = 0,
        uint expDataSN = 0)
    {
        bhs = BhsField.Begin(bhs, Opcode.TaskManagementRequest, immediate, (byte)(0x80 | (byte)function), initiatorTaskTag);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, referencedTaskTag);
        BhsField.WriteInitiatorSequence(bhs, sequence);
        BhsField.WriteUInt32(bhs, 32, refCmdSN);
        BhsField.WriteUInt32(bhs, 36, expDataSN);
    }
}

/// <summary>Task Management Function Response (RFC 7143 section 11.6; additional response information: RFC 7144 section 4.4).</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x22      |1| Reserved    | Response      | Reserved      |
///    4|TotalAHSLength | DataSegmentLength (0)                         |
///    8| Additional Response Information (3 bytes)     | Reserved      |
///   12| Reserved                                                      |
///   16| Initiator Task Tag                                            |
///   20| Reserved                                                      |
///   24| StatSN                                                        |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| Reserved (12 bytes)                                           |
/// </code>
/// </remarks>
public readonly ref struct TaskManagementResponseHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public TaskManagementResponseHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>The answer.</summary>
    public TaskManagementResponseCode Response => (TaskManagementResponseCode)_bhs[2];

    /// <summary>24 bits of SAM-5 additional response information; QUERY TASK and QUERY ASYNCHRONOUS EVENT only.</summary>
    public int AdditionalResponseInformation => BhsField.ReadUInt24(_bhs, 8);

    /// <summary>Initiator Task Tag of the request.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>StatSN, ExpCmdSN, MaxCmdSN.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);
}

/// <summary>Writes Task Management Function Response headers.</summary>
public static class TaskManagementResponseWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="response">The answer.</param>
    /// <param name="initiatorTaskTag">Of the request.</param>
    /// <param name="sequence">StatSN, ExpCmdSN, MaxCmdSN.</param>
    /// <param name="additionalResponseInformation">24 bits; 0 unless iSCSIProtocolLevel 2 was negotiated.</param>
    public static void Write(
        Span<byte> bhs, TaskManagementResponseCode response, uint initiatorTaskTag, in TargetSequence sequence, int additionalResponseInformation = 0)
    {
        bhs = BhsField.Begin(bhs, Opcode.TaskManagementResponse, immediate: false, 0x80, initiatorTaskTag);
        bhs[2] = (byte)response;
        BhsField.WriteUInt32(bhs, 8, (uint)additionalResponseInformation << 8);
        BhsField.WriteTargetSequence(bhs, sequence);
    }
}
