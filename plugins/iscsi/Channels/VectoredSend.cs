using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TgtModular.Buffers;

namespace TgtModular.Iscsi.Channels;

/// <summary>One send at a time: the segments of a list as I/O vectors, and how far the socket has taken them. Reused from send to send.</summary>
internal sealed class VectoredSend(int maximumSegments)
{
    private readonly LibC.IoVector[] _vectors = GC.AllocateArray<LibC.IoVector>(maximumSegments, pinned: true);
    private readonly MemoryHandle[] _pins = new MemoryHandle[maximumSegments];
    private int _pinCount;
    private int _count;

    /// <summary>Index of the first segment that is not wholly sent.</summary>
    public int First { get; private set; }

    /// <summary>Bytes of that segment that are sent.</summary>
    public int Done(int length) => length - (int)_vectors[First].Length;

    public bool IsDone => First == _count;

    /// <summary>Takes a list; <see cref="End"/> must follow.</summary>
    public unsafe void Begin(SendList list)
    {
        ReadOnlySpan<DataSegment> segments = list.Segments;
        First = 0;
        _count = segments.Length;
        for (int i = 0; i < segments.Length; i++)
        {
            DataSegment segment = segments[i];
            nint address = segment.Pointer;
            if (address == 0)
            {
                MemoryHandle pin = segment.Memory.Pin();
                _pins[_pinCount++] = pin;
                address = (nint)pin.Pointer;
            }

            _vectors[i] = new LibC.IoVector { Base = address, Length = segment.Length };
        }
    }

    /// <summary>Sends what the socket takes now; true when that was all.</summary>
    /// <exception cref="IOException">The stream is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was aborted.</exception>
    public unsafe bool TrySend(SafeSocketHandle socket)
    {
        while (First < _count)
        {
            LibC.MessageHeader message = new()
            {
                Vectors = Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, First),
                VectorCount = _count - First,
            };
            nint sent = LibC.SendMessage(socket, &message, LibC.DontWaitNoSignal);
            if (sent < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error == LibC.Interrupted) continue;
                if (error == LibC.Again) return false;
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }

            Advance(sent);
        }

        return true;
    }

    /// <summary>So many more bytes are sent.</summary>
    public void Advance(nint sent)
    {
        while (First < _count && sent >= _vectors[First].Length) sent -= _vectors[First++].Length;
        if (sent == 0) return;
        _vectors[First].Base += sent;
        _vectors[First].Length -= sent;
    }

    /// <summary>Lets the segments go.</summary>
    public void End()
    {
        for (int i = 0; i < _pinCount; i++) _pins[i].Dispose();
        _pinCount = 0;
    }
}
