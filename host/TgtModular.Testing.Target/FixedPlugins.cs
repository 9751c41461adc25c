using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Engine;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Transports;

namespace TgtModular.Testing;

/// <summary>Factories that are there from the beginning, in the test's own context: none is loaded from a folder.</summary>
internal sealed class FixedPlugins : IPluginSource, ISchemaSource
{
    private readonly Dictionary<(PluginKind Kind, string Name), object> _factories = [];

    public FixedPlugins(IEnumerable<object> factories)
    {
        foreach (object factory in factories) Add(factory);
    }

    public ResolvedFactory<TFactory>? Resolve<TFactory>(PluginKind kind, PluginReference reference, out string problem)
        where TFactory : class
    {
        problem = Tell(kind, reference);
        return _factories.GetValueOrDefault((kind, reference.Name)) is TFactory factory
            ? new ResolvedFactory<TFactory>(factory, reference.Name, "0.0.0")
            : null;
    }

    public IReadOnlyList<PluginStatus> GetPlugins() => [];

    public bool TryFindStore(PluginReference reference, [NotNullWhen(true)] out IStoreFactory? factory, [NotNullWhen(false)] out string? problem) =>
        TryFind(PluginKind.Store, reference, out factory, out problem);

    public bool TryFindDevice(PluginReference reference, [NotNullWhen(true)] out IDeviceTypeFactory? factory, [NotNullWhen(false)] out string? problem) =>
        TryFind(PluginKind.Device, reference, out factory, out problem);

    public bool TryFindTransport(PluginReference reference, [NotNullWhen(true)] out ITransportFactory? factory, [NotNullWhen(false)] out string? problem) =>
        TryFind(PluginKind.Transport, reference, out factory, out problem);

    public IReadOnlyCollection<string> GetNames(PluginKind kind) => [.. _factories.Keys.Where(key => key.Kind == kind).Select(key => key.Name)];

    private void Add(object factory)
    {
        bool known = false;
        foreach (Attribute attribute in factory.GetType().GetCustomAttributes())
        {
            (PluginKind, string)? key = attribute switch
            {
                ExportStoreAttribute store => (PluginKind.Store, store.Name),
                ExportDeviceTypeAttribute device => (PluginKind.Device, device.Name),
                ExportTransportAttribute transport => (PluginKind.Transport, transport.Name),
                _ => null,
            };
            if (key is null) continue;
            known = true;
            _factories[key.Value] = factory;
        }

        if (!known) throw new ScsiTargetException($"{factory.GetType()} exports nothing: ExportStore, ExportDeviceType or ExportTransport is wanted on it");
    }

    private bool TryFind<TFactory>(
        PluginKind kind, PluginReference reference, [NotNullWhen(true)] out TFactory? factory, [NotNullWhen(false)] out string? problem)
        where TFactory : class
    {
        factory = _factories.GetValueOrDefault((kind, reference.Name)) as TFactory;
        problem = factory is null ? Tell(kind, reference) : null;
        return factory is not null;
    }

    private string Tell(PluginKind kind, PluginReference reference) =>
        $"there is no {kind.ToString().ToLowerInvariant()} '{reference}'; there is {string.Join(", ", GetNames(kind).Order(StringComparer.Ordinal))}";
}
