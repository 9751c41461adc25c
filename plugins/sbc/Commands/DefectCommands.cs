using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace TgtModular.Sbc;

/// <summary>
/// READ DEFECT DATA(10/12) (SBC-3 sections 5.17 and 5.18). A virtual disk has no defects: the primary and the grown list exist and are empty, in whatever
/// format they are asked for.
/// <code>
/// +--------+--------+--------+--------+
/// |   0    |  F     |  LENGTH 0       |   header of the short one; F: PLISTV, GLISTV, DEFECT LIST FORMAT
/// +--------+--------+--------+--------+
/// |   0    |  F     |  GENERATION 0   |   header of the long one
/// |             LENGTH 0              |
/// +--------+--------+--------+--------+
/// </code>
/// </summary>
internal static class DefectCommands
{
    private const int ShortHeaderLength = 4;
    private const int LongHeaderLength = 8;
    private const int FormatMask = 0x07;
    private const int VendorSpecificFormat = 6;

    public static IEnumerable<CommandDescriptor> Rows()
    {
        yield return Row(
            SbcOpCode.ReadDefectData10,
            "READ DEFECT DATA(10)",
            "37 00 1F 00000000 FFFF 00",
            requestIndex: 2,
            ShortHeaderLength,
            cdb => BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]));
        yield return Row(
            SbcOpCode.ReadDefectData12,
            "READ DEFECT DATA(12)",
            "B7 1F FFFFFFFF FFFFFFFF 00 00",
            requestIndex: 1,
            LongHeaderLength,
            cdb => BinaryPrimitives.ReadUInt32BigEndian(cdb[6..]));
    }

    private delegate long AllocationLength(ReadOnlySpan<byte> cdb);

    private static CommandDescriptor Row(
        byte operationCode, string name, string mask, int requestIndex, int headerLength, AllocationLength allocationLength) => new()
        {
            OperationCode = operationCode,
            Name = name,
            UsageMask = CdbMask.Of(mask),
            Direction = DataDirection.In,
            DataLength = cdb => new DataLengths(0, allocationLength(cdb)),
            Reservation = ReservationRule.Read,
            NeedsMedium = true,
            Check = (ScsiCommand command, out ScsiOutcome refusal) => IsKnownFormat(command.Cdb[requestIndex], requestIndex, out refusal),
            Handler = command => ReplyEmpty(command, command.Cdb[requestIndex], headerLength),
        };

    /// <summary>The vendor specific format and the reserved one have no meaning, not even for an empty list.</summary>
    private static bool IsKnownFormat(byte request, int requestIndex, out ScsiOutcome refusal)
    {
        refusal = (request & FormatMask) < VendorSpecificFormat ? ScsiOutcome.Good : Sense.InvalidFieldInCdb(requestIndex, 2);
        return refusal.IsGood;
    }

    /// <summary>A list that was asked for is valid; REQ_PLIST and REQ_GLIST stand where PLISTV and GLISTV do.</summary>
    private static ValueTask<ScsiOutcome> ReplyEmpty(ScsiCommand command, byte request, int headerLength)
    {
        Span<byte> header = stackalloc byte[headerLength];
        header.Clear();
        header[1] = request;
        return command.Reply(header);
    }
}
