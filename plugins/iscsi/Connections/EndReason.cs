using TgtModular.Transports;

namespace TgtModular.Iscsi.Connections;

/// <summary>Why a connection ended; recorded, logged and asserted in tests.</summary>
internal enum EndReason
{
    /// <summary>The initiator logged out.</summary>
    Logout,

    /// <summary>The initiator closed the connection without a logout.</summary>
    PeerClosed,

    /// <summary>The network failed.</summary>
    ConnectionLost,

    /// <summary>The login was refused.</summary>
    LoginRefused,

    /// <summary>The login took too long.</summary>
    LoginTimeout,

    /// <summary>A header digest was wrong: the stream is out of step (RFC 7143 section 7.8).</summary>
    HeaderDigest,

    /// <summary>A PDU longer than what was declared, or longer headers than any PDU may have.</summary>
    PduTooLong,

    /// <summary>A Data-Out that nobody asked for.</summary>
    DataOutNotExpected,

    /// <summary>A Data-Out with a Target Transfer Tag that was never given out.</summary>
    DataOutUnknownTag,

    /// <summary>A Data-Out with a wrong Buffer Offset.</summary>
    DataOutOffset,

    /// <summary>A Data-Out longer than what was granted.</summary>
    DataOutTooLong,

    /// <summary>The F bit of a Data-Out did not come with the last byte of its burst.</summary>
    DataOutFinalBit,

    /// <summary>More out-of-order commands than are kept.</summary>
    OutOfOrderOverflow,

    /// <summary>No answer to NOP-In.</summary>
    NopTimeout,

    /// <summary>The initiator does not read.</summary>
    SendTimeout,

    /// <summary>The initiator does not send the data of a write.</summary>
    DataOutTimeout,

    /// <summary>Too many connections had not logged in; the oldest of the address with the most of them made room.</summary>
    LoginCrowded,

    /// <summary>The same initiator port logged in anew.</summary>
    Reinstated,

    /// <summary>The administrator closed it.</summary>
    Administrative,

    /// <summary>The engine closed it: target removed, access withdrawn, cold reset.</summary>
    TargetClosed,

    /// <summary>The initiator sent TARGET COLD RESET.</summary>
    ColdReset,

    /// <summary>The transport stops.</summary>
    Drained,

    /// <summary>A fault of ours.</summary>
    InternalError,
}

/// <summary>What a reason means to the engine.</summary>
internal static class EndReasons
{
    /// <summary>As the engine records it.</summary>
    public static NexusEnd ToNexusEnd(this EndReason reason) => reason switch
    {
        EndReason.Logout => NexusEnd.Logout,
        EndReason.PeerClosed or EndReason.ConnectionLost or EndReason.InternalError => NexusEnd.ConnectionLost,
        EndReason.NopTimeout or EndReason.SendTimeout or EndReason.DataOutTimeout or EndReason.LoginTimeout => NexusEnd.TimedOut,
        EndReason.Reinstated => NexusEnd.Reinstated,
        EndReason.ColdReset => NexusEnd.Reset,
        EndReason.Administrative or EndReason.TargetClosed or EndReason.Drained => NexusEnd.Administrative,
        _ => NexusEnd.ProtocolError,
    };
}

/// <summary>A violation that ends the connection it is thrown on; never leaves the connection's loop.</summary>
internal sealed class ConnectionException(EndReason reason, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public EndReason Reason => reason;
}
