namespace TgtModular.Buffers;

/// <summary>
/// Memory for the data of one command: a list of segments owned by the core's pool, a transport (registered memory, a mapped ring) or a store.
/// Whoever rents it disposes it once; disposal returns it to its owner.
/// </summary>
public abstract class DataBuffer : IDisposable
{
    /// <summary>Bytes in all segments.</summary>
    public abstract int Length { get; }

    /// <summary>Number of segments.</summary>
    public abstract int SegmentCount { get; }

    /// <summary>The segment at <paramref name="index"/>.</summary>
    public abstract DataSegment GetSegment(int index);

    /// <summary>The whole buffer as a slice.</summary>
    public DataSlice Slice() => new(this, 0, Length);

    /// <summary>A part of the buffer.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public DataSlice Slice(int offset, int length) => new DataSlice(this, 0, Length).Slice(offset, length);

    /// <summary>Returns the memory to its owner.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the memory to its owner.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>A buffer over an array that nobody pools.</summary>
    public static DataBuffer Wrap(Memory<byte> memory) => new WrappedBuffer(memory);

    private sealed class WrappedBuffer(Memory<byte> memory) : DataBuffer
    {
        public override int Length => memory.Length;

        public override int SegmentCount => 1;

        public override DataSegment GetSegment(int index)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(index, 0);
            return memory;
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
