using System.Collections.Immutable;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Engine;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Targets;

/// <summary>A running transport with its record; the engine as that transport sees it.</summary>
internal sealed class TransportEntry(TransportSpec spec, Owner owner, string pluginVersion, PluginHost host) : ITransportHost
{
    private ImmutableArray<TargetPort> _ports = [];

    /// <summary>Version of its plugin.</summary>
    public string PluginVersion => pluginVersion;

    public TransportSpec Spec { get; set; } = spec;

    public Owner Owner { get; set; } = owner;

    public PluginHost Host => host;

    /// <summary>The transport; set once it is made.</summary>
    public ITransport Transport { get; set; } = null!;

    public IReadOnlyList<ITransportTarget> Targets => [.. _ports];

    public Authentication DiscoveryAuthentication => Spec.DiscoveryChap.ToAuthentication();

    public ITransportTarget? FindTarget(string name) => _ports.FirstOrDefault(port => port.Name == name);

    public UnitGeometry? GetGeometry(ITransportTarget target, Lun lun) => (target as TargetPort)?.Target.GetGeometry(lun);

    public TransportStatus Describe()
    {
        TransportCondition? condition = (Transport as ITransportConditionSource)?.Condition;
        ObjectHealth health = condition is { Serves: false } ? ObjectHealth.Offline : ObjectHealth.Online;
        return new TransportStatus(Spec, Owner, health, condition?.Problem, pluginVersion, Transport.Portals);
    }

    /// <summary>Brings the ports in line with the targets that are there, and tells the transport.</summary>
    public void Follow(IEnumerable<Target> targets)
    {
        ImmutableArray<TargetPort> old = _ports;
        ImmutableArray<TargetPort> now =
        [
            .. from target in targets
               from seen in target.Spec.Transports
               where seen.Transport == Spec.Name
               select old.FirstOrDefault(port => port.Target == target && port.Is(seen)) ?? new TargetPort(target, seen),
        ];
        ImmutableInterlocked.InterlockedExchange(ref _ports, now);
        if (Transport is not ITransportObserver observer) return;
        foreach (TargetPort port in old.Except(now)) observer.TargetChanged(port, removed: true);
        foreach (TargetPort port in now) observer.TargetChanged(port, removed: false);
    }

    /// <summary>A unit's geometry changed.</summary>
    public void GeometryChanged(LogicalUnit unit, UnitGeometry geometry)
    {
        if (Transport is not ITransportObserver observer) return;
        foreach (TargetPort port in _ports)
        {
            foreach (Lun lun in port.Target.FindLuns(unit)) observer.GeometryChanged(port, lun, geometry);
        }
    }
}

/// <summary>A target as one transport sees it.</summary>
internal sealed class TargetPort(Target target, TargetTransportSpec seen) : ITransportTarget
{
    public Target Target => target;

    public string Name => seen.TargetName;

    public OptionValues Options => seen.Options;

    public Authentication Authentication => target.Spec.Chap.ToAuthentication();

    public bool Is(TargetTransportSpec other) => seen.Equals(other);

    public bool Admits(InitiatorIdentity initiator) => target.Admits(initiator);

    public IReadOnlyList<Lun> GetLuns(InitiatorIdentity initiator) => target.GetLuns(initiator);

    public IReadOnlyList<string> NamedInitiators => target.NamedInitiators;

    public IReadOnlyList<MappedUnit> GetUnits(InitiatorIdentity initiator) => target.GetUnits(initiator, seen.Transport);

    public INexus? OpenNexus(NexusRequest request) => target.OpenNexus(seen.Transport, request);
}
