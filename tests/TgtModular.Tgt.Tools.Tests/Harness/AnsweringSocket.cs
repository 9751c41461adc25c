using System.Net.Sockets;
using TgtModular.Interop.Harness;
using TgtModular.Tgt.Protocol;

namespace TgtModular.Tgt.Tools.Tests.Harness;

/// <summary>A management socket whose every answer is the same bytes, whatever they are.</summary>
internal sealed class AnsweringSocket : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _serving;

    public AnsweringSocket(byte[] answer)
    {
        Path = _directory.File("s");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _serving = ServeAsync(answer);
    }

    public string Path { get; }

    public List<ManagementRequest> Requests { get; } = [];

    public void Dispose()
    {
        _listener.Dispose();
        _serving.Wait();
        _directory.Dispose();
    }

    private async Task ServeAsync(byte[] answer)
    {
        try
        {
            while (true)
            {
                using Socket client = await _listener.AcceptAsync();
                byte[] header = new byte[ManagementRequest.HeaderLength];
                if (!await ReadAsync(client, header)) continue;
                Assert.IsTrue(ManagementRequest.TryReadBodyLength(header, out int length));
                byte[] body = new byte[length];
                Assert.IsTrue(await ReadAsync(client, body), "the request ends early");
                Assert.IsTrue(ManagementRequest.TryRead(header, body, out ManagementRequest? request));
                Requests.Add(request!);
                if (answer.Length > 0) _ = await client.SendAsync(answer);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private static async Task<bool> ReadAsync(Socket client, byte[] into)
    {
        for (int read = 0; read < into.Length;)
        {
            int received = await client.ReceiveAsync(into.AsMemory(read));
            if (received == 0) return false;
            read += received;
        }

        return true;
    }
}
