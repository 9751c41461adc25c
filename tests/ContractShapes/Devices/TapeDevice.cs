using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Devices;

/// <summary>Shape 6: a tape. The position is the drive's; records have any length; marks stop what passes them. Variable block mode only.</summary>
internal sealed class TapeDevice : IDeviceServer, IRemovableMedium
{
    public const byte Rewind = 0x01;
    public const byte Read6 = 0x08;
    public const byte Write6 = 0x0A;
    public const byte WriteFilemarks6 = 0x10;
    public const byte Space6 = 0x11;

    private const int SuppressIncorrectLength = 0x02;
    private const byte SpaceFilemarks = 1;

    private IMediumStore? _tape;
    private MediumPosition _position;

    public TapeDevice(ILogicalUnit unit)
    {
        _tape = unit.Stores.TryGetValue("store", out IBackingStore? store) ? (IMediumStore)store : null;
        unit.Publish(this);
        Commands = new CommandTable(
        [
            Row(Rewind, "REWIND", [0, 0x01, 0, 0, 0, 0], _ =>
            {
                _position = default;
                return ScsiOutcome.Good.AsTask();
            }),
            Row(Read6, "READ(6)", [0, SuppressIncorrectLength, 0xFF, 0xFF, 0xFF, 0], ReadAsync) with
            {
                Direction = DataDirection.In, DataLength = cdb => new DataLengths(0, CountOf(cdb)), Reservation = ReservationRule.Read,
            },
            Row(Write6, "WRITE(6)", [0, 0, 0xFF, 0xFF, 0xFF, 0], WriteAsync) with
            {
                Direction = DataDirection.Out, DataLength = cdb => new DataLengths(CountOf(cdb), 0),
            },
            Row(WriteFilemarks6, "WRITE FILEMARKS(6)", [0, 0x01, 0xFF, 0xFF, 0xFF, 0], WriteFilemarksAsync),
            Row(Space6, "SPACE(6)", [0, 0x0F, 0xFF, 0xFF, 0xFF, 0], SpaceAsync),
        ]);
    }

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Tape;

    public CommandTable Commands { get; }

    public IBackingStore? Medium => _tape;

    public bool RemovalPrevented { get; set; }

    public bool CheckReady(out SenseData notReady)
    {
        notReady = Sense.MediumNotPresent;
        return _tape is not null;
    }

    public ValueTask<ScsiOutcome> LoadAsync(IBackingStore medium, string label, CancellationToken cancellationToken)
    {
        if (_tape is not null) return ScsiOutcome.Check(Sense.Illegal(AdditionalSense.MediumDestinationElementFull)).AsTask();
        if (medium is not IMediumStore tape) return ScsiOutcome.Check(Sense.Illegal(AdditionalSense.IncompatibleMediumInstalled)).AsTask();
        _tape = tape;
        _position = default;
        return ScsiOutcome.Good.AsTask();
    }

    public async ValueTask<(ScsiOutcome Outcome, IBackingStore? Medium)> UnloadAsync(CancellationToken cancellationToken)
    {
        if (RemovalPrevented) return (Sense.MediumRemovalPrevented, null);
        if (_tape is not { } tape) return (Sense.Illegal(AdditionalSense.MediumSourceElementEmpty), null);
        StorageResult flushed = await tape.FlushAsync(cancellationToken);
        if (!flushed.IsOk) return (Sense.WriteError(null), null);
        _tape = null;
        return (ScsiOutcome.Good, tape);
    }

    public ValueTask DisposeAsync() => default;

    private static CommandDescriptor Row(byte operationCode, string name, byte[] mask, CommandHandler handler) => new()
    {
        OperationCode = operationCode,
        Name = name,
        UsageMask = mask,
        Handler = handler,
        Serialization = SerializationClass.Exclusive,
        NeedsMedium = true,
    };

    private static int CountOf(ReadOnlySpan<byte> cdb) => (cdb[2] << 16) | (cdb[3] << 8) | cdb[4];

    private async ValueTask<ScsiOutcome> ReadAsync(ScsiCommand command)
    {
        int wanted = CountOf(command.Cdb);
        MediumReadResult read = await _tape!.ReadAsync(_position, command.DataIn, command.Aborted);
        if (!read.Result.IsOk) return Sense.UnrecoveredReadError(null);
        if (read.Kind == MediumObjectKind.EndOfData) return Sense.EndOfDataDetected(wanted);
        _position = _position with { Number = _position.Number + 1 };
        if (read.Kind == MediumObjectKind.Filemark) return Sense.FilemarkDetected(wanted);
        command.DataInLength = Math.Min(read.Length, wanted);
        bool reportsShort = (command.Cdb[1] & SuppressIncorrectLength) == 0;
        return read.Length == wanted || (read.Length < wanted && !reportsShort) ? ScsiOutcome.Good : Sense.IncorrectLength(wanted - read.Length);
    }

    private async ValueTask<ScsiOutcome> WriteAsync(ScsiCommand command)
    {
        StorageResult result = await _tape!.WriteRecordAsync(_position, command.DataOut, command.Aborted);
        if (result.Status == StorageStatus.ReadOnly) return Sense.WriteOnceOverwrite;
        if (!result.IsOk) return Sense.WriteError(null);
        _position = _position with { Number = _position.Number + 1 };
        return _tape.GetPartition(0).EarlyWarning ? Sense.EarlyWarning : ScsiOutcome.Good;
    }

    private async ValueTask<ScsiOutcome> WriteFilemarksAsync(ScsiCommand command)
    {
        int count = CountOf(command.Cdb);
        StorageResult result = await _tape!.WriteFilemarksAsync(_position, count, command.Aborted);
        if (!result.IsOk) return Sense.WriteError(null);
        _position = _position with { Number = _position.Number + count };
        bool immediate = (command.Cdb[1] & 0x01) != 0;
        return immediate || (await _tape.FlushAsync(command.Aborted)).IsOk ? ScsiOutcome.Good : Sense.WriteError(null);
    }

    private ValueTask<ScsiOutcome> SpaceAsync(ScsiCommand command)
    {
        if ((command.Cdb[1] & 0x0F) != SpaceFilemarks) return ScsiOutcome.Check(Sense.InvalidFieldInCdb(1, 3)).AsTask();
        int count = CountOf(command.Cdb) << 8 >> 8; // 24 bits, signed
        bool done = _tape!.TrySpaceFilemarks(_position, count, out MediumPosition found);
        _position = found;
        if (done) return ScsiOutcome.Good.AsTask();
        return ScsiOutcome.Check(count < 0 ? Sense.BeginningOfPartitionDetected(-count) : Sense.EndOfDataDetected(count)).AsTask();
    }
}
