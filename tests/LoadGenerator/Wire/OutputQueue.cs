using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Framing;

namespace TgtModular.LoadGenerator.Wire;

/// <summary>
/// PDUs waiting to be sent: headers and trailers lie here, data stays where it is and is only pointed to. One send takes as much as fits
/// one vector; what the socket refuses stays for the next attempt.
/// </summary>
internal sealed unsafe class OutputQueue : IDisposable
{
    private const int HeaderRoom = 48 + Crc32C.Length;
    private const int TrailerRoom = 3 + Crc32C.Length;
    private const int PduRoom = HeaderRoom + TrailerRoom;
    private const int VectorsPerPdu = 3;

    private readonly NativeMemoryBlock _arena;
    private readonly Native.Vector[] _vectors;
    private readonly bool _headerDigest;
    private readonly bool _dataDigest;
    private int _arenaUsed;
    private int _first;
    private int _end;

    /// <param name="pdus">Most PDUs that can be waiting at once.</param>
    /// <param name="headerDigest">HeaderDigest=CRC32C in force.</param>
    /// <param name="dataDigest">DataDigest=CRC32C in force.</param>
    public OutputQueue(int pdus, bool headerDigest, bool dataDigest)
    {
        // Twice the need: what is sent is only reclaimed when the queue runs empty or is packed.
        _arena = new NativeMemoryBlock(2 * pdus * PduRoom);
        _vectors = GC.AllocateArray<Native.Vector>(2 * pdus * VectorsPerPdu, pinned: true);
        _headerDigest = headerDigest;
        _dataDigest = dataDigest;
    }

    public bool IsEmpty => _first == _end;

    /// <summary>Room for the next PDU's basic header; <see cref="Commit"/> follows.</summary>
    public Span<byte> NextHeader()
    {
        if (_arenaUsed + PduRoom > _arena.Length || _end + VectorsPerPdu > _vectors.Length)
            Pack();
        return new Span<byte>(_arena.Address + _arenaUsed, 48);
    }

    /// <summary>Queues the PDU whose header was just written.</summary>
    /// <param name="data">Its data segment; must stay as it is until it is sent.</param>
    /// <param name="length">In bytes.</param>
    public void Commit(byte* data = null, int length = 0)
    {
        byte* header = _arena.Address + _arenaUsed;
        int headerLength = _headerDigest ? HeaderRoom : 48;
        if (_headerDigest)
            PduFramer.WriteHeaderDigest(new Span<byte>(header, HeaderRoom));
        Append(header, headerLength);
        _arenaUsed += headerLength;
        if (length == 0)
            return;
        Append(data, length);
        PduLayout layout = PduLayout.Create(0, length, _headerDigest, _dataDigest);
        if (layout.TrailerLength == 0)
            return;
        Crc32C crc = default;
        if (_dataDigest)
            crc.Append(new ReadOnlySpan<byte>(data, length));
        byte* trailer = _arena.Address + _arenaUsed;
        PduFramer.WriteTrailer(new Span<byte>(trailer, TrailerRoom), layout, crc);
        Append(trailer, layout.TrailerLength);
        _arenaUsed += layout.TrailerLength;
    }

    /// <summary>Sends what the socket takes. True when nothing is left.</summary>
    public bool Flush(int socket)
    {
        fixed (Native.Vector* vectors = _vectors)
        {
            while (_first < _end)
            {
                long sent = Native.Send(socket, vectors + _first, Math.Min(_end - _first, Native.VectorLimit));
                if (sent < 0)
                    return false;
                while (_first < _end && sent >= (long)vectors[_first].Length)
                    sent -= (long)vectors[_first++].Length;
                if (sent > 0)
                {
                    vectors[_first].Base += sent;
                    vectors[_first].Length -= (nuint)sent;
                }
            }
        }

        _first = _end = _arenaUsed = 0;
        return true;
    }

    public void Dispose() => _arena.Dispose();

    private void Append(byte* data, int length)
    {
        if (_end > _first)
        {
            ref Native.Vector last = ref _vectors[_end - 1];
            if (last.Base + last.Length == data)
            {
                last.Length += (nuint)length;
                return;
            }
        }

        _vectors[_end++] = new Native.Vector { Base = data, Length = (nuint)length };
    }

    /// <summary>Moves what is not sent yet to the front.</summary>
    private void Pack()
    {
        byte* begin = _arena.Address;
        byte* end = begin + _arena.Length;
        int used = 0;
        for (int index = _first; index < _end; index++)
        {
            Native.Vector vector = _vectors[index];
            if (vector.Base >= begin && vector.Base < end)
            {
                Buffer.MemoryCopy(vector.Base, begin + used, _arena.Length - used, (long)vector.Length);
                vector.Base = begin + used;
                used += (int)vector.Length;
            }

            _vectors[index - _first] = vector;
        }

        _end -= _first;
        _first = 0;
        _arenaUsed = used;
    }
}
