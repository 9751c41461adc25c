using System.Net.Sockets;
using System.Runtime.CompilerServices;
using TgtModular.Buffers;

namespace TgtModular.Iscsi.Channels;

/// <summary>
/// A TCP connection on the framework's engine. Sends go out by <c>sendmsg</c> at once; only when the socket's buffer is full does the framework wait for room.
/// </summary>
/// <param name="socket">A connected socket.</param>
/// <param name="maximumSegments">Capacity of the longest <see cref="SendList"/>.</param>
internal sealed class SocketChannel(Socket socket, int maximumSegments) : TcpChannel(socket)
{
    private readonly VectoredSend _send = new(maximumSegments);

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => Socket.ReceiveAsync(buffer);

    public override ValueTask SendAsync(SendList list)
    {
        bool pending = false;
        try
        {
            _send.Begin(list);
            if (_send.TrySend(Socket.SafeHandle)) return default;
            pending = true;
        }
        finally
        {
            if (!pending) _send.End();
        }

        return FinishAsync(list);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishAsync(SendList list)
    {
        try
        {
            while (!_send.IsDone)
            {
                // The framework waits for room with the rest of one segment, then the others follow in one call again.
                DataSegment segment = list.Segments[_send.First];
                int sent = await Socket.SendAsync(segment.Memory[_send.Done(segment.Length)..]);
                _send.Advance(sent);
                _send.TrySend(Socket.SafeHandle);
            }
        }
        finally
        {
            _send.End();
        }
    }
}
