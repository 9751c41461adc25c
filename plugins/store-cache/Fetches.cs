using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Stores;

/// <summary>Blocks on their way from the store beneath: many who want one at the same time wait for one call.</summary>
internal sealed class Fetches(IBlockStore lower, BlockCache cache)
{
    private readonly ConcurrentDictionary<(long Block, long Generation), TaskCompletionSource> _underWay = new();
    private readonly ScratchPool _scratches = new(cache.BlockLength);

    /// <summary>Fetches a block and copies a part of it out.</summary>
    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    public async ValueTask<StorageResult> ReadAsync(long block, int start, DataSlice destination, CancellationToken cancellationToken)
    {
        // With the generation in the key nobody waits for what was asked for before something became stale.
        (long, long) key = (block, cache.GenerationOf(block));
        TaskCompletionSource mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource first = _underWay.GetOrAdd(key, mine);
        if (first != mine)
        {
            await first.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested) return StorageStatus.Cancelled;
            if (cache.TryCopy(block, start, destination)) return StorageResult.Ok;
            return await lower.ReadAsync((block * cache.BlockLength) + start, destination, cancellationToken); // it failed, or it is gone again
        }

        Scratch scratch = _scratches.Take();
        try
        {
            int length = (int)Math.Min(cache.BlockLength, lower.Length - (block * cache.BlockLength));
            if (length < start + destination.Length) return StorageStatus.OutOfRange;
            StorageResult result = await lower.ReadAsync(block * cache.BlockLength, scratch.Buffer.Slice(0, length), cancellationToken);
            // A bad byte elsewhere in the block is none of this command's.
            if (!result.IsOk) return result.Status == StorageStatus.Cancelled ? result : await lower.ReadAsync((block * cache.BlockLength) + start, destination, cancellationToken);
            destination.CopyFrom(scratch.Bytes.AsSpan(start, destination.Length));
            cache.Add(block, scratch.Bytes.AsSpan(0, length), key.Item2);
            return StorageResult.Ok;
        }
        finally
        {
            _scratches.Return(scratch);
            _ = _underWay.TryRemove(key, out _);
            mine.TrySetResult();
        }
    }
}
