using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace Samples.Zoned;

/// <summary>The device server of a host managed zoned block device (ZBC-2). Its state is with the zones; here is what every disk has around it.</summary>
internal sealed class ZonedDisk : IDeviceServer, IModeParameterOwner
{
    private const byte DpoFua = 0x10;
    private const byte WriteProtect = 0x80;

    private readonly ILogicalUnit _unit;
    private readonly ZonedMedium _medium;
    private readonly ZonedModePages _pages = new();
    private readonly ModeParameterServer _mode;
    private readonly MediumAccess _access;
    private readonly bool _writeProtected;

    public ZonedDisk(DeviceServerContext context, ZonedMedium medium)
    {
        _unit = context.Unit;
        _medium = medium;
        _writeProtected = _unit.WriteProtected;
        _mode = new ModeParameterServer(_pages.Pages, this, _unit, context.Host);
        _access = new MediumAccess(_unit, new RemovalPrevention(), command => _medium.FlushAsync(command.Aborted));
        StandardInquiry inquiry = new(DeviceType, _unit.Identity, "ZONED-DISK") { Standards = [VersionDescriptor.Sbc4, VersionDescriptor.Zbc2] };
        Commands = new CommandTable(
        [
            PrimaryCommands.TestUnitReady(),
            PrimaryCommands.RequestSense(() => CheckReady(out SenseData notReady) ? Sense.None : notReady),
            InquiryCommand.Row(inquiry.Build, ZonedVpd.Create(_unit.Identity, medium)),
            _access.Row(),
            .. _mode.Rows(),
            .. new BlockCommands(medium).Rows(),
            .. new ZoneCommands(medium).Rows(),
            new ReportZonesCommand(medium).Row(),
        ]);
    }

    /// <inheritdoc/>
    public PeripheralDeviceType DeviceType => PeripheralDeviceType.ZonedBlock;

    /// <inheritdoc/>
    public CommandTable Commands { get; }

    /// <inheritdoc/>
    public CoreCommands CoreCommands => CoreCommands.All;

    /// <inheritdoc/>
    public byte DeviceSpecificParameter => (byte)(DpoFua | (_unit.WriteProtected ? WriteProtect : 0));

    /// <summary>Takes saved mode pages and publishes the disk.</summary>
    public ValueTask StartAsync(CancellationToken cancellationToken) => _mode.LoadAsync(cancellationToken);

    /// <inheritdoc/>
    public bool CheckReady(out SenseData notReady) => _access.CheckReady(out notReady);

    /// <inheritdoc/>
    public void Reset()
    {
        _access.Reset();
        _mode.Reset();
    }

    /// <inheritdoc/>
    public void Changed()
    {
        _unit.DescriptorSense = _pages.DescriptorSense;
        _unit.TaskAbortedStatus = _pages.TaskAbortedStatus;
        _unit.WriteProtected = _writeProtected || _pages.SoftwareWriteProtect;
        _unit.Publish(new UnitGeometry(_medium.BlockLength, _medium.BlockCount, WriteCacheEnabled: true, _unit.WriteProtected));
    }

    /// <inheritdoc/>
    /// <remarks>What was not flushed is written back: the process ends in order, and nobody shall find less than was written.</remarks>
    public async ValueTask DisposeAsync()
    {
        _ = await _medium.FlushAsync(CancellationToken.None);
        _medium.Dispose();
        _mode.Dispose();
    }
}
