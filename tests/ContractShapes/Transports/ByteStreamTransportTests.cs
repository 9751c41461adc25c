using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TgtModular.ContractShapes.Devices;
using TgtModular.ContractShapes.Engine;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.ContractShapes.Transports;

[TestClass]
public sealed class ByteStreamTransportTests
{
    private readonly FlatStore _store = new(64 * BlockDevice.BlockLength);
    private readonly MiniTarget _target;

    public ByteStreamTransportTests() => _target = new MiniTarget("disk", (0, new BlockDevice(new MiniUnit("unit", null, ("store", _store)))));

    [TestMethod]
    public async Task Write_ImmediateDataAndBursts_ArriveWhole()
    {
        await using ITransport transport = await StartAsync();
        using TcpClient client = await LoginAsync(transport, "initiator");
        byte[] data = [.. Enumerable.Range(0, 8 * 512).Select(i => (byte)(i * 7))];
        await SendCommandAsync(client, BlockDevice.Cdb(BlockDevice.Write10, 2, 8), data, immediate: 700);
        Assert.AreEqual((byte)ScsiStatus.Good, await ServeUntilResponseAsync(client, data));
        Assert.IsTrue(_store.Bytes.Slice(1024, data.Length).SequenceEqual(data));
    }

    [TestMethod]
    public async Task Connection_LostWhileDataAreDue_DropsTheCommand()
    {
        await using ITransport transport = await StartAsync();
        TcpClient client = await LoginAsync(transport, "initiator");
        await SendCommandAsync(client, BlockDevice.Cdb(BlockDevice.Write10, 0, 8), new byte[8 * 512], immediate: 0);
        Assert.AreEqual((byte)StreamMessage.ReadyToTransfer, (await ReadAsync(client, 13))[0]);
        client.Dispose();
        await transport.DrainAsync(CancellationToken.None);
        Assert.AreEqual(NexusEnd.ConnectionLost, _target.Nexuses[0].End);
        Assert.AreEqual(0, _target.Nexuses[0].InFlight, "commands that were not released");
    }

    [TestMethod]
    public async Task Login_NotAdmitted_GetsNoNexus()
    {
        await using ITransport transport = await StartAsync();
        using TcpClient client = Connect(transport);
        await client.GetStream().WriteAsync(Login("stranger"));
        Assert.AreEqual(0, (await ReadAsync(client, 1))[0]);
        Assert.IsEmpty(_target.Nexuses);
    }

    private async Task<ITransport> StartAsync()
    {
        ByteStreamFactory factory = new();
        Assert.IsTrue(factory.TryNormalizeTargetName("DISK", out string name, out _));
        Assert.AreEqual("disk", name);
        ITransport transport = factory.Create(new TransportCreateContext(OptionValues.Empty, new MiniEngine(_target), new MiniHost()));
        await transport.StartAsync(CancellationToken.None);
        return transport;
    }

    private static TcpClient Connect(ITransport transport)
    {
        TcpClient client = new();
        client.Connect(IPEndPoint.Parse(transport.Portals[0].Address));
        return client;
    }

    private static async Task<TcpClient> LoginAsync(ITransport transport, string initiator)
    {
        TcpClient client = Connect(transport);
        await client.GetStream().WriteAsync(Login(initiator));
        Assert.AreEqual(1, (await ReadAsync(client, 1))[0]);
        return client;
    }

    private static byte[] Login(string initiator)
    {
        byte[] names = Encoding.ASCII.GetBytes($"{initiator} disk");
        return [(byte)names.Length, .. names];
    }

    private static async Task SendCommandAsync(TcpClient client, byte[] cdb, byte[] dataOut, int immediate)
    {
        byte[] head = new byte[19];
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(1), 77);
        head[6] = (byte)cdb.Length;
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(7), dataOut.Length);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(15), immediate);
        await client.GetStream().WriteAsync((byte[])[.. head, .. cdb, .. dataOut.AsSpan(0, immediate)]);
    }

    /// <summary>Answers what the target asks for; gives the status.</summary>
    private static async Task<byte> ServeUntilResponseAsync(TcpClient client, byte[] data)
    {
        while (true)
        {
            byte[] head = await ReadAsync(client, 5);
            if (head[0] == (byte)StreamMessage.Response) return (await ReadAsync(client, 6))[0];
            byte[] range = await ReadAsync(client, 8);
            int offset = BinaryPrimitives.ReadInt32BigEndian(range);
            int length = BinaryPrimitives.ReadInt32BigEndian(range.AsSpan(4));
            head[0] = (byte)StreamMessage.DataOut;
            await client.GetStream().WriteAsync((byte[])[.. head, .. range, .. data.AsSpan(offset, length)]);
        }
    }

    private static async Task<byte[]> ReadAsync(TcpClient client, int length)
    {
        byte[] bytes = new byte[length];
        await client.GetStream().ReadExactlyAsync(bytes);
        return bytes;
    }
}
