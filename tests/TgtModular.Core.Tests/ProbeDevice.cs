using System.Collections.Concurrent;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;

namespace TgtModular.Core.Tests;

/// <summary>
/// A device whose commands run until the test lets them go. CDB byte 1 is a label; the opcodes differ by their row: 01 reads, 02 writes 512 bytes,
/// 03 runs alone, 04 runs beside everything, 05 replies 8 bytes at once, 06 throws, 07 writes more than the engine
/// grants, 08 is refused by its check, 09 ends at once and no reservation forbids it.
/// </summary>
internal sealed class ProbeDevice : IDeviceServer
{
    public const byte Read = 0xC1, Write = 0xC2, Exclusive = 0xC3, Concurrent = 0xC4, Reply = 0xC5, Throw = 0xC6, Huge = 0xC7, Refused = 0xC8, Exempt = 0xC9;

    private readonly ConcurrentDictionary<byte, TaskCompletionSource<ScsiOutcome>> _gates = new();
    private readonly ConcurrentDictionary<byte, TaskCompletionSource> _started = new();

    public ProbeDevice(ReservationRule replyRule = ReservationRule.Allowed)
    {
        Commands = new CommandTable(
        [
            Row(Read, "PROBE READ", SerializationClass.Read, ReservationRule.Read, Wait) with
            {
                Direction = DataDirection.In, DataLength = _ => new DataLengths(0, 512),
            },
            Row(Write, "PROBE WRITE", SerializationClass.Write, ReservationRule.Write, Wait) with
            {
                Direction = DataDirection.Out, DataLength = _ => new DataLengths(512, 0),
            },
            Row(Exclusive, "PROBE EXCLUSIVE", SerializationClass.Exclusive, ReservationRule.Write, Wait),
            Row(Concurrent, "PROBE CONCURRENT", SerializationClass.Concurrent, ReservationRule.Allowed, Wait),
            Row(Reply, "PROBE REPLY", SerializationClass.Concurrent, replyRule, command => command.Reply([1, 2, 3, 4, 5, 6, 7, 8])) with
            {
                Direction = DataDirection.In, DataLength = cdb => new DataLengths(0, cdb[4]),
            },
            Row(Throw, "PROBE THROW", SerializationClass.Read, ReservationRule.Read, _ => throw new InvalidOperationException("probe")),
            Row(Refused, "PROBE REFUSED", SerializationClass.Write, ReservationRule.Write, Wait) with
            {
                Direction = DataDirection.Out, DataLength = _ => new DataLengths(512, 0), Check = Refuse,
            },
            Row(Huge, "PROBE HUGE", SerializationClass.Write, ReservationRule.Write, Wait) with
            {
                Direction = DataDirection.Out, DataLength = _ => new DataLengths(1L << 30, 0),
            },
            Row(Exempt, "PROBE EXEMPT", SerializationClass.Concurrent, ReservationRule.Write, _ => default) with { ReservationExemption = cdb => cdb[1] == 0 },
        ]);
    }

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Block;

    public CommandTable Commands { get; }

    public CoreCommands CoreCommands { get; init; } = CoreCommands.All;

    public int Resets { get; private set; }

    public List<INexusView> LostNexuses { get; } = [];

    /// <summary>Completes when the command with this label has reached its handler.</summary>
    public Task Started(byte label) => StartedSource(label).Task;

    public bool HasStarted(byte label) => StartedSource(label).Task.IsCompleted;

    /// <summary>Lets the command with this label end.</summary>
    public void LetGo(byte label, ScsiOutcome outcome = default) => Gate(label).TrySetResult(outcome);

    public void Reset() => Resets++;

    public void NexusLost(INexusView nexus) => LostNexuses.Add(nexus);

    public ValueTask DisposeAsync() => default;

    private static CommandDescriptor Row(byte code, string name, SerializationClass serialization, ReservationRule reservation, CommandHandler handler) => new()
    {
        OperationCode = code,
        Name = name,
        UsageMask = new byte[] { 0, 0xFF, 0, 0, 0xFF, 0 },
        Serialization = serialization,
        Reservation = reservation,
        Handler = handler,
    };

    private static bool Refuse(ScsiCommand command, out ScsiOutcome refusal)
    {
        refusal = Sense.LbaOutOfRange;
        return false;
    }

    private ValueTask<ScsiOutcome> Wait(ScsiCommand command)
    {
        byte label = command.Cdb[1];
        command.DataInLength = command.DataIn.Length;
        TaskCompletionSource<ScsiOutcome> gate = Gate(label);
        StartedSource(label).TrySetResult();
        return new ValueTask<ScsiOutcome>(gate.Task);
    }

    private TaskCompletionSource<ScsiOutcome> Gate(byte label) => _gates.GetOrAdd(label, _ => new TaskCompletionSource<ScsiOutcome>());

    private TaskCompletionSource StartedSource(byte label) => _started.GetOrAdd(label, _ => new TaskCompletionSource());
}

internal sealed class ProbeFactory : IDeviceTypeFactory
{
    public List<ProbeDevice> Made { get; } = [];

    /// <summary>Units they were made for.</summary>
    public List<LogicalUnit> Units { get; } = [];

    /// <summary>Rule of PROBE REPLY in devices made from now on.</summary>
    public ReservationRule ReplyRule { get; set; } = ReservationRule.Allowed;

    /// <summary>What devices made from now on leave to the core.</summary>
    public CoreCommands Core { get; set; } = CoreCommands.All;

    public OptionSchema Options => OptionSchema.Empty;

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Block;

    public IReadOnlyList<string> StoreRoles => [];

    public ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken)
    {
        lock (Made) Units.Add((LogicalUnit)context.Unit);
        ProbeDevice device = new(ReplyRule) { CoreCommands = Core };
        lock (Made) Made.Add(device);
        return ValueTask.FromResult<IDeviceServer>(device);
    }
}
