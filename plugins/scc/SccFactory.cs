using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;

namespace TgtModular.Scc;

/// <summary>Makes controllers: <c>device = "scc"</c>.</summary>
[ExportDeviceType("scc")]
public sealed class SccFactory : IDeviceTypeFactory
{
    /// <inheritdoc/>
    public OptionSchema Options => OptionSchema.Empty;

    /// <inheritdoc/>
    public PeripheralDeviceType DeviceType => PeripheralDeviceType.ArrayController;

    /// <inheritdoc/>
    public IReadOnlyList<string> StoreRoles => [];

    /// <inheritdoc/>
    public ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new ValueTask<IDeviceServer>(new Controller(context.Unit));
    }
}
