using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace TgtModular.Daemon.Systemd;

/// <summary>
/// Tells the service manager what the daemon does, by the protocol of sd_notify(3): datagrams to the socket in <c>NOTIFY_SOCKET</c>. Without one, nothing.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _manager;

    public ServiceNotifier(string? notifySocket)
    {
        if (string.IsNullOrEmpty(notifySocket) || notifySocket[0] is not ('/' or '@')) return;
        _manager = new UnixDomainSocketEndPoint(notifySocket[0] == '@' ? '\0' + notifySocket[1..] : notifySocket);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 1000 };
    }

    public void Ready(string status) => Send($"READY=1\nSTATUS={OneLine(status)}");

    /// <summary>A reload begins; <see cref="Ready"/> ends it.</summary>
    public void Reloading() => Send($"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}\nSTATUS=Applying the configuration");

    public void Stopping() => Send("STOPPING=1\nSTATUS=Ending sessions");

    public void Status(string status) => Send($"STATUS={OneLine(status)}");

    public void Watchdog() => Send("WATCHDOG=1");

    public void Dispose() => _socket?.Dispose();

    private void Send(string message)
    {
        if (_socket is null) return;
        try
        {
            _ = _socket.SendTo(Encoding.UTF8.GetBytes(message), _manager!);
        }
        catch (SocketException)
        {
            // The manager went away, or its queue is full: the daemon serves on. A watchdog that hears nothing acts by itself.
        }
    }

    private static string MonotonicMicroseconds() =>
        ((long)(Stopwatch.GetTimestamp() * (1_000_000.0 / Stopwatch.Frequency))).ToString(CultureInfo.InvariantCulture);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
