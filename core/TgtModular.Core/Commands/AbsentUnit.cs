using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Core.Commands;

/// <summary>What answers for a LUN without a logical unit (SAM-5 section 4.7.4, SPC-5 section 6.7.1): INQUIRY, REQUEST SENSE, and REPORT LUNS at LUN 0 and its well known LUN.</summary>
internal static class AbsentUnit
{
    private const byte NoLogicalUnit = (0x3 << 5) | (byte)PeripheralDeviceType.None;

    /// <summary>Its commands.</summary>
    public static CommandTable Commands { get; } = new(
    [
        ReportLuns.Row with { Check = OnlyWhereReportLunsIsKnown },
        new CommandDescriptor
        {
            OperationCode = OpCode.Inquiry,
            Name = "INQUIRY",
            UsageMask = new byte[] { 0, 0x01, 0xFF, 0xFF, 0xFF, 0x00 },
            Direction = DataDirection.In,
            DataLength = cdb => new DataLengths(0, (cdb[3] << 8) | cdb[4]),
            Reservation = ReservationRule.Allowed,
            UnitAttention = UnitAttentionRule.Ignore,
            Handler = Inquiry,
        },
        new CommandDescriptor
        {
            OperationCode = OpCode.RequestSense,
            Name = "REQUEST SENSE",
            UsageMask = new byte[] { 0, 0x01, 0x00, 0x00, 0xFF, 0x00 },
            Direction = DataDirection.In,
            DataLength = cdb => new DataLengths(0, cdb[4]),
            Reservation = ReservationRule.Allowed,
            UnitAttention = UnitAttentionRule.Deliver,
            Handler = RequestSense,
        },
    ]);

    private static bool OnlyWhereReportLunsIsKnown(ScsiCommand command, out ScsiOutcome refusal)
    {
        refusal = Sense.LogicalUnitNotSupported;
        return command.Lun.Value == 0 || command.Lun == Lun.ReportLunsWellKnown;
    }

    private static ValueTask<ScsiOutcome> Inquiry(ScsiCommand command)
    {
        ReadOnlySpan<byte> cdb = command.Cdb;
        if ((cdb[1] & 1) == 0)
        {
            if (cdb[2] != 0) return ScsiOutcome.Check(Sense.InvalidFieldInCdb(2)).AsTask();
            Span<byte> data = stackalloc byte[36];
            data.Clear();
            data[0] = NoLogicalUnit;
            data[2] = 0x06; // SPC-4
            data[3] = 0x02;
            data[4] = (byte)(data.Length - 5);
            data[8..].Fill((byte)' ');
            return command.Reply(data);
        }

        return cdb[2] == 0
            ? command.Reply([NoLogicalUnit, 0, 0, 1, 0])
            : ScsiOutcome.Check(Sense.InvalidFieldInCdb(2)).AsTask();
    }

    private static ValueTask<ScsiOutcome> RequestSense(ScsiCommand command)
    {
        Span<byte> sense = stackalloc byte[SenseData.MaxLength];
        int length = Sense.LogicalUnitNotSupported.Write(sense, (command.Cdb[1] & 1) != 0);
        return command.Reply(sense[..length]);
    }
}
