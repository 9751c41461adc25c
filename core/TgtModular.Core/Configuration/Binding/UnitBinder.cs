using System.Globalization;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Toml;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>Binds <c>[unit.NAME]</c>.</summary>
internal sealed class UnitBinder(BindingContext context, IReadOnlyCollection<string> storeNames, StoreUse use)
{
    private static readonly string[] Keys = ["device", "store", "stores", "vendor", "product", "revision", "serial", "scsi_id", "naa"];

    public UnitSpec Bind(string name, TomlTable table)
    {
        var reader = new TableReader(table, $"unit '{name}'", context.Problems);
        PluginReference? device = context.Plugin(reader, "device");
        if (device is null && !table.ContainsKey("device"))
            reader.Missing("device", context.Schemas.GetNames(PluginKind.Device));
        var unit = new UnitSpec(name, device ?? new PluginReference("unknown"), new ValueMap<string>([]), OptionValues.Empty)
        {
            Vendor = reader.Ascii("vendor", 8),
            Product = reader.Ascii("product", 16),
            Revision = reader.Ascii("revision", 4),
            Serial = reader.Ascii("serial", 36),
            ScsiId = reader.Ascii("scsi_id", 24),
            Naa = Naa(reader),
        };
        TomlEntry? one = reader.Take("store");
        TomlEntry? several = reader.Take("stores");
        if (device is null) return unit;
        if (!context.Schemas.TryFindDevice(device, out IDeviceTypeFactory? factory, out string? problem))
        {
            context.NoPlugin(PluginKind.Device, device, reader.PositionOf("device"), problem);
            return unit;
        }

        ValueMap<string> stores = Stores(reader, device, factory.StoreRoles, one, several);
        OptionValues? options =
            context.Options.Bind(factory.Options, reader.Rest, $"unit '{name}' (device '{device}')", table.Position, Keys, context.Problems);
        return unit with { Stores = stores, Options = options ?? OptionValues.Empty };
    }

    private ValueMap<string> Stores(TableReader reader, PluginReference device, IReadOnlyList<string> roles, TomlEntry? one, TomlEntry? several)
    {
        var stores = new Dictionary<string, string>(StringComparer.Ordinal);
        if (one is not null && several is not null) reader.Error($"{reader.What} has both 'store' and 'stores'; one of them is wanted");
        if (one is { } entry)
        {
            if (roles.Count == 1) Add(stores, roles[0], entry, reader);
            else if (roles.Count == 0) context.Problems.Error(entry.KeyPosition, $"{reader.What} is of device type '{device}', which takes no store");
            else
                context.Problems.Error(entry.KeyPosition,
                    $"device type '{device}' takes {roles.Count} stores: stores = {{ {string.Join(", ", roles.Select(role => $"{role} = \"...\""))} }}");
        }

        if (several is { Value: TomlTable table })
        {
            foreach (TomlEntry item in table)
            {
                if (roles.Contains(item.Key)) Add(stores, item.Key, item, reader);
                else context.Problems.Error(item.KeyPosition, $"device type '{device}' takes no store as '{item.Key}'{Hint.For(item.Key, [.. roles])}");
            }
        }
        else if (several is { } wrong)
        {
            context.Problems.Error(wrong.Value.Position, $"'stores' of {reader.What} wants a table, not {wrong.Value.KindName}");
        }

        foreach (string role in roles.Where(role => !stores.ContainsKey(role)))
        {
            if (one is null && several is null)
                reader.Error($"{reader.What} has no '{(roles.Count == 1 ? "store" : $"stores.{role}")}', which device type '{device}' needs");
        }

        return new ValueMap<string>(stores);
    }

    private void Add(Dictionary<string, string> stores, string role, TomlEntry entry, TableReader reader)
    {
        if (entry.Value is not TomlString { Value.Length: > 0 } text)
        {
            context.Problems.Error(entry.Value.Position, $"'{entry.Key}' of {reader.What} wants the name of a store, not {entry.Value.KindName}");
            return;
        }

        stores[role] = text.Value;
        if (context.IsKnown("store", text.Value, storeNames, reader.What, text.Position)) use.Add(text.Value, reader.What, text.Position);
    }

    private UInt128? Naa(TableReader reader)
    {
        if (reader.Text("naa") is not { } text) return null;
        string digits = text.StartsWith("naa.", StringComparison.OrdinalIgnoreCase) ? text[4..] : text;
        if (digits.Length == 32 && digits[0] == '6' && UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 naa))
            return naa;
        context.Problems.Error(reader.PositionOf("naa"), $"'naa' of {reader.What} wants 32 hexadecimal digits that begin with 6");
        return null;
    }
}
