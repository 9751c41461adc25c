using System.Net;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;

namespace TgtModular.Transports;

/// <summary>An initiator as access rules see it.</summary>
/// <param name="Name">Its name in the transport (iSCSI name, WWPN).</param>
/// <param name="Address">Where it connects from; null where the transport has no addresses.</param>
/// <param name="PortalAddress">Where it connected to; null where the transport has no addresses.</param>
public sealed record InitiatorIdentity(string Name, IPAddress? Address = null, IPEndPoint? PortalAddress = null);

/// <summary>A user name with its secret.</summary>
/// <param name="User">User name.</param>
/// <param name="Secret">Secret; never logged.</param>
public sealed record ChapCredential(string User, ReadOnlyMemory<byte> Secret)
{
    /// <summary>The name; never the secret.</summary>
    public override string ToString() => User;
}

/// <summary>How initiators of a target, or of discovery, prove who they are.</summary>
/// <param name="Incoming">Accounts of initiators; none: no authentication is asked for.</param>
/// <param name="Outgoing">Account of the target towards initiators that ask for it; null for none.</param>
public sealed record Authentication(IReadOnlyList<ChapCredential> Incoming, ChapCredential? Outgoing)
{
    /// <summary>No authentication.</summary>
    public static Authentication None { get; } = new([], null);

    /// <summary>True when an initiator must authenticate.</summary>
    public bool Required => Incoming.Count > 0;
}

/// <summary>What a transport asks to open a nexus.</summary>
/// <param name="Initiator">The initiator.</param>
/// <param name="InitiatorPort">TransportID of the initiator port: equal ports to one target port are one nexus.</param>
/// <param name="PortalGroupTag">Portal group of the target port; 0 where there is none.</param>
/// <param name="Observer">Whom the core tells.</param>
/// <param name="MaxCommands">Commands in flight the transport wants at most.</param>
public sealed record NexusRequest(
    InitiatorIdentity Initiator, TransportId InitiatorPort, ushort PortalGroupTag, INexusObserver Observer, int MaxCommands)
{
    /// <summary>The session of the nexus in <see cref="ISessionDirectory"/>; 0 where the transport has none.</summary>
    public ulong SessionId { get; init; }

    /// <summary>
    /// <see cref="TargetPortIdentity.PortName"/> where it is not the target's name: the sixteen digits of a WWPN. Null: made from the target's name.
    /// </summary>
    public string? PortName { get; init; }
}

/// <summary>A logical unit as one initiator finds it in a target.</summary>
/// <param name="Lun">Where it finds it.</param>
/// <param name="Unit">Name of the unit.</param>
/// <param name="Geometry">What it looks like; null before its device server published it.</param>
public sealed record MappedUnit(Lun Lun, string Unit, UnitGeometry? Geometry)
{
    /// <summary>
    /// Where else the unit can be reached, for people: a target and its transport. Null when it is mapped here only, so that a transport whose initiators
    /// share one nexus takes nothing from others.
    /// </summary>
    public string? Elsewhere { get; init; }
}

/// <summary>A target of one transport.</summary>
public interface ITransportTarget
{
    /// <summary>Its name in the transport (iSCSI name, WWPN).</summary>
    string Name { get; }

    /// <summary>Its options by <see cref="ITransportFactory.TargetOptions"/>.</summary>
    OptionValues Options { get; }

    /// <summary>Its accounts.</summary>
    Authentication Authentication { get; }

    /// <summary>True when the access rules let the initiator in; false also while the target is offline.</summary>
    bool Admits(InitiatorIdentity initiator);

    /// <summary>LUNs that the initiator would reach.</summary>
    IReadOnlyList<Lun> GetLuns(InitiatorIdentity initiator);

    /// <summary>
    /// Initiators that access rules and LUN maps call by their whole name, as written there: what a transport whose kernel wants each initiator named (LIO)
    /// offers to. Whether one is let in, <see cref="Admits"/> says.
    /// </summary>
    IReadOnlyList<string> NamedInitiators => [];

    /// <summary>Units that the initiator would reach, by LUN; a controller that the engine puts at LUN 0 is not among them.</summary>
    IReadOnlyList<MappedUnit> GetUnits(InitiatorIdentity initiator) => [];

    /// <summary>Opens a nexus. A nexus of the same initiator and target port must have been closed before (session reinstatement is the transport's).</summary>
    /// <returns>Null when the target is gone, offline or does not admit the initiator.</returns>
    INexus? OpenNexus(NexusRequest request);
}

/// <summary>The engine as a transport sees it.</summary>
public interface ITransportHost
{
    /// <summary>All targets of this transport; a snapshot.</summary>
    IReadOnlyList<ITransportTarget> Targets { get; }

    /// <summary>Accounts of discovery.</summary>
    Authentication DiscoveryAuthentication { get; }

    /// <summary>Finds a target by name.</summary>
    ITransportTarget? FindTarget(string name);

    /// <summary>The geometry of a unit at a LUN; null when there is none.</summary>
    UnitGeometry? GetGeometry(ITransportTarget target, Lun lun);
}

/// <summary>Optional on a transport: told when targets and units change, for transports whose kernel side must follow (LIO).</summary>
public interface ITransportObserver
{
    /// <summary>A target was added, changed or removed.</summary>
    void TargetChanged(ITransportTarget target, bool removed);

    /// <summary>A unit's geometry changed.</summary>
    void GeometryChanged(ITransportTarget target, Lun lun, UnitGeometry geometry);
}
