using TgtModular.Buffers;

namespace TgtModular.Core.Buffers;

/// <summary>One block of a <see cref="BufferPool"/>. The object lives as long as its block and is handed out again and again.</summary>
internal sealed class PooledBuffer(BufferPool pool, Slab slab, int sizeClass, DataSegment block) : DataBuffer
{
    private int _length;
    private int _rented;

    public Slab Slab => slab;

    public int SizeClass => sizeClass;

    public int Capacity => block.Length;

    /// <summary>Who holds the lease, for leak reports.</summary>
    public string? Tag { get; private set; }

    public override int Length => _length;

    public override int SegmentCount => 1;

    public override DataSegment GetSegment(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(index, 0);
        return _length == block.Length ? block : block.Slice(0, _length);
    }

    public void Lease(int length, string tag)
    {
        _length = length;
        Tag = tag;
        Volatile.Write(ref _rented, 1);
    }

    protected override void Dispose(bool disposing)
    {
        // A second disposal would hand one block to two commands: it is ignored, whoever does it.
        if (Interlocked.Exchange(ref _rented, 0) == 0) return;
        Tag = null;
        pool.Return(this);
    }
}
