using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Core.Stores;
using TgtModular.Storage;

namespace TgtModular.Core.Engine;

/// <summary>A user of a store: a unit, or a filter on it.</summary>
internal readonly record struct StoreUser(bool IsUnit, string Name)
{
    public override string ToString() => $"{(IsUnit ? "unit" : "store")} {Name}";
}

/// <summary>An open store with its record; hears of its events.</summary>
internal sealed partial class StoreEntry(StoreSpec spec, Owner owner, ILogger logger)
{
    private volatile string? _problem;
    private volatile Listener? _listener;

    public StoreSpec Spec { get; set; } = spec;

    public Owner Owner { get; set; } = owner;

    /// <summary>What users of the store have; set once it is open.</summary>
    public IBackingStore Store { get; set; } = null!;

    /// <summary>The same, if the store behind it can be exchanged.</summary>
    public StoreHandle? Handle => Store as StoreHandle;

    /// <summary>The plugin's store and what belongs to it; null when an upgrade left none open.</summary>
    public OpenedStore? Opened { get; set; }

    /// <summary>Version of the plugin that serves it, or did so last.</summary>
    public string PluginVersion { get; set; } = "";

    /// <summary>How calls into it, and into the stores beneath it, may overlap.</summary>
    public required PluginConcurrency Concurrency { get; init; }

    /// <summary>Who uses it.</summary>
    public List<StoreUser> UsedBy { get; } = [];

    /// <summary>Told when the size changed.</summary>
    public event Action<long>? LengthChanged;

    public ObjectHealth Health => _problem is null ? ObjectHealth.Online : ObjectHealth.Offline;

    public string? Problem => _problem;

    /// <summary>Where the store that is opened next reports its events; what an earlier one reports from now on is not heard.</summary>
    public IStoreObserver Listen()
    {
        _problem = null;
        return _listener = new Listener(this);
    }

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
        _listener = null;
        if (Opened is not { } opened) return;
        await opened.DisposeAsync();
    }

    [LoggerMessage(EventId = 300, Level = LogLevel.Information, Message = "store {Store} now has {Length} bytes")]
    private static partial void LogResized(ILogger logger, string store, long length);

    [LoggerMessage(EventId = 301, Level = LogLevel.Error, Message = "store {Store} is lost: {Reason}")]
    private static partial void LogLost(ILogger logger, string store, string reason);

    [LoggerMessage(EventId = 302, Level = LogLevel.Information, Message = "store {Store} is back")]
    private static partial void LogRestored(ILogger logger, string store);

    private sealed class Listener(StoreEntry entry) : IStoreObserver
    {
        private bool IsHeard => entry._listener == this;

        public void Resized(long length)
        {
            if (IsHeard) entry.Resized(length);
        }

        public void Lost(string reason)
        {
            if (IsHeard) entry.Lost(reason);
        }

        public void Restored()
        {
            if (IsHeard) entry.Restored();
        }
    }
}

/// <summary>A plugin's store that is open.</summary>
/// <param name="Store">The store.</param>
/// <param name="Host">Its services.</param>
/// <param name="Plugin">The factory that opened it.</param>
internal sealed record OpenedStore(IBackingStore Store, PluginHost Host, ResolvedFactory<IStoreFactory> Plugin) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Host.Dispose();
    }
}
