using TgtModular.ContractShapes.Devices;
using TgtModular.ContractShapes.Engine;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Stores;

[TestClass]
public sealed class NativeThreadStoreTests
{
    [TestMethod]
    public async Task Commands_CompleteFromANativeThread_WithTheirData()
    {
        NativeThreadStore store = new(64 * 512);
        DirectTransport initiator = new(new MiniTarget("target", (0, new BlockDevice(new MiniUnit("unit", null, ("store", store))))));
        byte[] data = new byte[1024];
        Random.Shared.NextBytes(data);
        Assert.AreEqual(ScsiOutcome.Good, (await initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Write10, 9, 2), data)).Outcome);
        CollectionAssert.AreEqual(data, (await initiator.RunAsync(BlockDevice.Cdb(BlockDevice.Read10, 9, 2))).DataIn);
    }

    [TestMethod]
    public async Task Requests_AreUsedAgain()
    {
        await using NativeThreadStore store = new(4096);
        for (int i = 0; i < 50; i++) Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(CancellationToken.None));
        Assert.IsLessThanOrEqualTo(2, store.Requests);
    }
}
