using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Devices;

/// <summary>
/// Shape 8: a disc that is written once, in sessions. Blocks are appended to the open session; a filemark on the medium closes it, and an attribute
/// says that the disc is finished.
/// </summary>
internal sealed class WriteOnceDevice : IDeviceServer
{
    public const byte Write10 = 0x2A;
    public const byte Read10 = 0x28;
    public const byte CloseTrackSession = 0x5B;
    public const byte ReadDiscInformation = 0x51;
    public const int BlockLength = 2048;

    private const string FinalizedAttribute = "disc.finalized";
    private const byte CloseSession = 2;
    private const byte FinalizeDisc = 6;

    private readonly IMediumStore _disc;
    private readonly List<long> _blocks = []; // logical block -> object number
    private int _sessions;
    private bool _open;

    public WriteOnceDevice(ILogicalUnit unit)
    {
        _disc = (IMediumStore)unit.Stores["store"];
        Commands = new CommandTable(
        [
            new CommandDescriptor
            {
                OperationCode = Write10, Name = "WRITE(10)", UsageMask = new byte[] { 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0xFF, 0xFF, 0 },
                Direction = DataDirection.Out, DataLength = cdb => new DataLengths(CountOf(cdb) * (long)BlockLength, 0), Check = CheckWrite, Handler = WriteAsync,
                Serialization = SerializationClass.Exclusive,
            },
            new CommandDescriptor
            {
                OperationCode = Read10, Name = "READ(10)", UsageMask = new byte[] { 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0xFF, 0xFF, 0 },
                Direction = DataDirection.In, DataLength = cdb => new DataLengths(0, CountOf(cdb) * (long)BlockLength), Check = CheckRead, Handler = ReadAsync,
                Serialization = SerializationClass.Read, Reservation = ReservationRule.Read,
            },
            new CommandDescriptor
            {
                OperationCode = CloseTrackSession, Name = "CLOSE TRACK/SESSION", UsageMask = new byte[] { 0, 0, 0x07, 0, 0, 0, 0, 0, 0, 0 },
                Handler = CloseAsync, Serialization = SerializationClass.Exclusive,
            },
            new CommandDescriptor
            {
                OperationCode = ReadDiscInformation, Name = "READ DISC INFORMATION", UsageMask = new byte[] { 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0 },
                Direction = DataDirection.In, DataLength = cdb => new DataLengths(0, CountOf(cdb)), Handler = DescribeAsync, Reservation = ReservationRule.Allowed,
            },
        ]);
    }

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Optical;

    public CommandTable Commands { get; }

    private bool IsFinalized => _disc.GetAttribute(FinalizedAttribute) is not null;

    /// <summary>What a drive does with a disc it has not seen: the sessions are found on the medium.</summary>
    public async Task RecognizeAsync()
    {
        for (long number = 0; ; number++)
        {
            MediumReadResult found = await _disc.ReadAsync(new MediumPosition(0, number), default, CancellationToken.None);
            if (found.Kind == MediumObjectKind.EndOfData) return;
            _open = found.Kind == MediumObjectKind.Record;
            if (_open) _blocks.Add(number);
            else _sessions++;
        }
    }

    public ValueTask DisposeAsync() => default;

    private static ushort CountOf(ReadOnlySpan<byte> cdb) => BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]);

    private static uint AddressOf(ReadOnlySpan<byte> cdb) => BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]);

    private bool CheckWrite(ScsiCommand command, out ScsiOutcome refusal)
    {
        refusal = IsFinalized ? Sense.WriteProtected : Sense.Illegal(AdditionalSense.InvalidAddressForWrite);
        return !IsFinalized && AddressOf(command.Cdb) == _blocks.Count;
    }

    private bool CheckRead(ScsiCommand command, out ScsiOutcome refusal)
    {
        refusal = Sense.LbaOutOfRange;
        return AddressOf(command.Cdb) + (long)CountOf(command.Cdb) <= _blocks.Count;
    }

    private async ValueTask<ScsiOutcome> WriteAsync(ScsiCommand command)
    {
        for (int offset = 0; offset + BlockLength <= command.DataOut.Length; offset += BlockLength)
        {
            long number = _disc.GetPartition(0).ObjectCount;
            StorageResult result = await _disc.WriteRecordAsync(new MediumPosition(0, number), command.DataOut.Slice(offset, BlockLength), command.Aborted);
            if (!result.IsOk) return Sense.WriteError(_blocks.Count);
            _blocks.Add(number);
            _open = true;
        }

        return ScsiOutcome.Good;
    }

    private async ValueTask<ScsiOutcome> ReadAsync(ScsiCommand command)
    {
        int count = CountOf(command.Cdb);
        for (int i = 0; i < count; i++)
        {
            MediumPosition position = new(0, _blocks[(int)AddressOf(command.Cdb) + i]);
            MediumReadResult read = await _disc.ReadAsync(position, command.DataIn.Slice(i * BlockLength, BlockLength), command.Aborted);
            if (!read.Result.IsOk) return Sense.UnrecoveredReadError(AddressOf(command.Cdb) + i);
        }

        command.DataInLength = command.DataIn.Length;
        return ScsiOutcome.Good;
    }

    private async ValueTask<ScsiOutcome> CloseAsync(ScsiCommand command)
    {
        int function = command.Cdb[2] & 0x07;
        if (function is not (CloseSession or FinalizeDisc)) return Sense.InvalidFieldInCdb(2, 2);
        if (_open)
        {
            if (!(await _disc.WriteFilemarksAsync(new MediumPosition(0, _disc.GetPartition(0).ObjectCount), 1, command.Aborted)).IsOk) return Sense.WriteError(null);
            _open = false;
            _sessions++;
        }

        if (function == FinalizeDisc && !(await _disc.SetAttributeAsync(FinalizedAttribute, new byte[] { 1 }, command.Aborted)).IsOk) return Sense.WriteError(null);
        return (await _disc.FlushAsync(command.Aborted)).IsOk ? ScsiOutcome.Good : Sense.WriteError(null);
    }

    private ValueTask<ScsiOutcome> DescribeAsync(ScsiCommand command)
    {
        byte status = (byte)(IsFinalized ? 2 : _sessions > 0 || _open ? 1 : 0);
        return command.Reply([0, 32, status, 1, (byte)(_sessions + (_open ? 1 : 0)), 1, 1]);
    }
}
