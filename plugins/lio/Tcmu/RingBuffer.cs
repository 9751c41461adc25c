using TgtModular.Buffers;

namespace TgtModular.Lio.Tcmu;

/// <summary>The data of one command as it lies in the ring's pages. Belongs to a <see cref="RingCommand"/> and is used again and again.</summary>
internal sealed class RingBuffer : DataBuffer
{
    private DataSegment[] _segments = new DataSegment[4];
    private int _count;
    private int _capacity;
    private int _length;
    private int _used; // segments that make up the length
    private DataSegment _last; // the last of them, cut off at the length

    /// <summary>Bytes that the kernel has given.</summary>
    public int Capacity => _capacity;

    public override int Length => _length;

    public override int SegmentCount => _used;

    public override DataSegment GetSegment(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_used, nameof(index));
        return index == _used - 1 ? _last : _segments[index];
    }

    /// <summary>Forgets all pieces.</summary>
    public void Reset() => _count = _capacity = _length = _used = 0;

    /// <summary>Adds a piece; the sum must be an int.</summary>
    public void Add(DataSegment segment)
    {
        if (segment.Length == 0) return;
        if (_count == _segments.Length) Array.Resize(ref _segments, _count * 2);
        _segments[_count++] = segment;
        _capacity += segment.Length;
    }

    /// <summary>Makes the buffer as long as its user needs.</summary>
    /// <param name="length">At most <see cref="Capacity"/>.</param>
    public void SetLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_capacity, nameof(length));
        _length = length;
        _used = 0;
        while (length > 0)
        {
            _last = _segments[_used++];
            if (_last.Length > length) _last = _last.Slice(0, length);
            length -= _last.Length;
        }
    }

    /// <summary>The pages stay the command's until it is answered.</summary>
    protected override void Dispose(bool disposing)
    {
    }
}
