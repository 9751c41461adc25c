using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Iscsi.Channels;
using TgtModular.Iscsi.Channels.Epoll;

namespace TgtModular.Iscsi.Tests.Channels;

/// <summary>A loop one of whose connections does not return from its turn.</summary>
[TestClass]
public sealed class HeldUpLoopTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly EpollEngine _engine = new(loops: 1, TimeSpan.Zero, maximumSegments: 16, NullLogger.Instance);

    [TestCleanup]
    public void EndLoops() => _engine.Dispose();

    [TestMethod]
    public async Task TurnThatDoesNotEnd_OthersGoOn_ThenItsOwnDataArriveInOrder()
    {
        (Socket stuckPeer, IByteChannel stuck) = await ChannelEngineTests.PairAsync(_engine);
        (Socket goodPeer, IByteChannel good) = await ChannelEngineTests.PairAsync(_engine);
        using ManualResetEventSlim held = new();
        using ManualResetEventSlim release = new();
        Task<byte[]> received = ReceiveHoldingAsync(stuck, 3, held, release);
        await stuckPeer.SendAsync(new byte[] { 1 });
        Assert.IsTrue(held.Wait(Limit));

        Task<byte[]> other = ReceiveAsync(good, 1);
        await goodPeer.SendAsync(new byte[] { 9 });
        _engine.Tick();
        Assert.IsFalse(other.IsCompleted, "one look proves nothing");
        _engine.Tick();

        CollectionAssert.AreEqual(new byte[] { 9 }, await other.WaitAsync(Limit));
        await stuckPeer.SendAsync(new byte[] { 2 }); // its event comes to the new thread, its turn not before the old one has ended
        await ExchangeAsync(goodPeer, good);
        Assert.IsFalse(received.IsCompleted);
        release.Set();
        await stuckPeer.SendAsync(new byte[] { 3 });
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, await received.WaitAsync(Limit));
        End(stuckPeer, stuck, goodPeer, good);
    }

    [TestMethod]
    public async Task TurnsThatDoNotEnd_OneAfterTheOther_OthersGoOn()
    {
        const int Count = 8;
        using ManualResetEventSlim release = new();
        List<(Socket Peer, IByteChannel Channel)> pairs = [];
        List<Task<byte[]>> all = [];
        for (int i = 0; i < Count; i++)
        {
            using ManualResetEventSlim held = new();
            (Socket peer, IByteChannel channel) = await ChannelEngineTests.PairAsync(_engine);
            pairs.Add((peer, channel));
            all.Add(ReceiveHoldingAsync(channel, 1, held, release));
            await peer.SendAsync(new[] { (byte)i });
            Assert.IsTrue(held.Wait(Limit));
            _engine.Tick();
            _engine.Tick();
        }

        (Socket goodPeer, IByteChannel good) = await ChannelEngineTests.PairAsync(_engine);
        await ExchangeAsync(goodPeer, good);
        release.Set();
        for (int i = 0; i < Count; i++) CollectionAssert.AreEqual(new[] { (byte)i }, await all[i].WaitAsync(Limit));
        await ExchangeAsync(goodPeer, good);
        foreach ((Socket peer, IByteChannel channel) in pairs) End(peer, channel);
        End(goodPeer, good);
    }

    /// <summary>Aborting says so to the waiting receive, which has its turn when the one that did not end has ended.</summary>
    [TestMethod]
    public async Task Abort_DuringATurnThatDoesNotEnd_EndsAfterIt()
    {
        (Socket peer, IByteChannel channel) = await ChannelEngineTests.PairAsync(_engine);
        using ManualResetEventSlim held = new();
        using ManualResetEventSlim release = new();
        Task<byte[]> received = ReceiveHoldingAsync(channel, 2, held, release);
        await peer.SendAsync(new byte[] { 1 });
        Assert.IsTrue(held.Wait(Limit));
        _engine.Tick();
        _engine.Tick();

        channel.Abort();
        (Socket goodPeer, IByteChannel good) = await ChannelEngineTests.PairAsync(_engine);
        await ExchangeAsync(goodPeer, good);
        Assert.IsFalse(received.IsCompleted);
        release.Set();

        await Assert.ThrowsAsync<Exception>(() => received.WaitAsync(Limit));
        End(peer, channel, goodPeer, good);
    }

    /// <summary>Looks without a pause between them: the loop is taken over from turns that were just about to end, at every point.</summary>
    [TestMethod]
    public async Task TakenOverAllTheTime_EveryByteArrivesInOrder()
    {
        using CancellationTokenSource enough = new();
        Thread ticking = new(() =>
        {
            while (!enough.IsCancellationRequested) _engine.Tick();
        });
        ticking.Start();
        Task[] all = [.. Enumerable.Range(1, 4).Select(seed => Task.Run(() => ChannelEngineTests.ExchangeAsync(_engine, seed, megabytes: 4)))];
        try
        {
            await Task.WhenAll(all).WaitAsync(2 * Limit);
        }
        finally
        {
            await enough.CancelAsync();
            ticking.Join();
        }
    }

    /// <summary>Receives, and does not return to the loop from the first receipt before it may.</summary>
    private static async Task<byte[]> ReceiveHoldingAsync(IByteChannel channel, int count, ManualResetEventSlim held, ManualResetEventSlim release)
    {
        byte[] first = new byte[1];
        Assert.AreEqual(1, await channel.ReceiveAsync(first));
        held.Set();
        release.Wait();
        return [.. first, .. await ReceiveAsync(channel, count - 1)];
    }

    private static async Task<byte[]> ReceiveAsync(IByteChannel channel, int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int received = await channel.ReceiveAsync(bytes.AsMemory(at));
            if (received == 0) throw new IOException("ended early");
            at += received;
        }

        return bytes;
    }

    private static async Task ExchangeAsync(Socket peer, IByteChannel channel)
    {
        Task<byte[]> received = ReceiveAsync(channel, 100);
        await peer.SendAsync(new byte[100]);
        _ = await received.WaitAsync(Limit);
    }

    private static void End(params IDisposable[] all)
    {
        foreach (IDisposable one in all) one.Dispose();
    }
}
