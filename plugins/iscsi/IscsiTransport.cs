using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using TgtModular.Iscsi.Channels;
using TgtModular.Iscsi.Channels.Epoll;
using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Listening;
using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Sessions;
using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.Iscsi;

/// <summary>The iSCSI target: its portals, connections and sessions.</summary>
internal sealed class IscsiTransport : ITransport, ISessionDirectory, IReconfigurable
{
    private const int TicksBetweenRetries = 5;

    private static readonly TimeSpan TickTime = TimeSpan.FromSeconds(1);

    private readonly TransportServices _services;
    private readonly PortalSet _portals;
    private readonly IChannelEngine _engine;
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private ITimer? _timer;
    private int _ticks;

    public IscsiTransport(TransportCreateContext context)
    {
        TransportSettings settings = TransportSettings.From(context.Options);
        _engine = settings.Engine == TransportOptions.SocketEngine
            ? new SocketEngine(SendBuffer.SegmentCapacity)
            : new EpollEngine(settings.Loops, settings.BusyPoll, SendBuffer.SegmentCapacity, context.Host.Logger);
        _portals = new PortalSet(Accept, context.Host.Logger, context.Host.Clock);
        _services = new TransportServices(
            context.Engine, context.Host.Logger, context.Host.Clock, context.Host.Buffers, settings, () => _portals.Listening);
    }

    /// <inheritdoc/>
    public IReadOnlyList<PortalDescription> Portals =>
        [.. _portals.Listening.Select(portal => new PortalDescription(portal.EndPoint.ToString(), portal.PortalGroupTag))];

    /// <summary>Connections now, for tests.</summary>
    internal IReadOnlyCollection<Connection> Connections => [.. _connections.Keys];

    /// <inheritdoc/>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await _portals.StartAsync(_services.Settings.Portals);
        _timer = _services.Clock.CreateTimer(_ => Tick(), null, TickTime, TickTime);
    }

    /// <inheritdoc/>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        _services.IsDraining = true;
        await _portals.ChangeAsync([]);
        TimeSpan time = _services.Settings.DrainTimeout;
        Log.Draining(_services.Logger, _services.Sessions.Snapshot().Count, time.TotalSeconds);
        foreach (Connection connection in _connections.Keys)
        {
            if (connection.IsLoggedIn) connection.RequestLogout(time);
            else connection.End(EndReason.Drained, "the transport stops");
        }

        await WaitForConnectionsAsync(time, cancellationToken);
        foreach (Connection connection in _connections.Keys)
        {
            if (cancellationToken.IsCancellationRequested) connection.End(EndReason.Drained, "the transport stops");
            else connection.Drop(EndReason.Drained, "the transport stops");
        }

        await WaitForConnectionsAsync(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReconfigureAsync(OptionValues options, CancellationToken cancellationToken)
    {
        TransportSettings settings = TransportSettings.From(options);
        await _portals.ChangeAsync(settings.Portals);
        _services.Settings = settings;
    }

    /// <inheritdoc/>
    public IReadOnlyList<SessionDescription> GetSessions() => [.. _services.Sessions.Snapshot().Select(SessionReport.Describe)];

    /// <inheritdoc/>
    public bool Close(ulong sessionId, uint? connectionId)
    {
        if (sessionId is 0 or > ushort.MaxValue || _services.Sessions.Find((ushort)sessionId) is not { } session) return false;
        if (connectionId is { } id && id != session.ConnectionId) return false;
        session.Connection.Drop(EndReason.Administrative, "closed by the administrator");
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _services.IsDraining = true;
        await _portals.ChangeAsync([]);
        foreach (Connection connection in _connections.Keys) connection.End(EndReason.Drained, "the transport is gone");
        await Task.WhenAll(_connections.Values);
        if (_timer is not null) await _timer.DisposeAsync();
        _portals.Dispose();
        _engine.Dispose();
    }

    /// <summary>Serves a byte stream: what the portals do with each connection they accept.</summary>
    /// <returns>The connection and its end.</returns>
    internal (Connection Connection, Task Ended) Serve(IByteChannel channel, ushort portalGroupTag)
    {
        Connection connection = new(_services, channel, portalGroupTag);
        TaskCompletionSource begin = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task ended = RunAsync(connection, begin.Task);
        _connections[connection] = ended;
        begin.SetResult(); // only now: it takes itself out of the dictionary at its end
        return (connection, ended);
    }

    private async Task RunAsync(Connection connection, Task begin)
    {
        await begin;
        await connection.RunAsync();
        _connections.TryRemove(connection, out _);
    }

    private void Accept(Socket socket, Portal portal)
    {
        IByteChannel channel;
        try
        {
            channel = _engine.Open(socket);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            // Most often it is gone again before it was looked at.
            Log.AcceptFailed(_services.Logger, portal.EndPoint.ToString(), failure.Message);
            socket.Dispose();
            return;
        }

        MakeRoomForLogin();
        if (ExceededLimit(channel.RemoteEndPoint?.Address) is { } limit)
        {
            Log.ConnectionRefused(_services.Logger, channel.RemoteEndPoint?.ToString() ?? "-", limit);
            channel.Dispose();
            return;
        }

        _ = Serve(channel, portal.Configured.PortalGroupTag);
    }

    private string? ExceededLimit(IPAddress? address)
    {
        TransportSettings settings = _services.Settings;
        int total = 0, same = 0;
        foreach ((Connection connection, _) in _connections)
        {
            total++;
            if (connection.Address is { } other && other.Equals(address)) same++;
        }

        if (_services.IsDraining) return "the transport stops";
        if (total >= settings.MaxConnections) return $"{TransportOptions.MaxConnections} = {settings.MaxConnections}";
        return same >= settings.MaxConnectionsPerAddress ? $"{TransportOptions.MaxConnectionsPerAddress} = {settings.MaxConnectionsPerAddress}" : null;
    }

    /// <summary>
    /// At the limit of connections that have not logged in, the oldest of the address that has most of them goes: whoever opens many and says nothing shuts
    /// nobody out but himself.
    /// </summary>
    private void MakeRoomForLogin()
    {
        // With its session it has proved who it is, though its last answer may still be on the way.
        Connection[] pending = [.. _connections.Keys.Where(connection => connection.Session is null && connection.Reason is null)];
        if (pending.Length < _services.Settings.MaxPendingLogins) return;
        Connection oldest = pending.GroupBy(connection => connection.Address).MaxBy(group => group.Count())!.MinBy(connection => connection.Began)!;
        oldest.End(EndReason.LoginCrowded, $"{TransportOptions.MaxPendingLogins} = {_services.Settings.MaxPendingLogins}");
    }

    private async Task WaitForConnectionsAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        Task all = Task.WhenAll(_connections.Values);
        try
        {
            await all.WaitAsync(time, _services.Clock, cancellationToken);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            // The caller goes on with those that are left.
        }
    }

    private void Tick()
    {
        _engine.Tick();
        foreach (Connection connection in _connections.Keys) connection.Tick();
        if (++_ticks % TicksBetweenRetries == 0 && !_services.IsDraining) _portals.RetryMissing();
    }
}
