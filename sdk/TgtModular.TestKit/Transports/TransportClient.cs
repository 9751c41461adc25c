using TgtModular.Scsi;

namespace TgtModular.TestKit;

/// <summary>A command as an initiator sends it.</summary>
/// <param name="Tag">Its tag: unique among the commands of the session that are in flight.</param>
/// <param name="Lun">LUN.</param>
/// <param name="Cdb">CDB.</param>
/// <param name="DataOut">Data-Out.</param>
/// <param name="ExpectedIn">Most bytes of Data-In it wants.</param>
public sealed record ClientCommand(uint Tag, int Lun, byte[] Cdb, byte[] DataOut, int ExpectedIn);

/// <summary>What an initiator gets.</summary>
/// <param name="Status">Status.</param>
/// <param name="DataIn">Data-In.</param>
/// <param name="Sense">Sense data; empty where there are none.</param>
public sealed record ClientAnswer(ScsiStatus Status, byte[] DataIn, byte[] Sense);

/// <summary>
/// An initiator of the transport under test, with one session: what an author of a transport writes for <see cref="TransportConformance"/>. It keeps to the
/// transport's flow control: a command that may not be sent yet waits.
/// </summary>
public abstract class TransportClient : IAsyncDisposable
{
    /// <summary>Completes when the target has ended the session, or the connection is gone.</summary>
    public abstract Task Ended { get; }

    /// <summary>Completes when the target asks to be logged out from, where the protocol has a message for that, or the session has ended.</summary>
    public virtual Task LogoutAsked => Ended;

    /// <summary>Sends a command; commands go out in the order of the calls.</summary>
    /// <returns>Completes with the answer. Cancelled, or faulted, when the session ends first.</returns>
    public abstract Task<ClientAnswer> SendAsync(ClientCommand command);

    /// <summary>ABORT TASK.</summary>
    public abstract Task<TaskManagementResponse> AbortAsync(uint tag, int lun);

    /// <summary>Ends the session as the protocol wants it; null where the protocol has no such thing.</summary>
    public abstract Task? LogoutAsync();

    /// <summary>Sends bytes that are no message of the protocol.</summary>
    public abstract Task SendGarbageAsync(byte[] garbage);

    /// <summary>Loses the connection, without a word.</summary>
    public abstract ValueTask DisposeAsync();
}
