using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Transports;

/// <summary>How the Data-Out of a command ended.</summary>
public enum DataOutResult
{
    /// <summary>All bytes are there.</summary>
    Arrived,

    /// <summary>A digest was wrong.</summary>
    DigestError,

    /// <summary>More unsolicited data came than allowed.</summary>
    UnexpectedUnsolicited,

    /// <summary>Less unsolicited data came than announced.</summary>
    NotEnoughUnsolicited,

    /// <summary>The data did not come, or came out of order.</summary>
    Failed,
}

/// <summary>Why a nexus ended; kept in its record.</summary>
public enum NexusEnd
{
    /// <summary>The initiator logged out.</summary>
    Logout,

    /// <summary>The connection was lost.</summary>
    ConnectionLost,

    /// <summary>The same initiator port logged in anew.</summary>
    Reinstated,

    /// <summary>The initiator broke the protocol.</summary>
    ProtocolError,

    /// <summary>The initiator did not answer in time.</summary>
    TimedOut,

    /// <summary>A reset function ended it.</summary>
    Reset,

    /// <summary>An administrator or the daemon ended it.</summary>
    Administrative,
}

/// <summary>An open I_T nexus, as its transport sees it. Submission is the transport's own loop; everything else is safe from any thread.</summary>
public interface INexus : INexusView
{
    /// <summary>Commands the nexus may have in flight; the transport sizes its window by it.</summary>
    int MaxCommands { get; }

    /// <summary>Rents a command for <see cref="Submit"/>. Null when <see cref="MaxCommands"/> are in flight.</summary>
    ScsiCommand? TryRentCommand();

    /// <summary>
    /// Submits a command in the order of arrival. From here on the core owns it until it calls Complete or Drop of its transport, which may happen
    /// before this call returns.
    /// </summary>
    void Submit(ScsiCommand command);

    /// <summary>A pending Data-Out transfer ended; once per transfer, also for a dropped command.</summary>
    void DataOutArrived(ScsiCommand command, DataOutResult result);

    /// <summary>Carries out a task management function. Completes when what it aborted can no longer touch the medium and was dropped or completed.</summary>
    ValueTask<TaskManagementResponse> ExecuteAsync(TaskManagementRequest request);

    /// <summary>Ends the nexus: commands are aborted and dropped. Completes when none is running any more. Idempotent.</summary>
    ValueTask CloseAsync(NexusEnd end);
}

/// <summary>What the core tells the transport of a nexus. Never blocks.</summary>
public interface INexusObserver
{
    /// <summary>End the nexus (target removed, access withdrawn, cold reset, drain): tell the initiator as the protocol allows, then call CloseAsync.</summary>
    void CloseRequested(NexusEnd end);

    /// <summary>A unit attention is pending that a protocol may announce at once (iSCSI asynchronous message).</summary>
    void AsynchronousEvent(Lun lun, SenseData sense)
    {
    }

    /// <summary>The LUN map of the nexus changed.</summary>
    void LunMapChanged()
    {
    }
}
