using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TgtModular.Buffers;

namespace TgtModular.Iscsi.Channels;

/// <summary>
/// A TCP connection. Sends go out by <c>sendmsg</c> at once; only when the socket's buffer is full does the framework's engine wait for room.
/// </summary>
internal sealed class SocketChannel : IByteChannel
{
    private readonly Socket _socket;
    private readonly LibC.IoVector[] _vectors;
    private readonly MemoryHandle[] _pins;
    private int _pinCount;
    private int _aborted;

    /// <summary>Takes the socket over.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="maximumSegments">Capacity of the longest <see cref="SendList"/>.</param>
    public SocketChannel(Socket socket, int maximumSegments)
    {
        _socket = socket;
        _vectors = GC.AllocateArray<LibC.IoVector>(maximumSegments, pinned: true);
        _pins = new MemoryHandle[maximumSegments];
        RemoteEndPoint = Unmapped(socket.RemoteEndPoint);
        LocalEndPoint = Unmapped(socket.LocalEndPoint);
        socket.NoDelay = true;
    }

    public IPEndPoint? RemoteEndPoint { get; }

    public IPEndPoint? LocalEndPoint { get; }

    public bool PeerHasClosed
    {
        get
        {
            Span<byte> info = stackalloc byte[TcpInfo.StateLength];
            int length = ReadTcpInfo(info);
            return length < 0 || (length > 0 && info[0] != TcpInfo.Established);
        }
    }

    /// <summary>As the kernel counts them (TCP_INFO): nothing is counted on the way of the data.</summary>
    public (long Received, long Sent) TransferredBytes
    {
        get
        {
            Span<byte> info = stackalloc byte[TcpInfo.CountersLength];
            return ReadTcpInfo(info) < info.Length ? default
                : (BitConverter.ToInt64(info[TcpInfo.BytesReceivedOffset..]), BitConverter.ToInt64(info[TcpInfo.BytesAcknowledgedOffset..]));
        }
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _socket.ReceiveAsync(buffer);

    public ValueTask SendAsync(SendList list)
    {
        int first = 0;
        int count = list.Count;
        bool pending = false;
        try
        {
            Load(list);
            if (TrySend(ref first, count)) return default;
            pending = true;
        }
        finally
        {
            if (!pending) Unpin();
        }

        return FinishAsync(list, first, count);
    }

    public void ShutdownSend()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The peer or Abort was faster; the receive side reports the end.
        }
    }

    public void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) == 0) _socket.Dispose();
    }

    public void Dispose() => Abort();

    private static IPEndPoint? Unmapped(EndPoint? endPoint) => endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
        ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port)
        : endPoint as IPEndPoint;

    /// <summary>Reads the beginning of struct tcp_info: the bytes that the kernel had for it, or -1 when the socket is gone.</summary>
    private int ReadTcpInfo(Span<byte> info)
    {
        try
        {
            return _socket.GetRawSocketOption(TcpInfo.Level, TcpInfo.Option, info);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return -1;
        }
    }

    private unsafe void Load(SendList list)
    {
        ReadOnlySpan<DataSegment> segments = list.Segments;
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
    private unsafe bool TrySend(ref int first, int count)
    {
        while (first < count)
        {
            LibC.MessageHeader message = new()
            {
                Vectors = Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, first),
                VectorCount = count - first,
            };
            nint sent = LibC.SendMessage(_socket.SafeHandle, &message, LibC.DontWaitNoSignal);
            if (sent < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error == LibC.Interrupted) continue;
                if (error == LibC.Again) return false;
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }

            Advance(ref first, count, sent);
        }

        return true;
    }

    private void Advance(ref int first, int count, nint sent)
    {
        while (first < count && sent >= _vectors[first].Length) sent -= _vectors[first++].Length;
        if (sent == 0) return;
        _vectors[first].Base += sent;
        _vectors[first].Length -= sent;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishAsync(SendList list, int first, int count)
    {
        try
        {
            while (first < count)
            {
                // The framework waits for room with the rest of one segment, then the others follow in one call again.
                DataSegment segment = list.Segments[first];
                int done = segment.Length - (int)_vectors[first].Length;
                int sent = await _socket.SendAsync(segment.Memory[done..]);
                Advance(ref first, count, sent);
                TrySend(ref first, count);
            }
        }
        finally
        {
            Unpin();
        }
    }

    private void Unpin()
    {
        for (int i = 0; i < _pinCount; i++) _pins[i].Dispose();
        _pinCount = 0;
    }

    /// <summary>TCP_INFO of tcp(7), and what is read of its struct tcp_info (linux/tcp.h), which only ever grows at its end.</summary>
    private static class TcpInfo
    {
        public const int Level = 6;
        public const int Option = 11;
        public const byte Established = 1;
        public const int StateLength = 8;
        public const int BytesAcknowledgedOffset = 120;
        public const int BytesReceivedOffset = 128;
        public const int CountersLength = 136;
    }
}
