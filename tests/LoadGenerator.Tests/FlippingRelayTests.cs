using System.Net;
using System.Net.Sockets;
using TgtModular.LoadGenerator.Relay;

namespace TgtModular.LoadGenerator.Tests;

[TestClass]
public sealed class FlippingRelayTests
{
    [TestMethod]
    public async Task Relay_EveryThousand_TurnsOneBitEachOverAndTellsIt()
    {
        using TcpListener target = new(IPAddress.Loopback, 0);
        target.Start();
        using TcpListener front = new(IPAddress.Loopback, 0);
        front.Start();
        using CancellationTokenSource over = new();
        int flips = 0;
        FlippingRelay relay = new((IPEndPoint)target.LocalEndpoint, 1000, () => Interlocked.Increment(ref flips));
        Task running = relay.RunAsync(front, over.Token);
        using TcpClient initiator = new();
        await initiator.ConnectAsync((IPEndPoint)front.LocalEndpoint);
        using TcpClient accepted = await target.AcceptTcpClientAsync();

        await initiator.GetStream().WriteAsync(new byte[2500]);
        byte[] received = new byte[2500];
        await accepted.GetStream().ReadExactlyAsync(received);
        await accepted.GetStream().WriteAsync(received);
        byte[] answered = new byte[2500];
        await initiator.GetStream().ReadExactlyAsync(answered);

        byte[] expected = new byte[2500];
        expected[999] = expected[1999] = 0x10;
        CollectionAssert.AreEqual(expected, received);
        CollectionAssert.AreEqual(expected, answered, "what the target sends is passed on as it is");
        Assert.AreEqual(2, flips);
        await over.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
    }
}
