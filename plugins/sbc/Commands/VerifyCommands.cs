using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>
/// VERIFY(10/12/16) and WRITE AND VERIFY(10/12/16) (SBC-3 sections 5.26 to 5.28, 5.36 to 5.38). Both look at the medium: the cache is written back
/// before it is read. BYTCHK 01b compares with the Data-Out, 11b (VERIFY) with one block of Data-Out over and over.
/// </summary>
internal sealed class VerifyCommands(BlockMedium medium, BlockRangeChecks checks)
{
    private const int CompareNothing = 0;
    private const int CompareAll = 1;
    private const int CompareOneBlock = 3;

    public IEnumerable<CommandDescriptor> Rows()
    {
        yield return Verify(SbcOpCode.Verify10, "VERIFY(10)", "2F 16 FFFFFFFF 1F FFFF 00");
        yield return Verify(SbcOpCode.Verify12, "VERIFY(12)", "AF 16 FFFFFFFF FFFFFFFF 1F 00");
        yield return Verify(SbcOpCode.Verify16, "VERIFY(16)", "8F 16 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00");
        yield return WriteAndVerify(SbcOpCode.WriteAndVerify10, "WRITE AND VERIFY(10)", "2E 16 FFFFFFFF 1F FFFF 00");
        yield return WriteAndVerify(SbcOpCode.WriteAndVerify12, "WRITE AND VERIFY(12)", "AE 16 FFFFFFFF FFFFFFFF 1F 00");
        yield return WriteAndVerify(SbcOpCode.WriteAndVerify16, "WRITE AND VERIFY(16)", "8E 16 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00");
    }

    private CommandDescriptor Verify(byte operationCode, string name, string mask) => new()
    {
        OperationCode = operationCode,
        Name = name,
        UsageMask = CdbMask.Of(mask),
        Direction = DataDirection.Out,
        DataLength = cdb => new DataLengths(ComparedBytes(cdb), 0),
        Serialization = SerializationClass.Read,
        Reservation = ReservationRule.Read,
        NeedsMedium = true,
        Check = CanVerify,
        Handler = VerifyAsync,
    };

    private CommandDescriptor WriteAndVerify(byte operationCode, string name, string mask) => new()
    {
        OperationCode = operationCode,
        Name = name,
        UsageMask = CdbMask.Of(mask),
        Direction = DataDirection.Out,
        DataLength = checks.OutPerBlock,
        Serialization = SerializationClass.Write,
        NeedsMedium = true,
        Check = CanWriteAndVerify,
        Handler = WriteAndVerifyAsync,
    };

    private static int ByteCheck(ReadOnlySpan<byte> cdb) => (cdb[1] >> 1) & 0x03;

    private long ComparedBytes(ReadOnlySpan<byte> cdb)
    {
        long blocks = BlockRange.Read(cdb).Count;
        return ByteCheck(cdb) switch
        {
            CompareAll => blocks << medium.BlockShift,
            CompareOneBlock when blocks > 0 => medium.BlockLength,
            _ => 0,
        };
    }

    private bool CanVerify(ScsiCommand command, out ScsiOutcome refusal)
    {
        int byteCheck = ByteCheck(command.Cdb);
        refusal = byteCheck == 2 ? Sense.InvalidFieldInCdb(1, 2) : ScsiOutcome.Good;
        if (!refusal.IsGood) return false;
        bool possible = byteCheck == CompareAll ? checks.CanRead(command, out refusal) : checks.Exists(command, out refusal);
        if (!possible || command.ExpectedDataOut >= ComparedBytes(command.Cdb)) return possible;
        refusal = Sense.InvalidFieldInCommandInformationUnit;
        return false;
    }

    private bool CanWriteAndVerify(ScsiCommand command, out ScsiOutcome refusal)
    {
        refusal = ByteCheck(command.Cdb) > CompareAll ? Sense.InvalidFieldInCdb(1, 2) : ScsiOutcome.Good;
        return refusal.IsGood && checks.CanWrite(command, out refusal);
    }

    private async ValueTask<ScsiOutcome> VerifyAsync(ScsiCommand command)
    {
        BlockRange range = BlockRange.Read(command.Cdb);
        if (range.Count == 0) return ScsiOutcome.Good;
        ScsiOutcome flushed = await medium.FlushAsync(command.Aborted);
        if (!flushed.IsGood) return flushed;
        return await ReadBackAsync((long)range.Address << medium.BlockShift, (long)range.Count << medium.BlockShift, command, ByteCheck(command.Cdb));
    }

    private async ValueTask<ScsiOutcome> WriteAndVerifyAsync(ScsiCommand command)
    {
        WritePiece piece = WritePiece.Of(command, medium);
        if (!piece.HasOnlyWholeBlocks(out ScsiOutcome answer)) return answer;
        int ticket = await medium.Locks.EnterAsync(piece.Offset, piece.Offset + piece.Length, exclusive: true, command.Aborted);
        if (ticket < 0) return medium.Map(StorageStatus.Cancelled);
        try
        {
            DataSlice data = command.DataOut.Slice(0, piece.Length);
            StorageResult written = await medium.WriteAsync(piece.Offset, data, WriteOptions.ForceUnitAccess, command.Aborted);
            if (!written.IsOk) return medium.Map(written);
            medium.Statistics.CountWrite(piece.Length >> medium.BlockShift, medium.Clock.GetTimestamp() - piece.Started);
            return await ReadBackAsync(piece.Offset, piece.Length, command, ByteCheck(command.Cdb));
        }
        finally
        {
            medium.Locks.Exit(ticket);
        }
    }

    /// <summary>Reads a range in pieces and compares it with the Data-Out as BYTCHK says.</summary>
    private async ValueTask<ScsiOutcome> ReadBackAsync(long offset, long length, ScsiCommand command, int byteCheck)
    {
        using DataBuffer? scratch = medium.TryRentScratch(length);
        if (scratch is null) return ScsiOutcome.Of(ScsiStatus.Busy);
        for (long done = 0; done < length;)
        {
            if (command.Aborted.IsCancellationRequested) return medium.Map(StorageStatus.Cancelled);
            DataSlice read = scratch.Slice(0, (int)Math.Min(scratch.Length, length - done));
            StorageResult result = await medium.ReadAsync(offset + done, read, command.Aborted);
            if (!result.IsOk) return medium.Map(result);
            long different = byteCheck switch
            {
                CompareNothing => -1,
                CompareAll => FirstDifference(read, command.DataOut, done),
                _ => FirstDifferentByteOfBlock(read, command.DataOut.Slice(0, medium.BlockLength)),
            };
            if (different >= 0) return Sense.MiscompareDuringVerify(different);
            done += read.Length;
        }

        return ScsiOutcome.Good;
    }

    private static long FirstDifference(DataSlice read, DataSlice expected, long done)
    {
        int at = DataSliceComparison.FirstDifference(read, expected.Slice((int)done, read.Length));
        return at < 0 ? -1 : done + at;
    }

    private int FirstDifferentByteOfBlock(DataSlice read, DataSlice block)
    {
        for (int at = 0; at < read.Length; at += medium.BlockLength)
        {
            int different = DataSliceComparison.FirstDifference(read.Slice(at, medium.BlockLength), block);
            if (different >= 0) return different;
        }

        return -1;
    }
}
