using TgtModular.Buffers;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace Samples.Zoned;

/// <summary>
/// The state of the zones in the store. A save replaces the older copy, so that one whole copy is there at any moment; when it fails, the next save goes to the
/// same place. One save at a time: the caller sees to that.
/// </summary>
internal sealed class StateArea
{
    private readonly IBlockStore _store;
    private readonly byte[] _copy;
    private readonly int _longestCall;
    private ulong _sequence;
    private int _next;

    private StateArea(IBlockStore store, StateLayout layout)
    {
        _store = store;
        Layout = layout;
        _copy = new byte[layout.CopyLength];
        _longestCall = StorePieces.LongestCall(store.Info, store.Info.Alignment);
    }

    public StateLayout Layout { get; }

    /// <summary>Reads the label of a store.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async ValueTask<(bool Found, StateLayout? Layout)> FindAsync(IBlockStore store, CancellationToken cancellationToken)
    {
        int unit = StateLayout.UnitOf(store.Info.Alignment);
        long end = StateLayout.EndOf(store.Length, unit);
        byte[] label = new byte[unit];
        if (end < unit) return (false, null);
        await ReadAsync(store, end - unit, label, cancellationToken);
        return (StateLayout.TryReadLabel(label, unit, end, out StateLayout? layout), layout);
    }

    /// <summary>Takes the newest whole copy of the state.</summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async ValueTask<(StateArea Area, ZoneFill[] Fills)?> LoadAsync(IBlockStore store, StateLayout layout, CancellationToken cancellationToken)
    {
        StateArea area = new(store, layout);
        ZoneFill[]? newest = null;
        for (int copy = 0; copy < 2; copy++)
        {
            await ReadAsync(store, layout.CopyOffset(copy), area._copy, cancellationToken);
            if (layout.ReadState(area._copy, out ulong sequence) is not { } fills || (newest is not null && sequence < area._sequence)) continue;
            (newest, area._sequence, area._next) = (fills, sequence, 1 - copy);
        }

        return newest is null ? null : (area, newest);
    }

    /// <summary>
    /// Makes a zoned disk of a store: zones, of which the conventional ones read as zero and the others are empty. The label comes last; a mark in its place says
    /// until then that a disk is being made.
    /// </summary>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public static async ValueTask FormatAsync(IBlockStore store, StateLayout layout, CancellationToken cancellationToken)
    {
        StateArea area = new(store, layout);
        byte[] label = new byte[layout.Unit];
        StateLayout.UnfinishedMagic.CopyTo(label);
        await WriteAsync(store, layout.LabelOffset, label, cancellationToken);
        await area.ZeroAsync(layout.Geometry.ConventionalCount * layout.Geometry.ZoneBlocks * layout.Geometry.BlockLength, cancellationToken);
        Require(await store.FlushAsync(cancellationToken));
        Require(await area.SaveAsync(new ZoneFill[layout.Geometry.SequentialCount]));
        layout.WriteLabel(label);
        await WriteAsync(store, layout.LabelOffset, label, cancellationToken);
    }

    /// <summary>
    /// True when nothing is there where file systems, partition tables and their like put their marks, in the first and in the last mebibyte; and when the
    /// making of a disk was not finished.
    /// </summary>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public static async ValueTask<bool> IsBlankAsync(IBlockStore store, StateLayout layout, CancellationToken cancellationToken)
    {
        byte[] label = new byte[layout.Unit];
        await ReadAsync(store, layout.LabelOffset, label, cancellationToken);
        if (label.AsSpan().StartsWith(StateLayout.UnfinishedMagic)) return true;
        const int Marks = 1 << 20;
        long last = layout.CopyOffset(0);
        byte[] bytes = new byte[Math.Min(Marks, last) / layout.Unit * layout.Unit];
        byte[] copies = new byte[layout.End - last];
        foreach ((long offset, byte[] piece) in new[] { (0, bytes), (last - bytes.Length, bytes), (last, copies) })
        {
            await ReadAsync(store, offset, piece, cancellationToken);
            if (piece.AsSpan().ContainsAnyExcept((byte)0)) return false;
        }

        return true;
    }

    /// <summary>Saves what the zones hold, all of which is durable. When this ends well, so is the state.</summary>
    public async ValueTask<StorageResult> SaveAsync(ZoneFill[] fills)
    {
        Layout.WriteState(_copy, _sequence + 1, fills);
        // Not to be cancelled: half a copy would be lost, and the next save needs the buffer.
        StorageResult result = await StorePieces.WriteAsync(
            _store, _longestCall, Layout.CopyOffset(_next), DataBuffer.Wrap(_copy).Slice(), WriteOptions.ForceUnitAccess, CancellationToken.None);
        _sequence++; // also of a save that failed: if it is there after all, it must be older than the next one
        if (result.IsOk) _next = 1 - _next;
        return result;
    }

    private async ValueTask ZeroAsync(long length, CancellationToken cancellationToken)
    {
        const int Piece = 1 << 20;
        bool native = _store.Info.Has(StoreCapabilities.WriteZeroes);
        byte[] zeroes = new byte[Math.Min(length, Piece)];
        for (long done = 0; done < length;)
        {
            long piece = Math.Min(length - done, native ? 1 << 30 : zeroes.Length);
            if (native) Require(await _store.WriteZeroesAsync(done, piece, WriteOptions.MayDeallocate, cancellationToken));
            else await WriteAsync(_store, done, zeroes.AsMemory(0, (int)piece), cancellationToken);
            done += piece;
        }
    }

    private static async ValueTask ReadAsync(IBlockStore store, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        Require(await StorePieces.ReadAsync(store, LongestCallOf(store), offset, DataBuffer.Wrap(destination).Slice(), cancellationToken));

    private static async ValueTask WriteAsync(IBlockStore store, long offset, Memory<byte> source, CancellationToken cancellationToken) => Require(
        await StorePieces.WriteAsync(
            store, LongestCallOf(store), offset, DataBuffer.Wrap(source).Slice(), WriteOptions.ForceUnitAccess, cancellationToken));

    private static int LongestCallOf(IBlockStore store) => StorePieces.LongestCall(store.Info, store.Info.Alignment);

    private static void Require(StorageResult result)
    {
        if (!result.IsOk) throw new IOException($"its store answers: {result.Status}");
    }
}
