using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace TgtModular.Iscsi.Channels.Epoll;

/// <summary>
/// Event loops of our own: a connection belongs to one thread, which waits for its bytes, treats them and sends the answers, without a hand-over to another
/// thread in between.
/// </summary>
internal sealed class EpollEngine : IChannelEngine
{
    private readonly EventLoop[] _loops;
    private readonly int _maximumSegments;

    /// <summary>Starts the loops.</summary>
    /// <param name="loops">Threads.</param>
    /// <param name="busyPoll">How long a loop goes on looking for events before it sleeps; zero for not at all.</param>
    /// <param name="maximumSegments">Capacity of the longest <see cref="SendList"/>.</param>
    /// <param name="logger">Told of faults.</param>
    public EpollEngine(int loops, TimeSpan busyPoll, int maximumSegments, ILogger logger)
    {
        _maximumSegments = maximumSegments;
        _loops = new EventLoop[loops];
        for (int i = 0; i < loops; i++) _loops[i] = new EventLoop(i, busyPoll, logger);
    }

    public IByteChannel Open(Socket socket) => EpollChannel.Open(socket, _loops.MinBy(loop => loop.ChannelCount)!, _maximumSegments);

    public void Tick()
    {
        foreach (EventLoop loop in _loops) loop.Tick();
    }

    public void Dispose()
    {
        foreach (EventLoop loop in _loops) loop.Dispose();
    }
}
