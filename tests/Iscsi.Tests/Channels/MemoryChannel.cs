using System.Net;
using System.Runtime.CompilerServices;
using TgtModular.Iscsi.Channels;

namespace TgtModular.Iscsi.Tests.Channels;

/// <summary>A connection in memory.</summary>
internal sealed class MemoryChannel : IByteChannel
{
    private readonly BytePipe _incoming;
    private readonly BytePipe _outgoing;

    private MemoryChannel(BytePipe incoming, BytePipe outgoing, IPEndPoint? remote, IPEndPoint? local)
    {
        _incoming = incoming;
        _outgoing = outgoing;
        RemoteEndPoint = remote;
        LocalEndPoint = local;
    }

    public IPEndPoint? RemoteEndPoint { get; }

    public IPEndPoint? LocalEndPoint { get; }

    /// <summary>Bytes sent that the other side has not read.</summary>
    public int Unread => _outgoing.Count;

    /// <summary>Both ends of a new connection.</summary>
    public static (MemoryChannel Target, MemoryChannel Initiator) CreatePair(int capacity = 1 << 20, bool inline = false, IPEndPoint? initiatorAddress = null)
    {
        BytePipe toTarget = new(capacity, inline);
        BytePipe toInitiator = new(capacity, inline);
        IPEndPoint target = new(IPAddress.Parse("192.0.2.1"), 3260);
        IPEndPoint initiator = initiatorAddress ?? new IPEndPoint(IPAddress.Parse("192.0.2.99"), 50000);
        return (new MemoryChannel(toTarget, toInitiator, initiator, target), new MemoryChannel(toInitiator, toTarget, target, initiator));
    }

    public bool PeerHasClosed => _incoming.IsCompleted;

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _incoming.ReadAsync(buffer);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(SendList list)
    {
        for (int i = 0; i < list.Count; i++) await SendAsync(list.Segments[i].Memory);
    }

    /// <summary>Sends bytes.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int written = _outgoing.Write(bytes.Span);
            bytes = bytes[written..];
            if (!bytes.IsEmpty) await _outgoing.WaitForRoomAsync();
        }
    }

    public void ShutdownSend() => _outgoing.Complete();

    public void Abort()
    {
        // As a closed socket: what was sent can still be read, nothing more can be sent either way.
        _outgoing.Complete();
        _incoming.Abort();
    }

    public void Dispose() => Abort();
}
