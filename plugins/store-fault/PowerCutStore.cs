using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>
/// A volatile write cache over a store: what is neither flushed nor written with FUA stays in memory, and is gone after <see cref="CutAsync"/>. Discards and
/// zeroes go to the medium at once, as a cache may always do. One call at a time: it is for tests.
/// </summary>
internal sealed class PowerCutStore(IBlockStore lower) : IBlockStore
{
    /// <summary>Beyond this the cache writes to the medium, without a flush: those data survive a power cut.</summary>
    private const long CacheLimit = 64L << 20;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly UnflushedData _unflushed = new();

    public StoreInfo Info { get; } = StoreStacking.Combine(
        [lower], removed: StoreCapabilities.CompareAndWrite | StoreCapabilities.AllocationMap, added: StoreCapabilities.VolatileCache,
        own: StoreExecution.Asynchronous);

    public long Length => lower.Length;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) => OneAtATimeAsync(
        async () =>
        {
            StorageResult result = await lower.ReadAsync(offset, destination, cancellationToken);
            if (result.IsOk) _unflushed.Overlay(offset, destination);
            return result;
        },
        cancellationToken);

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) => OneAtATimeAsync(
        async () =>
        {
            if ((options & WriteOptions.ForceUnitAccess) != 0)
            {
                StorageResult result = await lower.WriteAsync(offset, source, options, cancellationToken);
                if (result.IsOk) _unflushed.Forget(offset, source.Length);
                return result;
            }

            _unflushed.Write(offset, source);
            return _unflushed.Bytes > CacheLimit ? await WriteBackAsync(cancellationToken) : StorageResult.Ok;
        },
        cancellationToken);

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => OneAtATimeAsync(
        async () =>
        {
            StorageResult result = await WriteBackAsync(cancellationToken);
            return result.IsOk ? await lower.FlushAsync(cancellationToken) : result;
        },
        cancellationToken);

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) => OneAtATimeAsync(
        async () =>
        {
            StorageResult result = await lower.DiscardAsync(offset, length, cancellationToken);
            if (result.IsOk) _unflushed.Forget(offset, length);
            return result;
        },
        cancellationToken);

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) => OneAtATimeAsync(
        async () =>
        {
            StorageResult result = await lower.WriteZeroesAsync(offset, length, options, cancellationToken);
            if (result.IsOk) _unflushed.Forget(offset, length);
            return result;
        },
        cancellationToken);

    public ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken) => OneAtATimeAsync(
        async () =>
        {
            StorageResult result = await lower.ResizeAsync(length, cancellationToken);
            if (result.IsOk) _unflushed.Forget(length, long.MaxValue - length);
            return result;
        },
        cancellationToken);

    /// <summary>Cuts the power.</summary>
    /// <param name="keep">Seed that chooses unflushed data that reached the medium all the same; null: none.</param>
    public async ValueTask CutAsync(int? keep)
    {
        await OneAtATimeAsync(
            async () =>
            {
                if (keep is { } seed)
                {
                    Random random = new(seed);
                    foreach ((long offset, Memory<byte> data) in _unflushed.Runs().Where(_ => random.Next(2) == 0).ToArray())
                        await WriteLowerAsync(offset, data, CancellationToken.None);
                }

                _unflushed.Clear();
                return StorageResult.Ok;
            },
            CancellationToken.None);
    }

    /// <summary>Closes in good order: nothing is lost. The store beneath belongs to the core.</summary>
    public async ValueTask DisposeAsync() => await OneAtATimeAsync(() => WriteBackAsync(CancellationToken.None), CancellationToken.None);

    private async ValueTask<StorageResult> WriteBackAsync(CancellationToken cancellationToken)
    {
        foreach ((long offset, Memory<byte> data) in _unflushed.Runs())
        {
            StorageResult result = await WriteLowerAsync(offset, data, cancellationToken);
            if (!result.IsOk) return result;
        }

        _unflushed.Clear();
        return StorageResult.Ok;
    }

    private async ValueTask<StorageResult> WriteLowerAsync(long offset, Memory<byte> data, CancellationToken cancellationToken)
    {
        using DataBuffer buffer = DataBuffer.Wrap(data);
        return await lower.WriteAsync(offset, buffer.Slice(), WriteOptions.None, cancellationToken);
    }

    private async ValueTask<StorageResult> OneAtATimeAsync(Func<ValueTask<StorageResult>> call, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await call();
        }
        finally
        {
            _gate.Release();
        }
    }
}
