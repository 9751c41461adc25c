using TgtModular.Buffers;
using TgtModular.Storage;

namespace Samples.Zoned.Tests;

/// <summary>
/// A store whose power goes at a certain call. What was flushed, or written through, is there afterwards; of everything else any pieces, and of the call itself: finer ones
/// than a disk's sectors, so that a checksum has something to find.
/// </summary>
internal sealed class CutStore(byte[] content, int callsLeft, Random chance) : IBlockStore
{
    private const int Piece = 128;

    private readonly byte[] _durable = content;
    private readonly byte[] _cached = [.. content];
    private readonly List<(int Offset, byte[] Data)> _pending = [];
    private int _callsLeft = callsLeft;

    public StoreInfo Info { get; } = new(StoreCapabilities.Write | StoreCapabilities.VolatileCache, StoreExecution.Inline);

    public long Length => _durable.Length;

    public bool IsDead { get; private set; }

    /// <summary>What the next one finds.</summary>
    public byte[] Cut()
    {
        if (!IsDead) Die();
        return _durable;
    }

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (IsDead) return StorageResult.FromStorageStatus(StorageStatus.Unavailable).AsTask();
        destination.CopyFrom(_cached.AsSpan((int)offset, destination.Length));
        return StorageResult.Ok.AsTask();
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        if (IsDead) return StorageResult.FromStorageStatus(StorageStatus.Unavailable).AsTask();
        byte[] data = source.ToArray();
        _pending.Add(((int)offset, data));
        data.CopyTo(_cached, offset);
        if (Ends()) return StorageResult.FromStorageStatus(StorageStatus.Unavailable).AsTask();
        if (options.HasFlag(WriteOptions.ForceUnitAccess))
        {
            data.CopyTo(_durable, offset);
            _pending.RemoveAt(_pending.Count - 1);
        }

        return StorageResult.Ok.AsTask();
    }

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        if (IsDead || Ends()) return StorageResult.FromStorageStatus(StorageStatus.Unavailable).AsTask();
        _pending.Clear();
        _cached.CopyTo(_durable, 0);
        return StorageResult.Ok.AsTask();
    }

    public ValueTask DisposeAsync() => default;

    private bool Ends()
    {
        if (--_callsLeft > 0) return false;
        Die();
        return true;
    }

    private void Die()
    {
        IsDead = true;
        foreach ((int offset, byte[] data) in _pending)
        {
            int whole = chance.Next(3); // all of it, nothing, or some pieces
            for (int at = 0; at < data.Length; at += Piece)
            {
                bool lands = whole == 0 || (whole == 2 && chance.Next(2) == 0);
                if (lands) data.AsSpan(at, Math.Min(Piece, data.Length - at)).CopyTo(_durable.AsSpan(offset + at));
            }
        }

        _pending.Clear();
    }
}
