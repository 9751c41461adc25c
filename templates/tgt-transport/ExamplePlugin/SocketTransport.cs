using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using TgtModular.Transports;

namespace ExamplePlugin;

/// <summary>Commands as lines over a Unix socket (README.md has the protocol). Replace it by what your transport does.</summary>
internal sealed class SocketTransport(string path, ITransportHost engine, ILogger logger) : ITransport, ISessionDirectory
{
    private readonly ConcurrentDictionary<ulong, SocketSession> _sessions = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private ulong _lastSession;

    /// <inheritdoc/>
    public IReadOnlyList<PortalDescription> Portals => [new(Path.GetFullPath(path), 0)];

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (IsServed()) throw new TransportException($"{path}: somebody else listens there");
            File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen();
        }
        catch (Exception fault) when (fault is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            throw new TransportException($"{path}: {fault.Message}", fault);
        }

        _listener = listener;
        _accepting = AcceptAsync(listener);
        logger.LogInformation("listening on {Path}", path);
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        await StopListeningAsync();
        await Task.WhenAll(_sessions.Values.Select(session => session.FinishAsync(cancellationToken)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<SessionDescription> GetSessions() => [.. _sessions.Values.Where(session => session.IsOpen).Select(session => session.Describe())];

    /// <inheritdoc/>
    public bool Close(ulong sessionId, uint? connectionId)
    {
        if (!_sessions.TryGetValue(sessionId, out SocketSession? session)) return false;
        session.CloseRequested(NexusEnd.Administrative);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopListeningAsync();
        foreach (SocketSession session in _sessions.Values) session.CloseRequested(NexusEnd.Administrative);
        await Task.WhenAll(_sessions.Values.Select(session => session.Ended));
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = await listener.AcceptAsync();
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                return; // no longer listening
            }

            ulong id = ++_lastSession;
            var session = new SocketSession(id, connection, engine, logger);
            _sessions[id] = session;
            session.Start(() => _sessions.TryRemove(id, out _));
        }
    }

    private async Task StopListeningAsync()
    {
        if (Interlocked.Exchange(ref _listener, null) is not { } listener) return;
        listener.Dispose();
        File.Delete(path);
        await _accepting;
    }

    /// <summary>A socket that nobody listens on was left behind.</summary>
    private bool IsServed()
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
