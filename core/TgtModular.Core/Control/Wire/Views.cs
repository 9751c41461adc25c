namespace TgtModular.Core.Control.Wire;

/// <summary>The daemon itself. <paramref name="AllocatedBytes"/>: on the managed heap since the start; commands should add nothing to it.</summary>
public sealed record DaemonView(
    string Version, int ProcessId, DateTimeOffset Started, string StateDirectory, IReadOnlyList<string> PluginDirectories, string? ConfigurationFile,
    string LogLevel, long LeasedBufferBytes, long AllocatedBytes);

/// <summary>A transport.</summary>
public sealed record TransportView(
    string Name, string Plugin, string PluginVersion, string Owner, string Health, string? Problem, IReadOnlyList<PortalView> Portals,
    IReadOnlyDictionary<string, string> Options, IReadOnlyList<string> DiscoveryUsers);

/// <summary>A portal.</summary>
public sealed record PortalView(string Address, int PortalGroupTag);

/// <summary>A store; sizes in bytes.</summary>
public sealed record StoreView(
    string Name, string Type, string PluginVersion, string Owner, string Health, string? Problem, long Size, IReadOnlyList<string> Capabilities,
    IReadOnlyList<string> Over, bool Shared, IReadOnlyList<string> UsedBy, IReadOnlyDictionary<string, string> Options);

/// <summary>A unit; sizes in bytes.</summary>
public sealed record UnitView(
    string Name, string Device, string PluginVersion, string DeviceType, string Owner, string Health, string? Problem,
    IReadOnlyDictionary<string, string> Stores,
    string Vendor, string? Product, string Revision, string Serial, string ScsiId, string? Naa, long? Size, int? BlockLength, long? BlockCount,
    bool? WriteCache,
    bool? ReadOnly, IReadOnlyDictionary<string, string> Options);

/// <summary>A target.</summary>
public sealed record TargetView(
    string Name, string Owner, bool Online, IReadOnlyList<TargetNameView> Transports, IReadOnlyList<AccessRuleView> Access, IReadOnlyList<string> ChapUsers,
    string? ChapOutgoingUser, IReadOnlyList<LunView> Luns, int Sessions);

/// <summary>A target's name in a transport.</summary>
public sealed record TargetNameView(string Transport, string Name, IReadOnlyDictionary<string, string> Options);

/// <summary>An access rule.</summary>
public sealed record AccessRuleView(IReadOnlyList<string> Addresses, IReadOnlyList<string> Initiators);

/// <summary>A LUN map entry.</summary>
public sealed record LunView(int Number, string Unit, IReadOnlyList<string> Initiators);

/// <summary>A session.</summary>
public sealed record SessionView(
    string Transport, ulong Id, string? Target, string Initiator, string? Alias, IReadOnlyList<ConnectionView> Connections,
    IReadOnlyDictionary<string, string> Parameters);

/// <summary>A connection.</summary>
public sealed record ConnectionView(uint Id, string Peer, string State);

/// <summary>A plugin.</summary>
public sealed record PluginView(string Name, string Version, IReadOnlyList<string> Exports, string Directory, string State, string? Problem)
{
    /// <summary>Why it is not served; null when it is.</summary>
    public string? Cause { get; init; }

    /// <summary>What to do about it; null when nothing.</summary>
    public string? Remedy { get; init; }

    /// <summary>Odd, but no reason to refuse.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Contract versions it works with; null when unknown.</summary>
    public string? Contract { get; init; }

    /// <summary>The contract version of this host.</summary>
    public string? HostContract { get; init; }

    /// <summary>How calls into it may overlap.</summary>
    public string? Concurrency { get; init; }

    /// <summary>SPDX licence expression.</summary>
    public string? License { get; init; }

    /// <summary>SHA-256 of its manifest; null when it was not taken up.</summary>
    public string? ContentHash { get; init; }

    /// <summary>Where its code is loaded from; null when it was not taken up.</summary>
    public string? PrivateCopy { get; init; }

    /// <summary>Objects it serves, as <c>store db</c>.</summary>
    public IReadOnlyList<string> UsedBy { get; init; } = [];
}

/// <summary>What an upgrade did, or would do.</summary>
public sealed record PluginUpgradeView(string Plugin, string Version, bool DryRun, string? Problem, IReadOnlyList<StoreUpgradeView> Stores);

/// <summary>A store in an upgrade; <paramref name="State"/> is planned, upgraded, skipped, failed or not_tried.</summary>
public sealed record StoreUpgradeView(string Store, string From, string To, string State, string Detail);

/// <summary>What a removal did.</summary>
public sealed record PluginRemovalView(IReadOnlyList<string> Plugins, IReadOnlyList<string> Objects, bool StaysLoaded);

/// <summary>What lies in a plugin directory and is no plugin.</summary>
public sealed record PluginProblemView(string Path, string Cause, string Remedy);

/// <summary>A plugin's folder, read without running code of it.</summary>
public sealed record PluginInspectionView(
    PluginView Plugin, string? EntryAssembly, IReadOnlyList<PluginFileView> Files, IReadOnlyList<PluginAssemblyView> Assemblies);

/// <summary>A file that a manifest lists; <paramref name="State"/> is right, missing, or differs.</summary>
public sealed record PluginFileView(string Path, string Sha256, string State);

/// <summary>A managed assembly of a plugin with what it refers to.</summary>
public sealed record PluginAssemblyView(string Path, string Name, string Version, IReadOnlyList<string> References);

/// <summary>Counters of a unit since it was made.</summary>
public sealed record StatisticsView(
    string Unit, long ReadCommands, long ReadBytes, long WriteCommands, long WriteBytes, long OtherCommands, long Errors, int Running);

/// <summary>A plan.</summary>
public sealed record PlanView(IReadOnlyList<OperationView> Operations, IReadOnlyList<string> Conflicts, IReadOnlyList<string> LeftAlone,
    IReadOnlyList<string> Warnings);

/// <summary>An operation of a plan, with its result once it was carried out.</summary>
/// <param name="Action">add, change or remove.</param>
/// <param name="Kind">Kind of object.</param>
/// <param name="Name">Name of the object.</param>
/// <param name="Detail">What it does.</param>
/// <param name="Result">ok, or a kind of failure; null in a plan.</param>
/// <param name="Message">What failed; null when nothing did.</param>
public sealed record OperationView(string Action, string Kind, string Name, string Detail, string? Result = null, string? Message = null);

/// <summary>Why a request was not done.</summary>
/// <param name="Error">Kind of failure.</param>
/// <param name="Messages">What is wrong and what to do.</param>
public sealed record ProblemView(string Error, IReadOnlyList<string> Messages);
