namespace TgtModular.Lio.Tcmu;

/// <summary>What the kernel answers for the commands that a former handler left in the ring (<c>action/reset_ring</c> of a backend).</summary>
public enum ResetLevel
{
    /// <summary>BUSY: the initiator sends the command again. Right for disks, where doing a command twice does no harm.</summary>
    Busy = 1,

    /// <summary>CHECK CONDITION: the initiator is told that the command failed. Right for tapes, where a record must not be written twice.</summary>
    Fail = 2,
}
