using System.Buffers.Binary;
using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>INQUIRY (SPC-4 section 6.6).</summary>
public static class InquiryCommand
{
    /// <summary>The row of INQUIRY.</summary>
    /// <param name="standard">Standard INQUIRY data as one nexus sees it.</param>
    /// <param name="pages">Vital product data.</param>
    public static CommandDescriptor Row(Func<INexusView, byte[]> standard, VpdPageSet pages) => new()
    {
        OperationCode = OpCode.Inquiry,
        Name = "INQUIRY",
        UsageMask = CdbMask.Of("12 01 FF FFFF 00"),
        Direction = DataDirection.In,
        DataLength = cdb => new DataLengths(0, BinaryPrimitives.ReadUInt16BigEndian(cdb[3..])),
        Reservation = ReservationRule.Allowed,
        UnitAttention = UnitAttentionRule.Ignore,
        Handler = command => Run(command, standard, pages),
    };

    private static ValueTask<ScsiOutcome> Run(ScsiCommand command, Func<INexusView, byte[]> standard, VpdPageSet pages)
    {
        bool vital = (command.Cdb[1] & 0x01) != 0;
        byte code = command.Cdb[2];
        if (!vital) return code == 0 ? command.Reply(standard(command.Nexus)) : Refuse();
        return pages.Build(code, command.Nexus) is { } page ? command.Reply(page) : Refuse();

        static ValueTask<ScsiOutcome> Refuse() => ScsiOutcome.Check(Sense.InvalidFieldInCdb(2)).AsTask();
    }
}
