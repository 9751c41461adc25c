using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Core.Stores;
using TgtModular.Core.Threading;
using TgtModular.Core.Units;
using TgtModular.Plugins;

namespace TgtModular.Core.Engine;

/// <summary>Keeps the units that are made of a fenced plugin from it, and has plugins fenced whose calls do not return though they were to return at once.</summary>
internal sealed partial class PluginFences : IDisposable
{
    private readonly EngineServices _services;
    private readonly StoreRegistry _stores;
    private readonly UnitRegistry _units;
    private readonly ILogger _logger;
    private readonly HangWatch _hangs;

    public PluginFences(EngineServices services, StoreRegistry stores, UnitRegistry units)
    {
        _services = services;
        _stores = stores;
        _units = units;
        _logger = services.Loggers.CreateLogger("tgt.engine");
        services.Plugins.Fenced += FenceUnits;
        _hangs = new HangWatch(services.Clock, EndPromise);
    }

    public void Dispose() => _hangs.Dispose();

    /// <summary>Every unit that is made of the plugin, by its device type or by a store however far beneath, is not ready from now on.</summary>
    private void FenceUnits(PluginStatus plugin)
    {
        foreach (UnitEntry unit in _units.All.Values.Where(unit => IsMadeOf(unit, plugin)))
        {
            unit.Unit.FencedBy = $"plugin {plugin.Name} {plugin.Version} is fenced: {plugin.Problem}";
            LogFenced(_logger, unit.Spec.Name, plugin.Name, plugin.Version);
        }
    }

    private bool IsMadeOf(UnitEntry unit, PluginStatus plugin) =>
        Offers(plugin, PluginKind.Device, unit.Spec.Device, unit.PluginVersion) || unit.Spec.Stores.Values.Any(store => IsStoreMadeOf(store, plugin));

    private bool IsStoreMadeOf(string name, PluginStatus plugin) => _stores.Find(name) is { } store &&
        (Offers(plugin, PluginKind.Store, store.Spec.Type, store.PluginVersion) || store.Spec.Lower.Any(lower => IsStoreMadeOf(lower, plugin)));

    private static bool Offers(PluginStatus plugin, PluginKind kind, PluginReference reference, string version) =>
        plugin.Version == version && plugin.Exports.Contains(new PluginExport(kind, reference.Name).ToString());

    /// <summary>A call does not return that was to return at once: its thread cannot be had back, but nobody else is to lose one to the same code.</summary>
    /// <param name="promise">What it relied on; perhaps of another engine in this process.</param>
    private void EndPromise(object promise)
    {
        switch (promise)
        {
            case ImmediatePromise immediate when _stores.All.Values.FirstOrDefault(store => store.Store is ImmediateBlockStoreHandle handle && handle.Promise == immediate) is { } store:
                immediate.IsBroken = true;
                LogNotAtOnce(_logger, store.Spec.Name);
                break;
            case StoreHandle when _stores.All.Values.FirstOrDefault(store => store.Store == promise) is { } store:
                Fence(
                    PluginKind.Store, store.Spec.Type, store.PluginVersion,
                    $"a call of store '{store.Spec.Name}' does not return, and {store.Store.Info.Execution} calls are to return at once");
                break;
            case LogicalUnit when _units.All.Values.FirstOrDefault(unit => unit.Unit == promise) is { } unit:
                Fence(
                    PluginKind.Device, unit.Spec.Device, unit.PluginVersion,
                    $"a command of unit '{unit.Spec.Name}' does not return, and no store that it uses may block");
                break;
        }
    }

    private void Fence(PluginKind kind, PluginReference reference, string version, string cause)
    {
        bool isFenced = false;
        foreach (PluginStatus plugin in _services.Plugins.GetPlugins().Where(plugin => Offers(plugin, kind, reference, version)))
            isFenced |= _services.Plugins.Fence(plugin, cause);
        if (!isFenced) LogHanging(_logger, cause);
    }

    [LoggerMessage(EventId = 331, Level = LogLevel.Error, Message = "unit {Unit} is not ready any more: plugin {Plugin} {Version}, which it is made of, is fenced")]
    private static partial void LogFenced(ILogger logger, string unit, string plugin, string version);

    [LoggerMessage(EventId = 332, Level = LogLevel.Error, Message = "{Cause}")]
    private static partial void LogHanging(ILogger logger, string cause);

    [LoggerMessage(
        EventId = 333, Level = LogLevel.Error,
        Message = "store {Store}: a read or write that was to be done at once does not return; from now on worker threads do them, and that one holds its connection")]
    private static partial void LogNotAtOnce(ILogger logger, string store);
}
