using TgtModular.Plugins;

namespace TgtModular.Core.Configuration;

/// <summary>Who made an object.</summary>
public enum Owner
{
    /// <summary>It came from the configuration file: <c>apply</c> changes and removes it.</summary>
    File,

    /// <summary>It was made while the daemon ran: <c>apply</c> leaves it alone, and it is gone after a restart.</summary>
    Runtime,
}

/// <summary>All that a configuration file says, checked: what shall be there. Equal when everything in it is.</summary>
public sealed record DesiredState
{
    /// <summary>Nothing.</summary>
    public static DesiredState Empty { get; } = new();

    /// <summary><c>state_directory</c>, absolute; null: the daemon's default.</summary>
    public string? StateDirectory { get; init; }

    /// <summary><c>plugin_directories</c>, absolute; searched before the one beside the executable.</summary>
    public ValueList<string> PluginDirectories { get; init; } = [];

    /// <summary><c>[daemon]</c>.</summary>
    public DaemonSpec Daemon { get; init; } = new();

    /// <summary><c>[transport.NAME]</c>.</summary>
    public ValueList<TransportSpec> Transports { get; init; } = [];

    /// <summary><c>[store.NAME]</c>, lower stores before the filters on them.</summary>
    public ValueList<StoreSpec> Stores { get; init; } = [];

    /// <summary><c>[unit.NAME]</c>.</summary>
    public ValueList<UnitSpec> Units { get; init; } = [];

    /// <summary><c>[[target]]</c>.</summary>
    public ValueList<TargetSpec> Targets { get; init; } = [];
}

/// <summary>How much the daemon says.</summary>
public enum LogVerbosity
{
    /// <summary>Every command and PDU.</summary>
    Trace,

    /// <summary>What a developer wants to see.</summary>
    Debug,

    /// <summary>Sessions, control operations, changes of state.</summary>
    Information,

    /// <summary>What an administrator should look at.</summary>
    Warning,

    /// <summary>What does not work.</summary>
    Error,
}

/// <summary>Options of the daemon itself, <c>[daemon]</c>. Taken at the start; <see cref="LogLevel"/> and <see cref="StopTimeout"/> at every apply.</summary>
public sealed record DaemonSpec
{
    /// <summary><c>stop_timeout</c>: how long a stop waits for commands and sessions before it ends them.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>worker_threads</c>: threads for stores that block.</summary>
    public int WorkerThreads { get; init; } = 64;

    /// <summary><c>buffer_memory</c>: most bytes in data buffers, all sessions together.</summary>
    public long BufferMemory { get; init; } = 128L << 20;

    /// <summary><c>max_transfer_length</c>: most bytes of data in one command.</summary>
    public int MaximumTransferLength { get; init; } = 32 << 20;

    /// <summary><c>max_commands</c>: most commands one session may have in flight.</summary>
    public int MaximumCommands { get; init; } = 128;

    /// <summary><c>log_level</c>.</summary>
    public LogVerbosity LogLevel { get; init; } = LogVerbosity.Information;

    /// <summary><c>watch_plugins</c>: takes up what is dropped into the plugin directories while it runs.</summary>
    public bool WatchPlugins { get; init; } = true;

    /// <summary><c>control_socket</c>, absolute; null: the daemon's default.</summary>
    public string? ControlSocket { get; init; }

    /// <summary><c>tgt_control_port</c>: serves tgt's management socket of that port; null: none.</summary>
    public int? TgtControlPort { get; init; }
}

/// <summary>A transport to serve.</summary>
/// <param name="Name">Name in the configuration; targets refer to it.</param>
/// <param name="Plugin">Its plugin; the same name unless <c>plugin</c> says otherwise.</param>
/// <param name="Options">Options by <see cref="Transports.ITransportFactory.Options"/>.</param>
/// <param name="DiscoveryChap">Accounts of discovery.</param>
public sealed record TransportSpec(string Name, PluginReference Plugin, OptionValues Options, ChapSpec DiscoveryChap);

/// <summary>A backing store.</summary>
/// <param name="Name">Name in the configuration.</param>
/// <param name="Type">Its plugin.</param>
/// <param name="Options">Options by <see cref="Storage.IStoreFactory.Options"/>.</param>
/// <param name="Lower">Names of the stores beneath a filter (<c>over</c>), in order.</param>
/// <param name="Shared">True when several units may write to it.</param>
public sealed record StoreSpec(string Name, PluginReference Type, OptionValues Options, ValueList<string> Lower, bool Shared = false);

/// <summary>A logical unit. Identity left out is given by the engine.</summary>
/// <param name="Name">Name in the configuration.</param>
/// <param name="Device">Its device type.</param>
/// <param name="Stores">Name of the store for each role of the device type (<c>store</c> for most).</param>
/// <param name="Options">Options by <see cref="Devices.IDeviceTypeFactory.Options"/>.</param>
public sealed record UnitSpec(string Name, PluginReference Device, ValueMap<string> Stores, OptionValues Options)
{
    /// <summary><c>vendor</c>: at most 8 ASCII characters.</summary>
    public string? Vendor { get; init; }

    /// <summary><c>product</c>: at most 16 ASCII characters.</summary>
    public string? Product { get; init; }

    /// <summary><c>revision</c>: at most 4 ASCII characters.</summary>
    public string? Revision { get; init; }

    /// <summary><c>serial</c>: at most 36 ASCII characters.</summary>
    public string? Serial { get; init; }

    /// <summary><c>scsi_id</c>: at most 24 ASCII characters.</summary>
    public string? ScsiId { get; init; }

    /// <summary><c>naa</c>: the 16 bytes of an NAA 6 designator.</summary>
    public UInt128? Naa { get; init; }
}
