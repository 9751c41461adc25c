using System.Net;
using System.Net.Sockets;

namespace TgtModular.LoadGenerator.Relay;

/// <summary>A bad cable: passes connections on to a target, and turns a bit over now and then in what the initiator sends. TCP does not notice.</summary>
/// <param name="target">Where connections are passed on to.</param>
/// <param name="every">A bit is wrong after each so many bytes of a connection.</param>
/// <param name="flipped">Told of each wrong bit.</param>
public sealed class FlippingRelay(IPEndPoint target, long every, Action flipped)
{
    /// <summary>Serves connections until it is cancelled.</summary>
    public async Task RunAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            TcpClient initiator = await listener.AcceptTcpClientAsync(cancellationToken);
            _ = ServeAsync(initiator, cancellationToken);
        }
    }

    private async Task ServeAsync(TcpClient initiator, CancellationToken cancellationToken)
    {
        using (initiator)
        using (TcpClient onward = new() { NoDelay = true })
        {
            initiator.NoDelay = true;
            try
            {
                await onward.ConnectAsync(target, cancellationToken);
                Task spoiled = PassAsync(initiator, onward, spoil: true, cancellationToken);
                Task answers = PassAsync(onward, initiator, spoil: false, cancellationToken);
                // When either side has closed, so does the other: a session that ends at one end ends at both.
                await Task.WhenAny(spoiled, answers);
            }
            catch (SocketException)
            {
                // The target is not there: the initiator sees its connection closed.
            }
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool spoil, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[256 * 1024];
        long position = 0;
        try
        {
            int length;
            while ((length = await from.GetStream().ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (spoil) Flip(buffer.AsSpan(0, length), position);
                position += length;
                await to.GetStream().WriteAsync(buffer.AsMemory(0, length), cancellationToken);
            }
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
    }

    private void Flip(Span<byte> piece, long position)
    {
        for (long next = position + every - 1 - (position % every); next < position + piece.Length; next += every)
        {
            piece[(int)(next - position)] ^= 0x10;
            flipped();
        }
    }
}
