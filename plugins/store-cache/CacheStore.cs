using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Stores;

/// <summary>
/// Keeps what was read. Writes go through: the store beneath is always right, and what it holds of a written range is forgotten before the write begins, and again when it has ended, for somebody may have
/// fetched it in between.
/// </summary>
internal sealed class CacheStore : IImmediateBlockStore
{
    /// <summary>Longer reads pass by: they would drive out what is asked for again, and gain nothing.</summary>
    private const int MostBlocks = 4;

    private readonly IBlockStore _lower;
    private readonly BlockCache _cache;
    private readonly Fetches _fetches;
    private readonly IStoreObserver _observer;
    private readonly OperationGate _gate = new();
    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;
    private long _length;

    /// <summary>Stands on a store, which stays the core's.</summary>
    public CacheStore(IBlockStore lower, BlockCache cache, IStoreObserver observer, Meter meter)
    {
        _observer = observer;
        _lower = lower;
        _cache = cache;
        _fetches = new Fetches(lower, cache);
        _length = lower.Length;
        _hits = meter.CreateCounter<long>("tgt.store.cache.hits", "{block}", "Blocks that were in memory.");
        _misses = meter.CreateCounter<long>("tgt.store.cache.misses", "{block}", "Blocks that had to be fetched.");
        // Who else writes to the store beneath is not seen here.
        Info = StoreStacking.Combine([lower], removed: StoreCapabilities.Shareable, own: StoreExecution.Asynchronous);
    }

    public StoreInfo Info { get; }

    public long Length => _lower.Length;

    public bool TryRead(long offset, DataSlice destination)
    {
        if (!IsCached(destination.Length) || !TryEnter(offset, destination.Length, CancellationToken.None, out _)) return false;
        try
        {
            int done = 0;
            while (done < destination.Length)
            {
                (long block, int start, int count) = PieceAt(offset + done, destination.Length - done);
                if (!_cache.TryCopy(block, start, destination.Slice(done, count))) return false;
                done += count;
            }

            _hits.Add(1);
            return true;
        }
        finally
        {
            _gate.Leave();
        }
    }

    public bool TryWrite(long offset, DataSlice source) => false;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        TryEnter(offset, destination.Length, cancellationToken, out StorageResult refusal) ? ReadInsideAsync(offset, destination, cancellationToken) : refusal.AsTask();

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        TryEnter(offset, source.Length, cancellationToken, out StorageResult refusal) ? WriteInsideAsync(offset, source, options, cancellationToken) : refusal.AsTask();

    public async ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        if (!TryEnter(0, 0, cancellationToken, out StorageResult refusal)) return refusal;
        try
        {
            return await _lower.FlushAsync(cancellationToken);
        }
        finally
        {
            _gate.Leave();
        }
    }

    public async ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, length, cancellationToken, out StorageResult refusal)) return refusal;
        Forget(offset, length);
        try
        {
            return await _lower.DiscardAsync(offset, length, cancellationToken);
        }
        finally
        {
            Forget(offset, length);
            _gate.Leave();
        }
    }

    public async ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, length, cancellationToken, out StorageResult refusal)) return refusal;
        Forget(offset, length);
        try
        {
            return await _lower.WriteZeroesAsync(offset, length, options, cancellationToken);
        }
        finally
        {
            Forget(offset, length);
            _gate.Leave();
        }
    }

    public async ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, expected.Length, cancellationToken, out StorageResult refusal)) return refusal;
        Forget(offset, expected.Length);
        try
        {
            return await _lower.CompareAndWriteAsync(offset, expected, replacement, options, cancellationToken);
        }
        finally
        {
            Forget(offset, expected.Length);
            _gate.Leave();
        }
    }

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        if (!_gate.TryEnter()) return StorageStatus.Unavailable;
        try
        {
            return _lower.GetExtent(offset, length, out extent);
        }
        finally
        {
            _gate.Leave();
        }
    }

    public async ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken)
    {
        if (!TryEnter(0, 0, cancellationToken, out StorageResult refusal)) return refusal;
        try
        {
            StorageResult result = await _lower.ResizeAsync(length, cancellationToken);
            _cache.ForgetAll();
            if (result.IsOk) _observer.Resized(Length);
            return result;
        }
        finally
        {
            _gate.Leave();
        }
    }

    public async ValueTask DisposeAsync() => _ = await _gate.CloseAsync();

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> ReadInsideAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        try
        {
            if (!IsCached(destination.Length)) return await _lower.ReadAsync(offset, destination, cancellationToken);
            for (int done = 0; done < destination.Length;)
            {
                (long block, int start, int count) = PieceAt(offset + done, destination.Length - done);
                DataSlice part = destination.Slice(done, count);
                if (_cache.TryCopy(block, start, part))
                {
                    _hits.Add(1);
                }
                else
                {
                    _misses.Add(1);
                    StorageResult result = await _fetches.ReadAsync(block, start, part, cancellationToken);
                    if (!result.IsOk) return result;
                }

                done += count;
            }

            return StorageResult.Ok;
        }
        finally
        {
            _gate.Leave();
        }
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> WriteInsideAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        Forget(offset, source.Length);
        try
        {
            return await _lower.WriteAsync(offset, source, options, cancellationToken);
        }
        finally
        {
            Forget(offset, source.Length);
            _gate.Leave();
        }
    }

    private bool IsCached(int length) => length <= (long)MostBlocks * _cache.BlockLength;

    private (long Block, int Start, int Count) PieceAt(long offset, int most)
    {
        int start = (int)(offset % _cache.BlockLength);
        return (offset / _cache.BlockLength, start, Math.Min(_cache.BlockLength - start, most));
    }

    private void Forget(long offset, long length)
    {
        if (length > 0) _cache.Forget(offset / _cache.BlockLength, (offset + length - 1) / _cache.BlockLength);
    }

    private bool TryEnter(long offset, long length, CancellationToken cancellationToken, out StorageResult refusal)
    {
        long lengthNow = _lower.Length;
        // A file that was cut short and grew again has zeroes where it had data.
        if (Interlocked.Exchange(ref _length, lengthNow) != lengthNow) _cache.ForgetAll();
        return _gate.TryEnter(offset, length, lengthNow, Info.Alignment, cancellationToken, out refusal);
    }
}
