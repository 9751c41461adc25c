using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Sbc;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Stores;

/// <summary>
/// A disk whose blocks are checked whenever they are read. Data lie in the first store as they are; the sums, and marks of the regions that are being written, in the second.
/// </summary>
internal sealed partial class ChecksumStore : IBlockStore, IThreadPoolWorkItem
{
    /// <summary>A region that is not written loses its mark after one to two of these.</summary>
    internal static readonly TimeSpan CleanInterval = TimeSpan.FromSeconds(5);

    /// <summary>What sums take away: a hole need not be what was written there, so nobody is told of one; compare-and-write would pass by the sums; and a size belongs to its sums.</summary>
    private const StoreCapabilities Lost = StoreCapabilities.AllocationMap | StoreCapabilities.CompareAndWrite | StoreCapabilities.Resize;

    private readonly IBlockStore _data;
    private readonly ChecksumParts _parts;
    private readonly CheckedBlocks _blocks;
    private readonly ILogger _logger;
    private readonly OperationGate _gate = new();
    private readonly RangeLocks _locks = new();
    private readonly Plugins.IWorkerPool _workers;
    private readonly ITimer _timer;

    /// <summary>Stands on two stores, which stay the core's.</summary>
    public ChecksumStore(IBlockStore data, IBlockStore sums, ChecksumParts parts, Plugins.IPluginHost host)
    {
        _data = data;
        _parts = parts;
        _logger = host.Logger;
        _workers = host.Workers;
        _blocks = new CheckedBlocks(data, parts.Layout, parts.Sum, parts.Pages, host.Logger, host.Meter);
        bool zeroes = data.Info.Has(StoreCapabilities.DiscardReadsZero);
        StoreInfo info = StoreStacking.Combine([data], zeroes ? Lost : Lost | StoreCapabilities.Discard, own: StoreStacking.Combine([sums], own: StoreExecution.Asynchronous).Execution);
        Info = info with
        {
            PhysicalBlockLength = Math.Max(info.PhysicalBlockLength, ChecksumLayout.BlockLength),
            DiscardGranularity = zeroes ? Math.Max(info.DiscardGranularity, ChecksumLayout.BlockLength) : 0,
        };
        _timer = host.Clock.CreateTimer(_ => Tick(), null, CleanInterval, CleanInterval);
    }

    public StoreInfo Info { get; }

    /// <summary>For tests.</summary>
    internal ChecksumParts Parts => _parts;

    public long Length => _parts.Layout.DataLength;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        TryEnter(offset, destination.Length, cancellationToken, out StorageResult refusal) ? ReadInsideAsync(offset, destination, cancellationToken) : refusal.AsTask();

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        TryEnter(offset, source.Length, cancellationToken, out StorageResult refusal)
            ? ChangeInsideAsync(StoreCapabilities.Write, StorageStatus.ReadOnly, Change.Write, offset, source.Length, source, options, cancellationToken)
            : refusal.AsTask();

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
        TryEnter(offset, length, cancellationToken, out StorageResult refusal)
            ? ChangeInsideAsync(StoreCapabilities.WriteZeroes, StorageStatus.NotSupported, Change.Zero, offset, length, default, options, cancellationToken)
            : refusal.AsTask();

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) =>
        TryEnter(offset, length, cancellationToken, out StorageResult refusal)
            ? ChangeInsideAsync(StoreCapabilities.Discard, StorageStatus.NotSupported, Change.Discard, offset, length, default, WriteOptions.None, cancellationToken)
            : refusal.AsTask();

    /// <summary>The sums need not be there with the data: the mark is, and after a crash they are taken anew.</summary>
    public async ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        if (!TryEnter(0, 0, cancellationToken, out StorageResult refusal)) return refusal;
        try
        {
            StorageResult lost = _parts.Dirty.TakeLostFlush();
            StorageResult result = await _data.FlushAsync(cancellationToken);
            return result.IsOk ? lost : result;
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Takes the marks away from regions that nobody wrote for a while.</summary>
    public void Execute() => _ = CleanAsync(all: false);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        if (!await _gate.CloseAsync()) return;
        await CleanInsideAsync(all: true);
        _parts.Dirty.Dispose();
    }

    private void Tick()
    {
        if (_parts.Dirty.Count > 0) _workers.Queue(this);
    }

    /// <summary>Takes marks away; as the timer has it done, or of all.</summary>
    internal async Task CleanAsync(bool all)
    {
        if (!_gate.TryEnter()) return;
        try
        {
            await CleanInsideAsync(all);
        }
#pragma warning disable CA1031 // Nobody waits for this; a store beneath that throws costs a mark.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogFault(_logger, fault);
        }
        finally
        {
            _gate.Leave();
        }
    }

    private async ValueTask CleanInsideAsync(bool all)
    {
        StorageResult result = await _parts.Dirty.CleanAsync(all);
        if (!result.IsOk) LogNotClean(_logger, _parts.Dirty.Count, result.Status);
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> ReadInsideAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        int ticket = -1;
        try
        {
            ticket = await LockAsync(offset, destination.Length, exclusive: false, cancellationToken);
            if (ticket < 0) return StorageStatus.Cancelled;
            for (int done = 0; done < destination.Length;)
            {
                int length = WithinRegion(offset + done, destination.Length - done);
                StorageResult result = await ReadRegionAsync(offset + done, destination.Slice(done, length), cancellationToken);
                if (!result.IsOk)
                {
                    destination.Clear(); // what is not right is not given out, whatever becomes of the answer
                    return result;
                }

                done += length;
            }

            return StorageResult.Ok;
        }
        finally
        {
            if (ticket >= 0) _locks.Exit(ticket);
            _gate.Leave();
        }
    }

    private async ValueTask<StorageResult> ReadRegionAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        SumPage page = await _parts.Pages.RentAsync(ChecksumLayout.RegionOf(offset));
        try
        {
            return page.Problem.IsOk ? await _blocks.ReadAsync(page, offset, destination, cancellationToken) : OfSums(page.Problem, StorageStatus.ReadError, offset);
        }
        finally
        {
            _parts.Pages.Return(page);
        }
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> ChangeInsideAsync(
        StoreCapabilities ability, StorageStatus without, Change change, long offset, long length, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        int ticket = -1;
        try
        {
            if (!Info.Has(ability)) return without;
            ticket = await LockAsync(offset, length, exclusive: true, cancellationToken);
            if (ticket < 0) return StorageStatus.Cancelled;
            for (long done = 0; done < length;)
            {
                int count = WithinRegion(offset + done, length - done);
                DataSlice part = source.IsEmpty ? default : source.Slice((int)done, count);
                StorageResult result = await ChangeRegionAsync(change, offset + done, count, part, options, cancellationToken);
                if (!result.IsOk) return result;
                done += count;
            }

            return StorageResult.Ok;
        }
        finally
        {
            if (ticket >= 0) _locks.Exit(ticket);
            _gate.Leave();
        }
    }

    private async ValueTask<StorageResult> ChangeRegionAsync(Change change, long offset, int length, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        long region = ChecksumLayout.RegionOf(offset);
        SumPage page = await _parts.Pages.RentAsync(region);
        try
        {
            if (!page.Problem.IsOk) return OfSums(page.Problem, StorageStatus.WriteError, offset);
            StorageResult marked = await _parts.Dirty.EnterAsync(region);
            if (!marked.IsOk) return OfSums(marked, StorageStatus.WriteError, offset);
            bool isInDoubt = true; // of a store beneath that throws
            try
            {
                (StorageResult result, isInDoubt) = await _blocks.ChangeAsync(page, change, offset, length, source, options, cancellationToken);
                return result;
            }
            finally
            {
                _parts.Dirty.Leave(region, isInDoubt);
            }
        }
        finally
        {
            _parts.Pages.Return(page);
        }
    }

    /// <summary>What the sums answered, as an answer about the data.</summary>
    private static StorageResult OfSums(StorageResult result, StorageStatus error, long offset) =>
        result.Status == StorageStatus.Unavailable || (result.Status == StorageStatus.OutOfSpace && error == StorageStatus.WriteError) ? new StorageResult(result.Status) : new StorageResult(error, offset);

    /// <summary>Bytes from here on that are in one region.</summary>
    private static int WithinRegion(long offset, long most) => (int)Math.Min(most, ChecksumLayout.RegionLength - (offset % ChecksumLayout.RegionLength));

    /// <summary>Whole blocks are locked: a part of one is read and written with the rest of it.</summary>
    private ValueTask<int> LockAsync(long offset, long length, bool exclusive, CancellationToken cancellationToken)
    {
        const long Mask = ChecksumLayout.BlockLength - 1;
        return _locks.EnterAsync(offset & ~Mask, (offset + length + Mask) & ~Mask, exclusive, cancellationToken);
    }

    private bool TryEnter(long offset, long length, CancellationToken cancellationToken, out StorageResult refusal) =>
        _gate.TryEnter(offset, length, Length, Info.Alignment, cancellationToken, out refusal);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "{Regions} region(s) stay marked as being written ({Status}): after a crash their sums are taken anew")]
    private static partial void LogNotClean(ILogger logger, int regions, StorageStatus status);

    [LoggerMessage(EventId = 12, Level = LogLevel.Error, Message = "a store beneath failed while regions were to be unmarked")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
