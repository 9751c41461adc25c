using System.Net.Sockets;
using TgtModular.Tgt.Protocol;

namespace TgtModular.TgtSocket.Serving;

/// <summary>A client that does not keep to the protocol: its connection is closed without an answer.</summary>
internal sealed class RequestException(string message) : Exception(message);

/// <summary>Reads one request: the header first, whose length is checked before there is room for a body.</summary>
internal static class RequestReader
{
    public static async ValueTask<ManagementRequest> ReadAsync(Socket client, CancellationToken cancellationToken)
    {
        byte[] header = new byte[ManagementRequest.HeaderLength];
        await FillAsync(client, header, cancellationToken);
        if (!ManagementRequest.TryReadBodyLength(header, out int length)) throw new RequestException("the length of its request is none");
        byte[] body = new byte[length];
        await FillAsync(client, body, cancellationToken);
        return ManagementRequest.TryRead(header, body, out ManagementRequest? request) ? request! : throw new RequestException("its request cannot be read");
    }

    private static async ValueTask FillAsync(Socket client, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            int received = await client.ReceiveAsync(buffer, cancellationToken);
            if (received == 0) throw new RequestException("it closed in the middle of its request");
            buffer = buffer[received..];
        }
    }
}
