using System.Net.Sockets;
using System.Text;

namespace TgtModular.Interop.Harness;

/// <summary>The service manager's end of sd_notify(3): a datagram socket that the daemon tells its state.</summary>
internal sealed class NotifySocket : IDisposable
{
    private const int LongestMessage = 4096;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly LineLog _states = new();
    private readonly Task _reading;

    public NotifySocket(string path)
    {
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _reading = ReadAsync();
    }

    /// <summary>Completes when the daemon has sent the assignment, e.g. <c>READY=1</c>, so many times.</summary>
    public Task WaitForAsync(string assignment, int occurrence = 1) => _states.WaitForAsync(line => line == assignment, occurrence);

    public override string ToString() => _states.ToString();

    public void Dispose() => _socket.Dispose();

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[LongestMessage];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer);
                foreach (string line in Encoding.UTF8.GetString(buffer, 0, length).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    _states.Add(line);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            _states.Add("(closed)");
        }
    }
}
