using System.Runtime.CompilerServices;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Sbc;

/// <summary>
/// READ(6/10/12/16) (SBC-3 sections 5.10 to 5.13). FUA reads what is on stable storage: over a volatile cache, the cache is written back first.
/// DPO is a hint without an effect.
/// </summary>
internal sealed class ReadCommands(BlockMedium medium, BlockRangeChecks checks)
{
    private const byte ForceUnitAccess = 0x08;

    public IEnumerable<CommandDescriptor> Rows()
    {
        yield return Row(SbcOpCode.Read6, "READ(6)", "08 1F FFFF FF 00");
        yield return Row(SbcOpCode.Read10, "READ(10)", "28 18 FFFFFFFF 1F FFFF 00");
        yield return Row(SbcOpCode.Read12, "READ(12)", "A8 18 FFFFFFFF FFFFFFFF 1F 00");
        yield return Row(SbcOpCode.Read16, "READ(16)", "88 18 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00");
    }

    private CommandDescriptor Row(byte operationCode, string name, string mask) => new()
    {
        OperationCode = operationCode,
        Name = name,
        UsageMask = CdbMask.Of(mask),
        Direction = DataDirection.In,
        DataLength = checks.InPerBlock,
        Serialization = SerializationClass.Read,
        Reservation = ReservationRule.Read,
        NeedsMedium = true,
        Check = checks.CanRead,
        Handler = Read,
        Immediate = medium.IsImmediate ? TryRead : null,
    };

    private ValueTask<ScsiOutcome> Read(ScsiCommand command)
    {
        long started = medium.Clock.GetTimestamp();
        BlockRange range = BlockRange.Read(command.Cdb);
        if (range.Count == 0) return default;
        if (ReadsStable(command)) return ReadStableAsync(command, range, started);
        ValueTask<StorageResult> pending = Start(command, range);
        return pending.IsCompletedSuccessfully
            ? new ValueTask<ScsiOutcome>(Finish(command, range, pending.Result, started))
            : FinishAsync(pending, command, range, started);
    }

    private bool TryRead(ScsiCommand command, out ScsiOutcome outcome)
    {
        long started = medium.Statistics.StartSample(medium.Clock);
        BlockRange range = BlockRange.Read(command.Cdb);
        outcome = default;
        if (ReadsStable(command)) return false;
        if (range.Count == 0) return true;
        if (!medium.TryRead((long)range.Address << medium.BlockShift, command.DataIn.Slice(0, (int)range.Count << medium.BlockShift))) return false;
        outcome = Finish(command, range, DiskStatistics.EndSample(medium.Clock, started));
        return true;
    }

    private bool ReadsStable(ScsiCommand command) =>
        command.Cdb[0] != SbcOpCode.Read6 && (command.Cdb[1] & ForceUnitAccess) != 0 && medium.Abilities.VolatileCache;

    private ValueTask<StorageResult> Start(ScsiCommand command, BlockRange range) => medium.ReadAsync(
        (long)range.Address << medium.BlockShift, command.DataIn.Slice(0, (int)range.Count << medium.BlockShift), command.Aborted);

    private ScsiOutcome Finish(ScsiCommand command, BlockRange range, StorageResult result, long started)
    {
        return result.IsOk ? Finish(command, range, medium.Clock.GetTimestamp() - started) : medium.Map(result);
    }

    private ScsiOutcome Finish(ScsiCommand command, BlockRange range, long ticks)
    {
        command.DataInLength = (int)range.Count << medium.BlockShift;
        medium.Statistics.CountRead(range.Count, ticks);
        return ScsiOutcome.Good;
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<ScsiOutcome> FinishAsync(ValueTask<StorageResult> pending, ScsiCommand command, BlockRange range, long started) =>
        Finish(command, range, await pending, started);

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<ScsiOutcome> ReadStableAsync(ScsiCommand command, BlockRange range, long started)
    {
        ScsiOutcome flushed = await medium.FlushAsync(command.Aborted);
        return flushed.IsGood ? Finish(command, range, await Start(command, range), started) : flushed;
    }
}
