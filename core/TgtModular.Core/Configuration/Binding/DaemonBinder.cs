using TgtModular.Toml;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>Binds what concerns the daemon itself: directories and <c>[daemon]</c>.</summary>
internal sealed class DaemonBinder(ProblemList problems, string baseDirectory)
{
    private const long GiB = 1L << 30;

    private static readonly string[] LogLevels = [.. Enum.GetNames<LogVerbosity>().Select(name => name.ToLowerInvariant())];

    public DesiredState BindPreamble(TableReader root) => new()
    {
        StateDirectory = Absolute(root.Text("state_directory")),
        PluginDirectories = (root.TextList("plugin_directories") ?? []).Select(item => Absolute(item.Value)!).ToValueList(),
        Daemon = root.Table("daemon") is { } table ? BindDaemon(new TableReader(table, "[daemon]", problems)) : new DaemonSpec(),
    };

    private DaemonSpec BindDaemon(TableReader table)
    {
        var defaults = new DaemonSpec();
        var daemon = new DaemonSpec
        {
            StopTimeout = Duration(table, "stop_timeout", TimeSpan.FromHours(1)) ?? defaults.StopTimeout,
            WorkerThreads = (int?)table.Integer("worker_threads", 1, 1024) ?? defaults.WorkerThreads,
            BufferMemory = Size(table, "buffer_memory", 16 << 20, 1024 * GiB) ?? defaults.BufferMemory,
            MaximumTransferLength = (int?)Size(table, "max_transfer_length", 64 << 10, 64 << 20) ?? defaults.MaximumTransferLength,
            MaximumCommands = (int?)table.Integer("max_commands", 1, 4096) ?? defaults.MaximumCommands,
            LogLevel = LogLevel(table) ?? defaults.LogLevel,
            WatchPlugins = table.Boolean("watch_plugins") ?? defaults.WatchPlugins,
            ControlSocket = Absolute(table.Text("control_socket")),
            TgtControlPort = (int?)table.Integer("tgt_control_port", 0, ushort.MaxValue),
        };
        table.RefuseRest();
        if (daemon.MaximumTransferLength > daemon.BufferMemory / 2)
            table.Error($"'max_transfer_length' is more than half of 'buffer_memory' ({Quantity.FormatSize(daemon.BufferMemory)}): no two commands would fit");
        return daemon;
    }

    private string? Absolute(string? path) => path is null ? null : Path.GetFullPath(path, baseDirectory);

    private LogVerbosity? LogLevel(TableReader table)
    {
        if (table.Take("log_level") is not { } entry) return null;
        if (entry.Value is TomlString text && Array.IndexOf(LogLevels, text.Value) is >= 0 and var index) return (LogVerbosity)index;
        problems.Error(entry.Value.Position, $"'log_level' of [daemon] is one of {string.Join(", ", LogLevels)}");
        return null;
    }

    private long? Size(TableReader table, string key, long minimum, long maximum)
    {
        if (table.Take(key) is not { } entry) return null;
        long bytes = entry.Value switch
        {
            TomlInteger integer => integer.Value,
            TomlString text when Quantity.TryParseSize(text.Value, out long parsed) => parsed,
            _ => -1,
        };
        if (bytes >= minimum && bytes <= maximum) return bytes;
        string range = $"{Quantity.FormatSize(minimum)} to {Quantity.FormatSize(maximum)}";
        problems.Error(entry.Value.Position, $"'{key}' of [daemon] wants {Quantity.SizeForm}, in the range {range}");
        return null;
    }

    private TimeSpan? Duration(TableReader table, string key, TimeSpan maximum)
    {
        if (table.Take(key) is not { } entry) return null;
        TimeSpan duration = entry.Value switch
        {
            TomlInteger integer => TimeSpan.FromSeconds(Math.Clamp(integer.Value, -1, int.MaxValue)),
            TomlString text when Quantity.TryParseDuration(text.Value, out TimeSpan parsed) => parsed,
            _ => TimeSpan.FromSeconds(-1),
        };
        if (duration >= TimeSpan.Zero && duration <= maximum) return duration;
        problems.Error(entry.Value.Position, $"'{key}' of [daemon] wants {Quantity.DurationForm}, at most {Quantity.FormatDuration(maximum)}");
        return null;
    }
}
