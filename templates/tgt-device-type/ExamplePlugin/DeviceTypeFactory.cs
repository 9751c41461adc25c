using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;

namespace ExamplePlugin;

/// <summary>Makes units: <c>[unit.x] device = "example-type"</c>. Made once, without arguments: open things in <see cref="CreateAsync"/>.</summary>
[ExportDeviceType("example-type")]
public sealed class DeviceTypeFactory : IDeviceTypeFactory
{
    /// <inheritdoc/>
    /// <remarks>The daemon checks what is configured against this; every other key is refused.</remarks>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("greeting", OptionType.Text, "What the log page says beside the number of commands.") { Default = "hello" });

    /// <inheritdoc/>
    public PeripheralDeviceType DeviceType => PeripheralDeviceType.ArrayController;

    /// <inheritdoc/>
    /// <remarks>None: this unit keeps nothing. Left out, a unit has one store, in the role "store".</remarks>
    public IReadOnlyList<string> StoreRoles => [];

    /// <inheritdoc/>
    public ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken)
    {
        // Whatever cannot be made: throw DeviceServerException, with what is wrong and what to do.
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult<IDeviceServer>(new ExampleDevice(context.Unit, context.Options.RequireText("greeting")));
    }
}
