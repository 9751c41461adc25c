using System.Net;
using System.Net.Sockets;
using TgtModular.Iscsi.Channels;
using TgtModular.Iscsi.FullFeature;
using TgtModular.Iscsi.Login;
using TgtModular.Iscsi.Sessions;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Connections;

/// <summary>
/// One connection from accept to its end: login, full feature phase, and the order in which everything is taken down. It also watches the clock for it, and
/// hears the engine's requests for its nexus.
/// </summary>
internal sealed class Connection : INexusObserver, IConnectionControl
{
    /// <summary>Enough for one login PDU; more is only held after the login.</summary>
    private const int LoginBufferLength = 9 * 1024;

    /// <summary>Time the peer gets to read the last PDU and close.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    private readonly TransportServices _services;
    private readonly IByteChannel _channel;
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly long _began;
    private volatile FullFeaturePhase? _fullFeature;
    private long _closeBy; // timestamp; 0 while there is no deadline
    private EndReason? _reason;
    private string _detail = string.Empty;

    public Connection(TransportServices services, IByteChannel channel, ushort portalGroupTag)
    {
        _services = services;
        _channel = channel;
        PortalGroupTag = portalGroupTag;
        Address = channel.RemoteEndPoint?.Address;
        Peer = channel.RemoteEndPoint?.ToString() ?? "-";
        _began = services.Clock.GetTimestamp();
    }

    /// <summary>Portal group it came in at.</summary>
    public ushort PortalGroupTag { get; }

    /// <summary>Address of the initiator; null where the stream has none.</summary>
    public IPAddress? Address { get; }

    /// <summary>Timestamp of its accept.</summary>
    public long Began => _began;

    /// <summary>Address and port of the initiator, for people.</summary>
    public string Peer { get; }

    /// <summary>Bytes received and sent.</summary>
    public (long Received, long Sent) TransferredBytes => _channel.TransferredBytes;

    /// <summary>Its session, once there is one.</summary>
    public Session? Session { get; set; }

    /// <summary>Why it ended; null while it lives.</summary>
    public EndReason? Reason
    {
        get
        {
            lock (_gate) return _reason;
        }
    }

    /// <summary>More about the reason.</summary>
    public string Detail => _detail;

    /// <summary>Completes when the connection is ended at once.</summary>
    public Task Aborted => _aborted.Task;

    /// <summary>True once it has logged in.</summary>
    public bool IsLoggedIn => _fullFeature is not null;

    /// <summary>For people.</summary>
    public string State => Reason is not null ? "closing" : !IsLoggedIn ? "login" : IsHeldUp ? "held up" : "full feature";

    /// <summary>True once the initiator sends no more, also before the receive loop has got there.</summary>
    public bool PeerHasClosed => _channel.PeerHasClosed;

    /// <summary>True while nothing is read because the initiator does not take the answers.</summary>
    public bool IsHeldUp => _fullFeature is { IsHeldUp: true };

    /// <summary>Runs the connection to its end. Never throws.</summary>
    public async Task RunAsync()
    {
        await GuardAsync(LogInAsync);
        if (_fullFeature is { } fullFeature)
        {
            await GuardAsync(fullFeature.RunAsync);
            End(EndReason.ConnectionLost, string.Empty, abort: false);
            await GuardAsync(() => fullFeature.CloseAsync(Reason!.Value));
        }

        if (!_aborted.Task.IsCompleted) await LingerAsync();
        await TakeDownAsync();
    }

    /// <inheritdoc/>
    public void End(EndReason reason, string detail) => End(reason, detail, abort: true);

    /// <summary>Records why the connection ends; the first reason counts.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="detail">More about it.</param>
    /// <param name="abort">End it at once; else the caller does it in order.</param>
    public void End(EndReason reason, string detail, bool abort)
    {
        lock (_gate)
        {
            if (_reason is null)
            {
                _detail = detail;
                _reason = reason;
            }
        }

        if (!abort) return;
        _aborted.TrySetResult();
        _fullFeature?.Stop();
        _channel.Abort();
    }

    /// <inheritdoc/>
    public void EndGracefully(EndReason reason, string detail)
    {
        End(reason, detail, abort: false);
        _fullFeature!.Stop();
    }

    /// <summary>Tells the initiator that the session will be dropped, and drops it when that is sent.</summary>
    public void Drop(EndReason reason, string detail)
    {
        if (_fullFeature is not { } fullFeature)
        {
            End(reason, detail);
            return;
        }

        End(reason, detail, abort: false);
        CloseWithin(LingerTime);
        _ = fullFeature.AnnounceDropAsync().ContinueWith(
            _ => End(reason, detail), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Asks the initiator to log out.</summary>
    public void RequestLogout(TimeSpan within) => _fullFeature?.RequestLogout(within);

    void INexusObserver.CloseRequested(NexusEnd end) => Drop(EndReason.TargetClosed, $"the engine closed the nexus: {end}");

    /// <summary>Looks at the clock; called about once a second.</summary>
    public void Tick()
    {
        TimeProvider clock = _services.Clock;
        if (Volatile.Read(ref _closeBy) is > 0 and long closeBy)
        {
            if (clock.GetTimestamp() >= closeBy) End(EndReason.ConnectionLost, "the initiator did not close in time");
        }
        else if (_fullFeature is { } fullFeature)
        {
            fullFeature.Tick();
            if (fullFeature.SendStalledFor > _services.Settings.SendTimeout)
                End(EndReason.SendTimeout, $"the initiator has not read for {_services.Settings.SendTimeout.TotalSeconds:0} s");
            TimeSpan limit = _services.Settings.DataOutTimeout;
            if (fullFeature.LookForData() > limit && limit > TimeSpan.Zero)
                End(EndReason.DataOutTimeout, $"a write waits for its data, and none has come for {limit.TotalSeconds:0} s");
        }
        else if (clock.GetElapsedTime(_began) >= _services.Settings.LoginTimeout)
        {
            End(EndReason.LoginTimeout, $"no login within {_services.Settings.LoginTimeout.TotalSeconds:0} s");
        }
    }

    private async Task LogInAsync()
    {
        ReceiveBuffer buffer = new(LoginBufferLength);
        if (await new LoginPhase(_services, _channel, buffer, this).RunAsync() is not { } outcome) return;
        Session session = outcome.Session;
        FullFeaturePhase fullFeature = new(_services, _channel, buffer, outcome, this);
        _fullFeature = fullFeature;
        if (_aborted.Task.IsCompleted) fullFeature.Stop(); // ended before there was anything to stop
        Log.LoggedIn(_services.Logger, session.InitiatorName, session.TargetName ?? "discovery", Peer, session.Tsih);
    }

    /// <summary>Whatever goes wrong within ends this connection and nothing else.</summary>
    private async Task GuardAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (ConnectionException broken)
        {
            End(broken.Reason, broken.Message);
        }
        catch (Exception lost) when (lost is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            End(EndReason.ConnectionLost, lost.Message);
        }
#pragma warning disable CA1031 // See the summary.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Log.ConnectionFault(_services.Logger, Peer, fault);
            End(EndReason.InternalError, fault.Message);
        }
    }

    /// <summary>Lets the peer read what was sent: closing a socket with unread input would take the last PDU from it.</summary>
    private async Task LingerAsync()
    {
        CloseWithin(LingerTime);
        _channel.ShutdownSend();
        byte[] sink = new byte[1024];
        try
        {
            while (await _channel.ReceiveAsync(sink) > 0)
            {
            }
        }
        catch (Exception lost) when (lost is IOException or SocketException or ObjectDisposedException)
        {
            // The peer is gone, or the deadline came: either is an end.
        }
    }

    private async Task TakeDownAsync()
    {
        End(EndReason.ConnectionLost, string.Empty);
        if (Session is { } session)
        {
            if (session.Nexus is { } nexus) await GuardAsync(async () => await nexus.CloseAsync(Reason!.Value.ToNexusEnd()));
            _services.Sessions.Remove(session);
        }

        _channel.Dispose();
        EndReason reason = Reason!.Value;
        if (IsLoggedIn) Log.ConnectionClosed(_services.Logger, Session!.InitiatorName, Session.TargetName ?? "discovery", Peer, reason, _detail);
        else Log.LoginFailed(_services.Logger, Peer, reason, _detail);
    }

    private void CloseWithin(TimeSpan time)
    {
        TimeProvider clock = _services.Clock;
        long deadline = clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);
        Interlocked.CompareExchange(ref _closeBy, deadline, 0);
    }
}
