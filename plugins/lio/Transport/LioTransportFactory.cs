using TgtModular.Lio.Configfs;
using TgtModular.Lio.Fabrics;
using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>Makes transports of a family of fabrics; a plugin exports one for each of its families.</summary>
/// <param name="family">The fabrics.</param>
public abstract class LioTransportFactory(FabricFamily family) : ITransportFactory
{
    /// <inheritdoc/>
    public OptionSchema Options { get; } = LioOptions.For(family);

    /// <inheritdoc/>
    public OptionSchema TargetOptions { get; } = LioTargetOptions.For(family);

    /// <inheritdoc/>
    public bool IsNetworked => false;

    /// <inheritdoc/>
    public bool TryNormalizeTargetName(string name, out string normalized, out string problem)
    {
        (FabricRow Row, string Name)? found = family.Find(name);
        normalized = found?.Name ?? name;
        problem = found is null ? $"write {string.Join(", or ", family.Rows.Select(row => row.Ports.Description))}" : string.Empty;
        return found is not null;
    }

    /// <inheritdoc/>
    public ITransport Create(TransportCreateContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Sysfs sysfs = new();
        TcmuRings rings = new(context.Host.Logger, context.Host.Clock);
        return new LioTransport(family, new LioKernel(new KernelConfigfs(), sysfs, new Modprobe(sysfs), rings), context);
    }
}
