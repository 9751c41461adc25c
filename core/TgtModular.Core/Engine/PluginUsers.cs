using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Core.Targets;
using TgtModular.Plugins;

namespace TgtModular.Core.Engine;

/// <summary>Who is made of which version of a plugin. Of the plugins that were taken up, export and version name one.</summary>
internal sealed class PluginUsers(IReadOnlyList<PluginStatus> plugins, StoreRegistry stores, UnitRegistry units, TransportRegistry transports, TargetRegistry targets)
{
    /// <summary>All versions of a plugin, those that were refused too.</summary>
    public PluginStatus[] Versions(string name) => [.. plugins.Where(plugin => plugin.Name == name)];

    /// <summary>Stores of these versions, those beneath others first.</summary>
    public IReadOnlyList<StoreEntry> Stores(IReadOnlyCollection<PluginStatus> of) =>
        [.. stores.All.Values.Where(store => Serves(of, PluginKind.Store, store.Spec.Type.Name, store.PluginVersion)).OrderBy(store => Depth(store.Spec.Name))];

    public IReadOnlyList<UnitEntry> Units(IReadOnlyCollection<PluginStatus> of) =>
        [.. units.All.Values.Where(unit => Serves(of, PluginKind.Device, unit.Spec.Device.Name, unit.PluginVersion))];

    public IReadOnlyList<TransportEntry> Transports(IReadOnlyCollection<PluginStatus> of) =>
        [.. transports.All.Values.Where(transport => Serves(of, PluginKind.Transport, transport.Spec.Plugin.Name, transport.PluginVersion))];

    /// <summary>Targets whose controller at LUN 0 is of these versions.</summary>
    public IReadOnlyList<Target> Controllers(IReadOnlyCollection<PluginStatus> of) =>
    [
        .. targets.All.Values.Where(target =>
            target.Controller is { } controller && Serves(of, PluginKind.Device, controller.Spec.Device.Name, controller.PluginVersion)),
    ];

    /// <summary>All of them, for people.</summary>
    public string[] Describe(IReadOnlyCollection<PluginStatus> of) =>
    [
        .. Transports(of).Select(transport => $"transport {transport.Spec.Name}"), .. Units(of).Select(unit => $"unit {unit.Spec.Name}"),
        .. Stores(of).Select(store => $"store {store.Spec.Name}"),
    ];

    private int Depth(string store) => stores.Find(store) is { Spec.Lower.Count: > 0 } entry ? 1 + entry.Spec.Lower.Max(Depth) : 0;

    private static bool Serves(IReadOnlyCollection<PluginStatus> of, PluginKind kind, string name, string version) => of.Any(plugin =>
        plugin.Version == version && plugin.Details is null or { ContentHash.Length: > 0 } && plugin.Exports.Contains(new PluginExport(kind, name).ToString()));
}
