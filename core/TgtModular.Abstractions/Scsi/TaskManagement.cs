namespace TgtModular.Scsi;

/// <summary>Task management functions (SAM-5 section 7).</summary>
public enum TaskManagementFunction : byte
{
    /// <summary>Abort one command of the same I_T_L nexus.</summary>
    AbortTask,

    /// <summary>Abort all commands of the I_T_L nexus.</summary>
    AbortTaskSet,

    /// <summary>Abort all commands of the logical unit, of every I_T nexus (TST 000b).</summary>
    ClearTaskSet,

    /// <summary>Clear an auto contingent allegiance.</summary>
    ClearAca,

    /// <summary>Reset the logical unit.</summary>
    LogicalUnitReset,

    /// <summary>Reset every logical unit of the target (iSCSI TARGET WARM RESET).</summary>
    TargetWarmReset,

    /// <summary>
    /// As warm reset, and end every session (iSCSI TARGET COLD RESET). The core asks for the end of all but the nexus that sent it: its transport ends that
    /// one itself when it has answered, or the answer would race with the end.
    /// </summary>
    TargetColdReset,

    /// <summary>Is one command in the task set?</summary>
    QueryTask,

    /// <summary>Is any command of the I_T_L nexus in the task set?</summary>
    QueryTaskSet,

    /// <summary>Report and clear a pending unit attention.</summary>
    QueryAsynchronousEvent,

    /// <summary>End the I_T nexus.</summary>
    NexusReset,
}

/// <summary>Service responses of task management (SAM-5 section 7.1).</summary>
public enum TaskManagementResponse : byte
{
    /// <summary>The function is complete: what it aborted can no longer touch the medium.</summary>
    FunctionComplete,

    /// <summary>A query found something (SAM-5 FUNCTION SUCCEEDED).</summary>
    FunctionSucceeded,

    /// <summary>No such command.</summary>
    TaskDoesNotExist,

    /// <summary>No such logical unit.</summary>
    LunDoesNotExist,

    /// <summary>The function is not supported.</summary>
    NotSupported,

    /// <summary>The function was refused, or could not be completed.</summary>
    Rejected,
}

/// <summary>A task management request.</summary>
/// <param name="Function">What to do.</param>
/// <param name="Lun">The logical unit, for functions on one.</param>
/// <param name="Tag">The referenced command's tag, for functions on one.</param>
public readonly record struct TaskManagementRequest(TaskManagementFunction Function, Lun Lun, ulong Tag);
