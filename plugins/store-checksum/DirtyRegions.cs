using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>
/// The regions that are being written. The order is all: the mark on stable storage, then data and sums as they come; the data on stable storage, the sums on stable storage, then the mark
/// is taken away. So a region without a mark has the sums of its data, whatever a power cut took.
/// </summary>
internal sealed class DirtyRegions(IBlockStore data, SumsFile file, RegionMarks marks, SumPages pages, int limit) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Region> _regions = [];
    private readonly SemaphoreSlim _cleaning = new(1, 1);
    private long _round;
    private StorageResult _lostFlush;

    /// <summary>Regions that are marked now.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _regions.Count;
        }
    }

    /// <summary>Lets a write into a region, once it is marked on stable storage.</summary>
    /// <returns>When not ok, nothing was let in.</returns>
    public ValueTask<StorageResult> EnterAsync(long number)
    {
        bool isFull;
        lock (_gate)
        {
            if (_regions.TryGetValue(number, out Region? known) && known.IsDurable)
            {
                known.Enter(_round);
                return default;
            }

            isFull = known is null && _regions.Count >= limit;
        }

        return MarkAsync(number, isFull);
    }

    /// <summary>The write is done, and its sums are set.</summary>
    /// <param name="number">The region.</param>
    /// <param name="keep">What the data are is not known: the region stays marked until it is opened again.</param>
    public void Leave(long number, bool keep)
    {
        lock (_gate)
        {
            Region region = _regions[number];
            region.Writers--;
            region.IsKept |= keep;
        }
    }

    /// <summary>A region that was marked before, and stays so.</summary>
    public void Keep(long number)
    {
        lock (_gate) _regions[number] = new Region(number) { IsDurable = true, IsKept = true };
    }

    /// <summary>Takes marks away.</summary>
    /// <param name="all">Also of regions that were written a moment ago.</param>
    public async ValueTask<StorageResult> CleanAsync(bool all)
    {
        await _cleaning.WaitAsync();
        try
        {
            List<(Region Region, long Entered)> idle;
            lock (_gate)
            {
                idle = [.. _regions.Values.Where(region => region.IsIdle && (all || region.Round < _round)).Select(region => (region, region.Entered))];
                _round++;
            }

            return idle.Count == 0 ? StorageResult.Ok : await CleanAsync(idle);
        }
        finally
        {
            _cleaning.Release();
        }
    }

    /// <summary>A flush of the data that failed and nobody was told of: a store may say so only once, and whoever flushes next is to know it.</summary>
    public StorageResult TakeLostFlush()
    {
        lock (_gate)
        {
            StorageResult lost = _lostFlush;
            _lostFlush = StorageResult.Ok;
            return lost;
        }
    }

    public void Dispose() => _cleaning.Dispose();

    private async ValueTask<StorageResult> MarkAsync(long number, bool isFull)
    {
        // What cannot be unmarked now stays marked; the write goes on.
        if (isFull) _ = await CleanAsync(all: true);
        Region? region;
        lock (_gate)
        {
            if (!_regions.TryGetValue(number, out region)) _regions.Add(number, region = new Region(number));
            region.Enter(_round);
            if (region.IsDurable) return StorageResult.Ok;
            marks.Set(number, marked: true);
        }

        StorageResult result = await WriteMarkAsync(region);
        if (result.IsOk) return result;
        lock (_gate)
        {
            if (--region.Writers == 0 && !region.IsDurable) _regions.Remove(number); // the mark may be there or not; another write sets it again
        }

        return result;
    }

    private async ValueTask<StorageResult> WriteMarkAsync(Region region)
    {
        long block = RegionMarks.BlockOf(region.Number);
        List<Region> along = [];
        StorageResult result = await marks.WriteAsync(block, WriteOptions.ForceUnitAccess, () => along.AddRange(Waiting(block)));
        if (!result.IsOk) return result;
        lock (_gate)
        {
            foreach (Region marked in along) marked.IsDurable = true;
        }

        return result;
    }

    /// <summary>Whoever waits for a mark in the same block is served by this write.</summary>
    private Region[] Waiting(long block)
    {
        lock (_gate) return [.. _regions.Values.Where(region => !region.IsDurable && RegionMarks.BlockOf(region.Number) == block)];
    }

    private async ValueTask<StorageResult> CleanAsync(List<(Region Region, long Entered)> idle)
    {
        StorageResult result = await data.FlushAsync(CancellationToken.None);
        if (!result.IsOk)
        {
            lock (_gate) _lostFlush = result;
            return result;
        }

        foreach ((Region region, _) in idle)
        {
            result = await pages.WriteBackAsync(region.Number);
            if (!result.IsOk) return result;
        }

        result = await file.FlushAsync();
        if (!result.IsOk) return result;
        HashSet<long> blocks = [];
        lock (_gate)
        {
            foreach ((Region region, long entered) in idle)
            {
                if (!region.IsIdle || region.Entered != entered) continue; // written meanwhile
                _regions.Remove(region.Number);
                marks.Set(region.Number, marked: false);
                blocks.Add(RegionMarks.BlockOf(region.Number));
            }
        }

        foreach (long block in blocks)
        {
            result = await marks.WriteAsync(block, WriteOptions.None); // lost or not written, it costs taking sums anew
            if (!result.IsOk) return result;
        }

        return StorageResult.Ok;
    }

    private sealed class Region(long number)
    {
        public long Number => number;

        public int Writers { get; set; }

        public bool IsDurable { get; set; }

        public bool IsKept { get; set; }

        /// <summary>Round of cleaning in which it was written last.</summary>
        public long Round { get; private set; }

        /// <summary>How many writes there were.</summary>
        public long Entered { get; private set; }

        public bool IsIdle => IsDurable && !IsKept && Writers == 0;

        public void Enter(long round)
        {
            Writers++;
            Entered++;
            Round = round;
        }
    }
}
