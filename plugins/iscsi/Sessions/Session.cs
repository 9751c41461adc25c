using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.FullFeature;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Sessions;

/// <summary>What makes two logins the same session (RFC 7143 section 4.4.1): initiator port and target port.</summary>
/// <param name="InitiatorName">Normalised name.</param>
/// <param name="Isid">ISID.</param>
/// <param name="TargetName">Normalised name; empty for discovery.</param>
/// <param name="PortalGroupTag">Portal group.</param>
internal readonly record struct SessionKey(string InitiatorName, Isid Isid, string TargetName, ushort PortalGroupTag)
{
    /// <summary>True for a discovery session.</summary>
    public bool IsDiscovery => TargetName.Length == 0;
}

/// <summary>One session and its only connection. Made when the login is agreed, gone when its nexus is closed.</summary>
internal sealed class Session(SessionKey key, ushort tsih, Connection connection, ushort connectionId)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long _commands; // written by the receive loop

    /// <summary>Its identity.</summary>
    public SessionKey Key => key;

    /// <summary>Target Session Identifying Handle.</summary>
    public ushort Tsih => tsih;

    /// <summary>CID of its connection.</summary>
    public ushort ConnectionId => connectionId;

    /// <summary>Its connection.</summary>
    public Connection Connection => connection;

    /// <summary>Name of the initiator.</summary>
    public string InitiatorName => key.InitiatorName;

    /// <summary>Name of the target; null in a discovery session.</summary>
    public string? TargetName => key.IsDiscovery ? null : key.TargetName;

    /// <summary>Alias the initiator gave.</summary>
    public string? InitiatorAlias { get; set; }

    /// <summary>What was negotiated.</summary>
    public NegotiatedParameters? Parameters { get; set; }

    /// <summary>Its nexus; null in a discovery session.</summary>
    public INexus? Nexus { get; set; }

    /// <summary>SCSI Command PDUs received.</summary>
    public long Commands => Volatile.Read(ref _commands);

    /// <summary>Completes when the session is gone and its nexus closed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>A SCSI Command PDU came. Called by the receive loop only.</summary>
    public void CountCommand() => Volatile.Write(ref _commands, _commands + 1);

    /// <summary>The session is gone.</summary>
    public void SetEnded() => _ended.TrySetResult();
}
