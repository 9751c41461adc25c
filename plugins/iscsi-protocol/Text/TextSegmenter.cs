namespace TgtModular.Iscsi.Protocol.Text;

/// <summary>Cuts a text into data segments of at most the receiver's MaxRecvDataSegmentLength; all but the last are sent with the C bit.</summary>
public struct TextSegmenter
{
    private readonly ReadOnlyMemory<byte> _text;
    private int _offset;

    /// <summary>Begins at the first byte.</summary>
    /// <param name="text">The whole text; not to be changed until the last segment is out.</param>
    public TextSegmenter(ReadOnlyMemory<byte> text) => _text = text;

    /// <summary>Bytes not handed out yet.</summary>
    public readonly int RemainingBytes => _text.Length - _offset;

    /// <summary>Hands out the next segment, empty if nothing remains.</summary>
    /// <param name="maxSegmentLength">In bytes, at least 1.</param>
    /// <param name="continues">Whether more follows: the C bit.</param>
    public ReadOnlyMemory<byte> Next(int maxSegmentLength, out bool continues)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSegmentLength, 1);
        ReadOnlyMemory<byte> segment = _text.Slice(_offset, Math.Min(maxSegmentLength, RemainingBytes));
        _offset += segment.Length;
        continues = RemainingBytes != 0;
        return segment;
    }
}
