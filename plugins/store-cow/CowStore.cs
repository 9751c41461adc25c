using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Stores;

/// <summary>
/// A disk whose base is never written: clusters that are changed are copied to the delta and live there from then on. A cluster that comes new to the delta is on stable storage before
/// its bit is written, so that neither a killed daemon nor a power cut shows a cluster that is not whole.
/// </summary>
internal sealed class CowStore : IBlockStore
{
    private const int Locks = 64;

    private readonly IBlockStore _base;
    private readonly IBlockStore _delta;
    private readonly CowLayout _layout;
    private readonly CowMap _map;
    private readonly CowMapWriter _mapWriter;
    private readonly OperationGate _gate = new();
    private readonly SemaphoreSlim[] _copying = [.. Enumerable.Range(0, Locks).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly ScratchPool _scratches;

    /// <summary>Stands on two stores, which stay the core's.</summary>
    public CowStore(IBlockStore lower, IBlockStore delta, CowLayout layout, CowMap map)
    {
        _base = lower;
        _delta = delta;
        _layout = layout;
        _map = map;
        _mapWriter = new CowMapWriter(delta, layout, map);
        _scratches = new ScratchPool(layout.ClusterLength);
        StoreInfo both = StoreStacking.Combine([lower, delta], own: StoreExecution.Asynchronous);
        Info = both with
        {
            Capabilities = CapabilitiesOf(lower, delta),
            OptimalTransferLength = Math.Max(both.OptimalTransferLength, layout.ClusterLength),
            DiscardGranularity = delta.Info.DiscardGranularity,
        };
    }

    public StoreInfo Info { get; }

    public long Length => _layout.BaseLength;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        TryEnter(offset, destination.Length, cancellationToken, out StorageResult refusal) ? ReadInsideAsync(offset, destination, cancellationToken) : refusal.AsTask();

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        TryEnter(offset, source.Length, cancellationToken, out StorageResult refusal) ? WriteInsideAsync(offset, source, options, cancellationToken) : refusal.AsTask();

    public async ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        if (!TryEnter(0, 0, cancellationToken, out StorageResult refusal)) return refusal;
        try
        {
            return Above(await _delta.FlushAsync(cancellationToken));
        }
        finally
        {
            _gate.Leave();
        }
    }

    public async ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, length, cancellationToken, out StorageResult refusal)) return refusal;
        try
        {
            if (!Info.Has(StoreCapabilities.Discard)) return StorageStatus.NotSupported;
            for (long done = 0; done < length;)
            {
                Run run = RunAt(offset + done, length - done);
                StorageResult result = run.IsChanged ? Above(await _delta.DiscardAsync(_layout.DataOffset + offset + done, run.Length, cancellationToken)) : StorageResult.Ok;
                if (!result.IsOk) return result;
                done += run.Length;
            }

            return StorageResult.Ok;
        }
        finally
        {
            _gate.Leave();
        }
    }

    public async ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, length, cancellationToken, out StorageResult refusal)) return refusal;
        try
        {
            if (!Info.Has(StoreCapabilities.WriteZeroes)) return StorageStatus.NotSupported;
            for (long done = 0; done < length;)
            {
                Run run = RunAt(offset + done, length - done);
                long count = run.IsChanged ? run.Length : Math.Min(run.Length, LeftInCluster(offset + done));
                StorageResult result = run.IsChanged ? Above(await _delta.WriteZeroesAsync(_layout.DataOffset + offset + done, count, options, cancellationToken))
                    : IsZeroInBase(offset + done, count) ? StorageResult.Ok
                    : await CopyAsync(offset + done, (int)count, default, options, cancellationToken);
                if (!result.IsOk) return result;
                done += count;
            }

            return await HardenAsync(offset, length, options);
        }
        finally
        {
            _gate.Leave();
        }
    }

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        if (length < 1) return StorageStatus.OutOfRange;
        if (!_gate.TryEnter()) return StorageStatus.Unavailable;
        try
        {
            if (!StoreRange.Fits(offset, length, Length)) return StorageStatus.OutOfRange;
            Run run = RunAt(offset, length);
            StorageResult result = run.IsChanged
                ? Above(_delta.GetExtent(_layout.DataOffset + offset, run.Length, out extent))
                : _base.GetExtent(offset, run.Length, out extent);
            extent = extent with { Offset = offset };
            return result;
        }
        finally
        {
            _gate.Leave();
        }
    }

    public async ValueTask DisposeAsync() => _ = await _gate.CloseAsync();

    /// <summary>
    /// Writing is the delta's; the allocation map tells of both. What is discarded does not read as zero: a cluster that only the base has stays as it is, for to hide it would take room.
    /// </summary>
    private static StoreCapabilities CapabilitiesOf(IBlockStore lower, IBlockStore delta)
    {
        const StoreCapabilities OfTheDelta = StoreCapabilities.Write | StoreCapabilities.VolatileCache | StoreCapabilities.WriteZeroes | StoreCapabilities.Discard;
        return (delta.Info.Capabilities & OfTheDelta) | (lower.Info.Capabilities & delta.Info.Capabilities & StoreCapabilities.AllocationMap);
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> ReadInsideAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        try
        {
            for (int done = 0; done < destination.Length;)
            {
                Run run = RunAt(offset + done, destination.Length - done);
                DataSlice part = destination.Slice(done, (int)run.Length);
                StorageResult result = run.IsChanged
                    ? Above(await _delta.ReadAsync(_layout.DataOffset + offset + done, part, cancellationToken))
                    : await _base.ReadAsync(offset + done, part, cancellationToken);
                if (!result.IsOk) return result;
                done += part.Length;
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
        try
        {
            for (int done = 0; done < source.Length;)
            {
                Run run = RunAt(offset + done, source.Length - done);
                int length = run.IsChanged ? (int)run.Length : (int)Math.Min(run.Length, LeftInCluster(offset + done));
                DataSlice part = source.Slice(done, length);
                StorageResult result = run.IsChanged
                    ? Above(await _delta.WriteAsync(_layout.DataOffset + offset + done, part, options, cancellationToken))
                    : await CopyAsync(offset + done, length, part, options, cancellationToken);
                if (!result.IsOk) return result;
                done += length;
            }

            return await HardenAsync(offset, source.Length, options);
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>A hole of the base is zero already, and takes no room.</summary>
    private bool IsZeroInBase(long offset, long length) =>
        _base.Info.Has(StoreCapabilities.AllocationMap) && _base.GetExtent(offset, length, out StoreExtent extent).IsOk && !extent.Allocated && extent.Length == length;

    /// <summary>Brings a cluster to the delta that is changed for the first time, in part or whole.</summary>
    /// <param name="offset">Where it is changed.</param>
    /// <param name="length">How much of it, within one cluster.</param>
    /// <param name="source">The new data; empty for zeroes.</param>
    /// <param name="options">Of the write.</param>
    /// <param name="cancellationToken">The command was aborted.</param>
    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> CopyAsync(long offset, int length, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        long cluster = offset / _layout.ClusterLength;
        SemaphoreSlim copying = _copying[cluster % Locks];
        await copying.WaitAsync(CancellationToken.None); // as long as a copy takes
        Scratch scratch = _scratches.Take();
        try
        {
            int start = (int)(offset % _layout.ClusterLength);
            int whole = _layout.LengthOf(cluster);
            bool isThere = _map.Has(cluster); // another command brought it meanwhile
            if (!isThere && length < whole)
            {
                StorageResult read = await _base.ReadAsync(cluster * _layout.ClusterLength, scratch.Buffer.Slice(0, whole), cancellationToken);
                if (!read.IsOk) return read;
            }

            Span<byte> changed = scratch.Bytes.AsSpan(start, length);
            if (source.IsEmpty) changed.Clear();
            else source.CopyTo(changed);
            DataSlice data = isThere ? scratch.Buffer.Slice(start, length) : scratch.Buffer.Slice(0, whole);
            long target = _layout.DataOffset + (isThere ? offset : cluster * _layout.ClusterLength);
            StorageResult result = Above(await _delta.WriteAsync(target, data, isThere ? options & WriteOptions.ForceUnitAccess : WriteOptions.ForceUnitAccess, cancellationToken));
            return isThere || !result.IsOk ? result : await _mapWriter.AddAsync(cluster, options);
        }
        finally
        {
            _scratches.Return(scratch);
            copying.Release();
        }
    }

    /// <summary>A write that is to survive a power cut needs its bits as much as its data.</summary>
    private ValueTask<StorageResult> HardenAsync(long offset, long length, WriteOptions options)
    {
        if (length == 0 || !options.HasFlag(WriteOptions.ForceUnitAccess)) return default;
        (long first, long last) = (offset / _layout.ClusterLength, (offset + length - 1) / _layout.ClusterLength);
        return _mapWriter.IsVolatile(first, last) ? _mapWriter.HardenAsync(first, last) : default;
    }

    /// <summary>The bytes from here on that lie on one side.</summary>
    private Run RunAt(long offset, long most)
    {
        long cluster = offset / _layout.ClusterLength;
        bool isChanged = _map.Has(cluster);
        long end = (cluster + 1) * _layout.ClusterLength;
        while (end < offset + most && _map.Has(end / _layout.ClusterLength) == isChanged) end += _layout.ClusterLength;
        return new Run(Math.Min(end - offset, most), isChanged);
    }

    private long LeftInCluster(long offset) => _layout.ClusterLength - (offset % _layout.ClusterLength);

    /// <summary>What the delta answers, with the place as whoever asked counts it.</summary>
    private StorageResult Above(StorageResult result)
    {
        if (result.Status is not (StorageStatus.ReadError or StorageStatus.WriteError) || result.Position < 0) return result;
        return result with { Position = Math.Max(result.Position - _layout.DataOffset, -1) };
    }

    private bool TryEnter(long offset, long length, CancellationToken cancellationToken, out StorageResult refusal) =>
        _gate.TryEnter(offset, length, Length, Info.Alignment, cancellationToken, out refusal);

    /// <param name="Length">Bytes.</param>
    /// <param name="IsChanged">They lie in the delta.</param>
    private readonly record struct Run(long Length, bool IsChanged);
}
