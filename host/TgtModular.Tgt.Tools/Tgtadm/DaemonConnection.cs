using System.Net.Sockets;
using System.Text;
using TgtModular.Tgt.Protocol;

namespace TgtModular.Tgt.Tools.Tgtadm;

/// <summary>How an exchange with the daemon ended.</summary>
/// <param name="Status">Exit status.</param>
/// <param name="Text">The daemon's text, or what went wrong.</param>
/// <param name="Error">What the daemon says went wrong.</param>
internal readonly record struct Exchange(int Status, string Text, ManagementError Error = ManagementError.None)
{
    /// <summary>Whether the daemon did what was asked.</summary>
    public bool Succeeded => Status == ExitStatus.Success;
}

/// <summary>One request, one response, each over a connection of its own, as the management socket wants it.</summary>
/// <param name="socketPath">The socket.</param>
internal sealed class DaemonConnection(string socketPath)
{
    /// <summary>A show text of a thousand targets is a few megabytes; more is no answer of a target daemon.</summary>
    private const int MaximumResponse = 256 << 20;

    private const int PollMilliseconds = 20;
    private const string NoDaemon = "failed to send request hdr to tgt daemon, Transport endpoint is not connected";

    /// <summary>Sends a request and waits for what the daemon says.</summary>
    public Exchange Exchange(ManagementRequest request)
    {
        byte[] bytes;
        try
        {
            bytes = request.Encode();
        }
        catch (ArgumentException exception)
        {
            return new Exchange(ExitStatus.InvalidArgument, exception.Message);
        }

        try
        {
            using Socket? socket = TryConnect(out string why);
            return socket == null ? new Exchange(ExitStatus.NotConnected, why) : Exchange(socket, bytes);
        }
        catch (SocketException exception)
        {
            return new Exchange(ExitStatus.ProtocolError, $"can't get the response, {exception.Message}");
        }
    }

    /// <summary>Waits until nobody listens at the socket any more.</summary>
    public void WaitUntilRefused()
    {
        using ManualResetEventSlim never = new();
        while (true)
        {
            using (Socket? socket = TryConnect(out _))
            {
                if (socket == null) return;
            }

            _ = never.Wait(PollMilliseconds);
        }
    }

    private Socket? TryConnect(out string why)
    {
        UnixDomainSocketEndPoint endPoint;
        try
        {
            endPoint = new UnixDomainSocketEndPoint(socketPath);
        }
        catch (ArgumentException)
        {
            why = $"management path too long: {socketPath}";
            return null;
        }

        why = NoDaemon;
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(endPoint);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static Exchange Exchange(Socket socket, byte[] request)
    {
        for (int sent = 0; sent < request.Length;) sent += socket.Send(request.AsSpan(sent));
        byte[] header = new byte[ManagementResponse.HeaderLength];
        int read = ReadAll(socket, header);
        if (read == 0) return new Exchange(ExitStatus.ProtocolError, "tgtd closed the socket");
        if (read < header.Length) return new Exchange(ExitStatus.ProtocolError, "a partial response");
        if (!ManagementResponse.TryReadHeader(header, out ManagementError error, out int length) || length > MaximumResponse)
            return new Exchange(ExitStatus.ProtocolError, "the response has an impossible length");
        if (error != ManagementError.None) return new Exchange(ExitStatus.InvalidArgument, error.Message(), error);
        byte[] body = new byte[length];
        if (ReadAll(socket, body) < length) return new Exchange(ExitStatus.ProtocolError, "a partial response");
        int end = body.AsSpan().IndexOf((byte)0);
        return new Exchange(ExitStatus.Success, Encoding.UTF8.GetString(body, 0, end < 0 ? length : end));
    }

    private static int ReadAll(Socket socket, byte[] into)
    {
        int read = 0;
        while (read < into.Length)
        {
            int received = socket.Receive(into.AsSpan(read));
            if (received == 0) break;
            read += received;
        }

        return read;
    }
}
