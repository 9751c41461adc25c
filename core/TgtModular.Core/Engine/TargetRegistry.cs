using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using TgtModular.Core.Buffers;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Targets;
using TgtModular.Core.Units;
using TgtModular.Plugins;

namespace TgtModular.Core.Engine;

/// <summary>The targets. Changed by one control operation at a time.</summary>
internal sealed partial class TargetRegistry(EngineServices services, BufferPool buffers, UnitRegistry units, TargetPorts ports)
{
    private static readonly PluginReference ControllerType = new("scc");

    private readonly ILogger _logger = services.Loggers.CreateLogger("tgt.targets");
    private volatile ImmutableSortedDictionary<string, Target> _all =
        ImmutableSortedDictionary<string, Target>.Empty.WithComparers(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, Target> All => _all;

    /// <summary>Told after targets, or their names in transports, changed.</summary>
    public event Action? Changed;

    public Target? Find(string key) => _all.GetValueOrDefault(key);

    public async ValueTask<ControlResult> AddAsync(TargetSpec spec, Owner owner, CancellationToken cancellationToken)
    {
        if (_all.ContainsKey(spec.Key)) return ControlResult.Exists("target", spec.Key);
        if (FindNameClash(spec) is { } clash) return clash;
        ControlResult found = FindUnits(spec, out Dictionary<string, LogicalUnit> mapped);
        if (!found.IsOk) return found;

        UnitEntry? controller = await MakeControllerAsync(spec, cancellationToken);
        Target target = new(spec, owner, mapped, new TargetContext(buffers, services.Limits, _logger, controller, ports));
        _all = _all.Add(spec.Key, target);
        CountMappings();
        Changed?.Invoke();
        return ControlResult.Ok;
    }

    public async ValueTask<ControlResult> RemoveAsync(string key, bool force)
    {
        if (Find(key) is not { } target) return ControlResult.NotFound("target", key);
        int sessions = target.Nexuses.Count;
        if (sessions > 0 && !force) return ControlResult.InUse($"target '{key}' has {sessions} session(s)");
        _all = _all.Remove(key);
        CountMappings();
        Changed?.Invoke();
        await target.CloseAsync();
        return target.Controller is { } controller ? await units.CloseAsync(controller) : ControlResult.Ok;
    }

    public async ValueTask<ControlResult> ChangeAsync(string key, TargetChange change)
    {
        if (Find(key) is not { } target) return ControlResult.NotFound("target", key);
        TargetSpec old = target.Spec;
        foreach (LunSpec entry in change.RemoveLuns)
        {
            if (!old.Luns.Contains(entry)) return ControlResult.NotFound($"LUN {entry.Number} of target '{key}' with unit", entry.Unit);
            if (change.RemoveIdleOnly && units.Find(entry.Unit) is { Unit.IsBusy: true })
                return ControlResult.InUse($"LUN {entry.Number} of target '{key}' has commands under way");
        }

        TargetSpec spec = old with
        {
            Access = change.Access ?? old.Access,
            Chap = change.Chap ?? old.Chap,
            Online = change.Online ?? old.Online,
            Luns = [.. old.Luns.Where(entry => !change.RemoveLuns.Contains(entry)), .. change.AddLuns],
            Transports =
            [
                .. old.Transports.Where(seen => !change.RemoveTransports.Contains(seen.Transport) &&
                    change.SetTransports.All(set => set.Transport != seen.Transport)),
                .. change.SetTransports,
            ],
        };
        if (FindNameClash(spec) is { } clash) return clash;
        ControlResult found = FindUnits(spec, out Dictionary<string, LogicalUnit> mapped);
        if (!found.IsOk) return found;
        await target.ChangeAsync(spec, mapped);
        CountMappings();
        Changed?.Invoke();
        return ControlResult.Ok;
    }

    /// <summary>Takes a unit out of every LUN map.</summary>
    public async ValueTask UnmapAsync(string unit)
    {
        foreach (Target target in _all.Values)
        {
            LunSpec[] gone = [.. target.Spec.Luns.Where(entry => entry.Unit == unit)];
            if (gone.Length > 0) await ChangeAsync(target.Spec.Key, new TargetChange { RemoveLuns = [.. gone] });
        }
    }

    private ControlResult? FindNameClash(TargetSpec spec)
    {
        foreach (Target other in _all.Values.Where(other => other.Spec.Key != spec.Key))
        {
            foreach (TargetTransportSpec seen in spec.Transports)
            {
                if (other.Spec.Transports.Any(taken => taken.Transport == seen.Transport && taken.TargetName == seen.TargetName))
                    return ControlResult.Exists($"target in transport {seen.Transport} named", seen.TargetName);
            }
        }

        return null;
    }

    private ControlResult FindUnits(TargetSpec spec, out Dictionary<string, LogicalUnit> mapped)
    {
        mapped = [];
        foreach (LunSpec entry in spec.Luns)
        {
            if (units.Find(entry.Unit) is not { } unit) return ControlResult.NotFound("unit", entry.Unit);
            mapped[entry.Unit] = unit.Unit;
        }

        return ControlResult.Ok;
    }

    private async ValueTask<UnitEntry?> MakeControllerAsync(TargetSpec spec, CancellationToken cancellationToken)
    {
        UnitSpec controller = new($"{spec.Key}/controller", ControllerType, new ValueMap<string>([]), OptionValues.Empty)
        {
            Serial = spec.ControllerSerial,
            ScsiId = spec.ControllerScsiId,
        };
        (ControlResult result, UnitEntry? entry) = await units.CreateAsync(controller, Owner.Runtime, cancellationToken);
        if (entry is null) LogNoController(_logger, spec.Key, result.Message);
        return entry;
    }

    private void CountMappings()
    {
        Dictionary<string, List<UnitExport>> exports = [];
        foreach (UnitEntry entry in units.All.Values) entry.MappedBy.Clear();
        foreach (TargetSpec spec in _all.Values.Select(target => target.Spec))
        {
            foreach (string unit in spec.Luns.Select(lun => lun.Unit).Distinct())
            {
                units.Find(unit)?.MappedBy.Add(spec.Key);
                if (!exports.TryGetValue(unit, out List<UnitExport>? list)) exports[unit] = list = [];
                list.AddRange(spec.Transports.Select(seen => new UnitExport(spec.Key, seen.Transport, seen.TargetName)));
            }
        }

        foreach (UnitEntry entry in units.All.Values) entry.Unit.Exports = [.. exports.GetValueOrDefault(entry.Spec.Name) ?? []];
    }

    [LoggerMessage(EventId = 320, Level = LogLevel.Warning, Message = "target {Target} has no controller at LUN 0: {Problem}")]
    private static partial void LogNoController(ILogger logger, string target, string problem);
}
