namespace TgtModular.Core.Commands;

/// <summary>Where a command stands. It lives in the low byte of <see cref="CoreCommand"/>'s state word, beside the aborted flag and a generation count.</summary>
internal enum CommandState : byte
{
    /// <summary>In its nexus' free list, or being filled by the transport.</summary>
    Free,

    /// <summary>Submitted: at the gateway or parked in the task set.</summary>
    Submitted,

    /// <summary>The transport is being asked for the Data-Out on this very moment.</summary>
    Requesting,

    /// <summary>The Data-Out came before the transport had returned from being asked.</summary>
    Arrived,

    /// <summary>The Data-Out is on its way; nothing touches the medium, so an abort ends the command at once.</summary>
    AwaitingData,

    /// <summary>With the device server; an abort waits for it.</summary>
    Running,

    /// <summary>Answered or dropped; the transport has not released it yet.</summary>
    Done,
}
