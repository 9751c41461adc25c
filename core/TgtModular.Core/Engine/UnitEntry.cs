using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Units;
using TgtModular.Devices;

namespace TgtModular.Core.Engine;

/// <summary>A unit with its record.</summary>
internal sealed record UnitEntry(UnitSpec Spec, Owner Owner, string PluginVersion, LogicalUnit Unit, PluginHost Host)
{
    /// <summary>Who made it, or took it over since.</summary>
    public Owner Owner { get; set; } = Owner;

    /// <summary>LUN map entries that name it: target keys.</summary>
    public List<string> MappedBy { get; } = [];

    /// <summary>Handlers on its stores, taken off when it goes.</summary>
    public List<(StoreEntry Store, Action<long> Handler)> StoreHandlers { get; } = [];

    public UnitStatus Describe()
    {
        CommandCounters total = new();
        total.Add(Unit.PastCounters);
        foreach (UnitNexus nexus in Unit.Nexuses) total.Add(nexus.Counters);
        string? problem = Unit.FencedBy ?? StoreHandlers.Select(pair => pair.Store).FirstOrDefault(store => store.Problem is not null)?.Problem;
        return new UnitStatus(
            Spec, Owner, problem is null ? ObjectHealth.Online : Unit.FencedBy is null ? ObjectHealth.Offline : ObjectHealth.Failed, problem, PluginVersion, Unit.Server.DeviceType, Unit.Identity,
            Unit.Geometry, new UnitStatistics(
                total.ReadCommands, total.ReadBytes, total.WriteCommands, total.WriteBytes, total.OtherCommands, total.Errors, Unit.TaskSet.ActiveCount))
        {
            Condition = (Unit.Server as IUnitConditionSource)?.Condition,
        };
    }
}
