using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace Samples.Zoned;

/// <summary>
/// The store as a disk with zones. Write pointers move on in memory; a flush makes durable first the data, then the pointers that lay behind them when it began.
/// So a saved pointer never lies behind data that a power cut could take away, and what lies in front of one reads as it was written.
/// </summary>
internal sealed class ZonedMedium : IBlockUnit, IDisposable
{
    private readonly IBlockStore _store;
    private readonly StateArea _area;
    private readonly ILogicalUnit _unit;
    private readonly int _longestCall;
    private readonly SemaphoreSlim _saving = new(1, 1);
    private readonly SemaphoreSlim?[] _turns;
    private readonly ZoneFill[] _snapshot;
    private long _flushesAsked;
    private long _flushesDone;
    private long _savedVersion;

    public ZonedMedium(IBlockStore store, StateArea area, ZoneTable zones, ILogicalUnit unit, bool constrainedReads)
    {
        _store = store;
        _area = area;
        _unit = unit;
        Zones = zones;
        Geometry = area.Layout.Geometry;
        ConstrainedReads = constrainedReads;
        Checks = new BlockRangeChecks(this);
        _turns = new SemaphoreSlim?[Geometry.SequentialCount];
        _snapshot = new ZoneFill[Geometry.SequentialCount];
        _savedVersion = zones.CopyTo(_snapshot);
        _longestCall = StorePieces.LongestCall(store.Info, Geometry.BlockLength);
        if (_longestCall == 0)
            throw new DeviceServerException($"unit {unit.Identity.Name}: its store takes at most {store.Info.MaximumTransferLength} bytes, less than a block");
    }

    public ZoneGeometry Geometry { get; }

    public ZoneTable Zones { get; }

    public BlockRangeChecks Checks { get; }

    /// <summary>Neither blocks that were not written nor more than one zone can be read by one command (URSWRZ is zero).</summary>
    public bool ConstrainedReads { get; }

    public int RotationRate => _store.Info.RotationRate;

    public int BlockLength => Geometry.BlockLength;

    public long BlockCount => Geometry.BlockCount;

    public int MaximumTransferLength => _unit.MaximumTransferLength;

    public bool WriteProtected => _unit.WriteProtected;

    public void Dispose()
    {
        _saving.Dispose();
        foreach (SemaphoreSlim? turn in _turns) turn?.Dispose();
    }

    /// <summary>Reads; what was not written reads as zero.</summary>
    /// <param name="command">Its Data-In has room for the range.</param>
    /// <param name="range">Within the disk.</param>
    public async ValueTask<ScsiOutcome> ReadAsync(ScsiCommand command, BlockRange range)
    {
        List<(long Block, long Count, long Written)> parts = Divide(range);
        if (FindUnreadable(parts) is { } refusal) return refusal;
        int done = 0;
        foreach ((long block, long count, long written) in parts)
        {
            int whole = (int)count * BlockLength;
            int filled = (int)written * BlockLength;
            if (filled > 0)
            {
                StorageResult result = await StorePieces.ReadAsync(_store, _longestCall, block * BlockLength, command.DataIn.Slice(done, filled), command.Aborted);
                if (!result.IsOk) return Map(result);
            }

            command.DataIn.Slice(done + filled, whole - filled).Clear();
            done += whole;
        }

        command.DataInLength = done;
        return ScsiOutcome.Good;
    }

    /// <summary>Writes whole blocks that lie in one zone, or in conventional zones only.</summary>
    /// <param name="command">Its Data-Out holds them.</param>
    /// <param name="range">Within the disk, at least one block.</param>
    public async ValueTask<ScsiOutcome> WriteAsync(ScsiCommand command, BlockRange range)
    {
        int zone = Geometry.ZoneOf((long)range.Address) - Geometry.ConventionalCount;
        if (zone < 0) return Map(await StoreAsync(command, range));
        // One at a time in each zone: writes that arrive in order side by side are carried out in order, and no failed one leaves a hole behind another.
        SemaphoreSlim turn = TurnOf(zone);
        if (!await EnterAsync(turn, command.Aborted)) return Map(StorageStatus.Cancelled);
        try
        {
            if (!Zones.TryBeginWrite(zone, Geometry.OffsetInZone((long)range.Address), out SenseData refusal)) return refusal;
            StorageResult result = await StoreAsync(command, range);
            if (result.IsOk) Zones.CommitWrite(zone, range.Count);
            return Map(result);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Everything whose command has ended is durable, write pointers too. Those who ask while one flush runs share the next.</summary>
    public async ValueTask<ScsiOutcome> FlushAsync(CancellationToken cancellationToken)
    {
        long mine = Interlocked.Increment(ref _flushesAsked);
        if (!await EnterAsync(_saving, cancellationToken)) return Map(StorageStatus.Cancelled);
        try
        {
            if (_flushesDone >= mine) return ScsiOutcome.Good;
            long covered = Volatile.Read(ref _flushesAsked);
            long version = Zones.CopyTo(_snapshot);
            ScsiOutcome outcome = await SaveAsync(version == _savedVersion, cancellationToken);
            if (!outcome.IsGood) return outcome;
            (_savedVersion, _flushesDone) = (version, covered);
            return outcome;
        }
        finally
        {
            _saving.Release();
        }
    }

    /// <summary>
    /// Gives zones another content: none, or all that is unwritten as zero. It is saved before anybody sees it, and no write to them is under way: the
    /// command runs alone.
    /// </summary>
    public async ValueTask<ScsiOutcome> ReplaceAsync(IReadOnlyList<int> zones, Func<ZoneFill, ZoneFill> change, CancellationToken cancellationToken)
    {
        if (zones.Count == 0) return ScsiOutcome.Good;
        if (!await EnterAsync(_saving, cancellationToken)) return Map(StorageStatus.Cancelled);
        try
        {
            Zones.CopyTo(_snapshot);
            foreach (int zone in zones) _snapshot[zone] = change(_snapshot[zone]);
            ScsiOutcome outcome = await SaveAsync(unchanged: false, cancellationToken);
            if (outcome.IsGood) _savedVersion = Zones.Replace(zones, _snapshot);
            return outcome;
        }
        finally
        {
            _saving.Release();
        }
    }

    private static async ValueTask<bool> EnterAsync(SemaphoreSlim semaphore, CancellationToken cancellationToken)
    {
        try
        {
            await semaphore.WaitAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>First the data, then the pointers.</summary>
    private async ValueTask<ScsiOutcome> SaveAsync(bool unchanged, CancellationToken cancellationToken)
    {
        if (_store.Info.Has(StoreCapabilities.VolatileCache))
        {
            StorageResult flushed = await _store.FlushAsync(cancellationToken);
            if (!flushed.IsOk) return Map(flushed);
        }

        return unchanged ? ScsiOutcome.Good : Map(await _area.SaveAsync(_snapshot));
    }

    private ValueTask<StorageResult> StoreAsync(ScsiCommand command, BlockRange range) => StorePieces.WriteAsync(
        _store, _longestCall, (long)range.Address * BlockLength, command.DataOut.Slice(0, (int)range.Count * BlockLength), WriteOptions.None, command.Aborted);

    /// <summary>The part of each zone, and how many of its first blocks were written.</summary>
    private List<(long Block, long Count, long Written)> Divide(BlockRange range)
    {
        List<(long, long, long)> parts = [];
        for (long block = (long)range.Address, end = block + range.Count; block < end;)
        {
            int zone = Geometry.ZoneOf(block);
            long count = Math.Min(end, Geometry.StartOf(zone + 1)) - block;
            long written = Geometry.IsSequential(zone)
                ? Math.Clamp(Zones.WrittenOf(zone - Geometry.ConventionalCount) - Geometry.OffsetInZone(block), 0, count)
                : count;
            parts.Add((block, count, written));
            block += count;
        }

        return parts;
    }

    /// <summary>Reads that go across the two kinds of zones are never possible; the rest is a matter of URSWRZ (ZBC section 4.4.3.4).</summary>
    private SenseData? FindUnreadable(List<(long Block, long Count, long Written)> parts)
    {
        bool sequential = Geometry.IsSequential(Geometry.ZoneOf(parts[^1].Block));
        if (sequential != Geometry.IsSequential(Geometry.ZoneOf(parts[0].Block))) return Sense.AttemptToReadInvalidData;
        if (!ConstrainedReads || !sequential) return null;
        if (parts.Count > 1) return Sense.ReadBoundaryViolation;
        int zone = Geometry.ZoneOf(parts[0].Block) - Geometry.ConventionalCount;
        bool readable = parts[0].Written == parts[0].Count || Zones.Look(zone).Condition == ZoneCondition.Full; // one that was finished is as if zeroes were written
        return readable ? null : Sense.AttemptToReadInvalidData;
    }

    private SemaphoreSlim TurnOf(int zone)
    {
        if (_turns[zone] is { } turn) return turn;
        SemaphoreSlim made = new(1, 1);
        return Interlocked.CompareExchange(ref _turns[zone], made, null) ?? made;
    }

    private ScsiOutcome Map(StorageResult result) => StorageSense.Map(result, BlockLength);
}
