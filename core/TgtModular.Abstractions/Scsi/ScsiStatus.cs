namespace TgtModular.Scsi;

/// <summary>Status codes (SAM-5 section 5.3.1).</summary>
public enum ScsiStatus : byte
{
    /// <summary>The command completed without error.</summary>
    Good = 0x00,

    /// <summary>Sense data tells what happened.</summary>
    CheckCondition = 0x02,

    /// <summary>The requested operation (PRE-FETCH) was satisfied.</summary>
    ConditionMet = 0x04,

    /// <summary>The logical unit cannot take the command now; the initiator tries again.</summary>
    Busy = 0x08,

    /// <summary>A reservation of another I_T nexus forbids the command.</summary>
    ReservationConflict = 0x18,

    /// <summary>The task set has no room.</summary>
    TaskSetFull = 0x28,

    /// <summary>An auto contingent allegiance exists.</summary>
    AcaActive = 0x30,

    /// <summary>Another I_T nexus aborted the command and TAS is one.</summary>
    TaskAborted = 0x40,
}
