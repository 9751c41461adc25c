using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace TgtModular.Scc;

/// <summary>
/// The device server behind LUN 0: it says who it is and that it is ready, and the core reports the target's other units through it. It controls no
/// array and claims no SCC-2 service action.
/// </summary>
internal sealed class Controller : IDeviceServer
{
    private const string DefaultProduct = "Controller";

    public Controller(ILogicalUnit unit)
    {
        StandardInquiry inquiry = new(DeviceType, unit.Identity, DefaultProduct) { Standards = [VersionDescriptor.Scc2] };
        VpdPageSet vital = new VpdPageSet(DeviceType).AddIdentification(unit.Identity, volatileCache: false);
        Commands = new CommandTable(
        [
            PrimaryCommands.TestUnitReady(),
            PrimaryCommands.RequestSense(() => Sense.None),
            InquiryCommand.Row(inquiry.Build, vital),
        ]);
        unit.Publish(new UnitGeometry(BlockLength: 0, BlockCount: 0, WriteCacheEnabled: false, ReadOnly: false));
    }

    /// <inheritdoc/>
    public PeripheralDeviceType DeviceType => PeripheralDeviceType.ArrayController;

    /// <inheritdoc/>
    public CommandTable Commands { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;
}
