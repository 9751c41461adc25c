using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Listening;

/// <summary>One listening socket.</summary>
internal sealed class Portal : IAsyncDisposable
{
    private const int Backlog = 512;

    private readonly Socket _listener;
    private readonly Action<Socket, Portal> _accepted;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    private Portal(PortalAddress configured, Socket listener, Action<Socket, Portal> accepted, ILogger logger, TimeProvider clock)
    {
        Configured = configured;
        _listener = listener;
        _accepted = accepted;
        _logger = logger;
        _clock = clock;
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
    }

    /// <summary>As configured.</summary>
    public PortalAddress Configured { get; }

    /// <summary>Where it listens, with the real port.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Binds and listens; nothing is accepted before <see cref="Start"/>.</summary>
    /// <exception cref="TransportException">The address cannot be had; the message says why.</exception>
    public static Portal Bind(PortalAddress address, Action<Socket, Portal> accepted, ILogger logger, TimeProvider clock)
    {
        Socket listener = new(address.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.EndPoint.AddressFamily == AddressFamily.InterNetworkV6) listener.DualMode = false; // IPV6_V6ONLY: 0.0.0.0 may be a portal of its own
            listener.Bind(address.EndPoint);
            listener.Listen(Backlog);
            return new Portal(address, listener, accepted, logger, clock);
        }
        catch (SocketException failure)
        {
            listener.Dispose();
            throw new TransportException($"cannot listen on {address.EndPoint}: {Explain(failure)}", failure);
        }
    }

    /// <summary>Begins to accept.</summary>
    public void Start() => _loop = AcceptAsync();

    /// <summary>Gives a portal up that was never started.</summary>
    public void Abandon()
    {
        _listener.Dispose();
        _stop.Dispose();
    }

    /// <summary>Stops accepting; connections stay.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private static string Explain(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the port is in use by another program",
        SocketError.AccessDenied => "no permission (ports below 1024 need the capability CAP_NET_BIND_SERVICE)",
        SocketError.AddressNotAvailable => "no interface of this machine has the address",
        SocketError.AddressFamilyNotSupported => "this machine has no such address family",
        _ => failure.Message,
    };

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_stop.Token);
                _accepted(socket, this);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                // A connection that was gone before it was accepted, or no file descriptors left: others may follow.
                Log.AcceptFailed(_logger, EndPoint.ToString(), failure.Message);
                if (failure.SocketErrorCode == SocketError.TooManyOpenSockets) await PauseAsync();
            }
        }
    }

    /// <summary>Without a pause, accepting at the limit of file descriptors would spin.</summary>
    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), _clock, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the loop sees it.
        }
    }
}
