using System.Buffers.Binary;
using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace Samples.Zoned;

/// <summary>REPORT ZONES (ZBC section 5.5), with the reporting options of ZBC-2.</summary>
internal sealed class ReportZonesCommand(ZonedMedium medium)
{
    private const int HeaderLength = 64;
    private const int DescriptorLength = 64;
    private const byte Partial = 0x80;
    private const byte OptionMask = 0x3F;

    private enum ZoneType : byte
    {
        Conventional = 0x1,
        SequentialWriteRequired = 0x2,
    }

    /// <summary>SAME: what all descriptors of a list have in common. No zone here differs from the others in its length.</summary>
    private enum Same : byte
    {
        TypeAndLength = 1,
        Length = 3,
    }

    public CommandDescriptor Row() => new()
    {
        OperationCode = ZonedOpCode.ZoneManagementIn,
        ServiceAction = ZonedOpCode.ReportZones,
        Name = "REPORT ZONES",
        UsageMask = CdbMask.Of("95 00 FFFFFFFFFFFFFFFF FFFFFFFF BF 00"),
        Direction = DataDirection.In,
        DataLength = cdb => new DataLengths(0, BinaryPrimitives.ReadUInt32BigEndian(cdb[10..])),
        Serialization = SerializationClass.Read,
        Reservation = ReservationRule.Read,
        NeedsMedium = true,
        Check = CanReport,
        Handler = command => new(Report(command)),
    };

    private bool CanReport(ScsiCommand command, out ScsiOutcome refusal)
    {
        refusal = ScsiOutcome.Good;
        if (!medium.Checks.Contains(BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[2..]), 1)) refusal = Sense.LbaOutOfRange;
        else if (!IsKnown(command.Cdb[14] & OptionMask)) refusal = Sense.InvalidFieldInCdb(14, 5);
        return refusal.IsGood;
    }

    private ScsiOutcome Report(ScsiCommand command)
    {
        bool partial = (command.Cdb[14] & Partial) != 0;
        int option = command.Cdb[14] & OptionMask;
        int room = command.DataIn.Length;
        List listed = new(command.DataIn);
        for (int zone = medium.Geometry.ZoneOf(BinaryPrimitives.ReadInt64BigEndian(command.Cdb[2..])); zone < medium.Geometry.ZoneCount; zone++)
        {
            (ZoneCondition condition, long pointer) = Look(zone);
            if (!IsWanted(option, condition)) continue;
            if (partial && HeaderLength + ((listed.Count + 1L) * DescriptorLength) > room) break;
            WriteDescriptor(ref listed, zone, condition, pointer);
        }

        WriteHeader(command.DataIn, listed);
        command.DataInLength = (int)Math.Min(room, HeaderLength + ((long)listed.Count * DescriptorLength));
        return ScsiOutcome.Good;
    }

    private (ZoneCondition Condition, long Pointer) Look(int zone) =>
        medium.Geometry.IsSequential(zone) ? medium.Zones.Look(zone - medium.Geometry.ConventionalCount) : (ZoneCondition.NotWritePointer, 0);

    private void WriteDescriptor(ref List listed, int zone, ZoneCondition condition, long pointer)
    {
        bool sequential = medium.Geometry.IsSequential(zone);
        listed.Types |= sequential ? 2 : 1;
        int offset = HeaderLength + (listed.Count++ * DescriptorLength);
        if (offset >= listed.Data.Length) return; // counted all the same
        Span<byte> descriptor = stackalloc byte[DescriptorLength];
        descriptor.Clear();
        descriptor[0] = (byte)(sequential ? ZoneType.SequentialWriteRequired : ZoneType.Conventional);
        descriptor[1] = (byte)((byte)condition << 4); // RESET and NON_SEQ are zero: no reset is ever recommended
        long start = medium.Geometry.StartOf(zone);
        BinaryPrimitives.WriteInt64BigEndian(descriptor[8..], medium.Geometry.ZoneBlocks);
        BinaryPrimitives.WriteInt64BigEndian(descriptor[16..], start);
        bool hasPointer = condition is not (ZoneCondition.NotWritePointer or ZoneCondition.Full);
        BinaryPrimitives.WriteInt64BigEndian(descriptor[24..], hasPointer ? start + pointer : -1);
        int length = Math.Min(DescriptorLength, listed.Data.Length - offset);
        listed.Data.Slice(offset, length).CopyFrom(descriptor[..length]);
    }

    private void WriteHeader(DataSlice data, in List listed)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(header, (uint)(listed.Count * DescriptorLength));
        header[4] = (byte)(listed.Types == 3 ? Same.Length : Same.TypeAndLength);
        BinaryPrimitives.WriteInt64BigEndian(header[8..], medium.BlockCount - 1);
        int length = Math.Min(HeaderLength, data.Length);
        data.Slice(0, length).CopyFrom(header[..length]);
    }

    private static bool IsKnown(int option) => option is <= 0x08 or 0x10 or 0x11 or 0x3E or 0x3F;

    private static bool IsWanted(int option, ZoneCondition condition) => option switch
    {
        0x00 or 0x3E => true, // all zones, or all but gap zones: there are none
        0x01 => condition == ZoneCondition.Empty,
        0x02 => condition == ZoneCondition.ImplicitlyOpened,
        0x03 => condition == ZoneCondition.ExplicitlyOpened,
        0x04 => condition == ZoneCondition.Closed,
        0x05 => condition == ZoneCondition.Full,
        0x3F => condition == ZoneCondition.NotWritePointer,
        _ => false, // read only, offline and inactive zones, and those whose reset is recommended: there are none
    };

    /// <summary>The descriptors so far.</summary>
    private ref struct List(DataSlice data)
    {
        public readonly DataSlice Data = data;
        public int Count;
        public int Types;
    }
}
