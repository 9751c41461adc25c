using TgtModular.Buffers;
using TgtModular.Devices;

namespace TgtModular.Transports;

/// <summary>State of a Data-Out transfer that the core asked for.</summary>
public enum DataOutProgress
{
    /// <summary>All bytes are in the command's Data-Out.</summary>
    Completed,

    /// <summary>The transport will call <see cref="INexus.DataOutArrived"/> once.</summary>
    Pending,
}

/// <summary>
/// What the core asks of a transport for one command. Calls come on any thread; for one command never two at a time, except that
/// <see cref="Drop"/> may come while a transfer is pending.
/// </summary>
public interface ICommandTransport
{
    /// <summary>Memory for the command's data, where the transport has its own (registered memory, a mapped ring). Null: the core rents from its pool.</summary>
    /// <param name="command">The command.</param>
    /// <param name="direction">Data-Out or Data-In; a bidirectional command asks once for each.</param>
    /// <param name="length">Bytes.</param>
    DataBuffer? TryRent(ScsiCommand command, Scsi.DataDirection direction, int length) => null;

    /// <summary>
    /// Asks for the command's Data-Out, all of <see cref="ScsiCommand.DataOut"/>: an R2T, an XFER_RDY, an RDMA READ; what came along is copied in. The
    /// transport divides it into bursts as it likes.
    /// </summary>
    DataOutProgress ReceiveDataOut(ScsiCommand command);

    /// <summary>
    /// The command has its outcome: send Data-In, status, sense and residuals, then call <see cref="ScsiCommand.Release"/>. Never blocks.
    /// </summary>
    void Complete(ScsiCommand command);

    /// <summary>
    /// The command was aborted: nothing goes to the initiator. Forget it and call <see cref="ScsiCommand.Release"/> when its memory is not touched any more.
    /// Comes instead of <see cref="Complete"/>.
    /// </summary>
    void Drop(ScsiCommand command);
}
