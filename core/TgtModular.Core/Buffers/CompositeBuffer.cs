using TgtModular.Buffers;

namespace TgtModular.Core.Buffers;

/// <summary>Several blocks as one buffer, for transfers longer than the largest block.</summary>
internal sealed class CompositeBuffer(PooledBuffer[] blocks) : DataBuffer
{
    private int _rented = 1;

    public override int Length { get; } = blocks.Sum(block => block.Length);

    public override int SegmentCount => blocks.Length;

    public override DataSegment GetSegment(int index) => blocks[index].GetSegment(0);

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _rented, 0) == 0) return;
        foreach (PooledBuffer block in blocks) block.Dispose();
    }
}
