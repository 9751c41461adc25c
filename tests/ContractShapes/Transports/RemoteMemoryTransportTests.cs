using TgtModular.ContractShapes.Devices;
using TgtModular.ContractShapes.Engine;
using TgtModular.Scsi;

namespace TgtModular.ContractShapes.Transports;

[TestClass]
public sealed class RemoteMemoryTransportTests
{
    private readonly FlatStore _store = new(64 * BlockDevice.BlockLength);
    private readonly TaskCompletionSource<RemoteResponse> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RemoteMemoryTransport _transport;

    public RemoteMemoryTransportTests()
    {
        BlockDevice device = new(new MiniUnit("unit", null, ("store", _store)));
        _transport = new RemoteMemoryTransport(new MiniTarget("target", (0, device)), _response.SetResult);
    }

    [TestMethod]
    public async Task Write_IsReadFromTheInitiatorsMemory_IntoRegisteredMemory()
    {
        RegisteredRegion memory = new(1024);
        Random.Shared.NextBytes(memory.Bytes);
        _transport.Receive(new RemoteCommand(BlockDevice.Cdb(BlockDevice.Write10, 4, 2), 1, memory, null));
        RemoteResponse response = await _response.Task;
        Assert.AreEqual(ScsiStatus.Good, response.Status);
        Assert.IsTrue(_store.Bytes.Slice(2048, 1024).SequenceEqual(memory.Bytes));
        CollectionAssert.AreEqual(new[] { "read 1024" }, _transport.Adapter.Operations);
        Assert.AreEqual(16, _transport.FreeSlots, "memory that did not come back");
    }

    [TestMethod]
    public async Task Read_IsWrittenToTheInitiatorsMemory_AsFarAsItExpects()
    {
        Random.Shared.NextBytes(_store.Bytes);
        RegisteredRegion memory = new(1000);
        _transport.Receive(new RemoteCommand(BlockDevice.Cdb(BlockDevice.Read10, 0, 2), 2, null, memory));
        RemoteResponse response = await _response.Task;
        Assert.AreEqual(-24, response.ResidualIn);
        Assert.IsTrue(_store.Bytes[..1000].SequenceEqual(memory.Bytes));
        Assert.AreEqual(16, _transport.FreeSlots);
    }

    [TestMethod]
    public async Task Refusal_MovesNoData()
    {
        _transport.Receive(new RemoteCommand(BlockDevice.Cdb(BlockDevice.Write10, 63, 2), 3, new RegisteredRegion(1024), null));
        Assert.AreEqual(ScsiStatus.CheckCondition, (await _response.Task).Status);
        Assert.IsEmpty(_transport.Adapter.Operations);
    }
}
