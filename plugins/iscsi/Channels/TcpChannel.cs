using System.Net;
using System.Net.Sockets;

namespace TgtModular.Iscsi.Channels;

/// <summary>What every engine's TCP connection has: addresses, what the kernel counts, and its end.</summary>
internal abstract class TcpChannel : IByteChannel
{
    private int _aborted;

    /// <summary>Takes the socket over.</summary>
    /// <param name="socket">A connected socket.</param>
    protected TcpChannel(Socket socket)
    {
        Socket = socket;
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

    protected Socket Socket { get; }

    protected bool IsAborted => Volatile.Read(ref _aborted) != 0;

    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    public abstract ValueTask SendAsync(SendList list);

    public void ShutdownSend()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The peer or Abort was faster; the receive side reports the end.
        }
    }

    public void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) != 0) return;
        Socket.Dispose();
        Aborted();
    }

    public void Dispose() => Abort();

    /// <summary>The socket is closed: operations under way must end.</summary>
    protected virtual void Aborted()
    {
    }

    private static IPEndPoint? Unmapped(EndPoint? endPoint) => endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
        ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port)
        : endPoint as IPEndPoint;

    /// <summary>Reads the beginning of struct tcp_info: the bytes that the kernel had for it, or -1 when the socket is gone.</summary>
    private int ReadTcpInfo(Span<byte> info)
    {
        try
        {
            return Socket.GetRawSocketOption(TcpInfo.Level, TcpInfo.Option, info);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return -1;
        }
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
