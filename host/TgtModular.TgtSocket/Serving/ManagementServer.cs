using System.Net.Sockets;
using TgtModular.Tgt.Protocol;

namespace TgtModular.TgtSocket.Serving;

/// <summary>
/// Serves the management socket: one request per connection, many connections at a time, each with a time limit, so that a client that hangs or sends
/// rubbish costs nobody else anything.
/// </summary>
public sealed class ManagementServer : IAsyncDisposable
{
    private const int Backlog = 128;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ManagementFace _face;
    private readonly FaceContext _context;
    private readonly SocketLock _lock;
    private readonly Socket _listener;
    private readonly string _path;
    private readonly ServerLimits _limits;
    private readonly SemaphoreSlim _clients;
    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;

    private ManagementServer(FaceContext context, SocketLock socketLock, Socket listener, string path, ServerLimits limits)
    {
        _context = context;
        _face = new ManagementFace(context);
        _lock = socketLock;
        _listener = listener;
        _path = path;
        _limits = limits;
        _clients = new SemaphoreSlim(limits.Clients, limits.Clients);
    }

    /// <summary>Takes the socket and begins to serve.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="context">What it works on.</param>
    /// <param name="limits">Limits; null for the usual ones.</param>
    /// <exception cref="IOException">Another daemon has it, or it cannot be made; the message says which.</exception>
    public static ManagementServer Start(string path, FaceContext context, ServerLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(context);
        path = Path.GetFullPath(path); // the daemon's directory may change
        SocketLock socketLock = SocketLock.Take(path);
        Socket? listener = null;
        try
        {
            File.Delete(path); // the lock is ours: what is there belongs to a daemon that died
            listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, OwnerOnly);
            listener.Listen(Backlog);
        }
        catch (Exception fault) when (fault is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            listener?.Dispose();
            socketLock.Dispose();
            throw new IOException($"management socket {path}: {fault.Message}", fault);
        }

        var server = new ManagementServer(context, socketLock, listener, path, limits ?? new ServerLimits());
        server._accepting = server.AcceptAsync();
        FaceLog.Listening(context.Logger, path);
        return server;
    }

    /// <summary>
    /// Stops accepting and lets requests under way end. The name of the socket stays, with nobody behind it: tgtadm waits after a system delete until it
    /// is refused there.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        for (int i = 0; i < _limits.Clients; i++) await _clients.WaitAsync();
        StaleSocket.Leave(_path);
        _lock.Dispose();
        _face.Dispose();
        _clients.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                await _clients.WaitAsync(_stop.Token);
                Socket client;
                try
                {
                    client = await _listener.AcceptAsync(_stop.Token);
                }
                catch
                {
                    _ = _clients.Release();
                    throw;
                }

                _ = ServeAsync(client);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException fault) when (!_stop.IsCancellationRequested)
            {
                FaceLog.AcceptFailed(_context.Logger, fault.Message);
                await PauseAsync();
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    /// <summary>Out of descriptors, accepting would spin.</summary>
    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the loop sees it.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using (client)
            {
                if (!PeerCredentials.AreOurs(client, out string who)) throw new RequestException($"it runs as {who}, the daemon does not");
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                limit.CancelAfter(_limits.RequestTime);
                ManagementRequest request = await RequestReader.ReadAsync(client, limit.Token);
                ManagementResponse response = await _face.HandleAsync(request, _stop.Token);
                using var sending = new CancellationTokenSource(_limits.RequestTime); // the answer to a request to end goes out, too
                await SendAsync(client, response.Encode(), sending.Token);
            }
        }
        catch (RequestException fault)
        {
            FaceLog.SentAway(_context.Logger, fault.Message);
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException)
        {
            FaceLog.SentAway(_context.Logger, fault is SocketException ? fault.Message : "it took too long, or the daemon ends");
        }
        finally
        {
            _ = _clients.Release();
        }
    }

    private static async Task SendAsync(Socket client, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0) bytes = bytes[await client.SendAsync(bytes, cancellationToken)..];
    }
}

/// <summary>Limits of the socket.</summary>
public sealed record ServerLimits
{
    /// <summary>Connections at a time; others wait to be accepted.</summary>
    public int Clients { get; init; } = 256;

    /// <summary>Time a client gets to send its request, and to take the answer.</summary>
    public TimeSpan RequestTime { get; init; } = TimeSpan.FromSeconds(10);
}
