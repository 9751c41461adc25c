using TgtModular.Core.Plugins;
using TgtModular.Plugins;

namespace TgtModular.Core.Control.Wire;

/// <summary>Plugins as the control API shows them.</summary>
public static class PluginViews
{
    /// <summary>Every plugin with the objects it serves.</summary>
    public static IReadOnlyList<PluginView> ToViews(EngineSnapshot now)
    {
        ArgumentNullException.ThrowIfNull(now);
        return [.. now.Plugins.Select(plugin => ToView(plugin, FindUsers(plugin, now)))];
    }

    /// <summary>A folder that was looked at beside any daemon.</summary>
    public static PluginInspectionView ToView(PluginInspection inspection)
    {
        ArgumentNullException.ThrowIfNull(inspection);
        return new PluginInspectionView(
            ToView(PluginSource.Describe(inspection.Plugin), []), inspection.EntryAssembly,
            [.. inspection.Files.Select(file => new PluginFileView(file.Path, file.Hash, ControlJson.Name(file.State)))],
            [.. inspection.Assemblies.Select(item => new PluginAssemblyView(item.Path, item.Name, $"{item.Version}", item.References))]);
    }

    private static PluginView ToView(PluginStatus status, string[] users)
    {
        PluginView view = new(status.Name, status.Version, status.Exports, status.Directory, status.State, status.Problem) { UsedBy = users };
        return status.Details is not { } known ? view : view with
        {
            State = known.IsForgotten && users.Length == 0 ? "removed" : !known.IsRemoved ? status.State : users.Length > 0 ? "removed, in use" : "removed",
            Cause = NullWhenEmpty(known.Cause),
            Remedy = NullWhenEmpty(known.Remedy),
            Warnings = known.Warnings,
            Contract = known.Contract?.ToString(),
            HostContract = $"{Contract.Version}",
            Concurrency = known.Version is null ? null : ControlJson.Name(known.Concurrency),
            License = NullWhenEmpty(known.License),
            ContentHash = NullWhenEmpty(known.ContentHash),
            PrivateCopy = NullWhenEmpty(known.PrivateCopy),
        };
    }

    /// <summary>Of the plugins that were taken up, export and version name one.</summary>
    private static string[] FindUsers(PluginStatus plugin, EngineSnapshot now)
    {
        if (plugin.Details is not { ContentHash.Length: > 0 } known) return [];
        bool Serves(PluginKind kind, string name, string version) => version == plugin.Version && known.Exports.Contains(new PluginExport(kind, name));
        return
        [
            .. now.Transports.Where(item => Serves(PluginKind.Transport, item.Spec.Plugin.Name, item.PluginVersion)).Select(item => $"transport {item.Spec.Name}"),
            .. now.Stores.Where(item => Serves(PluginKind.Store, item.Spec.Type.Name, item.PluginVersion)).Select(item => $"store {item.Spec.Name}"),
            .. now.Units.Where(item => Serves(PluginKind.Device, item.Spec.Device.Name, item.PluginVersion)).Select(item => $"unit {item.Spec.Name}"),
        ];
    }

    private static string? NullWhenEmpty(string text) => text.Length == 0 ? null : text;
}
