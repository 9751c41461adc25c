using TgtModular.Core.Configuration;

namespace TgtModular.Core.Control;

/// <summary>What a plan does to targets: entries of units that go are taken out before, everything else comes after.</summary>
internal sealed class TargetChanges
{
    public TargetChanges(EngineSnapshot now, ObjectDiff<TargetSpec> diff, HashSet<string> goingUnits, HashSet<string> replacedUnits)
    {
        HashSet<string> removed = [.. diff.Removed.Select(target => target.Key)];
        Dictionary<string, TargetSpec> changed = diff.Changed.ToDictionary(change => change.To.Key, change => change.To, StringComparer.Ordinal);
        HashSet<string> known = [.. changed.Keys, .. diff.Same.Select(target => target.Key)];
        foreach (TargetStatus status in now.Targets)
        {
            TargetSpec target = status.Spec;
            if (removed.Contains(target.Key))
            {
                Removals.Add(new RemoveTarget(target.Key, status.Sessions));
                continue;
            }

            // Units that are only replaced come back in targets made at run time too; those that go for good stay with such a target, and their removal
            // tells that it still uses them.
            HashSet<string> detached = known.Contains(target.Key) ? goingUnits : replacedUnits;
            ValueList<LunSpec> detaching = target.Luns.Where(lun => detached.Contains(lun.Unit)).ToValueList();
            if (detaching.Count > 0) Removals.Add(new ChangeTarget(target.Key, new TargetChange { RemoveLuns = detaching }));
            TargetSpec between = target with { Luns = target.Luns.Where(lun => !detached.Contains(lun.Unit)).ToValueList() };
            TargetChange change = Difference(between, changed.GetValueOrDefault(target.Key, target));
            if (change != new TargetChange()) Additions.Add(new ChangeTarget(target.Key, change));
        }

        Additions.AddRange(diff.Added.Select(target => new AddTarget(target)));
    }

    public List<ControlOperation> Removals { get; } = [];

    public List<ControlOperation> Additions { get; } = [];

    private static TargetChange Difference(TargetSpec old, TargetSpec to)
    {
        List<LunSpec> remove = [.. old.Luns.Except(to.Luns)];
        List<LunSpec> add = [.. to.Luns.Except(old.Luns)];

        // New entries go behind those that are there. Where several share a number their order decides: then all of that number are put in anew.
        foreach (IGrouping<int, LunSpec> group in to.Luns.GroupBy(lun => lun.Number).Where(group => group.Count() > 1))
        {
            IEnumerable<LunSpec> result = old.Luns.Except(remove).Concat(add).Where(lun => lun.Number == group.Key);
            if (result.SequenceEqual(group)) continue;
            remove.AddRange(old.Luns.Where(lun => lun.Number == group.Key && !remove.Contains(lun)));
            _ = add.RemoveAll(lun => lun.Number == group.Key);
            add.AddRange(group);
        }

        return new TargetChange
        {
            Access = old.Access == to.Access ? null : to.Access,
            Chap = old.Chap == to.Chap ? null : to.Chap,
            Online = old.Online == to.Online ? null : to.Online,
            RemoveLuns = remove.ToValueList(),
            AddLuns = add.ToValueList(),
            RemoveTransports = old.Transports.Select(seen => seen.Transport).Except(to.Transports.Select(seen => seen.Transport)).ToValueList(),
            SetTransports = to.Transports.Except(old.Transports).ToValueList(),
        };
    }
}
