using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Toml;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>Binds <c>[store.NAME]</c>.</summary>
internal sealed class StoreBinder(BindingContext context)
{
    /// <summary>Binds all stores and puts lower ones first.</summary>
    public ValueList<StoreSpec> Bind(IReadOnlyList<(string Name, TomlTable Table)> tables, StoreUse use)
    {
        string[] names = [.. tables.Select(entry => entry.Name)];
        var stores = new List<StoreSpec>();
        foreach ((string name, TomlTable table) in tables)
        {
            stores.Add(BindOne(name, table, names, use));
        }

        return Order(stores, tables.ToDictionary(entry => entry.Name, entry => entry.Table.Position));
    }

    /// <summary>Binds one store.</summary>
    public StoreSpec BindOne(string name, TomlTable table, IReadOnlyCollection<string> names, StoreUse use)
    {
        var reader = new TableReader(table, $"store '{name}'", context.Problems);
        PluginReference? type = context.Plugin(reader, "type");
        bool shared = reader.Boolean("shared") ?? false;
        IReadOnlyList<TomlString> over = reader.TextList("over") ?? [];
        foreach (TomlString lower in over)
        {
            if (context.IsKnown("store", lower.Value, names, reader.What, lower.Position)) use.Add(lower.Value, reader.What, lower.Position);
        }

        if (type is null && !table.ContainsKey("type")) reader.Missing("type", context.Schemas.GetNames(PluginKind.Store));
        OptionValues? options = null;
        if (type is not null)
        {
            if (context.Schemas.TryFindStore(type, out IStoreFactory? factory, out string? problem))
            {
                CheckLower(reader, type, factory.LowerCount, over.Count);
                options = context.Options.Bind(factory.Options, reader.Rest, $"store '{name}' (type '{type}')", table.Position, ["type", "over", "shared"],
                    context.Problems);
            }
            else
            {
                context.NoPlugin(PluginKind.Store, type, reader.PositionOf("type"), problem);
            }
        }

        var store = new StoreSpec(
            name, type ?? new PluginReference("unknown"), options ?? OptionValues.Empty, over.Select(lower => lower.Value).ToValueList(), shared);
        use.Declare(store);
        return store;
    }

    private static void CheckLower(TableReader reader, PluginReference type, int wanted, int given)
    {
        if (wanted == 0 && given > 0) reader.Error($"{reader.What} is of type '{type}', which is no filter: 'over' makes no sense");
        else if (wanted > 0 && given != wanted)
            reader.Error($"{reader.What} is of type '{type}', a filter: 'over' names {wanted} store{(wanted == 1 ? "" : "s")}, not {given}");
        else if (wanted < 0 && given == 0) reader.Error($"{reader.What} is of type '{type}', a filter: 'over' names the stores beneath");
    }

    /// <summary>Lower stores before those above them; a circle is a problem.</summary>
    private ValueList<StoreSpec> Order(List<StoreSpec> stores, Dictionary<string, TomlPosition> positions)
    {
        var ordered = new List<StoreSpec>();
        var placed = new HashSet<string>(StringComparer.Ordinal);
        var all = stores.Select(store => store.Name).ToHashSet(StringComparer.Ordinal);
        List<StoreSpec> left = stores;
        while (left.Count > 0)
        {
            List<StoreSpec> ready = [.. left.Where(store => store.Lower.All(lower => placed.Contains(lower) || !all.Contains(lower)))];
            if (ready.Count == 0)
            {
                foreach (StoreSpec store in left)
                    context.Problems.Error(positions[store.Name], $"store '{store.Name}' lies over itself: {string.Join(", ", store.Lower)}");
                break;
            }

            ordered.AddRange(ready);
            placed.UnionWith(ready.Select(store => store.Name));
            left = [.. left.Except(ready)];
        }

        return ordered.ToValueList();
    }
}

/// <summary>Who uses which store: a writable one may have one user unless it is declared shared.</summary>
internal sealed class StoreUse(ProblemList problems)
{
    /// <summary>The option by which store plugins are made read-only, by convention.</summary>
    public const string ReadOnlyOption = "read_only";

    private readonly Dictionary<string, StoreSpec> _stores = new(StringComparer.Ordinal);
    private readonly List<(string Store, string User, TomlPosition Position)> _uses = [];

    public void Declare(StoreSpec store) => _stores[store.Name] = store;

    public void Add(string store, string user, TomlPosition position) => _uses.Add((store, user, position));

    public void Check()
    {
        foreach (var uses in _uses.GroupBy(use => use.Store))
        {
            if (!_stores.TryGetValue(uses.Key, out StoreSpec? store) || IsSharable(store)) continue;
            string first = uses.First().User;
            foreach ((_, string user, TomlPosition position) in uses.Skip(1))
            {
                problems.Error(
                    position,
                    $"{user} uses store '{store.Name}', which belongs to {first}: two writers would destroy each other's data (set 'shared = true' on the store when they know of each other)");
            }
        }
    }

    /// <summary>True when several may use the store.</summary>
    public static bool IsSharable(StoreSpec store) =>
        store.Shared || (store.Options.Schema.Find(ReadOnlyOption) is { Type: OptionType.Boolean } && store.Options.GetBoolean(ReadOnlyOption));
}
