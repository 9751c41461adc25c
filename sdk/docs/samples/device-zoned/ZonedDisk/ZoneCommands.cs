using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace Samples.Zoned;

/// <summary>
/// CLOSE ZONE, FINISH ZONE, OPEN ZONE and RESET WRITE POINTER (ZBC sections 5.2, 5.3, 5.4 and 5.6). They run alone: no write is under way. What a finish or a reset
/// did is durable before its status.
/// </summary>
internal sealed class ZoneCommands(ZonedMedium medium)
{
    private const int ZoneIdOffset = 2;
    private const int AllOffset = 14;

    private ZoneTable Zones => medium.Zones;

    public IEnumerable<CommandDescriptor> Rows()
    {
        yield return Row(ZonedOpCode.CloseZone, "CLOSE ZONE", command => new(Close(command)));
        yield return Row(ZonedOpCode.FinishZone, "FINISH ZONE", FinishAsync);
        yield return Row(ZonedOpCode.OpenZone, "OPEN ZONE", command => new(Open(command)));
        yield return Row(ZonedOpCode.ResetWritePointer, "RESET WRITE POINTER", ResetAsync);
    }

    private CommandDescriptor Row(int serviceAction, string name, CommandHandler handler) => new()
    {
        OperationCode = ZonedOpCode.ZoneManagementOut,
        ServiceAction = serviceAction,
        Name = name,
        UsageMask = CdbMask.Of("94 00 FFFFFFFFFFFFFFFF 0000 0000 01 00"),
        Serialization = SerializationClass.Exclusive,
        NeedsMedium = true,
        Check = NamesZones,
        Handler = handler,
    };

    /// <summary>With ALL the ZONE ID does not matter; else it is the first block of a zone with a write pointer.</summary>
    private bool NamesZones(ScsiCommand command, out ScsiOutcome refusal)
    {
        if (!medium.Checks.IsWritable(out refusal)) return false;
        ulong id = BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[ZoneIdOffset..]);
        if (IsAll(command)) return true;
        if (!medium.Checks.Contains(id, 1)) refusal = Sense.LbaOutOfRange;
        else if (medium.Geometry.OffsetInZone((long)id) != 0 || !medium.Geometry.IsSequential(medium.Geometry.ZoneOf((long)id))) refusal = Sense.InvalidFieldInCdb(ZoneIdOffset);
        return refusal.IsGood;
    }

    private ScsiOutcome Close(ScsiCommand command)
    {
        if (IsAll(command)) Zones.CloseAll();
        else Zones.Close(ZoneOf(command));
        return ScsiOutcome.Good;
    }

    private ScsiOutcome Open(ScsiCommand command)
    {
        bool done = IsAll(command) ? Zones.TryOpenAll(out SenseData refusal) : Zones.TryOpen(ZoneOf(command), out refusal);
        return done ? ScsiOutcome.Good : refusal;
    }

    private ValueTask<ScsiOutcome> FinishAsync(ScsiCommand command)
    {
        int[] zones = IsAll(command)
            ? Zones.Find(ZoneCondition.ImplicitlyOpened, ZoneCondition.ExplicitlyOpened, ZoneCondition.Closed)
            : [ZoneOf(command)];
        if (!IsAll(command))
        {
            if (Zones.Look(zones[0]).Condition == ZoneCondition.Full) return default;
            if (!Zones.TryPrepareFinish(zones[0], out SenseData refusal)) return ScsiOutcome.Check(refusal).AsTask();
        }

        return medium.ReplaceAsync(zones, fill => fill with { Finished = true }, command.Aborted);
    }

    private ValueTask<ScsiOutcome> ResetAsync(ScsiCommand command)
    {
        int[] zones = IsAll(command)
            ? Zones.Find(ZoneCondition.ImplicitlyOpened, ZoneCondition.ExplicitlyOpened, ZoneCondition.Closed, ZoneCondition.Full)
            : [ZoneOf(command)];
        if (!IsAll(command) && Zones.Look(zones[0]).Condition == ZoneCondition.Empty) return default;
        return medium.ReplaceAsync(zones, _ => default, command.Aborted);
    }

    private static bool IsAll(ScsiCommand command) => (command.Cdb[AllOffset] & 0x01) != 0;

    private int ZoneOf(ScsiCommand command) =>
        medium.Geometry.ZoneOf(BinaryPrimitives.ReadInt64BigEndian(command.Cdb[ZoneIdOffset..])) - medium.Geometry.ConventionalCount;
}
