using TgtModular.Buffers;
using TgtModular.Storage;

namespace ExamplePlugin;

/// <summary>
/// Blocks in a dictionary: a block that was never written is not there and reads as zero. Replace it by what your store does. Calls come from any
/// thread, several at a time; they answer with results, never with exceptions.
/// </summary>
internal sealed class BlockStore(long length, IStoreObserver observer) : IBlockStore
{
    private const int BlockLength = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, byte[]> _blocks = [];
    private long _length = length;
    private bool _disposed;

    /// <inheritdoc/>
    /// <remarks>
    /// Say only what is true: the daemon advertises it to initiators. Inline: calls complete at once and never block; a store that waits says Blocking,
    /// and is called on worker threads, or Asynchronous.
    /// </remarks>
    public StoreInfo Info { get; } = new(
        StoreCapabilities.Write | StoreCapabilities.Discard | StoreCapabilities.DiscardReadsZero | StoreCapabilities.AllocationMap | StoreCapabilities.Resize,
        StoreExecution.Inline)
    {
        PhysicalBlockLength = BlockLength,
        DiscardGranularity = BlockLength,
    };

    /// <inheritdoc/>
    public long Length
    {
        get
        {
            lock (_gate) return _length;
        }
    }

    /// <inheritdoc/>
    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Refuse(offset, destination.Length, cancellationToken) is { } refusal) return refusal.AsTask();
            foreach (Piece piece in Split(offset, destination.Length))
            {
                DataSlice part = destination.Slice(piece.Done, piece.Count);
                if (_blocks.TryGetValue(piece.Block, out byte[]? block)) part.CopyFrom(block.AsSpan(piece.Start, piece.Count));
                else part.Clear();
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Refuse(offset, source.Length, cancellationToken) is { } refusal) return refusal.AsTask();
            foreach (Piece piece in Split(offset, source.Length))
            {
                if (!_blocks.TryGetValue(piece.Block, out byte[]? block)) _blocks[piece.Block] = block = new byte[BlockLength];
                source.Slice(piece.Done, piece.Count).CopyTo(block.AsSpan(piece.Start, piece.Count));
            }
        }

        return default;
    }

    /// <inheritdoc/>
    /// <remarks>Nothing to do without StoreCapabilities.VolatileCache; with it, complete only when every completed write is durable.</remarks>
    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return (Refuse(0, 0, cancellationToken) ?? StorageResult.Ok).AsTask();
    }

    /// <inheritdoc/>
    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Refuse(offset, length, cancellationToken) is { } refusal) return refusal.AsTask();
            Clear(offset, length);
        }

        return default;
    }

    /// <inheritdoc/>
    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        lock (_gate)
        {
            extent = new StoreExtent(offset, length, Allocated: false);
            if (length < 1) return StorageStatus.OutOfRange;
            if (Refuse(offset, length, CancellationToken.None) is { } refusal) return refusal;
            bool allocated = _blocks.ContainsKey(offset / BlockLength);
            long end = ((offset / BlockLength) + 1) * BlockLength;
            while (end < offset + length && _blocks.ContainsKey(end / BlockLength) == allocated) end += BlockLength;
            extent = new StoreExtent(offset, Math.Min(end - offset, length), allocated);
        }

        return StorageResult.Ok;
    }

    /// <inheritdoc/>
    public ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Refuse(0, 0, cancellationToken) is { } refusal) return refusal.AsTask();
            if (length < 0) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
            if (length < _length) Clear(length, _length - length);
            _length = length;
        }

        observer.Resized(length);
        return default;
    }

    /// <inheritdoc/>
    /// <remarks>From now on every call answers Unavailable; one that is under way may still complete.</remarks>
    public ValueTask DisposeAsync()
    {
        lock (_gate) _disposed = true;
        return default;
    }

    private StorageResult? Refuse(long offset, long count, CancellationToken cancellationToken)
    {
        if (_disposed) return StorageStatus.Unavailable;
        if (cancellationToken.IsCancellationRequested) return StorageStatus.Cancelled;
        return StoreRange.Fits(offset, count, _length) ? null : StorageStatus.OutOfRange;
    }

    /// <summary>Gives whole blocks back, and clears what it covers of others.</summary>
    private void Clear(long offset, long count)
    {
        long end = offset + count;
        foreach (long block in _blocks.Keys.Where(block => (block + 1) * BlockLength > offset && block * BlockLength < end).ToArray())
        {
            int from = (int)Math.Max(0, offset - (block * BlockLength));
            int to = (int)Math.Min(BlockLength, end - (block * BlockLength));
            if (to - from == BlockLength) _blocks.Remove(block);
            else _blocks[block].AsSpan(from, to - from).Clear();
        }
    }

    /// <summary>The parts of a range, one for each block that it touches.</summary>
    private static IEnumerable<Piece> Split(long offset, int count)
    {
        for (int done = 0; done < count;)
        {
            int start = (int)((offset + done) % BlockLength);
            int length = Math.Min(BlockLength - start, count - done);
            yield return new Piece((offset + done) / BlockLength, start, done, length);
            done += length;
        }
    }

    /// <param name="Block">Number of the block.</param>
    /// <param name="Start">First byte in it.</param>
    /// <param name="Done">Bytes of the range in front of it.</param>
    /// <param name="Count">Bytes.</param>
    private readonly record struct Piece(long Block, int Start, int Done, int Count);
}
