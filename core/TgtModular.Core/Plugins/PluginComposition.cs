using System.Composition.Hosting;
using System.Reflection;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Transports;

namespace TgtModular.Core.Plugins;

/// <summary>
/// The exports of one plugin, in a container of its own: in a common one, a dependency that one plugin lacks would fail all of them.
/// </summary>
internal static class PluginComposition
{
    private const string NameKey = "Name";

    /// <summary>The kind of export that a factory type is.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static PluginKind KindOf<TFactory>() => typeof(TFactory) switch
    {
        Type type when type == typeof(IStoreFactory) => PluginKind.Store,
        Type type when type == typeof(IDeviceTypeFactory) => PluginKind.Device,
        Type type when type == typeof(ITransportFactory) => PluginKind.Transport,
        Type type => throw new ArgumentException($"{type} is not a factory that plugins export"),
    };

    /// <summary>Makes one factory for each export. Runs code of the plugin: anything may be thrown.</summary>
    /// <exception cref="PluginLoadException">The exports do not agree with the manifest.</exception>
    public static IReadOnlyDictionary<PluginExport, object> Compose(Assembly entry, PluginManifest manifest)
    {
        CompositionHost container = new ContainerConfiguration().WithAssembly(entry).CreateContainer();
        (PluginExport Export, Lazy<object> Factory)[] found =
        [
            .. FindExports<IStoreFactory>(container), .. FindExports<IDeviceTypeFactory>(container), .. FindExports<ITransportFactory>(container),
        ];
        CheckAgreement(manifest, [.. found.Select(export => export.Export)]);
        return found.ToDictionary(export => export.Export, export => export.Factory.Value);
    }

    private static IEnumerable<(PluginExport Export, Lazy<object> Factory)> FindExports<TFactory>(CompositionHost container)
        where TFactory : class
    {
        PluginKind kind = KindOf<TFactory>();
        foreach (Lazy<TFactory, IDictionary<string, object>> export in container.GetExports<Lazy<TFactory, IDictionary<string, object>>>())
        {
            string name = export.Metadata.TryGetValue(NameKey, out object? value) && value is string text ? text : "";
            yield return (new PluginExport(kind, name), new Lazy<object>(() => export.Value));
        }
    }

    private static void CheckAgreement(PluginManifest manifest, PluginExport[] found)
    {
        if (found.Length == 0)
            throw new PluginLoadException($"{manifest.Assembly} exports nothing", "mark a factory with ExportStore, ExportDeviceType or ExportTransport");
        PluginExport? twice = found.GroupBy(export => export).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null) throw new PluginLoadException($"{manifest.Assembly} exports {twice} twice", "give each export a name of its own");
        string[] differences =
        [
            .. manifest.Exports.Except(found).Select(export => $"{export} is in the manifest and not in {manifest.Assembly}"),
            .. found.Except(manifest.Exports).Select(export => $"{export} is in {manifest.Assembly} and not in the manifest"),
        ];
        if (differences.Length > 0) throw new PluginLoadException(string.Join("; ", differences), "make TgtPluginExport and the Export attributes agree");
    }
}

/// <summary>A plugin whose code does not keep what its manifest promises.</summary>
/// <param name="cause">What is wrong.</param>
/// <param name="remedy">What to do.</param>
internal sealed class PluginLoadException(string cause, string remedy) : Exception(cause)
{
    /// <summary>What to do.</summary>
    public string Remedy { get; } = remedy;
}
