using TgtModular.ContractShapes.Engine;
using TgtModular.Scsi;

namespace TgtModular.ContractShapes.Devices;

[TestClass]
public sealed class BlockDeviceTests
{
    private readonly FlatStore _store = new(64 * BlockDevice.BlockLength);
    private readonly MiniUnit _unit;
    private readonly BlockDevice _device;
    private readonly DirectTransport _initiator;

    public BlockDeviceTests()
    {
        _unit = new MiniUnit("disk", null, ("store", _store));
        _device = new BlockDevice(_unit);
        _initiator = new DirectTransport(new MiniTarget("target", (0, _device)));
    }

    [TestMethod]
    public async Task WriteThenRead_GoesToTheStoreAndBack()
    {
        byte[] data = [.. Enumerable.Range(0, 1024).Select(i => (byte)i)];
        Reply write = await _initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Write10, 3, 2), data);
        Assert.AreEqual(ScsiOutcome.Good, write.Outcome);
        Assert.IsTrue(_store.Bytes.Slice(3 * 512, 1024).SequenceEqual(data));
        Reply read = await _initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Read10, 3, 2), expectedIn: 2000);
        CollectionAssert.AreEqual(data, read.DataIn);
        Assert.AreEqual(976, read.ResidualIn);
    }

    [TestMethod]
    public async Task Write_InitiatorAnnouncesLess_UsesWhatCameAndTellsTheResidual()
    {
        Reply write = await _initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Write10, 0, 2), new byte[512]);
        Assert.AreEqual(-512, write.ResidualOut);
    }

    [TestMethod]
    public async Task Cdb_WithABitThatNobodyLooksAt_IsRefusedWithItsPlace()
    {
        byte[] cdb = BlockDevice.Cdb(BlockDevice.Read10, 0, 1);
        cdb[1] = 0x02;
        Reply reply = await _initiator.RunAsync(cdb);
        Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidFieldInCdb(1, 1)), reply.Outcome);
    }

    [TestMethod]
    public async Task Read_BeyondTheEnd_IsRefusedBeforeABufferIsGranted()
    {
        Reply reply = await _initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Read10, 63, 2));
        Assert.AreEqual(ScsiOutcome.Check(Sense.LbaOutOfRange), reply.Outcome);
    }

    [TestMethod]
    public void StoreResized_ChangesTheGeometryAndTellsInitiators()
    {
        _device.StoreResized("store", 128 * 512);
        Assert.AreEqual(128, _unit.Geometry!.BlockCount);
        CollectionAssert.AreEqual(new[] { AdditionalSense.CapacityDataHasChanged }, _unit.Attentions);
    }
}
