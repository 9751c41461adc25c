using TgtModular.Plugins;
using TgtModular.Transports;

namespace ExamplePlugin;

/// <summary>Makes the transport: <c>[transport.example-type]</c>. Made once, without arguments.</summary>
[ExportTransport("example-type")]
public sealed class TransportFactory : ITransportFactory
{
    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("path", OptionType.Path, "The socket.") { Required = true });

    /// <inheritdoc/>
    public OptionSchema TargetOptions { get; } = OptionSchema.Of(
        new OptionDefinition("name", OptionType.Text, "The target's name: letters, digits and hyphens.") { Required = true });

    /// <inheritdoc/>
    /// <remarks>Initiators have names only: no addresses, no accounts.</remarks>
    public bool IsNetworked => false;

    /// <inheritdoc/>
    public bool TryNormalizeTargetName(string name, out string normalized, out string problem)
    {
        ArgumentNullException.ThrowIfNull(name);
        normalized = name;
        bool good = name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-');
        problem = good ? "" : "letters, digits and hyphens are wanted";
        return good;
    }

    /// <inheritdoc/>
    public ITransport Create(TransportCreateContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new SocketTransport(context.Options.RequireText("path"), context.Engine, context.Host.Logger);
    }
}
