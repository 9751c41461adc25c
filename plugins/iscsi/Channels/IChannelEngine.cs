using System.Net.Sockets;

namespace TgtModular.Iscsi.Channels;

/// <summary>Moves the bytes of all connections: the strategy that <c>engine</c> of the configuration chooses.</summary>
internal interface IChannelEngine : IDisposable
{
    /// <summary>Takes a connected socket over.</summary>
    /// <exception cref="SocketException">The peer is gone already; the socket is still the caller's.</exception>
    IByteChannel Open(Socket socket);

    /// <summary>Comes every second or so: whatever is held up by one connection goes on elsewhere.</summary>
    void Tick();
}
