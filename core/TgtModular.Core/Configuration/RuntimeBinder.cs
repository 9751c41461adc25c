using TgtModular.Core.Configuration.Binding;
using TgtModular.Plugins;
using TgtModular.Toml;

namespace TgtModular.Core.Configuration;

/// <summary>
/// Binds objects that are made at run time, from texts as they are typed at a command line, by the rules of the file: what the file would refuse is refused
/// with the same words.
/// </summary>
/// <param name="schemas">The plugins' schemas.</param>
/// <param name="baseDirectory">Where relative paths count from; absolute.</param>
public sealed class RuntimeBinder(ISchemaSource schemas, string baseDirectory)
{
    /// <summary>A store.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its plugin.</param>
    /// <param name="over">Stores beneath a filter.</param>
    /// <param name="shared">True when several units may write to it.</param>
    /// <param name="options">Options as text.</param>
    /// <param name="existing">Names of the stores that are there.</param>
    public (StoreSpec? Store, IReadOnlyList<string> Problems) BindStore(
        string name, string type, IReadOnlyList<string> over, bool shared, IReadOnlyDictionary<string, string> options, IReadOnlyCollection<string> existing)
    {
        OptionSchema? schema = PluginReference.TryParse(type, out PluginReference? reference) && schemas.TryFindStore(reference, out var factory, out _)
            ? factory.Options : null;
        TomlTable table = Table(options, schema, ("type", type), ("shared", shared ? "true" : null));
        if (over.Count > 0) table.Add("over", new TomlArray(over.Select(item => new TomlString(item))));
        return Run(name, "store", context => new StoreBinder(context).BindOne(name, table, existing, new StoreUse(context.Problems)));
    }

    /// <summary>A unit.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">Its keys as text: <c>device</c>, <c>store</c>, identity and options.</param>
    /// <param name="existing">Names of the stores that are there.</param>
    public (UnitSpec? Unit, IReadOnlyList<string> Problems) BindUnit(string name, IReadOnlyDictionary<string, string> values,
        IReadOnlyCollection<string> existing)
    {
        OptionSchema? schema = values.TryGetValue("device", out string? device) && PluginReference.TryParse(device, out PluginReference? reference)
            && schemas.TryFindDevice(reference, out var factory, out _) ? factory.Options : null;
        return Run(name, "unit", context => new UnitBinder(context, existing, new StoreUse(context.Problems)).Bind(name, Table(values, schema)));
    }

    /// <summary>A target.</summary>
    /// <param name="key">Its name in the control plane; null: its name in the transport.</param>
    /// <param name="transport">The transport, which must be running.</param>
    /// <param name="options">Its options in the transport as text, <c>name</c> among them.</param>
    /// <param name="rest">Access, accounts and LUNs.</param>
    /// <param name="transports">The transports that run.</param>
    /// <param name="units">Names of the units that are there.</param>
    public (TargetSpec? Target, IReadOnlyList<string> Problems) BindTarget(
        string? key, string transport, IReadOnlyDictionary<string, string> options, TargetSpec rest, IEnumerable<TransportSpec> transports,
        IReadOnlyCollection<string> units)
    {
        ArgumentNullException.ThrowIfNull(rest);
        var factories = new Dictionary<string, Transports.ITransportFactory>(StringComparer.Ordinal);
        foreach (TransportSpec spec in transports)
        {
            if (schemas.TryFindTransport(spec.Plugin, out var factory, out _)) factories[spec.Name] = factory;
        }

        var table = new TomlTable();
        if (key is not null) table.Add("name", new TomlString(key));
        table.Add("access", new TomlArray());
        table.Add(transport, Table(options, factories.GetValueOrDefault(transport)?.TargetOptions));
        (TargetSpec? bound, IReadOnlyList<string> problems) =
            Run(key, "target", context => new TargetBinder(context, factories.Keys, factories, units).Bind(table));
        string[] unknown = [.. rest.Luns.Where(lun => !units.Contains(lun.Unit)).Select(lun => $"there is no unit '{lun.Unit}'{Hint.For(lun.Unit, units)}")];
        return bound is null || unknown.Length > 0
            ? (null, [.. problems, .. unknown])
            : (rest with { Key = bound.Key, Transports = bound.Transports }, problems);
    }

    private (TSpec? Spec, IReadOnlyList<string> Problems) Run<TSpec>(string? name, string kind, Func<BindingContext, TSpec?> bind)
        where TSpec : class
    {
        var problems = new ProblemList("");
        if (name is not null && !BindingContext.IsName(name))
            problems.Error(default, $"'{name}' is no name for a {kind}: letters, digits, '.', '_' and '-' are wanted, 64 at most, a letter or digit first");
        TSpec? spec = bind(new BindingContext(problems, schemas, baseDirectory));
        return (problems.HasErrors ? null : spec, [.. problems.ToSorted().Where(problem => !problem.IsWarning).Select(problem => problem.Message).Distinct()]);
    }

    private static TomlTable Table(IReadOnlyDictionary<string, string> values, OptionSchema? schema, params ReadOnlySpan<(string Key, string? Value)> own)
    {
        var table = new TomlTable();
        foreach ((string key, string? value) in own)
        {
            if (value is not null) table.Add(key, value == "true" ? new TomlBoolean(true) : new TomlString(value));
        }

        foreach ((string key, string value) in values)
        {
            if (!table.ContainsKey(key)) table.Add(key, OptionBinder.FromText(schema?.Find(key)?.Type ?? OptionType.Text, value));
        }

        return table;
    }
}
