using System.Numerics;
using TgtModular.Storage;

namespace TgtModular.TestKit;

internal static class InfoCases
{
    public static Task IsConsistentAsync(StoreFixture fixture)
    {
        StoreInfo info = fixture.Store.Info;
        Assert.IsTrue(BitOperations.IsPow2(info.Alignment), "Alignment is a power of two");
        Assert.IsTrue(BitOperations.IsPow2(info.MemoryAlignment), "MemoryAlignment is a power of two");
        Assert.IsTrue(BitOperations.IsPow2(info.PhysicalBlockLength), "PhysicalBlockLength is a power of two");
        Assert.AreEqual(0, fixture.Store.Length % info.Alignment, "the size is a multiple of Alignment");
        Assert.IsTrue(info.OptimalTransferLength >= 0 && info.MaximumTransferLength >= 0 && info.DiscardGranularity >= 0, "lengths are not negative");
        Assert.AreEqual(info.Has(StoreCapabilities.Discard), info.DiscardGranularity > 0, "DiscardGranularity goes with Discard");
        if (info.Has(StoreCapabilities.DiscardReadsZero)) Assert.IsTrue(info.Has(StoreCapabilities.Discard), "DiscardReadsZero needs Discard");
        Assert.AreEqual(info.Has(StoreCapabilities.OwnBuffers), fixture.Store is IStoreBuffers, "OwnBuffers goes with IStoreBuffers");
        Assert.AreEqual(info, fixture.Store.Info, "Info is constant");
        return Task.CompletedTask;
    }
}
