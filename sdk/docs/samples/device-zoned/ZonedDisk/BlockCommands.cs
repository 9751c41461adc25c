using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace Samples.Zoned;

/// <summary>
/// READ(16), WRITE(16), READ CAPACITY(16) and SYNCHRONIZE CACHE(10/16) (SBC-4 sections 5.13, 5.40, 5.16, 5.33 and 5.34), with what ZBC section 4.4.3.4 makes of
/// them. FUA is a flush behind the write, or in front of the read: the write pointer must be durable, too. DPO is a hint without an effect. IMMED is met by being
/// done before the status.
/// </summary>
internal sealed class BlockCommands(ZonedMedium medium)
{
    private const byte ForceUnitAccess = 0x08;

    public IEnumerable<CommandDescriptor> Rows()
    {
        yield return new CommandDescriptor
        {
            OperationCode = ZonedOpCode.Read16,
            Name = "READ(16)",
            UsageMask = CdbMask.Of("88 18 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00"),
            Direction = DataDirection.In,
            DataLength = medium.Checks.InPerBlock,
            Serialization = SerializationClass.Read,
            Reservation = ReservationRule.Read,
            NeedsMedium = true,
            Check = medium.Checks.CanRead,
            Handler = ReadAsync,
        };
        yield return new CommandDescriptor
        {
            OperationCode = ZonedOpCode.Write16,
            Name = "WRITE(16)",
            UsageMask = CdbMask.Of("8A 18 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00"),
            Direction = DataDirection.Out,
            DataLength = medium.Checks.OutPerBlock,
            Serialization = SerializationClass.Write,
            NeedsMedium = true,
            Check = CanWrite,
            Handler = WriteAsync,
        };
        yield return ReadCapacity16.Row(() => new ReadCapacity16(medium.BlockCount, medium.BlockLength) { Basis = 1 });
        yield return Synchronize(ZonedOpCode.SynchronizeCache10, "SYNCHRONIZE CACHE(10)", "35 06 FFFFFFFF 1F FFFF 00");
        yield return Synchronize(ZonedOpCode.SynchronizeCache16, "SYNCHRONIZE CACHE(16)", "91 06 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00");
    }

    private CommandDescriptor Synchronize(byte operationCode, string name, string mask) => new()
    {
        OperationCode = operationCode,
        Name = name,
        UsageMask = CdbMask.Of(mask),
        Serialization = SerializationClass.Read,
        NeedsMedium = true,
        Check = medium.Checks.Exists,
        Handler = command => medium.FlushAsync(command.Aborted),
    };

    /// <summary>All blocks of a write lie in one sequential write required zone, or in conventional ones; half a write would leave half a block behind the write pointer.</summary>
    private bool CanWrite(ScsiCommand command, out ScsiOutcome refusal)
    {
        if (!medium.Checks.CanWrite(command, out refusal)) return false;
        if (!BlockRangeChecks.IsExact(command, medium.Checks.OutPerBlock(command.Cdb).Out, out refusal)) return false;
        BlockRange range = BlockRange.Read(command.Cdb);
        if (range.Count == 0) return true;
        int last = medium.Geometry.ZoneOf((long)range.Address + range.Count - 1);
        bool crosses = medium.Geometry.IsSequential(last) && last != medium.Geometry.ZoneOf((long)range.Address);
        refusal = crosses ? Sense.WriteBoundaryViolation : ScsiOutcome.Good;
        return !crosses;
    }

    private async ValueTask<ScsiOutcome> ReadAsync(ScsiCommand command)
    {
        BlockRange range = BlockRange.Read(command.Cdb);
        if (range.Count == 0) return ScsiOutcome.Good;
        ScsiOutcome outcome = ForcesUnitAccess(command) ? await medium.FlushAsync(command.Aborted) : ScsiOutcome.Good;
        return outcome.IsGood ? await medium.ReadAsync(command, range) : outcome;
    }

    private async ValueTask<ScsiOutcome> WriteAsync(ScsiCommand command)
    {
        BlockRange range = BlockRange.Read(command.Cdb);
        if (range.Count == 0) return ScsiOutcome.Good;
        ScsiOutcome outcome = await medium.WriteAsync(command, range);
        return outcome.IsGood && ForcesUnitAccess(command) ? await medium.FlushAsync(command.Aborted) : outcome;
    }

    private static bool ForcesUnitAccess(ScsiCommand command) => (command.Cdb[1] & ForceUnitAccess) != 0;
}
