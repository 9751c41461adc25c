using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>A small disk in memory: READ(10), WRITE(10), INQUIRY, and an INQUIRY-like command that says nothing.</summary>
internal sealed class RamDevice : IDeviceServer, IDeviceTypeFactory
{
    public const byte Read = 0x28, Write = 0x2A, Inquiry = 0x12, Silent = 0x1C, Refuse = 0x25;
    public const int BlockLength = 512;
    public const int Blocks = 4096;

    public RamDevice()
    {
        Commands = new CommandTable(
        [
            Row(Read, 10, DataDirection.In, cdb => new DataLengths(0, Length(cdb)), ReadAsync),
            Row(Write, 10, DataDirection.Out, cdb => new DataLengths(Length(cdb), 0), WriteAsync),
            Row(Inquiry, 6, DataDirection.In, cdb => new DataLengths(0, cdb[4]), InquireAsync),
            Row(Silent, 6, DataDirection.In, cdb => new DataLengths(0, cdb[4]), _ => default),
            Row(Refuse, 10, DataDirection.In, _ => new DataLengths(0, 8), PartlyAsync),
        ]);
    }

    public byte[] Medium { get; } = new byte[Blocks * BlockLength];

    /// <summary>Where the data of the last WRITE was.</summary>
    public nint LastPointer { get; private set; }

    /// <summary>Byte 1 of the last INQUIRY.</summary>
    public int LastByteOne { get; private set; }

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Block;

    public CommandTable Commands { get; }

    public CoreCommands CoreCommands => CoreCommands.None;

    public OptionSchema Options => OptionSchema.Empty;

    public IReadOnlyList<string> StoreRoles => [];

    public ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken) => new(this);

    public ValueTask DisposeAsync() => default;

    private static CommandDescriptor Row(byte code, int length, DataDirection direction, DataLengthRule lengths, CommandHandler handler) => new()
    {
        OperationCode = code,
        Name = $"TEST {code:X2}",
        UsageMask = Enumerable.Repeat((byte)0xFF, length).ToArray(),
        Direction = direction,
        DataLength = lengths,
        Reservation = ReservationRule.Allowed,
        UnitAttention = UnitAttentionRule.Ignore,
        Serialization = SerializationClass.Concurrent,
        Handler = handler,
    };

    private static int Length(ReadOnlySpan<byte> cdb) => BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]) * BlockLength;

    private static int Offset(ReadOnlySpan<byte> cdb) => (int)BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]) * BlockLength;

    private ValueTask<ScsiOutcome> InquireAsync(ScsiCommand command)
    {
        LastByteOne = command.Cdb[1];
        return command.Reply("\0\0\x06\x02\x1f\0\0\0TEST    disk            0001"u8);
    }

    private ValueTask<ScsiOutcome> ReadAsync(ScsiCommand command)
    {
        command.DataIn.CopyFrom(Medium.AsSpan(Offset(command.Cdb), command.DataIn.Length));
        command.DataInLength = command.DataIn.Length;
        return default;
    }

    private ValueTask<ScsiOutcome> WriteAsync(ScsiCommand command)
    {
        foreach (Buffers.DataSegment segment in command.DataOut) LastPointer = segment.Pointer;
        command.DataOut.CopyTo(Medium.AsSpan(Offset(command.Cdb)));
        return default;
    }

    /// <summary>Some data, and CHECK CONDITION, as a tape that met a filemark.</summary>
    private static ValueTask<ScsiOutcome> PartlyAsync(ScsiCommand command)
    {
        command.DataIn.Slice(0, 3).CopyFrom([1, 2, 3]);
        command.DataInLength = 3;
        return ScsiOutcome.Check(Sense.LbaOutOfRange).AsTask();
    }
}
