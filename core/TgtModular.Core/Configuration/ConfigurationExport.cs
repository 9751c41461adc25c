using System.Globalization;
using System.Text;
using TgtModular.Core.Configuration.Binding;
using TgtModular.Plugins;
using TgtModular.Toml;

namespace TgtModular.Core.Configuration;

/// <summary>Writes a state down as the file that describes it.</summary>
public static class ConfigurationExport
{
    /// <summary>The file. Secrets are not in it: accounts name the file of theirs, and what cannot be written down is told in comments at the top.</summary>
    public static string ToToml(DesiredState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var notes = new List<string>();
        var root = new TomlTable();
        if (state.StateDirectory is not null) root.Add("state_directory", new TomlString(state.StateDirectory));
        if (state.PluginDirectories.Count > 0) root.Add("plugin_directories", Texts(state.PluginDirectories));
        AddDaemon(root, state.Daemon);
        AddNamed(root, "transport", state.Transports.Select(transport => (transport.Name, Transport(transport, notes))));
        AddNamed(root, "store", state.Stores.Select(store => (store.Name, Store(store, notes))));
        AddNamed(root, "unit", state.Units.Select(unit => (unit.Name, Unit(unit, notes))));
        if (state.Targets.Count > 0) root.Add("target", new TomlArray(state.Targets.Select(target => Target(target, notes))));
        var text = new StringBuilder();
        foreach (string note in notes) _ = text.Append("# ").Append(note).Append('\n');
        if (notes.Count > 0) _ = text.Append('\n');
        return text.Append(TomlWriter.Write(root)).ToString();
    }

    private static void AddDaemon(TomlTable root, DaemonSpec daemon)
    {
        var defaults = new DaemonSpec();
        var table = new TomlTable();
        if (daemon.StopTimeout != defaults.StopTimeout) table.Add("stop_timeout", new TomlString(Quantity.FormatDuration(daemon.StopTimeout)));
        if (daemon.WorkerThreads != defaults.WorkerThreads) table.Add("worker_threads", new TomlInteger(daemon.WorkerThreads));
        if (daemon.BufferMemory != defaults.BufferMemory) table.Add("buffer_memory", new TomlString(Quantity.FormatSize(daemon.BufferMemory)));
        if (daemon.MaximumTransferLength != defaults.MaximumTransferLength)
            table.Add("max_transfer_length", new TomlString(Quantity.FormatSize(daemon.MaximumTransferLength)));
        if (daemon.MaximumCommands != defaults.MaximumCommands) table.Add("max_commands", new TomlInteger(daemon.MaximumCommands));
        if (daemon.LogLevel != defaults.LogLevel) table.Add("log_level", new TomlString(daemon.LogLevel.ToString().ToLowerInvariant()));
        if (daemon.WatchPlugins != defaults.WatchPlugins) table.Add("watch_plugins", new TomlBoolean(daemon.WatchPlugins));
        if (daemon.ControlSocket is not null) table.Add("control_socket", new TomlString(daemon.ControlSocket));
        if (daemon.TgtControlPort is { } port) table.Add("tgt_control_port", new TomlInteger(port));
        if (table.Count > 0) root.Add("daemon", table);
    }

    private static void AddNamed(TomlTable root, string kind, IEnumerable<(string Name, TomlTable Table)> items)
    {
        var tables = new TomlTable();
        foreach ((string name, TomlTable table) in items) tables.Add(name, table);
        if (tables.Count > 0) root.Add(kind, tables);
    }

    private static TomlTable Transport(TransportSpec transport, List<string> notes)
    {
        var table = new TomlTable();
        if (transport.Plugin != new PluginReference(transport.Name)) table.Add("plugin", new TomlString(transport.Plugin.ToString()));
        AddChap(table, transport.DiscoveryChap, "discovery_chap", "discovery_chap_outgoing", notes);
        AddOptions(table, transport.Options, $"transport '{transport.Name}'", notes);
        return table;
    }

    private static TomlTable Store(StoreSpec store, List<string> notes)
    {
        var table = new TomlTable { { "type", new TomlString(store.Type.ToString()) } };
        if (store.Lower.Count > 0) table.Add("over", Texts(store.Lower));
        if (store.Shared) table.Add("shared", new TomlBoolean(true));
        AddOptions(table, store.Options, $"store '{store.Name}'", notes);
        return table;
    }

    private static TomlTable Unit(UnitSpec unit, List<string> notes)
    {
        var table = new TomlTable { { "device", new TomlString(unit.Device.ToString()) } };
        if (unit.Stores.Count == 1)
        {
            table.Add("store", new TomlString(unit.Stores.Values.First()));
        }
        else if (unit.Stores.Count > 1)
        {
            var stores = new TomlTable { Inline = true };
            foreach ((string role, string store) in unit.Stores) stores.Add(role, new TomlString(store));
            table.Add("stores", stores);
        }

        AddText(table, "vendor", unit.Vendor);
        AddText(table, "product", unit.Product);
        AddText(table, "revision", unit.Revision);
        AddText(table, "serial", unit.Serial);
        AddText(table, "scsi_id", unit.ScsiId);
        AddText(table, "naa", unit.Naa?.ToString("x32", CultureInfo.InvariantCulture));
        AddOptions(table, unit.Options, $"unit '{unit.Name}'", notes);
        return table;
    }

    private static TomlTable Target(TargetSpec target, List<string> notes)
    {
        var table = new TomlTable();
        if (target.Transports.Count == 0 || target.Key != target.Transports[0].TargetName) table.Add("name", new TomlString(target.Key));
        if (!target.Online) table.Add("online", new TomlBoolean(false));
        foreach (TargetTransportSpec transport in target.Transports)
        {
            var options = new TomlTable { Inline = transport.Options.Given.Keys.Any(key => key != "name") };
            options.Add("name", new TomlString(transport.TargetName));
            AddOptions(options, transport.Options, $"target '{target.Key}'", notes);
            table.Add(transport.Transport, options);
        }

        if (target.Access.Rules.Count == 1) table.Add("access", Access(target.Access.Rules[0]));
        else table.Add("access", new TomlArray(target.Access.Rules.Select(Access)));
        AddChap(table, target.Chap, "chap", "chap_outgoing", notes);
        if (target.Luns.Count > 0) table.Add("luns", new TomlArray(target.Luns.Select(Lun)));
        return table;
    }

    private static TomlTable Access(AccessRule rule)
    {
        var table = new TomlTable { Inline = true };
        if (rule.Addresses.Count > 0) table.Add("addresses", Texts(rule.Addresses.Select(address => address.ToString())));
        if (rule.Initiators.Count > 0) table.Add("initiators", Texts(rule.Initiators.Select(initiator => initiator.Text)));
        return table;
    }

    private static TomlTable Lun(LunSpec lun)
    {
        var table = new TomlTable { Inline = true };
        table.Add("number", new TomlInteger(lun.Number));
        table.Add("unit", new TomlString(lun.Unit));
        if (lun.Initiators.Count > 0) table.Add("initiators", Texts(lun.Initiators.Select(initiator => initiator.Text)));
        return table;
    }

    private static void AddChap(TomlTable table, ChapSpec chap, string incomingKey, string outgoingKey, List<string> notes)
    {
        if (chap.Incoming.Count > 0) table.Add(incomingKey, new TomlArray(chap.Incoming.Select(account => Account(account, notes))));
        if (chap.Outgoing is not null) table.Add(outgoingKey, Account(chap.Outgoing, notes));
    }

    private static TomlTable Account(ChapAccountSpec account, List<string> notes)
    {
        string file = account.SecretFile ?? $"/etc/tgt/{account.User}.secret";
        if (account.SecretFile is null)
            notes.Add($"The secret of CHAP user '{account.User}' was given at run time: put it into {file}, or name its file below.");
        var table = new TomlTable { Inline = true };
        table.Add("user", new TomlString(account.User));
        table.Add("secret_file", new TomlString(file));
        return table;
    }

    private static void AddOptions(TomlTable table, OptionValues options, string owner, List<string> notes)
    {
        foreach (OptionDefinition definition in options.Schema.Definitions)
        {
            if (!options.Given.TryGetValue(definition.Name, out object? value) || table.ContainsKey(definition.Name)) continue;
            if (definition.Secret) notes.Add($"Option '{definition.Name}' of {owner} is a secret and was left out.");
            else table.Add(definition.Name, OptionBinder.ToToml(definition.Type, value));
        }
    }

    private static void AddText(TomlTable table, string key, string? value)
    {
        if (value is not null) table.Add(key, new TomlString(value));
    }

    private static TomlArray Texts(IEnumerable<string> texts) => new(texts.Select(text => new TomlString(text)));
}
