using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Lets only so many bytes and calls through per second. The store beneath stays the core's.</summary>
internal sealed class RateStore : IBlockStore
{
    private readonly StoreOpenContext _context;
    private readonly IBlockStore _lower;
    private readonly TokenBucket? _readBytes;
    private readonly TokenBucket? _writeBytes;
    private readonly TokenBucket? _calls;
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Stands on a store.</summary>
    public RateStore(StoreOpenContext context, IBlockStore lower, long readBytes, long writeBytes, long calls)
    {
        _context = context;
        _lower = lower;
        _readBytes = Bucket(readBytes);
        _writeBytes = Bucket(writeBytes);
        _calls = Bucket(calls);
        Info = StoreStacking.Combine([lower], own: StoreExecution.Asynchronous);
    }

    public StoreInfo Info { get; }

    public long Length => _lower.Length;

    private bool IsEnding => _ending.IsCancellationRequested;

    public async ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        StorageStatus turn = await WaitAsync(_readBytes, destination.Length, cancellationToken);
        return turn == StorageStatus.Ok ? await _lower.ReadAsync(offset, destination, cancellationToken) : turn;
    }

    public async ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        StorageStatus turn = await WaitAsync(_writeBytes, source.Length, cancellationToken);
        return turn == StorageStatus.Ok ? await _lower.WriteAsync(offset, source, options, cancellationToken) : turn;
    }

    /// <summary>Never held back: who flushes has paid for the writes.</summary>
    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) =>
        IsEnding ? StorageResult.FromStorageStatus(StorageStatus.Unavailable).AsTask() : _lower.FlushAsync(cancellationToken);

    public async ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        StorageStatus turn = await WaitAsync(null, 0, cancellationToken);
        return turn == StorageStatus.Ok ? await _lower.DiscardAsync(offset, length, cancellationToken) : turn;
    }

    public async ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken)
    {
        StorageStatus turn = await WaitAsync(null, 0, cancellationToken);
        return turn == StorageStatus.Ok ? await _lower.WriteZeroesAsync(offset, length, options, cancellationToken) : turn;
    }

    public async ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken)
    {
        StorageStatus turn = await WaitAsync(_writeBytes, expected.Length, cancellationToken);
        return turn == StorageStatus.Ok ? await _lower.CompareAndWriteAsync(offset, expected, replacement, options, cancellationToken) : turn;
    }

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        return IsEnding ? StorageStatus.Unavailable : _lower.GetExtent(offset, length, out extent);
    }

    public async ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken)
    {
        if (IsEnding) return StorageStatus.Unavailable;
        StorageResult result = await _lower.ResizeAsync(length, cancellationToken);
        if (result.IsOk) _context.Observer.Resized(Length);
        return result;
    }

    public ValueTask DisposeAsync()
    {
        _ending.Cancel(); // who waits is let go, with UNAVAILABLE; not disposed, for late callers look at it
        return default;
    }

    private TokenBucket? Bucket(long perSecond) => perSecond == 0 ? null : new TokenBucket(perSecond, _context.Host.Clock);

    /// <summary>Waits for a call's turn, and allocates nothing where it need not.</summary>
    /// <returns>Ok when it may go on.</returns>
    private ValueTask<StorageStatus> WaitAsync(TokenBucket? bytes, long count, CancellationToken cancellationToken)
    {
        if (IsEnding) return new(StorageStatus.Unavailable);
        TimeSpan forBytes = bytes?.Take(count) ?? TimeSpan.Zero;
        TimeSpan forCalls = _calls?.Take(1) ?? TimeSpan.Zero;
        TimeSpan wait = forBytes > forCalls ? forBytes : forCalls;
        return wait == TimeSpan.Zero ? new(StorageStatus.Ok) : SleepAsync(wait, cancellationToken);
    }

    private async ValueTask<StorageStatus> SleepAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, cancellationToken);
        try
        {
            await Task.Delay(wait, _context.Host.Clock, either.Token);
            return StorageStatus.Ok;
        }
        catch (OperationCanceledException)
        {
            return IsEnding ? StorageStatus.Unavailable : StorageStatus.Cancelled;
        }
    }
}
