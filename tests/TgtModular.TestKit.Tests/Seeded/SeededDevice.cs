using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>A right device without a medium, with mode and log pages, whose rows a wrong one changes.</summary>
internal class SeededDevice : IDeviceServer, IModeParameterOwner
{
    private readonly DeviceServerContext _context;
    private readonly Lazy<CommandTable> _commands;

    public SeededDevice(DeviceServerContext context)
    {
        _context = context;
        _commands = new Lazy<CommandTable>(() => new CommandTable(Rows(MakeRows())));
        if (PublishesGeometry) context.Unit.Publish(new UnitGeometry(BlockLength: 0, BlockCount: 0, WriteCacheEnabled: false, ReadOnly: false));
    }

    public virtual PeripheralDeviceType DeviceType => PeripheralDeviceType.ArrayController;

    public CommandTable Commands => _commands.Value;

    byte IModeParameterOwner.DeviceSpecificParameter => 0;

    protected ILogicalUnit Unit => _context.Unit;

    protected IPluginHost Host => _context.Host;

    protected virtual bool PublishesGeometry => true;

    public virtual void Reset()
    {
    }

    void IModeParameterOwner.Changed()
    {
    }

    public ValueTask DisposeAsync() => default;

    /// <summary>The rows of the table; a wrong device gives others.</summary>
    protected virtual IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => right;

    /// <summary>The rows, one of them changed.</summary>
    protected static IEnumerable<CommandDescriptor> Change(IEnumerable<CommandDescriptor> rows, byte code, Func<CommandDescriptor, CommandDescriptor> change) =>
        rows.Select(row => row.OperationCode == code ? change(row) : row);

    /// <summary>The rows, with something done to the Data-In of one of them when its handler has ended.</summary>
    protected static IEnumerable<CommandDescriptor> ChangeData(IEnumerable<CommandDescriptor> rows, byte code, Action<ScsiCommand, byte[]> change) =>
        Change(rows, code, row => row with
        {
            Handler = async command =>
            {
                ScsiOutcome outcome = await row.Handler(command);
                byte[] data = command.DataIn.Slice(0, command.DataInLength).ToArray();
                change(command, data);
                command.DataIn.Slice(0, command.DataInLength).CopyFrom(data);
                return outcome;
            },
        });

    private List<CommandDescriptor> MakeRows()
    {
        StandardInquiry inquiry = new(DeviceType, Unit.Identity, "seeded");
        VpdPageSet vital = new VpdPageSet(DeviceType).AddIdentification(Unit.Identity, volatileCache: false);
        ModeParameterServer mode = new(new ModePageSet([new ModePage(0x0A, 0, new byte[10]), new ModePage(0x18, 0, new byte[6])]), this, Unit, Host);
        return
        [
            PrimaryCommands.TestUnitReady(),
            PrimaryCommands.RequestSense(() => Sense.None),
            InquiryCommand.Row(inquiry.Build, vital),
            new LogPageSet().Add(0x30, 0, _ => [new LogParameter(0, LogParameterFormat.UnboundedCounter, new byte[8])]).Row(),
            .. mode.Rows(),
        ];
    }
}

/// <summary>Makes a device of the test's choice.</summary>
internal sealed class SeededDeviceFactory(Func<DeviceServerContext, IDeviceServer> make) : IDeviceTypeFactory
{
    public OptionSchema Options { get; } = OptionSchema.Of();

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.ArrayController;

    public IReadOnlyList<string> StoreRoles => [];

    public ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken) => new(make(context));
}

/// <summary>The suite over such a device; no test class, so that only <see cref="SuiteRunner"/> runs it.</summary>
#pragma warning disable MSTEST0030
internal sealed class SeededDeviceSuite(Func<DeviceServerContext, IDeviceServer> make) : DeviceConformance
{
    protected override IDeviceTypeFactory Factory { get; } = new SeededDeviceFactory(make);

    protected override TimeSpan Patience => TimeSpan.FromSeconds(3);
}
#pragma warning restore MSTEST0030
