using TgtModular.Core.Configuration;
using TgtModular.Plugins;

namespace TgtModular.Core.Control;

/// <summary>What a plan does to stores.</summary>
internal sealed class StoreChanges
{
    private const string SizeOption = "size";

    private StoreChanges()
    {
    }

    /// <summary>Names of stores that are closed and opened anew.</summary>
    public HashSet<string> Replaced { get; } = new(StringComparer.Ordinal);

    /// <summary>Closing, filters before what lies beneath them.</summary>
    public List<ControlOperation> Removals { get; } = [];

    /// <summary>Growing and opening, what lies beneath before the filters.</summary>
    public List<ControlOperation> Additions { get; } = [];

    public static StoreChanges Compute(ObjectDiff<StoreSpec> diff, EngineSnapshot now, PlanNotes notes)
    {
        var changes = new StoreChanges();
        var wanted = new Dictionary<string, StoreSpec>(StringComparer.Ordinal);
        foreach (StoreSpec added in diff.Added) wanted[added.Name] = added;
        foreach ((StoreSpec old, StoreSpec to) in diff.Changed)
        {
            if (!OnlySizeDiffers(old, to))
            {
                _ = changes.Replaced.Add(to.Name);
                wanted[to.Name] = to;
                continue;
            }

            // Without a size in the file the store may have any.
            if (!to.Options.Has(SizeOption)) continue;
            long length = now.Stores.First(store => store.Spec.Name == to.Name).Length;
            long size = to.Options.GetInteger(SizeOption);
            if (size > length)
            {
                changes.Additions.Add(new ResizeStore(to.Name, length, size));
            }
            else if (size < length)
            {
                notes.Conflicts.Add(
                    $"store '{to.Name}' has {Quantity.FormatSize(length)} and the file says {Quantity.FormatSize(size)}: a file never shrinks a store, for that destroys data (tgtctl store resize does)");
            }
        }

        changes.SpreadUpwards(diff, wanted);
        HashSet<string> going = [.. diff.Removed.Select(store => store.Name), .. changes.Replaced];
        List<StoreSpec> open = [.. now.Stores.Select(store => store.Spec).Where(store => going.Contains(store.Name))];
        changes.Removals.AddRange(LowerFirst(open).Reverse().Select(store => new RemoveStore(store.Name)));
        changes.Additions.AddRange(LowerFirst([.. wanted.Values]).Select(store => new AddStore(store)));
        return changes;
    }

    /// <summary>A filter over a store that is opened anew is opened anew too.</summary>
    private void SpreadUpwards(ObjectDiff<StoreSpec> diff, Dictionary<string, StoreSpec> wanted)
    {
        bool grown = true;
        while (grown)
        {
            grown = false;
            foreach (StoreSpec store in diff.Same.Where(store => store.Lower.Any(Replaced.Contains)))
            {
                if (!Replaced.Add(store.Name)) continue;
                wanted[store.Name] = store;
                grown = true;
            }
        }
    }

    private static bool OnlySizeDiffers(StoreSpec old, StoreSpec to) =>
        old with { Options = to.Options } == to
        && to.Options.Schema.Find(SizeOption) is { Type: OptionType.Size }
        && to.Options.Schema.Definitions.All(option => option.Name == SizeOption || old.Options.Agrees(to.Options, option.Name));

    private static IEnumerable<StoreSpec> LowerFirst(List<StoreSpec> stores)
    {
        var left = stores.ToDictionary(store => store.Name, StringComparer.Ordinal);
        while (left.Count > 0)
        {
            StoreSpec next = left.Values.FirstOrDefault(store => !store.Lower.Any(left.ContainsKey)) ?? left.Values.First();
            _ = left.Remove(next.Name);
            yield return next;
        }
    }
}
