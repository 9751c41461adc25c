using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Storage;

namespace TgtModular.Core.Engine;

/// <summary>A user of a store: a unit, or a filter on it.</summary>
internal readonly record struct StoreUser(bool IsUnit, string Name)
{
    public override string ToString() => $"{(IsUnit ? "unit" : "store")} {Name}";
}

/// <summary>An open store with its record; hears of its events.</summary>
internal sealed partial class StoreEntry(StoreSpec spec, Owner owner, string pluginVersion, PluginHost host, ILogger logger) : IStoreObserver
{
    private volatile string? _problem;

    public StoreSpec Spec { get; set; } = spec;

    public Owner Owner { get; set; } = owner;

    public string PluginVersion => pluginVersion;

    public PluginHost Host => host;

    /// <summary>The store; set once it is open.</summary>
    public IBackingStore Store { get; set; } = null!;

    /// <summary>How calls into it, and into the stores beneath it, may overlap.</summary>
    public required PluginConcurrency Concurrency { get; init; }

    /// <summary>Who uses it.</summary>
    public List<StoreUser> UsedBy { get; } = [];

    /// <summary>Told when the size changed.</summary>
    public event Action<long>? LengthChanged;

    public ObjectHealth Health => _problem is null ? ObjectHealth.Online : ObjectHealth.Offline;

    public string? Problem => _problem;

    public void Resized(long length)
    {
        LogResized(logger, Spec.Name, length);
        LengthChanged?.Invoke(length);
    }

    public void Lost(string reason)
    {
        _problem = reason;
        LogLost(logger, Spec.Name, reason);
    }

    public void Restored()
    {
        _problem = null;
        LogRestored(logger, Spec.Name);
    }

    public async ValueTask CloseAsync()
    {
        await Store.DisposeAsync();
        host.Dispose();
    }

    [LoggerMessage(EventId = 300, Level = LogLevel.Information, Message = "store {Store} now has {Length} bytes")]
    private static partial void LogResized(ILogger logger, string store, long length);

    [LoggerMessage(EventId = 301, Level = LogLevel.Error, Message = "store {Store} is lost: {Reason}")]
    private static partial void LogLost(ILogger logger, string store, string reason);

    [LoggerMessage(EventId = 302, Level = LogLevel.Information, Message = "store {Store} is back")]
    private static partial void LogRestored(ILogger logger, string store);
}
