using System.Net.Sockets;

namespace TgtModular.Iscsi.Channels;

/// <summary>The framework's sockets: one thread waits for all of them, and the thread pool runs what follows.</summary>
internal sealed class SocketEngine(int maximumSegments) : IChannelEngine
{
    public IByteChannel Open(Socket socket) => new SocketChannel(socket, maximumSegments);

    public void Tick()
    {
        // The thread pool makes another thread by itself.
    }

    public void Dispose()
    {
        // The sockets are the connections'.
    }
}
