using TgtModular.Plugins;
using TgtModular.Toml;
using TgtModular.Transports;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>Binds <c>[transport.NAME]</c>.</summary>
internal sealed class TransportBinder(BindingContext context)
{
    private static readonly string[] Keys = ["plugin", "discovery_chap", "discovery_chap_outgoing"];
    private readonly Dictionary<string, ITransportFactory> _factories = new(StringComparer.Ordinal);

    /// <summary>Factories of the transports bound so far.</summary>
    public IReadOnlyDictionary<string, ITransportFactory> Factories => _factories;

    public TransportSpec Bind(string name, TomlTable table)
    {
        var reader = new TableReader(table, $"transport '{name}'", context.Problems);
        PluginReference? plugin = table.ContainsKey("plugin") ? context.Plugin(reader, "plugin") : new PluginReference(name);
        _ = reader.Take("plugin");
        ChapSpec discovery = new ChapBinder(context).Bind(reader, "discovery_chap", "discovery_chap_outgoing");
        OptionValues? options = null;
        if (plugin is not null)
        {
            if (context.Schemas.TryFindTransport(plugin, out ITransportFactory? factory, out string? problem))
            {
                _factories[name] = factory;
                options = context.Options.Bind(factory.Options, reader.Rest, $"transport '{name}'", table.Position, Keys, context.Problems);
            }
            else
            {
                context.NoPlugin(PluginKind.Transport, plugin, table.Position, problem);
            }
        }

        return new TransportSpec(name, plugin ?? new PluginReference("unknown"), options ?? OptionValues.Empty, discovery);
    }
}
