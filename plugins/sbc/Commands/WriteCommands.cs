using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Sbc;

/// <summary>
/// WRITE(6/10/12/16) (SBC-3 sections 5.32 to 5.35). FUA, or a write cache that is off, makes the store write through before the status. When the
/// initiator announced less than the CDB asks, what came is written; where that ends within a block, the rest of the block stays as it was.
/// </summary>
internal sealed class WriteCommands(BlockMedium medium, BlockRangeChecks checks)
{
    private const byte ForceUnitAccess = 0x08;

    public IEnumerable<CommandDescriptor> Rows()
    {
        yield return Row(SbcOpCode.Write6, "WRITE(6)", "0A 1F FFFF FF 00");
        yield return Row(SbcOpCode.Write10, "WRITE(10)", "2A 18 FFFFFFFF 1F FFFF 00");
        yield return Row(SbcOpCode.Write12, "WRITE(12)", "AA 18 FFFFFFFF FFFFFFFF 1F 00");
        yield return Row(SbcOpCode.Write16, "WRITE(16)", "8A 18 FFFFFFFFFFFFFFFF FFFFFFFF 1F 00");
    }

    private CommandDescriptor Row(byte operationCode, string name, string mask) => new()
    {
        OperationCode = operationCode,
        Name = name,
        UsageMask = CdbMask.Of(mask),
        Direction = DataDirection.Out,
        DataLength = checks.OutPerBlock,
        Serialization = SerializationClass.Write,
        NeedsMedium = true,
        Check = checks.CanWrite,
        Handler = Write,
        Immediate = medium.IsImmediate ? TryWrite : null,
    };

    private ValueTask<ScsiOutcome> Write(ScsiCommand command)
    {
        WritePiece piece = WritePiece.Of(command, medium);
        if (piece.Tail > 0) return WriteTornAsync(command, piece);
        if (piece.Length == 0) return default;
        if (!medium.Locks.TryEnter(piece.Offset, piece.Offset + piece.Length, exclusive: false, out int ticket)) return WriteLaterAsync(command, piece);
        ValueTask<StorageResult> pending;
        try
        {
            pending = Start(command, piece);
        }
        catch
        {
            medium.Locks.Exit(ticket); // a store that throws breaks its contract; the range must not stay taken
            throw;
        }

        if (!pending.IsCompletedSuccessfully) return FinishAsync(pending, piece, ticket);
        medium.Locks.Exit(ticket);
        return new ValueTask<ScsiOutcome>(Finish(pending.Result, piece));
    }

    private bool TryWrite(ScsiCommand command, out ScsiOutcome outcome)
    {
        WritePiece piece = WritePiece.Of(command, medium, medium.Statistics.StartSample(medium.Clock));
        outcome = default;
        if (piece.Tail > 0 || OptionsOf(command) != WriteOptions.None) return false;
        if (piece.Length == 0) return true;
        if (!medium.Locks.TryEnter(piece.Offset, piece.Offset + piece.Length, exclusive: false, out int ticket)) return false;
        try
        {
            if (!medium.TryWrite(piece.Offset, command.DataOut.Slice(0, piece.Length))) return false;
            medium.Statistics.CountWrite(piece.Length >> medium.BlockShift, DiskStatistics.EndSample(medium.Clock, piece.Started));
            return true;
        }
        finally
        {
            medium.Locks.Exit(ticket);
        }
    }

    private ValueTask<StorageResult> Start(ScsiCommand command, in WritePiece piece) =>
        medium.WriteAsync(piece.Offset, command.DataOut.Slice(0, piece.Length), OptionsOf(command), command.Aborted);

    private WriteOptions OptionsOf(ScsiCommand command) =>
        medium.OptionsFor(command.Cdb[0] != SbcOpCode.Write6 && (command.Cdb[1] & ForceUnitAccess) != 0);

    private ScsiOutcome Finish(StorageResult result, in WritePiece piece)
    {
        if (!result.IsOk) return medium.Map(result);
        medium.Statistics.CountWrite(piece.Length >> medium.BlockShift, medium.Clock.GetTimestamp() - piece.Started);
        return ScsiOutcome.Good;
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<ScsiOutcome> FinishAsync(ValueTask<StorageResult> pending, WritePiece piece, int ticket)
    {
        try
        {
            return Finish(await pending, piece);
        }
        finally
        {
            medium.Locks.Exit(ticket);
        }
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<ScsiOutcome> WriteLaterAsync(ScsiCommand command, WritePiece piece)
    {
        int ticket = await medium.Locks.EnterAsync(piece.Offset, piece.Offset + piece.Length, exclusive: false, command.Aborted);
        if (ticket < 0) return medium.Map(StorageStatus.Cancelled);
        try
        {
            return Finish(await Start(command, piece), piece);
        }
        finally
        {
            medium.Locks.Exit(ticket);
        }
    }

    /// <summary>Data that ends within a block: that block is read, changed and written back, and nobody else writes meanwhile.</summary>
    private async ValueTask<ScsiOutcome> WriteTornAsync(ScsiCommand command, WritePiece piece)
    {
        int whole = piece.Length + medium.BlockLength;
        using DataBuffer? merged = medium.TryRent(whole);
        if (merged is null) return ScsiOutcome.Of(ScsiStatus.Busy);
        int ticket = await medium.Locks.EnterAsync(piece.Offset, piece.Offset + whole, exclusive: true, command.Aborted);
        if (ticket < 0) return medium.Map(StorageStatus.Cancelled);
        try
        {
            DataSlice last = merged.Slice(piece.Length, medium.BlockLength);
            StorageResult read = await medium.ReadAsync(piece.Offset + piece.Length, last, command.Aborted);
            if (!read.IsOk) return medium.Map(read);
            merged.Slice().CopyFrom(command.DataOut.Slice(0, piece.Length + piece.Tail));
            return Finish(await medium.WriteAsync(piece.Offset, merged.Slice(), OptionsOf(command), command.Aborted), piece with { Length = whole });
        }
        finally
        {
            medium.Locks.Exit(ticket);
        }
    }
}
