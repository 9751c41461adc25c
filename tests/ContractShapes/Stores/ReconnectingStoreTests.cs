using TgtModular.Buffers;
using TgtModular.ContractShapes.Devices;
using TgtModular.ContractShapes.Engine;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Stores;

[TestClass]
public sealed class ReconnectingStoreTests : IStoreObserver
{
    private readonly List<string> _events = [];
    private readonly FarServer _server = new(64 * 512);
    private readonly ReconnectingStore _store;

    public ReconnectingStoreTests() => _store = new ReconnectingStore(_server, this);

    public void Resized(long length) => _events.Add("resized");

    public void Lost(string reason) => _events.Add("lost");

    public void Restored() => _events.Add("restored");

    [TestMethod]
    public async Task Connection_LostAndBack_IsToldOnceEachWay()
    {
        DirectTransport initiator = new(new MiniTarget("target", (0, new BlockDevice(new MiniUnit("unit", null, ("store", _store))))));
        await WriteAsync(0x11);
        _server.Disconnect();
        for (int i = 0; i < 3; i++)
        {
            Reply reply = await initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Read10, 0, 1));
            Assert.AreEqual(ScsiOutcome.Check(Sense.CommunicationFailure), reply.Outcome);
        }

        _server.Reconnect();
        Assert.AreEqual(0x11, (await initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Read10, 0, 1))).DataIn[0]);
        CollectionAssert.AreEqual(new[] { "lost", "restored" }, _events);
    }

    [TestMethod]
    public async Task Flush_AfterTheServerLostItsCache_IsNoSuccess()
    {
        await WriteAsync(0x22);
        _server.Disconnect();
        _server.Restart();
        _server.Reconnect();
        Assert.AreEqual(StorageStatus.WriteError, (await _store.FlushAsync(CancellationToken.None)).Status);
        Assert.AreEqual(StorageResult.Ok, await _store.FlushAsync(CancellationToken.None), "nothing new was lost");
    }

    [TestMethod]
    public async Task Flush_AfterALossThatLostNothing_IsASuccess()
    {
        await WriteAsync(0x33);
        _server.Disconnect();
        _server.Reconnect();
        Assert.AreEqual(StorageResult.Ok, await _store.FlushAsync(CancellationToken.None));
    }

    private async Task WriteAsync(byte value)
    {
        using DataBuffer buffer = DataBuffer.Wrap(new byte[] { value });
        Assert.AreEqual(StorageResult.Ok, await _store.WriteAsync(0, buffer.Slice(), WriteOptions.None, CancellationToken.None));
    }
}
