using System.Buffers.Binary;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Core.Commands;

/// <summary>REPORT SUPPORTED OPERATION CODES and TASK MANAGEMENT FUNCTIONS (SPC-5 sections 6.35 and 6.36), answered from the rows themselves.</summary>
internal sealed class ReportSupported(LogicalUnit unit)
{
    private const int OperationCodes = 0x0C;
    private const int TaskManagementFunctions = 0x0D;
    private const int TimeoutsLength = 12;

    public IEnumerable<CommandDescriptor> Rows =>
    [
        new CommandDescriptor
        {
            OperationCode = OpCode.MaintenanceIn,
            ServiceAction = OperationCodes,
            Name = "REPORT SUPPORTED OPERATION CODES",
            UsageMask = new byte[] { 0, 0, 0x87, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0 },
            Direction = DataDirection.In,
            DataLength = AllocationLength,
            Reservation = ReservationRule.Read,
            Handler = ReportOperationCodes,
        },
        new CommandDescriptor
        {
            OperationCode = OpCode.MaintenanceIn,
            ServiceAction = TaskManagementFunctions,
            Name = "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS",
            UsageMask = new byte[] { 0, 0, 0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0 },
            Direction = DataDirection.In,
            DataLength = AllocationLength,
            Reservation = ReservationRule.Read,
            Handler = ReportTaskManagementFunctions,
        },
    ];

    private static DataLengths AllocationLength(ReadOnlySpan<byte> cdb) => new(0, BinaryPrimitives.ReadUInt32BigEndian(cdb[6..]));

    private ValueTask<ScsiOutcome> ReportOperationCodes(ScsiCommand command)
    {
        ReadOnlySpan<byte> cdb = command.Cdb;
        bool timeouts = (cdb[2] & 0x80) != 0;
        byte operationCode = cdb[3];
        int serviceAction = BinaryPrimitives.ReadUInt16BigEndian(cdb[4..]);
        bool hasActions = unit.Commands.HasServiceActions(operationCode);
        switch (cdb[2] & 0x07)
        {
            case 0:
                return command.Reply(AllCommands(timeouts));
            case 1 when hasActions:
            case 2 when !hasActions:
                return ScsiOutcome.Check(Sense.InvalidFieldInCdb(2, 2)).AsTask();
            case 1:
                return command.Reply(OneCommand(unit.Commands.Find(operationCode, null), timeouts));
            case 2:
                return command.Reply(OneCommand(unit.Commands.Find(operationCode, serviceAction), timeouts));
            case 3:
                CommandDescriptor? row = hasActions || serviceAction == 0 ? unit.Commands.Find(operationCode, hasActions ? serviceAction : null) : null;
                return command.Reply(OneCommand(row, timeouts));
            default:
                return ScsiOutcome.Check(Sense.InvalidFieldInCdb(2, 2)).AsTask();
        }
    }

    private byte[] AllCommands(bool timeouts)
    {
        IReadOnlyList<CommandDescriptor> rows = unit.Commands.Descriptors;
        int length = 8 + (timeouts ? TimeoutsLength : 0);
        byte[] data = new byte[4 + (rows.Count * length)];
        BinaryPrimitives.WriteInt32BigEndian(data, data.Length - 4);
        for (int i = 0; i < rows.Count; i++)
        {
            Span<byte> descriptor = data.AsSpan(4 + (i * length));
            descriptor[0] = rows[i].OperationCode;
            BinaryPrimitives.WriteUInt16BigEndian(descriptor[2..], (ushort)(rows[i].ServiceAction ?? 0));
            descriptor[5] = (byte)((timeouts ? 2 : 0) | (rows[i].ServiceAction is null ? 0 : 1));
            BinaryPrimitives.WriteUInt16BigEndian(descriptor[6..], (ushort)rows[i].UsageMask.Length);
            if (timeouts) WriteTimeouts(descriptor[8..]);
        }

        return data;
    }

    private static byte[] OneCommand(CommandDescriptor? row, bool timeouts)
    {
        const byte NotSupported = 0x01;
        const byte Supported = 0x03;
        if (row is null) return [0, NotSupported, 0, 0];
        int size = row.UsageMask.Length;
        byte[] data = new byte[4 + size + (timeouts ? TimeoutsLength : 0)];
        data[1] = (byte)(Supported | (timeouts ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), (ushort)size);
        row.UsageMask.Span.CopyTo(data.AsSpan(4));
        if (timeouts) WriteTimeouts(data.AsSpan(4 + size));
        return data;
    }

    /// <summary>A timeouts descriptor without a nominal or recommended timeout.</summary>
    private static void WriteTimeouts(Span<byte> destination) => BinaryPrimitives.WriteUInt16BigEndian(destination, TimeoutsLength - 2);

    private static ValueTask<ScsiOutcome> ReportTaskManagementFunctions(ScsiCommand command)
    {
        const byte AbortTask = 0x80, AbortTaskSet = 0x40, ClearTaskSet = 0x10, LogicalUnitReset = 0x08, QueryTask = 0x04;
        const byte QueryAsynchronousEvent = 0x04, QueryTaskSet = 0x02, NexusReset = 0x01;
        bool extended = (command.Cdb[2] & 0x80) != 0;
        Span<byte> data = stackalloc byte[extended ? 16 : 4];
        data.Clear();
        data[0] = AbortTask | AbortTaskSet | ClearTaskSet | LogicalUnitReset | QueryTask;
        data[1] = QueryAsynchronousEvent | QueryTaskSet | NexusReset;
        if (extended) data[3] = 12;
        return command.Reply(data);
    }
}
