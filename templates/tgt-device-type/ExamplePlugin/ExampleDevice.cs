using System.Buffers.Binary;
using System.Text;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace ExamplePlugin;

/// <summary>
/// A unit without a medium that answers a log page of its own: how often it was asked, and a greeting. Replace it by what your device does. Handlers run on
/// any thread, several at a time unless their rows say Exclusive; they answer with outcomes, never with exceptions.
/// </summary>
internal sealed class ExampleDevice : IDeviceServer
{
    /// <summary>A vendor specific log page (SPC-4 table 334).</summary>
    public const byte LogPage = 0x30;

    private readonly byte[] _greeting;
    private long _asked;

    public ExampleDevice(ILogicalUnit unit, string greeting)
    {
        _greeting = Encoding.ASCII.GetBytes(greeting.Length > 255 ? greeting[..255] : greeting);
        StandardInquiry inquiry = new(DeviceType, unit.Identity, "example-type");
        VpdPageSet vital = new VpdPageSet(DeviceType).AddIdentification(unit.Identity, volatileCache: false);

        // One row for each command. The daemon refuses bits that a row's mask does not have, checks reservations, grants buffers, and lists the rows
        // to initiators that ask: what has no row does not exist.
        Commands = new CommandTable(
        [
            PrimaryCommands.TestUnitReady(),
            PrimaryCommands.RequestSense(() => Sense.None),
            InquiryCommand.Row(inquiry.Build, vital),
            new LogPageSet().Add(LogPage, 0, BuildLog).Row(),
        ]);

        unit.Publish(new UnitGeometry(BlockLength: 0, BlockCount: 0, WriteCacheEnabled: false, ReadOnly: false));
    }

    /// <inheritdoc/>
    public PeripheralDeviceType DeviceType => PeripheralDeviceType.ArrayController;

    /// <inheritdoc/>
    public CommandTable Commands { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    private LogParameter[] BuildLog(INexusView nexus)
    {
        byte[] asked = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(asked, Interlocked.Increment(ref _asked));
        return [new(0, LogParameterFormat.UnboundedCounter, asked), new(1, LogParameterFormat.AsciiList, _greeting)];
    }
}
