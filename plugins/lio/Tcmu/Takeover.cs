namespace TgtModular.Lio.Tcmu;

/// <summary>
/// What becomes of the commands that a former handler left in a ring. A handler that answers out of order puts answers in the places of other commands, so
/// that its successor cannot read from the ring alone which commands are still open: the kernel, which knows, is asked to answer them all.
/// </summary>
public enum Takeover
{
    /// <summary>The kernel answers BUSY, and the initiator sends the command again. Right for disks: to do a command twice does no harm.</summary>
    AnswerBusy = 1,

    /// <summary>The kernel answers CHECK CONDITION: the initiator is told of the failure. Right for tapes, where a record must not be written twice.</summary>
    AnswerFailed = 2,

    /// <summary>
    /// The commands are served again, from the first open one on. Only for a ring whose handlers have always answered in order, and so does this one. A
    /// command whose time limit has passed in the kernel is served with the others, and may write after its initiator was told that it failed.
    /// </summary>
    ServeAgain = 3,
}
