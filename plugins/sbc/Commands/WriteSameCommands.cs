using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>
/// WRITE SAME(10/16) (SBC-3 sections 5.41 and 5.42). A zero length goes to the end of the medium (WSNZ zero). The work is done in pieces, whatever the
/// length. ANCHOR is not there.
/// </summary>
/// <remarks>
/// UNMAP where unmapped blocks read as zero makes them so whatever the Data-Out holds, as C tgtd, LIO and SCST do and UnmapUntilEnd of libiscsi's
/// conformance tool expects, though one may read the standard so that other data are written (sg_write_same(8) does). Initiators send zeroes with it,
/// where both are the same. Where unmapped blocks need not read as zero, the Data-Out is written.
/// </remarks>
internal sealed class WriteSameCommands(BlockMedium medium, BlockRangeChecks checks)
{
    private const byte NoDataOut = 0x01;
    private const byte Unmap = 0x08;

    public IEnumerable<CommandDescriptor> Rows()
    {
        // A medium that takes no writes answers DATA PROTECT before the bit means anything.
        int unmap = medium.Abilities.Thin || !medium.Abilities.StoreWritable ? Unmap : 0;
        yield return Row(SbcOpCode.WriteSame10, "WRITE SAME(10)", $"41 {unmap:X2} FFFFFFFF 1F FFFF 00");
        yield return Row(SbcOpCode.WriteSame16, "WRITE SAME(16)", $"93 {unmap | NoDataOut:X2} FFFFFFFFFFFFFFFF FFFFFFFF 1F 00");
    }

    private CommandDescriptor Row(byte operationCode, string name, string mask) => new()
    {
        OperationCode = operationCode,
        Name = name,
        UsageMask = CdbMask.Of(mask),
        Direction = DataDirection.Out,
        DataLength = cdb => new DataLengths(DataBytes(cdb), 0),
        Serialization = SerializationClass.Write,
        NeedsMedium = true,
        Check = CanWriteSame,
        Handler = WriteSameAsync,
    };

    private static bool HasNoData(ReadOnlySpan<byte> cdb) => cdb[0] == SbcOpCode.WriteSame16 && (cdb[1] & NoDataOut) != 0;

    private int DataBytes(ReadOnlySpan<byte> cdb) => HasNoData(cdb) ? 0 : medium.BlockLength;

    private bool CanWriteSame(ScsiCommand command, out ScsiOutcome refusal) =>
        checks.IsWritable(out refusal) && checks.Exists(command, out refusal) && IsShortEnough(command.Cdb, out refusal) &&
        BlockRangeChecks.IsExact(command, DataBytes(command.Cdb), out refusal);

    private bool IsShortEnough(ReadOnlySpan<byte> cdb, out ScsiOutcome refusal)
    {
        BlockRange range = BlockRange.Read(cdb);
        long blocks = range.Count == 0 ? medium.BlockCount - (long)range.Address : range.Count;
        long limit = medium.Abilities.MaximumWriteSame;
        refusal = limit == 0 || blocks <= limit ? ScsiOutcome.Good : Sense.InvalidFieldInCdb(BlockRange.LengthFieldIndex(cdb[0]));
        return refusal.IsGood;
    }

    private async ValueTask<ScsiOutcome> WriteSameAsync(ScsiCommand command)
    {
        long started = medium.Clock.GetTimestamp();
        BlockRange range = BlockRange.Read(command.Cdb);
        long blocks = range.Count == 0 ? medium.BlockCount - (long)range.Address : range.Count;
        if (blocks <= 0) return Sense.LbaOutOfRange; // the store shrank after the check
        long offset = (long)range.Address << medium.BlockShift;
        long length = blocks << medium.BlockShift;
        int ticket = await medium.Locks.EnterAsync(offset, offset + length, exclusive: false, command.Aborted);
        if (ticket < 0) return medium.Map(StorageStatus.Cancelled);
        try
        {
            ScsiOutcome outcome = await WriteAsync(command, offset, length);
            if (outcome.IsGood) medium.Statistics.CountWrite(HasNoData(command.Cdb) ? 0 : 1, medium.Clock.GetTimestamp() - started);
            return outcome;
        }
        finally
        {
            medium.Locks.Exit(ticket);
        }
    }

    private ValueTask<ScsiOutcome> WriteAsync(ScsiCommand command, long offset, long length)
    {
        WriteOptions options = medium.OptionsFor(forceUnitAccess: false);
        bool unmap = (command.Cdb[1] & Unmap) != 0;
        bool zero = HasNoData(command.Cdb) || (unmap && medium.Abilities.UnmappedReadsZero) || DataSliceComparison.IsZero(command.DataOut);
        if (!zero) return RepeatAsync(command, offset, length, options);
        if (unmap) options |= WriteOptions.MayDeallocate;
        return medium.ZeroAsync(offset, length, options, null, command.Aborted);
    }

    private async ValueTask<ScsiOutcome> RepeatAsync(ScsiCommand command, long offset, long length, WriteOptions options)
    {
        using DataBuffer? pattern = medium.TryRentScratch(length);
        if (pattern is null) return ScsiOutcome.Of(ScsiStatus.Busy);
        for (int at = 0; at < pattern.Length; at += medium.BlockLength)
            pattern.Slice(at, medium.BlockLength).CopyFrom(command.DataOut.Slice(0, medium.BlockLength));
        return await medium.FillAsync(offset, length, pattern.Slice(), options, null, command.Aborted);
    }
}
