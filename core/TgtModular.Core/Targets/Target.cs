using Microsoft.Extensions.Logging;
using TgtModular.Core.Buffers;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Engine;
using TgtModular.Core.Nexuses;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Targets;

/// <summary>A SCSI target device: its ports in each transport, its LUN map and its nexuses.</summary>
internal sealed class Target : ITargetScope
{
    private readonly Lock _gate = new();
    private readonly TargetContext _context;
    private readonly List<Nexus> _nexuses = [];
    private Dictionary<string, LogicalUnit> _units;
    private TargetSpec _spec;

    public Target(TargetSpec spec, Owner owner, IReadOnlyDictionary<string, LogicalUnit> units, TargetContext context)
    {
        _spec = spec;
        _units = new Dictionary<string, LogicalUnit>(units);
        _context = context;
        Owner = owner;
    }

    public Owner Owner { get; set; }

    public TargetSpec Spec => Volatile.Read(ref _spec);

    /// <summary>The controller at LUN 0 where nothing else is mapped; null when no plugin makes one.</summary>
    public UnitEntry? Controller => _context.Controller;

    public IReadOnlyCollection<LogicalUnit> Units
    {
        get
        {
            lock (_gate) return Controller is null ? [.. _units.Values] : [.. _units.Values, Controller.Unit];
        }
    }

    public IReadOnlyList<Nexus> Nexuses
    {
        get
        {
            lock (_gate) return [.. _nexuses];
        }
    }

    public TargetStatus Describe()
    {
        lock (_gate) return new TargetStatus(_spec, Owner, _nexuses.Count);
    }

    public bool Admits(InitiatorIdentity initiator)
    {
        TargetSpec spec = Spec;
        return spec.Online && spec.Access.Admits(initiator);
    }

    public IReadOnlyList<Lun> GetLuns(InitiatorIdentity initiator)
    {
        lock (_gate) return [.. MapFor(initiator).Keys.Order()];
    }

    /// <summary>Initiators that its access rules and LUN map call by their whole name.</summary>
    public IReadOnlyList<string> NamedInitiators
    {
        get
        {
            TargetSpec spec = Spec;
            IEnumerable<NamePattern> patterns =
                [.. spec.Access.Rules.SelectMany(rule => rule.Initiators), .. spec.Luns.SelectMany(lun => lun.Initiators)];
            return [.. patterns.Where(pattern => pattern.IsName).Select(pattern => pattern.Text).Distinct(StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <summary>Units that the initiator would reach through a transport, without the controller.</summary>
    public IReadOnlyList<MappedUnit> GetUnits(InitiatorIdentity initiator, string transport)
    {
        lock (_gate)
        {
            return
            [
                .. from entry in MapFor(initiator)
                   where entry.Value != Controller?.Unit
                   orderby entry.Key
                   select new MappedUnit(entry.Key, entry.Value.Identity.Name, entry.Value.Geometry)
                   {
                       Elsewhere = entry.Value.Exports.FirstOrDefault(export => !export.Is(_spec.Key, transport))?.ToString(),
                   },
            ];
        }
    }

    public UnitGeometry? GetGeometry(Lun lun)
    {
        lock (_gate)
        {
            return lun.TryGetNumber(out int number) && _spec.Luns.FirstOrDefault(entry => entry.Number == number) is { } mapped
                ? _units.GetValueOrDefault(mapped.Unit)?.Geometry
                : null;
        }
    }

    /// <summary>LUNs at which a unit is mapped.</summary>
    public IEnumerable<Lun> FindLuns(LogicalUnit unit) =>
        Spec.Luns.Where(entry => entry.Unit == unit.Identity.Name).Select(entry => Lun.FromNumber(entry.Number)).Distinct();

    public Nexus? OpenNexus(string transport, NexusRequest request)
    {
        lock (_gate)
        {
            if (!Admits(request.Initiator)) return null;
            if (_spec.Transports.FirstOrDefault(entry => entry.Transport == transport) is not { } seen) return null;
            Nexus nexus = new(new NexusContext(
                request, PortFor(seen, request), this, _context.Buffers, Math.Min(request.MaxCommands, _context.Limits.MaximumCommands),
                _context.Limits.MaximumTransferLength, _context.Logger, Forget)
            {
                Transport = transport,
                MaximumBufferBytes = _context.Limits.MaximumNexusMemory,
            });
            _nexuses.Add(nexus);
            // A new nexus has nothing to take away, so this completes at once.
            nexus.SetLunsAsync(MapFor(request.Initiator)).GetAwaiter().GetResult();
            return nexus;
        }
    }

    /// <summary>Takes a new specification: closes nexuses that are not admitted any more, and tells the others of a changed LUN map.</summary>
    public async Task ChangeAsync(TargetSpec spec, IReadOnlyDictionary<string, LogicalUnit> units)
    {
        List<Nexus> ended = [];
        List<(Nexus Nexus, Dictionary<Lun, LogicalUnit> Map)> changed = [];
        lock (_gate)
        {
            TargetSpec old = _spec;
            _units = new Dictionary<string, LogicalUnit>(units);
            Volatile.Write(ref _spec, spec);
            foreach (Nexus nexus in _nexuses)
            {
                if (!Admits(nexus.InitiatorIdentity) || NameIn(old, nexus.Transport) != NameIn(spec, nexus.Transport)) ended.Add(nexus);
                else if (!old.Luns.Equals(spec.Luns)) changed.Add((nexus, MapFor(nexus.InitiatorIdentity)));
            }
        }

        foreach ((Nexus nexus, Dictionary<Lun, LogicalUnit> map) in changed) await nexus.ChangeLunsAsync(map);
        await EndAsync(ended);
    }

    /// <summary>Ends every nexus and waits until their commands are done.</summary>
    public Task CloseAsync() => EndAsync(Nexuses);

    private static async Task EndAsync(IReadOnlyCollection<Nexus> nexuses)
    {
        foreach (Nexus nexus in nexuses) nexus.Observer.CloseRequested(NexusEnd.Administrative);
        foreach (Nexus nexus in nexuses) await nexus.CloseAsync(NexusEnd.Administrative);
    }

    private static string? NameIn(TargetSpec spec, string transport) =>
        spec.Transports.FirstOrDefault(entry => entry.Transport == transport)?.TargetName;

    private Dictionary<Lun, LogicalUnit> MapFor(InitiatorIdentity initiator)
    {
        Dictionary<Lun, LogicalUnit> map = [];
        foreach (LunSpec entry in _spec.Luns)
        {
            if (entry.AppliesTo(initiator) && _units.TryGetValue(entry.Unit, out LogicalUnit? unit)) map.TryAdd(Lun.FromNumber(entry.Number), unit);
        }

        if (Controller is { } controller) map.TryAdd(Lun.FromNumber(0), controller.Unit);
        return map;
    }

    private TargetPortIdentity PortFor(TargetTransportSpec seen, NexusRequest request)
    {
        ProtocolIdentifier protocol = request.InitiatorPort.Protocol;
        string portName = request.PortName
            ?? (protocol == ProtocolIdentifier.Iscsi ? $"{seen.TargetName},t,0x{request.PortalGroupTag:x4}" : seen.TargetName);
        ushort identifier = _context.Ports.IdentifierOf(protocol, portName);
        return new TargetPortIdentity(seen.TargetName, protocol, identifier, request.PortalGroupTag, portName);
    }

    private void Forget(Nexus nexus)
    {
        lock (_gate) _nexuses.Remove(nexus);
    }
}

/// <summary>What a target is made of, besides its specification.</summary>
internal sealed record TargetContext(
    BufferPool Buffers, EngineLimits Limits, ILogger Logger, UnitEntry? Controller, TargetPorts Ports);
