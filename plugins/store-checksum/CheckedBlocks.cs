using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Stores;

/// <summary>What is to be done with a range that has new content.</summary>
internal enum Change
{
    /// <summary>Data are written.</summary>
    Write,

    /// <summary>Zeroes are written.</summary>
    Zero,

    /// <summary>The range is given back, and reads as zero.</summary>
    Discard,
}

/// <summary>Reads and changes blocks within one region, whose page is at hand and whose range the caller has locked.</summary>
internal sealed partial class CheckedBlocks(IBlockStore data, ChecksumLayout layout, BlockSum sum, SumPages pages, ILogger logger, Meter meter)
{
    private readonly ScratchPool _scratches = new(ChecksumLayout.BlockLength);
    private readonly ConcurrentBag<uint[]> _sums = [];
    private readonly BlockDoubts _doubts = new(sum);
    private readonly Counter<long> _mismatches = meter.CreateCounter<long>("tgt.store.checksum.mismatches", "{block}", "Blocks that were not what their sum says.");

    /// <summary>Reads a range, and checks every block that it touches.</summary>
    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    public async ValueTask<StorageResult> ReadAsync(SumPage page, long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        for (int done = 0; done < destination.Length;)
        {
            Piece piece = PieceAt(offset + done, destination.Length - done);
            DataSlice part = destination.Slice(done, (int)piece.Length);
            StorageResult result = piece.IsWhole
                ? await data.ReadAsync(piece.Offset, part, cancellationToken)
                : await ReadPartAsync(page, piece, part, cancellationToken);
            if (result.IsOk && piece.IsWhole) result = Check(page, piece, part);
            if (!result.IsOk) return result;
            done += part.Length;
        }

        return StorageResult.Ok;
    }

    /// <summary>Gives a range new content, and its blocks their sums.</summary>
    /// <returns>How it ended; and true when it cannot be told what the blocks are now.</returns>
    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    public async ValueTask<(StorageResult Result, bool IsInDoubt)> ChangeAsync(
        SumPage page, Change change, long offset, int length, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        uint[] sums = _sums.TryTake(out uint[]? free) ? free : new uint[ChecksumLayout.SumsPerPage];
        try
        {
            for (int done = 0; done < length;)
            {
                Piece piece = PieceAt(offset + done, length - done);
                DataSlice part = source.IsEmpty ? default : source.Slice(done, (int)piece.Length);
                (StorageResult Result, bool IsInDoubt) end = piece.IsWhole
                    ? await ChangeWholeAsync(page, change, piece, part, options, sums, cancellationToken)
                    : await ChangePartAsync(page, piece, part, options, sums, cancellationToken);
                if (!end.Result.IsOk) return end;
                done += (int)piece.Length;
            }

            return default;
        }
        finally
        {
            _sums.Add(sums);
        }
    }

    private async ValueTask<(StorageResult Result, bool IsInDoubt)> ChangeWholeAsync(
        SumPage page, Change change, Piece piece, DataSlice source, WriteOptions options, uint[] sums, CancellationToken cancellationToken)
    {
        for (int i = 0; i < piece.Blocks; i++)
            sums[i] = change == Change.Write ? sum.Of(piece.First + i, BlockOf(piece, i, source)) : BlockSum.Zeroes;
        StorageResult result = await (change switch
        {
            Change.Write => data.WriteAsync(piece.Offset, source, options, cancellationToken),
            Change.Zero => data.WriteZeroesAsync(piece.Offset, piece.Length, options, cancellationToken),
            _ => data.DiscardAsync(piece.Offset, piece.Length, cancellationToken),
        });
        return await EndAsync(page, piece, sums, result);
    }

    /// <summary>A part of a block has the sum of the whole: what is beside it is read, checked, and summed along.</summary>
    private async ValueTask<(StorageResult Result, bool IsInDoubt)> ChangePartAsync(
        SumPage page, Piece piece, DataSlice source, WriteOptions options, uint[] sums, CancellationToken cancellationToken)
    {
        Scratch scratch = _scratches.Take();
        try
        {
            DataSlice block = scratch.Buffer.Slice(0, layout.LengthOf(piece.First));
            StorageResult result = await ReadBlockAsync(page, piece, block, cancellationToken);
            if (!result.IsOk) return (result, false);
            DataSlice part = block.Slice(piece.Start, (int)piece.Length);
            if (source.IsEmpty) part.Clear();
            else part.CopyFrom(source);
            sums[0] = sum.Of(piece.First, block);
            return await EndAsync(page, piece, sums, await data.WriteAsync(piece.Offset, part, options, cancellationToken));
        }
        finally
        {
            _scratches.Return(scratch);
        }
    }

    private async ValueTask<(StorageResult Result, bool IsInDoubt)> EndAsync(SumPage page, Piece piece, uint[] sums, StorageResult result)
    {
        if (!result.IsOk) return (result, await LookBackAsync(page, piece, sums));
        pages.Set(page, page.IndexOf(piece.First), sums.AsSpan(0, piece.Blocks));
        _doubts.Forget(piece.First, piece.Blocks);
        return default;
    }

    /// <summary>After a write that failed: each block is what it was, or what it was to become, or neither; then it cannot be read until it is written again.</summary>
    /// <returns>True when a block cannot be read now.</returns>
    private async ValueTask<bool> LookBackAsync(SumPage page, Piece piece, uint[] sums)
    {
        bool isInDoubt = false;
        Scratch scratch = _scratches.Take();
        for (int i = 0; i < piece.Blocks; i++)
        {
            long number = piece.First + i;
            DataSlice block = scratch.Buffer.Slice(0, layout.LengthOf(number));
            StorageResult result = await data.ReadAsync(number * ChecksumLayout.BlockLength, block, CancellationToken.None);
            if (!result.IsOk)
            {
                isInDoubt = true;
                _doubts.Add(number, sums[i]);
            }
            else if (sum.Matches(sums[i], number, block))
            {
                pages.Set(page, page.IndexOf(number), sums.AsSpan(i, 1));
            }
        }

        _scratches.Return(scratch);
        return isInDoubt;
    }

    private async ValueTask<StorageResult> ReadPartAsync(SumPage page, Piece piece, DataSlice destination, CancellationToken cancellationToken)
    {
        Scratch scratch = _scratches.Take();
        try
        {
            DataSlice block = scratch.Buffer.Slice(0, layout.LengthOf(piece.First));
            StorageResult result = await ReadBlockAsync(page, piece, block, cancellationToken);
            if (result.IsOk) destination.CopyFrom(block.Slice(piece.Start, (int)piece.Length));
            return result;
        }
        finally
        {
            _scratches.Return(scratch);
        }
    }

    private async ValueTask<StorageResult> ReadBlockAsync(SumPage page, Piece piece, DataSlice block, CancellationToken cancellationToken)
    {
        StorageResult result = await data.ReadAsync(piece.First * ChecksumLayout.BlockLength, block, cancellationToken);
        return result.IsOk ? CheckBlock(page, piece.First, block, piece.Offset) : result;
    }

    private StorageResult Check(SumPage page, Piece piece, DataSlice part)
    {
        for (int i = 0; i < piece.Blocks; i++)
        {
            StorageResult result = CheckBlock(page, piece.First + i, BlockOf(piece, i, part), piece.Offset);
            if (!result.IsOk) return result;
        }

        return StorageResult.Ok;
    }

    private StorageResult CheckBlock(SumPage page, long number, DataSlice block, long least)
    {
        int index = page.IndexOf(number);
        uint kept = page.Sums[index];
        if (sum.Matches(kept, number, block)) return StorageResult.Ok;
        if (_doubts.TryResolve(number, block, out uint found))
        {
            pages.Set(page, index, [found]);
            return StorageResult.Ok;
        }

        _mismatches.Add(1);
        long offset = number * ChecksumLayout.BlockLength;
        LogMismatch(logger, number, offset, kept, sum.Of(number, block));
        return new StorageResult(StorageStatus.ReadError, Math.Max(offset, least));
    }

    private DataSlice BlockOf(Piece piece, int index, DataSlice whole) =>
        whole.Slice(index * ChecksumLayout.BlockLength, layout.LengthOf(piece.First + index));

    /// <summary>Whole blocks from here on, or a part of one.</summary>
    private Piece PieceAt(long offset, int most)
    {
        long first = offset / ChecksumLayout.BlockLength;
        int start = (int)(offset % ChecksumLayout.BlockLength);
        int length = layout.LengthOf(first);
        if (start > 0 || most < length) return new Piece(offset, first, 1, start, Math.Min(length - start, most), IsWhole: false);
        int blocks = most / ChecksumLayout.BlockLength;
        long whole = (long)blocks * ChecksumLayout.BlockLength;
        // The last block ends with the data.
        if (offset + most == layout.DataLength && whole < most) (blocks, whole) = (blocks + 1, most);
        return new Piece(offset, first, blocks, 0, whole, IsWhole: true);
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Error, Message = "block {Block} at byte {Offset} is not what its sum says: {Kept:x8} is kept, {Found:x8} was read; the read is refused")]
    private static partial void LogMismatch(ILogger logger, long block, long offset, uint kept, uint found);

    /// <param name="Offset">First byte.</param>
    /// <param name="First">First block.</param>
    /// <param name="Blocks">How many it touches.</param>
    /// <param name="Start">First byte within its block.</param>
    /// <param name="Length">Bytes.</param>
    /// <param name="IsWhole">Its blocks are whole.</param>
    private readonly record struct Piece(long Offset, long First, int Blocks, int Start, long Length, bool IsWhole);
}
