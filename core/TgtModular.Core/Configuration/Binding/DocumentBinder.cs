using TgtModular.Toml;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>Binds a whole document.</summary>
internal sealed class DocumentBinder(ProblemList problems, ISchemaSource schemas, string baseDirectory)
{
    public DesiredState Bind(TomlTable document)
    {
        var context = new BindingContext(problems, schemas, baseDirectory);
        var root = new TableReader(document, "the file", problems);
        DesiredState state = new DaemonBinder(problems, baseDirectory).BindPreamble(root);
        IReadOnlyList<(string Name, TomlTable Table)> transports = context.NamedTables(root, "transport");
        IReadOnlyList<(string Name, TomlTable Table)> stores = context.NamedTables(root, "store");
        IReadOnlyList<(string Name, TomlTable Table)> units = context.NamedTables(root, "unit");
        IReadOnlyList<TomlTable> targets = root.TableList("target", "[[target]]") ?? [];
        root.RefuseRest();

        var transportBinder = new TransportBinder(context);
        var use = new StoreUse(problems);
        ValueList<TransportSpec> transportSpecs = transports.Select(entry => transportBinder.Bind(entry.Name, entry.Table)).ToValueList();
        ValueList<StoreSpec> storeSpecs = new StoreBinder(context).Bind(stores, use);
        var unitBinder = new UnitBinder(context, Names(stores), use);
        ValueList<UnitSpec> unitSpecs = units.Select(entry => unitBinder.Bind(entry.Name, entry.Table)).ToValueList();
        var targetBinder = new TargetBinder(context, Names(transports), transportBinder.Factories, Names(units));
        ValueList<TargetSpec> targetSpecs = targets.Select(targetBinder.Bind).OfType<TargetSpec>().ToValueList();
        use.Check();
        return state with { Transports = transportSpecs, Stores = storeSpecs, Units = unitSpecs, Targets = targetSpecs };
    }

    private static string[] Names(IReadOnlyList<(string Name, TomlTable Table)> tables) => [.. tables.Select(entry => entry.Name)];
}
