using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>
/// SYNCHRONIZE CACHE(10/16) and PRE-FETCH(10/16) (SBC-3 sections 5.8, 5.9, 5.23 and 5.24). Both are done before their status, IMMED or not, which
/// is more than IMMED asks; SYNC_NV asks for less than a flush does. The whole cache is written back, whatever the range.
/// </summary>
internal sealed class CacheCommands(BlockMedium medium, BlockRangeChecks checks)
{
    /// <summary>Bytes that a PRE-FETCH reads at most: what is longer is prefetched in part and answered with GOOD.</summary>
    private const long PrefetchLimit = 8 << 20;

    public IEnumerable<CommandDescriptor> Rows()
    {
        yield return Synchronize(SbcOpCode.SynchronizeCache10, "SYNCHRONIZE CACHE(10)", "35 06 FFFFFFFF 1F FFFF 00");
        yield return Synchronize(SbcOpCode.SynchronizeCache16, "SYNCHRONIZE CACHE(16)", "91 06 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00");
        yield return Prefetch(SbcOpCode.PreFetch10, "PRE-FETCH(10)", "34 02 FFFFFFFF 1F FFFF 00");
        yield return Prefetch(SbcOpCode.PreFetch16, "PRE-FETCH(16)", "90 02 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00");
    }

    private CommandDescriptor Synchronize(byte operationCode, string name, string mask) => new()
    {
        OperationCode = operationCode,
        Name = name,
        UsageMask = CdbMask.Of(mask),
        Serialization = SerializationClass.Read,
        NeedsMedium = true,
        Check = checks.Exists,
        Handler = command => medium.FlushAsync(command.Aborted),
    };

    private CommandDescriptor Prefetch(byte operationCode, string name, string mask) => new()
    {
        OperationCode = operationCode,
        Name = name,
        UsageMask = CdbMask.Of(mask),
        Serialization = SerializationClass.Read,
        Reservation = ReservationRule.Read,
        NeedsMedium = true,
        Check = checks.Exists,
        Handler = PrefetchAsync,
    };

    private async ValueTask<ScsiOutcome> PrefetchAsync(ScsiCommand command)
    {
        BlockRange range = BlockRange.Read(command.Cdb);
        long blocks = range.Count == 0 ? medium.BlockCount - (long)range.Address : range.Count;
        long wanted = blocks << medium.BlockShift;
        long length = Math.Min(wanted, PrefetchLimit);
        if (length <= 0) return ScsiOutcome.Good;
        using DataBuffer? scratch = medium.TryRentScratch(length);
        if (scratch is null) return ScsiOutcome.Good; // no room: nothing was prefetched, which GOOD says
        long offset = (long)range.Address << medium.BlockShift;
        for (long done = 0; done < length;)
        {
            DataSlice piece = scratch.Slice(0, (int)Math.Min(scratch.Length, length - done));
            StorageResult result = await medium.ReadAsync(offset + done, piece, command.Aborted);
            if (!result.IsOk) return medium.Map(result);
            done += piece.Length;
        }

        return length == wanted ? ScsiOutcome.Of(ScsiStatus.ConditionMet) : ScsiOutcome.Good;
    }
}
