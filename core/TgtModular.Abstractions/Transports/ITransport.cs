using TgtModular.Plugins;

namespace TgtModular.Transports;

/// <summary>An address a transport serves.</summary>
/// <param name="Address">As shown to people, for example <c>127.0.0.1:3260</c>.</param>
/// <param name="PortalGroupTag">Portal group; 0 where there is none.</param>
public sealed record PortalDescription(string Address, ushort PortalGroupTag);

/// <summary>One session or connection, for the control plane.</summary>
/// <param name="SessionId">Unique within the transport while it lives.</param>
/// <param name="TargetName">Target, or null for discovery.</param>
/// <param name="InitiatorName">Initiator.</param>
/// <param name="InitiatorAlias">Alias the initiator gave, or null.</param>
/// <param name="Connections">Its connections: identifier and peer address.</param>
/// <param name="Parameters">Negotiated parameters.</param>
public sealed record SessionDescription(
    ulong SessionId, string? TargetName, string InitiatorName, string? InitiatorAlias,
    IReadOnlyList<ConnectionDescription> Connections, IReadOnlyDictionary<string, string> Parameters);

/// <summary>One connection of a session.</summary>
/// <param name="ConnectionId">Identifier within the session.</param>
/// <param name="Peer">Address of the initiator.</param>
/// <param name="State">For people.</param>
public sealed record ConnectionDescription(uint ConnectionId, string Peer, string State)
{
    /// <summary>What went over it; null where the transport does not count.</summary>
    public ConnectionTraffic? Traffic { get; init; }
}

/// <summary>Traffic of a connection since it was opened.</summary>
/// <param name="ReceivedBytes">Bytes received, headers included.</param>
/// <param name="SentBytes">Bytes sent, headers included.</param>
/// <param name="Commands">Commands received.</param>
public readonly record struct ConnectionTraffic(long ReceivedBytes, long SentBytes, long Commands);

/// <summary>A running transport: made by its factory, started, drained, disposed.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Where it listens; empty where the kernel does.</summary>
    IReadOnlyList<PortalDescription> Portals { get; }

    /// <summary>Begins to serve.</summary>
    /// <exception cref="TransportException">It cannot; the message says why (port in use, no permission).</exception>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>Takes no new sessions, tells initiators, lets commands finish, closes sessions. Returns when done or cancelled.</summary>
    ValueTask DrainAsync(CancellationToken cancellationToken);
}

/// <summary>Optional on a transport: sessions for the control plane.</summary>
public interface ISessionDirectory
{
    /// <summary>Sessions now.</summary>
    IReadOnlyList<SessionDescription> GetSessions();

    /// <summary>Ends a session, or one connection of it.</summary>
    /// <returns>False when there is none.</returns>
    bool Close(ulong sessionId, uint? connectionId);
}

/// <summary>How a transport is.</summary>
/// <param name="Serves">False: nobody can reach anything through it now.</param>
/// <param name="Problem">What is wrong and what to do, for people; null when nothing is.</param>
public sealed record TransportCondition(bool Serves, string? Problem);

/// <summary>Optional on a transport: tells how it is, where it can be up without serving (a module that is missing, a port that is down).</summary>
public interface ITransportConditionSource
{
    /// <summary>How it is now.</summary>
    TransportCondition Condition { get; }
}

/// <summary>Optional on a transport: takes new values of mutable options, portals among them, while it runs.</summary>
public interface IReconfigurable
{
    /// <summary>Applies new options; running sessions are not touched.</summary>
    /// <exception cref="TransportException">They cannot be applied; nothing changed.</exception>
    ValueTask ReconfigureAsync(OptionValues options, CancellationToken cancellationToken);
}

/// <summary>A transport that cannot start or change, with a message for the administrator.</summary>
public sealed class TransportException : Exception
{
    /// <summary>With a message.</summary>
    public TransportException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public TransportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Without a message; for serialisers.</summary>
    public TransportException()
    {
    }
}

/// <summary>What a factory gets to make a transport.</summary>
/// <param name="Options">Values by the factory's schema.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Host">Services of the host.</param>
public sealed record TransportCreateContext(OptionValues Options, ITransportHost Engine, IPluginHost Host);

/// <summary>Makes transports of one kind. Exported with <see cref="ExportTransportAttribute"/>; made once.</summary>
public interface ITransportFactory
{
    /// <summary>Options of <c>[transport.NAME]</c>.</summary>
    OptionSchema Options { get; }

    /// <summary>Options of a target in this transport: <c>NAME.option</c> of <c>[[target]]</c>. The target's name is the option <c>name</c>.</summary>
    OptionSchema TargetOptions { get; }

    /// <summary>Checks and normalises a target's name.</summary>
    /// <returns>False with what is wrong.</returns>
    bool TryNormalizeTargetName(string name, out string normalized, out string problem);

    /// <summary>
    /// True: initiators come from network addresses, through portals, and can prove by accounts who they are. False: they have names only, and rules of
    /// addresses, accounts and portals mean nothing to the transport.
    /// </summary>
    bool IsNetworked => true;

    /// <summary>Makes the transport; it serves only after <see cref="ITransport.StartAsync"/>.</summary>
    ITransport Create(TransportCreateContext context);
}
