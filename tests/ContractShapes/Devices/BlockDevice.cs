using System.Buffers.Binary;
using TgtModular.ContractShapes.Engine;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Devices;

/// <summary>Shape 5: a disk. Rows say what is legal and how long the data are; the handler is one store call.</summary>
internal sealed class BlockDevice : IDeviceServer, IHasGeometry
{
    public const int BlockLength = 512;
    public const byte Read10 = 0x28;
    public const byte Write10 = 0x2A;
    public const byte SynchronizeCache10 = 0x35;

    private readonly IBlockStore _store;
    private readonly ILogicalUnit _unit;

    public BlockDevice(ILogicalUnit unit)
    {
        _unit = unit;
        _store = (IBlockStore)unit.Stores["store"];
        Geometry = Describe(_store.Length);
        unit.Publish(Geometry);
        Commands = new CommandTable(
        [
            new CommandDescriptor
            {
                OperationCode = OpCode.Inquiry, Name = "INQUIRY", UsageMask = new byte[] { 0, 0, 0, 0xFF, 0xFF, 0 }, Direction = DataDirection.In,
                DataLength = cdb => new DataLengths(0, BinaryPrimitives.ReadUInt16BigEndian(cdb[3..])), Handler = Inquire,
                Reservation = ReservationRule.Allowed, UnitAttention = UnitAttentionRule.Ignore,
            },
            new CommandDescriptor
            {
                OperationCode = Read10, Name = "READ(10)", UsageMask = new byte[] { 0, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0xFF, 0xFF, 0 },
                Direction = DataDirection.In, DataLength = cdb => new DataLengths(0, BlocksOf(cdb) * (long)BlockLength), Check = CheckRange, Handler = ReadAsync,
                Serialization = SerializationClass.Read, Reservation = ReservationRule.Read, NeedsMedium = true,
            },
            new CommandDescriptor
            {
                OperationCode = Write10, Name = "WRITE(10)", UsageMask = new byte[] { 0, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0xFF, 0xFF, 0 },
                Direction = DataDirection.Out, DataLength = cdb => new DataLengths(BlocksOf(cdb) * (long)BlockLength, 0), Check = CheckRange, Handler = WriteAsync,
                Serialization = SerializationClass.Write, NeedsMedium = true,
            },
            new CommandDescriptor
            {
                OperationCode = SynchronizeCache10, Name = "SYNCHRONIZE CACHE(10)", UsageMask = new byte[] { 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0xFF, 0xFF, 0 },
                Handler = async command => ToOutcome(await _store.FlushAsync(command.Aborted)), Serialization = SerializationClass.Write,
            },
        ]);
    }

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Block;

    public CommandTable Commands { get; }

    public UnitGeometry Geometry { get; private set; }

    public static byte[] Cdb(byte operationCode, uint address = 0, ushort blocks = 0)
    {
        byte[] cdb = new byte[10];
        cdb[0] = operationCode;
        BinaryPrimitives.WriteUInt32BigEndian(cdb.AsSpan(2), address);
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(7), blocks);
        return cdb;
    }

    public void StoreResized(string role, long length)
    {
        Geometry = Describe(length);
        _unit.Publish(Geometry);
        _unit.EstablishUnitAttention(AdditionalSense.CapacityDataHasChanged);
    }

    public ValueTask DisposeAsync() => default;

    private static UnitGeometry Describe(long length) => new(BlockLength, length / BlockLength, WriteCacheEnabled: false, ReadOnly: false);

    private static ushort BlocksOf(ReadOnlySpan<byte> cdb) => BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]);

    private static uint AddressOf(ReadOnlySpan<byte> cdb) => BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]);

    private bool CheckRange(ScsiCommand command, out ScsiOutcome refusal)
    {
        refusal = Sense.LbaOutOfRange;
        return AddressOf(command.Cdb) + (long)BlocksOf(command.Cdb) <= Geometry.BlockCount;
    }

    private ValueTask<ScsiOutcome> Inquire(ScsiCommand command)
    {
        Span<byte> data = stackalloc byte[36];
        data[4] = 31;
        "SHAPE   "u8.CopyTo(data[8..]);
        return command.Reply(data);
    }

    private async ValueTask<ScsiOutcome> ReadAsync(ScsiCommand command)
    {
        StorageResult result = await _store.ReadAsync(AddressOf(command.Cdb) * (long)BlockLength, command.DataIn, command.Aborted);
        command.DataInLength = result.IsOk ? command.DataIn.Length : 0;
        return ToOutcome(result);
    }

    private async ValueTask<ScsiOutcome> WriteAsync(ScsiCommand command)
    {
        WriteOptions options = (command.Cdb[1] & 0x08) != 0 ? WriteOptions.ForceUnitAccess : WriteOptions.None;
        return ToOutcome(await _store.WriteAsync(AddressOf(command.Cdb) * (long)BlockLength, command.DataOut, options, command.Aborted));
    }

    private static ScsiOutcome ToOutcome(StorageResult result) => result.Status switch
    {
        StorageStatus.Ok => ScsiOutcome.Good,
        StorageStatus.OutOfRange => Sense.LbaOutOfRange,
        StorageStatus.Unavailable => Sense.CommunicationFailure,
        StorageStatus.ReadError => Sense.UnrecoveredReadError(result.Position < 0 ? null : result.Position / BlockLength),
        _ => Sense.WriteError(result.Position < 0 ? null : result.Position / BlockLength),
    };
}
