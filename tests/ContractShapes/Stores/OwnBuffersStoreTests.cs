using TgtModular.Buffers;
using TgtModular.ContractShapes.Devices;
using TgtModular.ContractShapes.Engine;
using TgtModular.Scsi;

namespace TgtModular.ContractShapes.Stores;

[TestClass]
public sealed class OwnBuffersStoreTests
{
    [TestMethod]
    public async Task Commands_InTheStoresMemory_AreNotCopied()
    {
        await using OwnBuffersStore store = new(64 * 512);
        DirectTransport initiator = CreateInitiator(store, store.TryRent);
        byte[] data = [.. Enumerable.Range(0, 2048).Select(i => (byte)i)];
        await initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Write10, 0, 4), data);
        CollectionAssert.AreEqual(data, (await initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Read10, 0, 4))).DataIn);
        Assert.AreEqual(0, store.Copied);
        Assert.AreEqual(4, store.Free, "memory that did not come back");
    }

    [TestMethod]
    public async Task Commands_InForeignMemory_AreCopiedAndCorrect()
    {
        await using OwnBuffersStore store = new(64 * 512);
        DirectTransport initiator = CreateInitiator(store, _ => null);
        byte[] data = [.. Enumerable.Range(0, 512).Select(i => (byte)i)];
        Assert.AreEqual(ScsiOutcome.Good, (await initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Write10, 0, 1), data)).Outcome);
        Assert.AreEqual(512, store.Copied);
    }

    [TestMethod]
    public async Task TryRent_NothingLeft_GivesNull()
    {
        await using OwnBuffersStore store = new(64 * 512);
        DataBuffer?[] all = [.. Enumerable.Range(0, 4).Select(_ => store.TryRent(4096))];
        Assert.IsNull(store.TryRent(1));
        foreach (DataBuffer? buffer in all) buffer!.Dispose();
        Assert.IsNull(store.TryRent(4097), "longer than it has");
        Assert.AreEqual(4, store.Free);
    }

    private static DirectTransport CreateInitiator(OwnBuffersStore store, Func<int, DataBuffer?> rent)
    {
        MiniTarget target = new("target", (0, new BlockDevice(new MiniUnit("unit", null, ("store", store)))));
        return new DirectTransport(target) { Rent = rent };
    }
}
