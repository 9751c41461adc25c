using System.Buffers.Binary;
using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>
/// COMPARE AND WRITE and ORWRITE(16) (SBC-3 sections 5.2 and 5.7): no other write of this unit comes between their read and their write. Where the
/// store compares and writes atomically itself, it does so, which also holds against its other users.
/// </summary>
internal sealed class AtomicCommands(BlockMedium medium, BlockRangeChecks checks)
{
    private const byte ForceUnitAccess = 0x08;
    private const int CompareCountIndex = 13;

    public IEnumerable<CommandDescriptor> Rows()
    {
        yield return new CommandDescriptor
        {
            OperationCode = SbcOpCode.CompareAndWrite,
            Name = "COMPARE AND WRITE",
            UsageMask = CdbMask.Of("89 18 FFFFFFFFFFFFFFFF 000000 FF 1F 00"),
            Direction = DataDirection.Out,
            DataLength = cdb => new DataLengths(2L * cdb[CompareCountIndex] << medium.BlockShift, 0),
            Serialization = SerializationClass.Write,
            NeedsMedium = true,
            Check = CanCompareAndWrite,
            Handler = CompareAndWriteAsync,
        };
        yield return new CommandDescriptor
        {
            OperationCode = SbcOpCode.OrWrite16,
            Name = "ORWRITE(16)",
            UsageMask = CdbMask.Of("8B 18 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00"),
            Direction = DataDirection.Out,
            DataLength = checks.OutPerBlock,
            Serialization = SerializationClass.Write,
            NeedsMedium = true,
            Check = checks.CanWrite,
            Handler = OrWriteAsync,
        };
    }

    private bool CanCompareAndWrite(ScsiCommand command, out ScsiOutcome refusal)
    {
        if (!checks.IsWritable(out refusal)) return false;
        int count = command.Cdb[CompareCountIndex];
        // More than 255 blocks do not fit the field: what comes is a count of zero with data.
        if (count > medium.Abilities.MaximumCompareAndWrite || (count == 0 && command.ExpectedDataOut > 0)) refusal = Sense.InvalidFieldInCdb(CompareCountIndex);
        else if (!checks.Contains(BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[2..]), (ulong)count)) refusal = Sense.LbaOutOfRange;
        else if (command.ExpectedDataOut != 2L * count << medium.BlockShift) refusal = Sense.InvalidFieldInCdb(CompareCountIndex);
        return refusal.IsGood;
    }

    private async ValueTask<ScsiOutcome> CompareAndWriteAsync(ScsiCommand command)
    {
        long offset = (long)BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[2..]) << medium.BlockShift;
        int length = command.Cdb[CompareCountIndex] << medium.BlockShift;
        if (length == 0) return ScsiOutcome.Good;
        long started = medium.Clock.GetTimestamp();
        int ticket = await medium.Locks.EnterAsync(offset, offset + length, exclusive: true, command.Aborted);
        if (ticket < 0) return medium.Map(StorageStatus.Cancelled);
        try
        {
            WriteOptions options = medium.OptionsFor((command.Cdb[1] & ForceUnitAccess) != 0);
            ScsiOutcome outcome = medium.HasNativeCompareAndWrite
                ? medium.Map(await medium.CompareAndWriteAsync(
                    offset, command.DataOut.Slice(0, length), command.DataOut.Slice(length, length), options, command.Aborted))
                : await CompareThenWriteAsync(command, offset, length, options);
            if (outcome.IsGood) medium.Statistics.CountWrite(length >> medium.BlockShift, medium.Clock.GetTimestamp() - started);
            return outcome;
        }
        finally
        {
            medium.Locks.Exit(ticket);
        }
    }

    private async ValueTask<ScsiOutcome> CompareThenWriteAsync(ScsiCommand command, long offset, int length, WriteOptions options)
    {
        using DataBuffer? found = medium.TryRent(length);
        if (found is null) return ScsiOutcome.Of(ScsiStatus.Busy);
        StorageResult read = await medium.ReadAsync(offset, found.Slice(), command.Aborted);
        if (!read.IsOk) return medium.Map(read);
        int different = DataSliceComparison.FirstDifference(found.Slice(), command.DataOut.Slice(0, length));
        if (different >= 0) return Sense.MiscompareDuringVerify(different);
        return medium.Map(await medium.WriteAsync(offset, command.DataOut.Slice(length, length), options, command.Aborted));
    }

    private async ValueTask<ScsiOutcome> OrWriteAsync(ScsiCommand command)
    {
        WritePiece piece = WritePiece.Of(command, medium);
        if (!piece.HasOnlyWholeBlocks(out ScsiOutcome answer)) return answer;
        int ticket = await medium.Locks.EnterAsync(piece.Offset, piece.Offset + piece.Length, exclusive: true, command.Aborted);
        if (ticket < 0) return medium.Map(StorageStatus.Cancelled);
        try
        {
            ScsiOutcome outcome = await MergeAsync(command, piece);
            if (outcome.IsGood) medium.Statistics.CountWrite(piece.Length >> medium.BlockShift, medium.Clock.GetTimestamp() - piece.Started);
            return outcome;
        }
        finally
        {
            medium.Locks.Exit(ticket);
        }
    }

    private async ValueTask<ScsiOutcome> MergeAsync(ScsiCommand command, WritePiece piece)
    {
        WriteOptions options = medium.OptionsFor((command.Cdb[1] & ForceUnitAccess) != 0);
        using DataBuffer? merged = medium.TryRent(piece.Length);
        if (merged is null) return ScsiOutcome.Of(ScsiStatus.Busy);
        StorageResult read = await medium.ReadAsync(piece.Offset, merged.Slice(), command.Aborted);
        if (!read.IsOk) return medium.Map(read);
        Merge(merged.Slice(), command.DataOut.Slice(0, piece.Length));
        return medium.Map(await medium.WriteAsync(piece.Offset, merged.Slice(), options, command.Aborted));
    }

    private static void Merge(DataSlice target, DataSlice source)
    {
        int offset = 0;
        foreach (DataSegment from in source)
        {
            ReadOnlySpan<byte> bits = from.Span;
            foreach (DataSegment into in target.Slice(offset, from.Length))
            {
                Span<byte> bytes = into.Span;
                for (int i = 0; i < bytes.Length; i++) bytes[i] |= bits[i];
                bits = bits[bytes.Length..];
            }

            offset += from.Length;
        }
    }
}
