using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Toml;
using TgtModular.Transports;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>Binds <c>[[target]]</c>.</summary>
internal sealed class TargetBinder(
    BindingContext context, IReadOnlyCollection<string> transportNames, IReadOnlyDictionary<string, ITransportFactory> factories,
    IReadOnlyCollection<string> unitNames)
{
    private readonly Dictionary<string, TomlPosition> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Transport, string Name), TomlPosition> _names = [];

    /// <summary>The target; null when it has no name to go by.</summary>
    public TargetSpec? Bind(TomlTable table)
    {
        var reader = new TableReader(table, "this target", context.Problems);
        string? key = reader.Text("name");
        if (key is not null && !BindingContext.IsName(key) && !transportNames.Contains("name"))
            context.Problems.Error(reader.PositionOf("name"), $"'{key}' is no name for a target: letters, digits, '.', '_' and '-' are wanted, 64 at most");
        bool online = reader.Boolean("online") ?? true;
        TomlEntry? access = reader.Take("access");
        ChapSpec chap = new ChapBinder(context).Bind(reader, "chap", "chap_outgoing");
        ValueList<LunSpec> luns = Luns(reader);
        ValueList<TargetTransportSpec> transports = Transports(reader);
        key ??= transports.Count > 0 ? transports[0].TargetName : null;
        AccessRules rules = access is { } entry ? new AccessBinder(context).Bind(entry.Value, key is null ? "this target" : $"target '{key}'")
            : AccessRules.Nobody;
        if (key is null) return null;

        if (!_keys.TryAdd(key, table.Position)) context.Problems.Error(table.Position, $"there is another target '{key}' at line {_keys[key].Line}");
        if (access is null)
            context.Problems.Warning(table.Position,
                $"target '{key}' has no 'access': nobody can log in (access = {{ addresses = [\"all\"] }} lets everybody)");
        return new TargetSpec(key) { Transports = transports, Access = rules, Chap = chap, Luns = luns, Online = online };
    }

    private ValueList<TargetTransportSpec> Transports(TableReader reader)
    {
        var transports = new List<TargetTransportSpec>();
        int tables = 0;
        foreach (TomlEntry entry in reader.Rest.ToArray())
        {
            if (entry.Value is not TomlTable table) continue;
            tables++;
            _ = reader.Take(entry.Key);
            if (!transportNames.Contains(entry.Key))
            {
                bool served = context.Schemas.GetNames(PluginKind.Transport).Contains(entry.Key);
                string remedy = served ? $": add a table [transport.{entry.Key}]" : Hint.For(entry.Key, [.. transportNames]);
                context.Problems.Error(entry.KeyPosition, $"this target names transport '{entry.Key}', which does not exist{remedy}");
            }
            else if (factories.TryGetValue(entry.Key, out ITransportFactory? factory) && Transport(entry.Key, table, factory) is { } transport)
            {
                transports.Add(transport);
            }
        }

        reader.RefuseRest(transportNames);
        if (tables == 0)
            reader.Error($"this target has a name in no transport{(transportNames.Count > 0 ? $": {transportNames.First()}.name = \"...\" is wanted" : "")}");
        return transports.ToValueList();
    }

    private TargetTransportSpec? Transport(string transport, TomlTable table, ITransportFactory factory)
    {
        const string NameKey = "name";
        string owner = $"target in transport '{transport}'";
        bool nameIsOption = factory.TargetOptions.Find(NameKey) is not null;
        OptionValues? options = context.Options.Bind(
            factory.TargetOptions, table.Where(entry => nameIsOption || entry.Key != NameKey), owner, table.Position, [NameKey], context.Problems);
        if (!table.TryGetEntry(NameKey, out TomlEntry given))
        {
            if (!nameIsOption || !factory.TargetOptions.Find(NameKey)!.Required) context.Problems.Error(table.Position, $"option 'name' of {owner} is missing");
            return null;
        }

        if (given.Value is not TomlString name)
        {
            if (!nameIsOption) context.Problems.Error(given.Value.Position, $"option 'name' of {owner} wants a string, not {given.Value.KindName}");
            return null;
        }

        if (!factory.TryNormalizeTargetName(name.Value, out string normalized, out string problem))
        {
            context.Problems.Error(name.Position, $"'{name.Value}' is no target name of transport '{transport}': {problem}");
            return null;
        }

        if (!_names.TryAdd((transport, normalized), name.Position))
            context.Problems.Error(name.Position, $"'{normalized}' is the name of another target too, at line {_names[(transport, normalized)].Line}");
        return options is null ? null : new TargetTransportSpec(transport, normalized, options);
    }

    private ValueList<LunSpec> Luns(TableReader target)
    {
        var luns = new List<LunSpec>();
        foreach (TomlTable table in target.TableList("luns", "{ number = 1, unit = \"...\" }") ?? [])
        {
            var reader = new TableReader(table, "this LUN", context.Problems);
            long? number = reader.Integer("number", 0, Lun.MaxNumber);
            string? unit = reader.Text("unit");
            ValueList<NamePattern> initiators = (reader.TextList("initiators") ?? []).Select(item => new NamePattern(item.Value)).ToValueList();
            reader.RefuseRest();
            if (number is null && !table.ContainsKey("number")) reader.Error("this LUN has no 'number'");
            if (unit is null && !table.ContainsKey("unit")) reader.Error("this LUN has no 'unit'");
            if (unit is not null) _ = context.IsKnown("unit", unit, unitNames, number is null ? "this LUN" : $"LUN {number}", reader.PositionOf("unit"));
            if (number is null || unit is null) continue;

            var lun = new LunSpec((int)number, unit, initiators);
            LunSpec? shadowing = luns.FirstOrDefault(other => other.Number == lun.Number
                && (other.Initiators.Count == 0 || other.Initiators.Equals(initiators)));
            if (shadowing is not null)
                reader.Error($"LUN {number} comes twice: it is unit '{shadowing.Unit}' already (entries with one number need different 'initiators', the one for all last)");
            luns.Add(lun);
        }

        return luns.ToValueList();
    }
}

/// <summary>Binds <c>access</c>.</summary>
internal sealed class AccessBinder(BindingContext context)
{
    private const string Form = "{ addresses = [\"10.0.0.0/8\"], initiators = [\"iqn.*\"] }";

    public AccessRules Bind(TomlValue value, string owner)
    {
        IEnumerable<TomlValue> items = value is TomlArray array ? array : [value];
        var rules = new List<AccessRule>();
        foreach (TomlValue item in items)
        {
            if (item is TomlTable table) rules.Add(Rule(table, owner));
            else context.Problems.Error(item.Position, $"'access' of {owner} wants {Form}, or a list of such rules, not {item.KindName}");
        }

        return new AccessRules(rules.ToValueList());
    }

    private AccessRule Rule(TomlTable table, string owner)
    {
        var reader = new TableReader(table, $"'access' of {owner}", context.Problems);
        var addresses = new List<AddressPattern>();
        foreach (TomlString item in reader.TextList("addresses") ?? [])
        {
            if (AddressPattern.TryParse(item.Value, out AddressPattern? pattern, out string? problem)) addresses.Add(pattern);
            else context.Problems.Error(item.Position, problem);
        }

        var initiators = new List<NamePattern>();
        foreach (TomlString item in reader.TextList("initiators") ?? [])
        {
            if (item.Value.Length > 0) initiators.Add(new NamePattern(item.Value));
            else context.Problems.Error(item.Position, "a pattern of initiator names is empty");
        }

        reader.RefuseRest();
        if (!table.ContainsKey("addresses") && !table.ContainsKey("initiators"))
            reader.Error($"{reader.What} names neither 'addresses' nor 'initiators': it lets nobody in");
        return new AccessRule(addresses.ToValueList(), initiators.ToValueList());
    }
}
