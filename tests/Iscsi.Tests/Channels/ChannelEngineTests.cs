using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Iscsi.Channels;
using TgtModular.Iscsi.Channels.Epoll;
using TgtModular.Iscsi.Configuration;

namespace TgtModular.Iscsi.Tests.Channels;

/// <summary>What every engine owes its connections: bytes whole and in order, an end to everything that waits, and a turn for each.</summary>
[TestClass]
public sealed class ChannelEngineTests
{
    private const int MaximumSegments = 16;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static IEnumerable<object[]> Engines => [[TransportOptions.EpollEngine], [TransportOptions.SocketEngine]];

    [TestMethod]
    [DynamicData(nameof(Engines))]
    public async Task RandomTraffic_BothWaysOnManyConnections_EveryByteArrivesInOrder(string name)
    {
        using IChannelEngine engine = Create(name);
        Task[] all = [.. Enumerable.Range(1, 8).Select(seed => Task.Run(() => ExchangeAsync(engine, seed, megabytes: 4)))];
        await Task.WhenAll(all).WaitAsync(Limit);
    }

    [TestMethod]
    [DynamicData(nameof(Engines))]
    public async Task Abort_ReceiveAndSendUnderWay_BothFail(string name)
    {
        using IChannelEngine engine = Create(name);
        (Socket peer, IByteChannel channel) = await PairAsync(engine);
        using (peer)
        using (channel)
        {
            Task<int> receive = channel.ReceiveAsync(new byte[16]).AsTask();
            Task send = SendUntilStuckAsync(channel);

            channel.Abort();

            await AssertFailsAsync(() => receive);
            await AssertFailsAsync(() => send);
            await AssertFailsAsync(() => channel.ReceiveAsync(new byte[16]).AsTask());
        }
    }

    [TestMethod]
    [DynamicData(nameof(Engines))]
    public async Task Receive_PeerResets_FailsOrEnds(string name)
    {
        using IChannelEngine engine = Create(name);
        (Socket peer, IByteChannel channel) = await PairAsync(engine);
        using (channel)
        {
            Task<int> receive = channel.ReceiveAsync(new byte[16]).AsTask();
            peer.LingerState = new LingerOption(true, 0);
            peer.Dispose();
            await AssertFailsAsync(() => receive);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Engines))]
    public async Task Receive_PeerShutsDown_RestIsReceivedThenZero(string name)
    {
        using IChannelEngine engine = Create(name);
        (Socket peer, IByteChannel channel) = await PairAsync(engine);
        using (peer)
        using (channel)
        {
            await peer.SendAsync(new byte[100]);
            peer.Shutdown(SocketShutdown.Send);
            byte[] buffer = new byte[10];
            int total = 0;
            while (await channel.ReceiveAsync(buffer).AsTask().WaitAsync(Limit) is > 0 and int received) total += received;
            Assert.AreEqual(100, total);
        }
    }

    [TestMethod]
    public async Task OneLoop_OnePeerNeverStops_OthersHaveTheirTurn()
    {
        using IChannelEngine engine = new EpollEngine(loops: 1, TimeSpan.Zero, MaximumSegments, NullLogger.Instance);
        (Socket greedy, IByteChannel busy) = await PairAsync(engine);
        (Socket modest, IByteChannel quiet) = await PairAsync(engine);
        using CancellationTokenSource enough = new();
        Task flood = Task.Run(() => FloodAsync(greedy, enough.Token));
        Task swallow = Task.Run(() => SwallowAsync(busy));
        byte[] buffer = new byte[1];
        for (int i = 0; i < 100; i++)
        {
            await modest.SendAsync(new[] { (byte)i });
            Assert.AreEqual(1, await quiet.ReceiveAsync(buffer).AsTask().WaitAsync(Limit));
            Assert.AreEqual((byte)i, buffer[0]);
        }

        await enough.CancelAsync();
        await flood;
        greedy.Dispose();
        await swallow.WaitAsync(Limit);
        busy.Dispose();
        quiet.Dispose();
        modest.Dispose();
    }

    [TestMethod]
    public async Task BusyPoll_TrafficAndSilence_NothingIsLost()
    {
        using IChannelEngine engine = new EpollEngine(loops: 1, TimeSpan.FromMilliseconds(2), MaximumSegments, NullLogger.Instance);
        await ExchangeAsync(engine, seed: 1, megabytes: 1).WaitAsync(Limit);
        await ExchangeAsync(engine, seed: 2, megabytes: 1).WaitAsync(Limit);
    }

    internal static IChannelEngine Create(string name) => name == TransportOptions.SocketEngine
        ? new SocketEngine(MaximumSegments)
        : new EpollEngine(loops: 2, TimeSpan.Zero, MaximumSegments, NullLogger.Instance);

    /// <summary>The channel sends what it receives back, in lists of its own cut; the peer checks it. Both stop and start by chance.</summary>
    internal static async Task ExchangeAsync(IChannelEngine engine, int seed, int megabytes)
    {
        (Socket peer, IByteChannel channel) = await PairAsync(engine);
        using (peer)
        using (channel)
        {
            byte[] sent = new byte[megabytes << 20];
            new Random(seed).NextBytes(sent);
            Task echo = EchoAsync(channel, seed);
            Task send = SendPiecesAsync(peer, sent, seed);
            byte[] received = new byte[sent.Length];
            Random random = new(seed + 1);
            for (int at = 0; at < received.Length;)
            {
                int wanted = Math.Min(random.Next(1, 100_000), received.Length - at);
                at += await peer.ReceiveAsync(received.AsMemory(at, wanted));
                if (random.Next(20) == 0) await Task.Yield();
            }

            await send;
            await echo;
            Assert.IsTrue(sent.AsSpan().SequenceEqual(received), $"seed {seed}");
        }
    }

    private static async Task SendPiecesAsync(Socket peer, byte[] bytes, int seed)
    {
        Random random = new(seed + 2);
        for (int at = 0; at < bytes.Length;)
        {
            int piece = Math.Min(random.Next(1, 50_000), bytes.Length - at);
            at += await peer.SendAsync(bytes.AsMemory(at, piece));
        }

        peer.Shutdown(SocketShutdown.Send);
    }

    private static async Task EchoAsync(IByteChannel channel, int seed)
    {
        Random random = new(seed + 3);
        byte[] buffer = GC.AllocateArray<byte>(80 * 1024, pinned: true);
        SendList list = new(MaximumSegments);
        while (await channel.ReceiveAsync(buffer.AsMemory(0, random.Next(1, buffer.Length))) is > 0 and int received)
        {
            for (int at = 0; at < received;)
            {
                int length = list.Count == MaximumSegments - 1 ? received - at : Math.Min(random.Next(1, 20_000), received - at);
                list.Add(buffer.AsMemory(at, length));
                at += length;
            }

            await channel.SendAsync(list);
            list.Clear();
        }
    }

    private static async Task SendUntilStuckAsync(IByteChannel channel)
    {
        SendList list = new(MaximumSegments);
        list.Add(new byte[1 << 20].AsMemory());
        while (true) await channel.SendAsync(list);
    }

    private static async Task FloodAsync(Socket socket, CancellationToken stop)
    {
        byte[] bytes = new byte[1 << 20];
        try
        {
            while (true) await socket.SendAsync(bytes, stop);
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private static async Task SwallowAsync(IByteChannel channel)
    {
        byte[] buffer = new byte[4096];
        while (await channel.ReceiveAsync(buffer) > 0)
        {
            // Whatever comes.
        }
    }

    private static async Task AssertFailsAsync(Func<Task> operation)
    {
        try
        {
            await operation().WaitAsync(Limit);
        }
        catch (Exception expected) when (expected is IOException or SocketException or ObjectDisposedException)
        {
            return;
        }

        Assert.Fail("it ended well");
    }

    internal static async Task<(Socket Peer, IByteChannel Channel)> PairAsync(IChannelEngine engine)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Socket peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.LocalEndpoint);
        return (peer, engine.Open(await listener.AcceptSocketAsync()));
    }
}
