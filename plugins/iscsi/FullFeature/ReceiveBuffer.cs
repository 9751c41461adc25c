namespace TgtModular.Iscsi.FullFeature;

/// <summary>Received bytes of one connection that are not treated yet. The receive loop owns it.</summary>
internal sealed class ReceiveBuffer
{
    private byte[] _bytes;
    private int _start;
    private int _end;

    /// <summary>An empty buffer.</summary>
    /// <param name="capacity">Bytes.</param>
    public ReceiveBuffer(int capacity) => _bytes = GC.AllocateUninitializedArray<byte>(capacity);

    /// <summary>Most bytes it holds.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Bytes in it.</summary>
    public int Length => _end - _start;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, _end - _start);

    /// <summary>A part of the bytes as memory; valid until room is made.</summary>
    public ReadOnlyMemory<byte> Slice(int offset, int length) => _bytes.AsMemory(_start + offset, length);

    /// <summary>Takes bytes off the front.</summary>
    public void Consume(int count)
    {
        _start += count;
        if (_start == _end) _start = _end = 0;
    }

    /// <summary>Room behind the bytes; they are moved to the front when there is little.</summary>
    /// <param name="wanted">Bytes wanted at least; at most the capacity less what is in it.</param>
    public Memory<byte> GetRoom(int wanted)
    {
        if (_bytes.Length - _end < wanted)
        {
            Bytes.CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>Bytes have been received into the room.</summary>
    public void Add(int count) => _end += count;

    /// <summary>Takes another capacity, keeping what is in it.</summary>
    public void Resize(int capacity)
    {
        byte[] larger = GC.AllocateUninitializedArray<byte>(Math.Max(capacity, Length));
        Bytes.CopyTo(larger);
        _end -= _start;
        _start = 0;
        _bytes = larger;
    }
}
