using System.Numerics;
using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Sbc;

/// <summary>
/// The store as a disk's medium: ranges in bytes, calls no longer than the store takes, write-through when the write cache is off, and work on
/// long ranges in pieces that can be aborted.
/// </summary>
internal sealed class BlockMedium : IBlockUnit
{
    /// <summary>Bytes of scratch memory for work on long ranges.</summary>
    public const int ScratchLength = 1 << 20;

    /// <summary>Bytes of one discard or write-zeroes call, so that an abort is heard.</summary>
    private const long LongCallLength = 1L << 30;

    private readonly IBlockStore _store;
    private readonly IImmediateBlockStore? _immediate;
    private readonly IBufferPool _buffers;
    private readonly ILogicalUnit _unit;
    private readonly int _longestCall;
    private long _blockCount;
    private volatile WriteOptions _writeThrough;

    public BlockMedium(IBlockStore store, DiskAbilities abilities, ILogicalUnit unit, IPluginHost host)
    {
        _store = store;
        _immediate = store as IImmediateBlockStore;
        _unit = unit;
        _buffers = host.Buffers;
        Clock = host.Clock;
        Abilities = abilities;
        BlockShift = BitOperations.Log2((uint)abilities.BlockLength);
        _longestCall = StorePieces.LongestCall(store.Info, abilities.BlockLength);
        if (_longestCall == 0)
            throw new DeviceServerException($"unit {unit.Identity.Name}: its store takes at most {store.Info.MaximumTransferLength} bytes, less than a block");
        Resize(store.Length);
    }

    public DiskAbilities Abilities { get; }

    public TimeProvider Clock { get; }

    public DiskStatistics Statistics { get; } = new();

    public RangeLocks Locks { get; } = new();

    public int BlockLength => Abilities.BlockLength;

    public int BlockShift { get; }

    public int MaximumTransferLength => Abilities.MaximumTransferLength;

    public long BlockCount => Volatile.Read(ref _blockCount);

    public bool HasNativeCompareAndWrite => _store.Info.Has(StoreCapabilities.CompareAndWrite);

    /// <summary>SWP, or a configuration that forbids writes.</summary>
    public bool WriteProtected => _unit.WriteProtected;

    /// <summary>WCE: writes may stay in the store's volatile cache.</summary>
    public bool WriteCacheEnabled
    {
        get => _writeThrough == WriteOptions.None && Abilities.VolatileCache;
        set => _writeThrough = value || !Abilities.VolatileCache ? WriteOptions.None : WriteOptions.ForceUnitAccess;
    }

    /// <summary>The store has another size; a partial block at its end is not used.</summary>
    public void Resize(long length) => Volatile.Write(ref _blockCount, length >> BlockShift);

    /// <summary>Traits of a write with this FUA bit.</summary>
    public WriteOptions OptionsFor(bool forceUnitAccess) => forceUnitAccess ? WriteOptions.ForceUnitAccess : _writeThrough;

    public ScsiOutcome Map(StorageResult result) => StorageSense.Map(result, BlockLength);

    /// <summary>Rents scratch memory of whole blocks: as much as wanted, at most <see cref="ScratchLength"/> or one block.</summary>
    public DataBuffer? TryRentScratch(long wanted) =>
        _buffers.TryRent((int)Math.Min(wanted, Math.Max(Math.Min(ScratchLength, _longestCall), BlockLength)), "sbc scratch");

    /// <summary>Rents memory for exactly one command's data.</summary>
    public DataBuffer? TryRent(int length) => _buffers.TryRent(length, "sbc data");

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        StorePieces.ReadAsync(_store, _longestCall, offset, destination, cancellationToken);

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        StorePieces.WriteAsync(_store, _longestCall, offset, source, options, cancellationToken);

    /// <summary>The store does some calls at once that block in general.</summary>
    public bool IsImmediate => _immediate is not null;

    /// <summary>Reads if that does not block; see <see cref="IImmediateBlockStore"/>.</summary>
    public bool TryRead(long offset, DataSlice destination) => destination.Length <= _longestCall && _immediate!.TryRead(offset, destination);

    /// <summary>Writes if that does not block; see <see cref="IImmediateBlockStore"/>.</summary>
    public bool TryWrite(long offset, DataSlice source) => source.Length <= _longestCall && _immediate!.TryWrite(offset, source);

    /// <summary>Makes every completed write durable.</summary>
    public ValueTask<ScsiOutcome> FlushAsync(CancellationToken cancellationToken)
    {
        if (!Abilities.VolatileCache) return default;
        ValueTask<StorageResult> pending = _store.FlushAsync(cancellationToken);
        return pending.IsCompletedSuccessfully ? new(Map(pending.Result)) : MapAsync(pending);
    }

    public ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken) =>
        _store.CompareAndWriteAsync(offset, expected, replacement, options, cancellationToken);

    /// <summary>A question to the allocation map may wait on a thread that must not: the store's other calls never do.</summary>
    public bool MapMayWait => _store.Info.Execution == StoreExecution.Asynchronous;

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent) => _store.GetExtent(offset, length, out extent);

    /// <summary>Makes a range read as zero.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="options">FUA, and whether the range may be deallocated.</param>
    /// <param name="progress">Told the bytes done; null for nobody.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    public async ValueTask<ScsiOutcome> ZeroAsync(
        long offset, long length, WriteOptions options, Action<long>? progress, CancellationToken cancellationToken)
    {
        bool native = _store.Info.Has(StoreCapabilities.WriteZeroes);
        if (!native && options.HasFlag(WriteOptions.MayDeallocate) && Abilities.UnmappedReadsZero)
        {
            ScsiOutcome discarded = await DiscardAsync(offset, length, cancellationToken);
            return discarded.IsGood && options.HasFlag(WriteOptions.ForceUnitAccess) ? await FlushAsync(cancellationToken) : discarded;
        }

        long done = 0;
        while (native && done < length)
        {
            if (cancellationToken.IsCancellationRequested) return Map(StorageStatus.Cancelled);
            long piece = Math.Min(length - done, LongCallLength);
            StorageResult result = await _store.WriteZeroesAsync(offset + done, piece, options, cancellationToken);
            if (result.Status == StorageStatus.NotSupported) break;
            if (!result.IsOk) return Map(result);
            done += piece;
            progress?.Invoke(done);
        }

        if (done == length) return ScsiOutcome.Good;
        using DataBuffer? zeroes = TryRentScratch(length - done);
        if (zeroes is null) return ScsiOutcome.Of(ScsiStatus.Busy);
        zeroes.Slice().Clear();
        long before = done;
        options &= ~WriteOptions.MayDeallocate;
        return await FillAsync(offset + done, length - done, zeroes.Slice(), options, filled => progress?.Invoke(before + filled), cancellationToken);
    }

    /// <summary>Writes a pattern over a range; the pattern's length is a multiple of the block length.</summary>
    public async ValueTask<ScsiOutcome> FillAsync(
        long offset, long length, DataSlice pattern, WriteOptions options, Action<long>? progress, CancellationToken cancellationToken)
    {
        for (long done = 0; done < length;)
        {
            if (cancellationToken.IsCancellationRequested) return Map(StorageStatus.Cancelled);
            int piece = (int)Math.Min(length - done, pattern.Length);
            StorageResult result = await WriteAsync(offset + done, pattern.Slice(0, piece), options, cancellationToken);
            if (!result.IsOk) return Map(result);
            done += piece;
            progress?.Invoke(done);
        }

        return ScsiOutcome.Good;
    }

    /// <summary>Gives a range's space back. Where unmapped blocks read as zero, parts of deallocation units at its ends are zeroed.</summary>
    public async ValueTask<ScsiOutcome> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        long unit = Abilities.UnmapGranularity << BlockShift;
        long first = (offset + unit - 1) / unit * unit;
        long last = (offset + length) / unit * unit;
        if (Abilities.UnmappedReadsZero)
        {
            if (first >= last) return await ZeroAsync(offset, length, _writeThrough, null, cancellationToken);
            ScsiOutcome edge = await ZeroEdgeAsync(offset, first, cancellationToken);
            if (edge.IsGood) edge = await ZeroEdgeAsync(last, offset + length, cancellationToken);
            if (!edge.IsGood) return edge;
        }

        long longest = Math.Max(LongCallLength / unit * unit, unit);
        for (long at = first; at < last;)
        {
            if (cancellationToken.IsCancellationRequested) return Map(StorageStatus.Cancelled);
            long piece = Math.Min(last - at, longest);
            StorageResult result = await _store.DiscardAsync(at, piece, cancellationToken);
            if (!result.IsOk) return Map(result);
            at += piece;
        }

        return ScsiOutcome.Good;
    }

    /// <summary>After work that knows no FUA: durable now if the write cache is off.</summary>
    public ValueTask<ScsiOutcome> SettleAsync(CancellationToken cancellationToken) =>
        _writeThrough == WriteOptions.None ? default : FlushAsync(cancellationToken);

    private ValueTask<ScsiOutcome> ZeroEdgeAsync(long from, long to, CancellationToken cancellationToken) =>
        from < to ? ZeroAsync(from, to - from, _writeThrough, null, cancellationToken) : default;

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<ScsiOutcome> MapAsync(ValueTask<StorageResult> pending) => Map(await pending);
}
