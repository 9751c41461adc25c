using System.Diagnostics.CodeAnalysis;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Engine;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Transports;

namespace TgtModular.Core.Plugins;

/// <summary>The catalog as the engine and the reader of configurations ask for it.</summary>
/// <param name="catalog">The catalog.</param>
public sealed class PluginSource(PluginCatalog catalog) : IPluginSource, ISchemaSource
{
    /// <inheritdoc/>
    public event Action<PluginStatus> Fenced
    {
        add => catalog.Fenced += plugin => value(Describe(plugin));
        remove => throw new NotSupportedException("an engine lives as long as its plugins");
    }

    /// <inheritdoc/>
    public ResolvedFactory<TFactory>? Resolve<TFactory>(PluginKind kind, PluginReference reference, out string problem)
        where TFactory : class
    {
        PluginResolution<TFactory> resolution = catalog.Resolve<TFactory>(reference);
        problem = resolution.Problem;
        return resolution.Success
            ? new ResolvedFactory<TFactory>(
                resolution.Factory, resolution.Plugin.Name, $"{resolution.Plugin.Version}", resolution.Plugin.Concurrency)
            {
                Enter = () => catalog.EnterCall(resolution.Plugin),
            }
            : null;
    }

    /// <inheritdoc/>
    public bool Fence(PluginStatus plugin, string cause)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        return plugin.Details is { } known && catalog.Fence(known, cause);
    }

    /// <inheritdoc/>
    public bool Forget(PluginStatus plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        return plugin.Details is { } known && catalog.Forget(known);
    }

    /// <inheritdoc/>
    public IReadOnlyList<PluginStatus> GetPlugins() => [.. catalog.GetPlugins().Select(Describe)];

    /// <inheritdoc/>
    public bool TryFindStore(PluginReference reference, [NotNullWhen(true)] out IStoreFactory? factory, [NotNullWhen(false)] out string? problem) =>
        TryFind(reference, out factory, out problem);

    /// <inheritdoc/>
    public bool TryFindDevice(PluginReference reference, [NotNullWhen(true)] out IDeviceTypeFactory? factory, [NotNullWhen(false)] out string? problem) =>
        TryFind(reference, out factory, out problem);

    /// <inheritdoc/>
    public bool TryFindTransport(PluginReference reference, [NotNullWhen(true)] out ITransportFactory? factory, [NotNullWhen(false)] out string? problem) =>
        TryFind(reference, out factory, out problem);

    /// <inheritdoc/>
    public bool IsLeftOut(PluginKind kind, PluginReference reference) =>
        catalog.GetPlugins().Any(plugin => plugin.State == PluginState.Suspect && plugin.Exports.Contains(new PluginExport(kind, reference.Name)));

    /// <inheritdoc/>
    public IReadOnlyCollection<string> GetNames(PluginKind kind) =>
        [.. catalog.GetPlugins().SelectMany(plugin => plugin.Exports).Where(export => export.Kind == kind).Select(export => export.Name).Distinct()];

    private bool TryFind<TFactory>(PluginReference reference, [NotNullWhen(true)] out TFactory? factory, [NotNullWhen(false)] out string? problem)
        where TFactory : class
    {
        PluginResolution<TFactory> resolution = catalog.Resolve<TFactory>(reference);
        factory = resolution.Factory;
        problem = resolution.Success ? null : resolution.Problem;
        return resolution.Success;
    }

    /// <summary>A plugin of the catalog as the control plane knows it.</summary>
    internal static PluginStatus Describe(PluginInfo plugin) => new(
        plugin.Name, plugin.Version?.ToString() ?? "", [.. plugin.Exports.Select(export => export.ToString())], plugin.Directory,
        plugin.State.ToString().ToLowerInvariant(), plugin.Problem)
    {
        Details = plugin,
    };
}
