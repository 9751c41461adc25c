using TgtModular.Buffers;

namespace TgtModular.Iscsi.Channels;

/// <summary>The segments of one send. Reused from send to send.</summary>
internal sealed class SendList(int capacity)
{
    private readonly DataSegment[] _segments = new DataSegment[capacity];

    /// <summary>Most segments it takes.</summary>
    public int Capacity => _segments.Length;

    /// <summary>Segments in it.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes in all segments.</summary>
    public long ByteCount { get; private set; }

    /// <summary>The segments.</summary>
    public ReadOnlySpan<DataSegment> Segments => _segments.AsSpan(0, Count);

    /// <summary>Appends a segment; the caller has checked that there is room.</summary>
    public void Add(DataSegment segment)
    {
        _segments[Count++] = segment;
        ByteCount += segment.Length;
    }

    /// <summary>Empties the list and forgets the memory it pointed to.</summary>
    public void Clear()
    {
        _segments.AsSpan(0, Count).Clear();
        Count = 0;
        ByteCount = 0;
    }
}
