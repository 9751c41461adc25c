using TgtModular.Core.Configuration;

namespace TgtModular.Core.Control;

/// <summary>Compares what is there with what shall be there.</summary>
public static class Planner
{
    /// <summary>
    /// The operations that make it so, in an order that keeps sessions not concerned: LUN map entries, targets, units and stores that go, go first, from the
    /// top down; then stores, units and targets come, from the bottom up; transports start last, so that an initiator that comes back at once finds its target.
    /// </summary>
    /// <param name="now">What is there.</param>
    /// <param name="desired">What shall be there.</param>
    /// <param name="prune">True when objects made at run time go too, and give way where the file wants their name.</param>
    public static Plan Compute(EngineSnapshot now, DesiredState desired, bool prune)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(desired);
        var notes = new PlanNotes(prune);
        var stores = ObjectDiff<StoreSpec>.Compute(ObjectKind.Store, [.. now.Stores.Select(status => (status.Spec, status.Owner))], desired.Stores,
            spec => spec.Name, notes);
        var units = ObjectDiff<UnitSpec>.Compute(ObjectKind.Unit, [.. now.Units.Select(status => (status.Spec, status.Owner))], desired.Units,
            spec => spec.Name, notes);
        var targets = ObjectDiff<TargetSpec>.Compute(ObjectKind.Target, [.. now.Targets.Select(status => (status.Spec, status.Owner))], desired.Targets,
            spec => spec.Key, notes);
        var transports = ObjectDiff<TransportSpec>.Compute(
            ObjectKind.Transport, [.. now.Transports.Select(status => (status.Spec, status.Owner))], desired.Transports, spec => spec.Name, notes);

        var storeChanges = StoreChanges.Compute(stores, now, notes);
        HashSet<string> replacedUnits = [.. units.Changed.Select(change => change.To.Name)];
        replacedUnits.UnionWith(units.Same.Where(unit => unit.Stores.Values.Any(storeChanges.Replaced.Contains)).Select(unit => unit.Name));
        HashSet<string> goingUnits = [.. units.Removed.Select(unit => unit.Name), .. replacedUnits];
        var targetChanges = new TargetChanges(now, targets, goingUnits, replacedUnits);
        var transportChanges = new TransportChanges(now, transports);

        return new Plan(
            [
                .. notes.Adopted.Select(name => new AdoptObject(name)),
                .. targetChanges.Removals,
                .. goingUnits.Order(StringComparer.Ordinal).Select(name => new RemoveUnit(name)),
                .. storeChanges.Removals,
                .. transportChanges.Stops,
                .. storeChanges.Additions,
                .. desired.Units.Where(unit => replacedUnits.Contains(unit.Name) || units.IsAdded(unit)).Select(unit => new AddUnit(unit)),
                .. targetChanges.Additions,
                .. transportChanges.Starts,
            ],
            notes.LeftAlone,
            notes.Conflicts);
    }
}

/// <summary>What a plan says beside its operations.</summary>
internal sealed class PlanNotes(bool prune)
{
    public bool Prune => prune;

    public List<ObjectName> Adopted { get; } = [];

    public List<ObjectName> LeftAlone { get; } = [];

    public List<string> Conflicts { get; } = [];
}

/// <summary>Objects of one kind, compared.</summary>
/// <param name="Added">Not there yet.</param>
/// <param name="Removed">There, and not wanted.</param>
/// <param name="Changed">There, but different.</param>
/// <param name="Same">There, as wanted.</param>
internal sealed record ObjectDiff<TSpec>(
    IReadOnlyList<TSpec> Added, IReadOnlyList<TSpec> Removed, IReadOnlyList<(TSpec From, TSpec To)> Changed, IReadOnlyList<TSpec> Same)
    where TSpec : class
{
    public bool IsAdded(TSpec spec) => Added.Contains(spec, ReferenceEqualityComparer.Instance);

    public static ObjectDiff<TSpec> Compute(
        ObjectKind kind, IReadOnlyList<(TSpec Spec, Owner Owner)> now, IReadOnlyList<TSpec> desired, Func<TSpec, string> nameOf, PlanNotes notes)
    {
        Dictionary<string, TSpec> wanted = desired.ToDictionary(nameOf, StringComparer.Ordinal);
        var removed = new List<TSpec>();
        var changed = new List<(TSpec, TSpec)>();
        var same = new List<TSpec>();
        foreach ((TSpec spec, Owner owner) in now)
        {
            var name = new ObjectName(kind, nameOf(spec));
            bool foreign = owner == Owner.Runtime && !notes.Prune;
            if (!wanted.Remove(name.Name, out TSpec? to))
            {
                if (foreign) notes.LeftAlone.Add(name);
                else removed.Add(spec);
            }
            else if (spec.Equals(to))
            {
                if (owner == Owner.Runtime) notes.Adopted.Add(name);
                same.Add(to);
            }
            else if (foreign)
            {
                notes.Conflicts.Add($"{name} was made at run time and differs from the one in the file; remove it, or replace it with --prune");
            }
            else
            {
                if (owner == Owner.Runtime) notes.Adopted.Add(name);
                changed.Add((spec, to));
            }
        }

        return new ObjectDiff<TSpec>([.. desired.Where(spec => wanted.ContainsKey(nameOf(spec)))], removed, changed, same);
    }
}
