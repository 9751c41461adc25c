using System.Net;
using System.Net.Sockets;
using TgtModular.Iscsi.Channels;
using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Channels;
using TgtModular.Iscsi.Tests.Wire;
using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Tests;

/// <summary>Portals and connections over real sockets on the loopback interface, on the engine of the class that inherits them.</summary>
public abstract class SocketTests(string engine)
{
    [TestMethod]
    public async Task Portal_PortZero_ShowsRealPortAndServes()
    {
        await using Bench bench = await StartAsync(["127.0.0.1:0"]);
        IPEndPoint portal = EndPoint(bench, 0);
        Assert.AreNotEqual(0, portal.Port);
        using WireInitiator initiator = await ConnectAsync(portal);
        await initiator.LoginAsync(Bench.TargetName, "MaxRecvDataSegmentLength=262144", "MaxBurstLength=1048576");
        byte[] data = WriteTests.RandomBytes(512 * 1024);

        uint tag = await initiator.WriteAsync(0, 1024, data[..65536]);
        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        await initiator.DataOutAsync(tag, r2t.R2T.TargetTransferTag, 0, 65536, data[65536..300000], final: false);
        await initiator.DataOutAsync(tag, r2t.R2T.TargetTransferTag, 1, 300000, data[300000..], final: true);
        Assert.AreEqual(0, (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Response.Status);
        await initiator.ReadAsync(0, 1024);
        byte[] received = [.. (await initiator.ReceiveAsync(Opcode.DataIn)).Data, .. (await initiator.ReceiveAsync(Opcode.DataIn)).Data];

        CollectionAssert.AreEqual(data, received);
        SessionDescription session = bench.Transport.GetSessions().Single();
        Assert.StartsWith("127.0.0.1:", session.Connections[0].Peer);
        await initiator.LogoutAsync();
        await initiator.ReceiveAsync(Opcode.LogoutResponse);
        Assert.IsNull(await initiator.TryReceiveAsync());
    }

    [TestMethod]
    public async Task Channel_PeerCloses_KnownBeforeItsLastBytesAreReceived()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using Socket peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.LocalEndpoint);
        using IChannelEngine channels = ChannelEngineTests.Create(engine);
        using IByteChannel channel = channels.Open(await listener.AcceptSocketAsync());
        Assert.IsFalse(channel.PeerHasClosed);

        await peer.SendAsync(new byte[] { 1, 2, 3 });
        Assert.IsFalse(channel.PeerHasClosed);
        peer.Close();

        Assert.IsTrue(channel.PeerHasClosed);
        Assert.AreEqual(3, await channel.ReceiveAsync(new byte[8]));
        channel.Abort();
        Assert.IsTrue(channel.PeerHasClosed);
    }

    [TestMethod]
    public async Task Portal_IPv6_V6Only()
    {
        if (!Socket.OSSupportsIPv6) Assert.Inconclusive("this machine has no IPv6");
        await using Bench bench = await StartAsync(["[::1]:0"]);
        using WireInitiator initiator = await ConnectAsync(EndPoint(bench, 0));

        await initiator.LoginAsync(Bench.TargetName);

        Assert.StartsWith("[::1]:", bench.Transport.GetSessions().Single().Connections[0].Peer);
    }

    [TestMethod]
    public async Task Portal_BothWildcardsOnOnePort_Coexist()
    {
        if (!Socket.OSSupportsIPv6) Assert.Inconclusive("this machine has no IPv6");
        await using Bench bench = await StartAsync(["0.0.0.0:0"]);
        int port = EndPoint(bench, 0).Port;

        await bench.Transport.ReconfigureAsync(Options($"0.0.0.0:0", $"[::]:{port}"), CancellationToken.None);

        Assert.HasCount(2, bench.Transport.Portals);
    }

    [TestMethod]
    public async Task Portal_PortInUse_MessageNamesAddress()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        string address = other.LocalEndPoint!.ToString()!;

        TransportException failure = await Assert.ThrowsExactlyAsync<TransportException>(() => StartAsync([address]));

        Assert.AreEqual($"cannot listen on {address}: the port is in use by another program", failure.Message);
    }

    [TestMethod]
    public async Task Portal_OneOfTwoInUse_OtherServesAndItIsTriedAgainUntilItIsFree()
    {
        Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        string address = other.LocalEndPoint!.ToString()!;
        await using Bench bench = await StartAsync(["127.0.0.1:0", address]);

        Assert.Contains($"cannot listen on {address}", bench.Host.Log.Entries.Single(entry => entry.EventId.Id == 504).Text);
        using WireInitiator initiator = await ConnectAsync(EndPoint(bench, 0));
        await initiator.LoginAsync(Bench.TargetName);
        await initiator.LogoutAsync();
        bench.PassSeconds(20);
        Assert.HasCount(1, bench.Transport.Portals);

        other.Dispose();
        bench.PassSeconds(20);

        Assert.HasCount(2, bench.Transport.Portals);
        using WireInitiator second = await ConnectAsync(IPEndPoint.Parse(address));
        await second.LoginAsync(Bench.TargetName);
    }

    [TestMethod]
    public async Task Reconfigure_PortalStillMissing_RestChangesAndItIsStillTried()
    {
        Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        string address = other.LocalEndPoint!.ToString()!;
        await using Bench bench = await StartAsync(["127.0.0.1:0,1", address]);

        await bench.Transport.ReconfigureAsync(Options("127.0.0.1:0,2", address), CancellationToken.None);

        Assert.AreEqual(2, bench.Transport.Portals.Single().PortalGroupTag);
        other.Dispose();
        bench.PassSeconds(20);
        Assert.HasCount(2, bench.Transport.Portals);
    }

    [TestMethod]
    public async Task Portal_AddressNotOurs_MessageSaysSo()
    {
        TransportException failure = await Assert.ThrowsExactlyAsync<TransportException>(() => StartAsync(["192.0.2.200:0"]));

        Assert.Contains("192.0.2.200", failure.Message);
        Assert.Contains("no interface", failure.Message);
    }

    [TestMethod]
    public async Task Reconfigure_PortalsChange_SessionsStay()
    {
        await using Bench bench = await StartAsync(["127.0.0.1:0,1"]);
        IPEndPoint old = EndPoint(bench, 0);
        using WireInitiator initiator = await ConnectAsync(old);
        await initiator.LoginAsync(Bench.TargetName);

        await bench.Transport.ReconfigureAsync(Options("127.0.0.1:0,2"), CancellationToken.None);

        Assert.AreEqual(2, bench.Transport.Portals.Single().PortalGroupTag);
        await initiator.PingAsync();
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(old));
        using WireInitiator second = await ConnectAsync(EndPoint(bench, 0));
        ReceivedPdu response = await second.LoginAsync(Bench.TargetName);
        CollectionAssert.Contains(response.Pairs.ToList(), "TargetPortalGroupTag=2");
        await initiator.PingAsync(); // another portal group is another session
    }

    [TestMethod]
    public async Task Reconfigure_NewPortalFails_NothingChanges()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        await using Bench bench = await StartAsync(["127.0.0.1:0"]);

        await Assert.ThrowsExactlyAsync<TransportException>(
            async () => await bench.Transport.ReconfigureAsync(Options($"{other.LocalEndPoint}"), CancellationToken.None));

        using WireInitiator initiator = await ConnectAsync(EndPoint(bench, 0));
        await initiator.LoginAsync(Bench.TargetName);
    }

    [TestMethod]
    [DataRow("max_connections")]
    [DataRow("max_connections_per_address")]
    public async Task Connection_BeyondLimit_Refused(string limit)
    {
        await using Bench bench = await StartAsync(["127.0.0.1:0"], (limit, 1L));
        using WireInitiator first = await ConnectAsync(EndPoint(bench, 0));
        await WriteTests.UntilAsync(() => bench.Transport.Connections.Count == 1);

        using WireInitiator second = await ConnectAsync(EndPoint(bench, 0));

        Assert.IsNull(await second.TryReceiveAsync());
        Assert.Contains(limit, bench.Host.Log.Entries.Single(entry => entry.EventId.Id == 503).Text);
        await first.LoginAsync(Bench.TargetName);
    }

    [TestMethod]
    public async Task PendingLogins_BeyondLimit_OldestMakesRoomAndSessionsStay()
    {
        await using Bench bench = await StartAsync(["127.0.0.1:0"], ("max_pending_logins", 2L));
        using WireInitiator session = await ConnectAsync(EndPoint(bench, 0));
        await session.LoginAsync(Bench.TargetName);
        using WireInitiator oldest = await ConnectAsync(EndPoint(bench, 0));
        await WriteTests.UntilAsync(() => bench.Transport.Connections.Count == 2);
        bench.PassSeconds(1); // the clock does not go by itself, and the older of two is meant
        using WireInitiator other = await ConnectAsync(EndPoint(bench, 0));
        await WriteTests.UntilAsync(() => bench.Transport.Connections.Count == 3);

        using WireInitiator last = await ConnectAsync(EndPoint(bench, 0));

        await last.LoginAsync(null);
        Assert.IsNull(await oldest.TryReceiveAsync());
        await other.LoginAsync(null);
        await session.PingAsync();
    }

    [TestMethod]
    public async Task Socket_ReaderIsSlow_EverythingArrives()
    {
        await using Bench bench = await StartAsync(["127.0.0.1:0"]);
        Random.Shared.NextBytes(bench.Target.Disk);
        bench.Host.Buffers.HidePointers = true; // memory that must be pinned for the call
        bench.Host.Buffers.SegmentLength = 5000;
        using WireInitiator initiator = await ConnectAsync(EndPoint(bench, 0), receiveBuffer: 4096);
        await initiator.LoginAsync(Bench.TargetName, "MaxRecvDataSegmentLength=65536", "MaxBurstLength=1048576", "DataDigest=CRC32C");

        for (int i = 0; i < 40; i++) await initiator.ReadAsync((uint)i, 1024);

        for (int i = 0; i < 40; i++)
        {
            byte[] received = [];
            ReceivedPdu data;
            do
            {
                data = await initiator.ReceiveAsync(Opcode.DataIn);
                received = [.. received, .. data.Data];
            }
            while ((data.DataIn.Flags & DataInFlags.Status) == 0);
            Assert.IsTrue(bench.Target.Disk.AsSpan(i * 512, 1024 * 512).SequenceEqual(received));
        }
    }

    [TestMethod]
    public async Task Socket_ClosedByInitiator_SessionEnds()
    {
        await using Bench bench = await StartAsync(["127.0.0.1:0"]);
        using WireInitiator initiator = await ConnectAsync(EndPoint(bench, 0));
        await initiator.LoginAsync(Bench.TargetName);
        Connection connection = bench.Transport.Connections.Single();

        initiator.Abort();

        await WriteTests.UntilAsync(() => bench.Transport.Connections.Count == 0);
        Assert.IsTrue(connection.Reason is EndReason.PeerClosed or EndReason.ConnectionLost);
        Assert.IsEmpty(bench.Transport.GetSessions());
    }

    private OptionValues Options(params string[] listen) =>
        new(TransportOptions.Schema, new Dictionary<string, object> { ["listen"] = (IReadOnlyList<string>)listen, [TransportOptions.Engine] = engine });

    private async Task<Bench> StartAsync(string[] listen, params (string Key, object Value)[] options)
    {
        Bench bench = new([("listen", (IReadOnlyList<string>)listen), (TransportOptions.Engine, engine), .. options], []);
        try
        {
            await bench.Transport.StartAsync(CancellationToken.None);
            return bench;
        }
        catch (TransportException)
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    private static IPEndPoint EndPoint(Bench bench, int index) => IPEndPoint.Parse(bench.Transport.Portals[index].Address);

    private static async Task<WireInitiator> ConnectAsync(IPEndPoint portal, int? receiveBuffer = null)
    {
        Socket socket = new(portal.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } bytes) socket.ReceiveBufferSize = bytes;
        try
        {
            await socket.ConnectAsync(portal);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        return new WireInitiator(new SocketChannel(socket, 16), null, Task.CompletedTask);
    }
}

/// <summary>On event loops of our own.</summary>
[TestClass]
public sealed class EpollSocketTests() : SocketTests(TransportOptions.EpollEngine);

/// <summary>On the framework's sockets.</summary>
[TestClass]
public sealed class FrameworkSocketTests() : SocketTests(TransportOptions.SocketEngine);
