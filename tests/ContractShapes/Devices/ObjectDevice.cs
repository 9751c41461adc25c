using System.Buffers.Binary;
using System.Collections.Concurrent;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.ContractShapes.Devices;

/// <summary>
/// Shape 9: objects named by partition and number, in CDBs of 200 bytes, with attributes that travel in both directions in one command (OSD-2
/// section 5.2): Data-Out brings the data and attributes to set, Data-In takes the attributes asked for.
/// </summary>
internal sealed class ObjectDevice : IDeviceServer
{
    public const int CdbLength = 200;
    public const int Write = 0x8886;
    public const int Read = 0x8885;

    private const int ObjectAt = 24;
    private const int LengthAt = 32;
    private const int AttributesOutAt = 52;
    private const int AttributesInAt = 60;

    private readonly ConcurrentDictionary<ulong, (byte[] Data, byte[] Attributes)> _objects = new();

    public ObjectDevice()
    {
        Commands = new CommandTable(
        [
            Row(Write, "WRITE", WriteAsync) with
            {
                Direction = DataDirection.Bidirectional, Serialization = SerializationClass.Write,
                DataLength = cdb => new DataLengths(Long(cdb, LengthAt) + Int(cdb, AttributesOutAt), Int(cdb, AttributesInAt)),
            },
            Row(Read, "READ", ReadAsync) with
            {
                Direction = DataDirection.Bidirectional, Serialization = SerializationClass.Read, Reservation = ReservationRule.Read,
                DataLength = cdb => new DataLengths(Int(cdb, AttributesOutAt), Long(cdb, LengthAt) + Int(cdb, AttributesInAt)),
            },
        ]);
    }

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.ObjectStore;

    public CommandTable Commands { get; }

    public static byte[] Cdb(int serviceAction, ulong id, long length, int attributesOut, int attributesIn)
    {
        byte[] cdb = new byte[CdbLength];
        cdb[0] = OpCode.VariableLength;
        cdb[7] = CdbLength - 8;
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(8), (ushort)serviceAction);
        BinaryPrimitives.WriteUInt64BigEndian(cdb.AsSpan(ObjectAt), id);
        BinaryPrimitives.WriteInt64BigEndian(cdb.AsSpan(LengthAt), length);
        BinaryPrimitives.WriteInt32BigEndian(cdb.AsSpan(AttributesOutAt), attributesOut);
        BinaryPrimitives.WriteInt32BigEndian(cdb.AsSpan(AttributesInAt), attributesIn);
        return cdb;
    }

    public ValueTask DisposeAsync() => default;

    private static CommandDescriptor Row(int serviceAction, string name, CommandHandler handler)
    {
        byte[] mask = new byte[CdbLength];
        mask.AsSpan(ObjectAt, 16).Fill(0xFF);
        mask.AsSpan(AttributesOutAt, 4).Fill(0xFF);
        mask.AsSpan(AttributesInAt, 4).Fill(0xFF);
        return new CommandDescriptor { OperationCode = OpCode.VariableLength, ServiceAction = serviceAction, Name = name, UsageMask = mask, Handler = handler };
    }

    private static long Long(ReadOnlySpan<byte> cdb, int at) => BinaryPrimitives.ReadUInt32BigEndian(cdb[(at + 4)..]);

    private static int Int(ReadOnlySpan<byte> cdb, int at) => BinaryPrimitives.ReadUInt16BigEndian(cdb[(at + 2)..]);

    private ValueTask<ScsiOutcome> WriteAsync(ScsiCommand command)
    {
        int length = (int)Long(command.Cdb, LengthAt);
        _objects[BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[ObjectAt..])] =
            (command.DataOut.Slice(0, length).ToArray(), command.DataOut.Slice(length).ToArray());
        return command.Reply(AttributesOf(command));
    }

    private ValueTask<ScsiOutcome> ReadAsync(ScsiCommand command)
    {
        if (!_objects.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[ObjectAt..]), out (byte[] Data, byte[] Attributes) found))
            return ScsiOutcome.Check(Sense.InvalidFieldInCdb(ObjectAt)).AsTask();
        if (!command.DataOut.IsEmpty)
        {
            found.Attributes = command.DataOut.ToArray();
            _objects[BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[ObjectAt..])] = found;
        }

        int length = (int)Math.Min(Long(command.Cdb, LengthAt), found.Data.Length);
        return command.Reply([.. found.Data.AsSpan(0, length), .. AttributesOf(command)]);
    }

    private ReadOnlySpan<byte> AttributesOf(ScsiCommand command)
    {
        byte[] attributes = _objects[BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[ObjectAt..])].Attributes;
        return attributes.AsSpan(0, Math.Min(attributes.Length, Int(command.Cdb, AttributesInAt)));
    }
}
