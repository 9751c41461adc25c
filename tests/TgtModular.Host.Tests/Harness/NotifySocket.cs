using System.Net.Sockets;
using System.Text;

namespace TgtModular.Host.Tests.Harness;

/// <summary>A service manager that only listens.</summary>
internal sealed class NotifySocket : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[4096];

    public NotifySocket(string path) => _socket.Bind(new UnixDomainSocketEndPoint(path));

    /// <summary>The next message that contains the text, as name and value; those before it are skipped.</summary>
    public async Task<Dictionary<string, string>> WaitForAsync(string text, DaemonProcess daemon)
    {
        using var limit = new CancellationTokenSource(Limit);
        _ = daemon.Exited.ContinueWith(_ => CancelQuietly(limit), TaskScheduler.Default);
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(_buffer, SocketFlags.None, limit.Token);
                string message = Encoding.UTF8.GetString(_buffer, 0, length);
                if (message.Contains(text, StringComparison.Ordinal))
                    return message.Split('\n').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"no {text} came\n{daemon.Log}");
            throw;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static void CancelQuietly(CancellationTokenSource limit)
    {
        try
        {
            limit.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The message had come.
        }
    }
}
