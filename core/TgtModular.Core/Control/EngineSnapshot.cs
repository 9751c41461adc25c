using TgtModular.Core.Configuration;
using TgtModular.Core.Plugins;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Storage;
using TgtModular.Transports;

namespace TgtModular.Core.Control;

/// <summary>All objects of the engine at one moment; every list is sorted by name.</summary>
public sealed record EngineSnapshot
{
    /// <summary>Nothing.</summary>
    public static EngineSnapshot Empty { get; } = new();

    /// <summary>Transports.</summary>
    public IReadOnlyList<TransportStatus> Transports { get; init; } = [];

    /// <summary>Stores.</summary>
    public IReadOnlyList<StoreStatus> Stores { get; init; } = [];

    /// <summary>Units; the built-in controllers of LUN 0 are not among them.</summary>
    public IReadOnlyList<UnitStatus> Units { get; init; } = [];

    /// <summary>Targets.</summary>
    public IReadOnlyList<TargetStatus> Targets { get; init; } = [];

    /// <summary>Sessions of all transports.</summary>
    public IReadOnlyList<SessionStatus> Sessions { get; init; } = [];

    /// <summary>What each session does with each logical unit, by target, session and LUN.</summary>
    public IReadOnlyList<UnitNexusStatus> Nexuses { get; init; } = [];

    /// <summary>Plugins found, those that failed too.</summary>
    public IReadOnlyList<PluginStatus> Plugins { get; init; } = [];
}

/// <summary>Whether an object works.</summary>
public enum ObjectHealth
{
    /// <summary>It works.</summary>
    Online,

    /// <summary>It is there but does not answer: a lost store, an offline target.</summary>
    Offline,

    /// <summary>Its plugin failed; it is fenced.</summary>
    Failed,
}

/// <summary>A running transport.</summary>
/// <param name="Spec">What it was made from.</param>
/// <param name="Owner">Who made it.</param>
/// <param name="Health">Whether it works.</param>
/// <param name="Problem">Why not; null when it does.</param>
/// <param name="PluginVersion">Version of the plugin that serves it.</param>
/// <param name="Portals">Where it listens.</param>
public sealed record TransportStatus(
    TransportSpec Spec, Owner Owner, ObjectHealth Health, string? Problem, string PluginVersion, IReadOnlyList<PortalDescription> Portals);

/// <summary>An open store.</summary>
/// <param name="Spec">What it was made from.</param>
/// <param name="Owner">Who made it.</param>
/// <param name="Health">Whether it works.</param>
/// <param name="Problem">Why not; null when it does.</param>
/// <param name="PluginVersion">Version of the plugin that serves it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Info">Abilities and limits.</param>
/// <param name="UsedBy">Names of units and filters on it.</param>
public sealed record StoreStatus(
    StoreSpec Spec, Owner Owner, ObjectHealth Health, string? Problem, string PluginVersion, long Length, StoreInfo Info, IReadOnlyList<string> UsedBy);

/// <summary>A unit.</summary>
/// <param name="Spec">What it was made from.</param>
/// <param name="Owner">Who made it.</param>
/// <param name="Health">Whether it works.</param>
/// <param name="Problem">Why not; null when it does.</param>
/// <param name="PluginVersion">Version of the plugin that serves it.</param>
/// <param name="DeviceType">PERIPHERAL DEVICE TYPE.</param>
/// <param name="Identity">Who it is, defaults filled in.</param>
/// <param name="Geometry">What it looks like; null before its device server published it.</param>
/// <param name="Statistics">What it did since it was made.</param>
public sealed record UnitStatus(
    UnitSpec Spec, Owner Owner, ObjectHealth Health, string? Problem, string PluginVersion, PeripheralDeviceType DeviceType, UnitIdentity Identity,
    UnitGeometry? Geometry, UnitStatistics Statistics)
{
    /// <summary>In what condition its device server says it is; null when it does not say.</summary>
    public UnitCondition? Condition { get; init; }
}

/// <summary>Counters of a unit since it was made.</summary>
/// <param name="ReadCommands">Commands with Data-In that completed.</param>
/// <param name="ReadBytes">Bytes they sent.</param>
/// <param name="WriteCommands">Commands with Data-Out that completed.</param>
/// <param name="WriteBytes">Bytes they took.</param>
/// <param name="OtherCommands">Commands without data that completed.</param>
/// <param name="Errors">Commands that ended with another status than GOOD.</param>
/// <param name="Running">Commands in the task set now.</param>
public sealed record UnitStatistics(
    long ReadCommands, long ReadBytes, long WriteCommands, long WriteBytes, long OtherCommands, long Errors, int Running);

/// <summary>One I_T_L nexus: a logical unit as one session sees it.</summary>
/// <param name="Target">Key of the target.</param>
/// <param name="Transport">Name of the transport.</param>
/// <param name="SessionId">The session there; 0 where the transport has none.</param>
/// <param name="Lun">Where it sees the unit.</param>
/// <param name="Transfers">What it did since it logged in.</param>
public sealed record UnitNexusStatus(string Target, string Transport, ulong SessionId, Lun Lun, TransferStatistics Transfers);

/// <summary>Commands with data that one I_T_L nexus finished, whatever they did to the medium.</summary>
/// <param name="InCommands">Commands with Data-In.</param>
/// <param name="InRequestedBytes">Bytes the initiator had room for.</param>
/// <param name="InBytes">Bytes it was sent.</param>
/// <param name="OutCommands">Commands with Data-Out.</param>
/// <param name="OutRequestedBytes">Bytes the initiator had to send.</param>
/// <param name="OutBytes">Bytes that were taken.</param>
/// <param name="Failures">Commands, with data or without, that did not end with GOOD; unit attentions count.</param>
public readonly record struct TransferStatistics(
    long InCommands, long InRequestedBytes, long InBytes, long OutCommands, long OutRequestedBytes, long OutBytes, long Failures);

/// <summary>A target.</summary>
/// <param name="Spec">What it is now, changes included.</param>
/// <param name="Owner">Who made it.</param>
/// <param name="Sessions">Open nexuses.</param>
public sealed record TargetStatus(TargetSpec Spec, Owner Owner, int Sessions);

/// <summary>A session of a transport.</summary>
/// <param name="Transport">Name of the transport.</param>
/// <param name="Session">The session.</param>
public sealed record SessionStatus(string Transport, SessionDescription Session);

/// <summary>A plugin that was found.</summary>
/// <param name="Name">Name in its manifest, or of its folder when that cannot be read.</param>
/// <param name="Version">Its version; empty when unknown.</param>
/// <param name="Exports">Kind and name of each export, as <c>store/file</c>.</param>
/// <param name="Directory">Its folder.</param>
/// <param name="State">For people: available, loaded, failed, fenced.</param>
/// <param name="Problem">Why it is not served, and what to do; null when it is.</param>
public sealed record PluginStatus(string Name, string Version, IReadOnlyList<string> Exports, string Directory, string State, string? Problem)
{
    /// <summary>All that the catalog knows of it; null where plugins come from no catalog.</summary>
    public PluginInfo? Details { get; init; }
}
