using Moq;
using TgtModular.Storage;

namespace TgtModular.Abstractions.Tests;

/// <summary>One row of the combining table each.</summary>
[TestClass]
public sealed class StoreStackingTests
{
    private const StoreCapabilities Plain = StoreCapabilities.Write;

    [TestMethod]
    public void Abilities_OnlyThoseOfAll() => Assert.AreEqual(
        StoreCapabilities.Write | StoreCapabilities.Discard,
        Combine(
            Store(StoreCapabilities.Write | StoreCapabilities.Discard | StoreCapabilities.Resize),
            Store(StoreCapabilities.Write | StoreCapabilities.Discard | StoreCapabilities.CompareAndWrite)).Capabilities);

    [TestMethod]
    public void VolatileCache_OneBearerIsEnough() =>
        Assert.IsTrue(Combine(Store(Plain), Store(Plain | StoreCapabilities.VolatileCache)).Has(StoreCapabilities.VolatileCache));

    [TestMethod]
    public void Filter_TakesAwayAndBrings()
    {
        StoreInfo info = StoreStacking.Combine(
            [Store(Plain | StoreCapabilities.DiscardReadsZero | StoreCapabilities.AllocationMap | StoreCapabilities.OwnBuffers)],
            removed: StoreCapabilities.DiscardReadsZero | StoreCapabilities.AllocationMap, added: StoreCapabilities.WriteZeroes);
        Assert.AreEqual(Plain | StoreCapabilities.WriteZeroes, info.Capabilities);
    }

    [TestMethod]
    public void Sizes_AlignmentsAreMaximaAndLimitsMinima()
    {
        StoreInfo left = new(Plain, StoreExecution.Inline)
        {
            Alignment = 512,
            MemoryAlignment = 4096,
            PhysicalBlockLength = 512,
            OptimalTransferLength = 100,
            MaximumTransferLength = 0,
            DiscardGranularity = 8192,
            RotationRate = 1,
        };
        StoreInfo right = new(Plain, StoreExecution.Inline)
        {
            Alignment = 4096,
            MemoryAlignment = 512,
            PhysicalBlockLength = 4096,
            OptimalTransferLength = 50,
            MaximumTransferLength = 65536,
            RotationRate = 7200,
        };
        StoreInfo expected = new(Plain, StoreExecution.Inline)
        {
            Alignment = 4096,
            MemoryAlignment = 4096,
            PhysicalBlockLength = 4096,
            OptimalTransferLength = 100,
            MaximumTransferLength = 65536,
            DiscardGranularity = 8192,
            RotationRate = 0,
        };
        Assert.AreEqual(expected, Combine(Store(left), Store(right)));
        Assert.AreEqual(expected, Combine(Store(right), Store(left)));
    }

    [TestMethod]
    [DataRow(StoreExecution.Inline, StoreExecution.Inline, StoreExecution.Inline)]
    [DataRow(StoreExecution.Inline, StoreExecution.Asynchronous, StoreExecution.Asynchronous)]
    [DataRow(StoreExecution.Asynchronous, StoreExecution.Inline, StoreExecution.Asynchronous)]
    [DataRow(StoreExecution.Asynchronous, StoreExecution.Blocking, StoreExecution.Blocking)]
    [DataRow(StoreExecution.Blocking, StoreExecution.Inline, StoreExecution.Blocking)]
    public void Execution_TheSlowestWins(StoreExecution left, StoreExecution right, StoreExecution expected) =>
        Assert.AreEqual(expected, Combine(Store(new StoreInfo(Plain, left)), Store(new StoreInfo(Plain, right))).Execution);

    [TestMethod]
    public void Length_TheSmallestWins()
    {
        Assert.AreEqual(5, StoreStacking.CombinedLength([Store(Plain, 9), Store(Plain, 5)]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => StoreStacking.Combine([]));
    }

    private static StoreInfo Combine(params IBackingStore[] stores) => StoreStacking.Combine(stores);

    private static IBackingStore Store(StoreCapabilities capabilities, long length = 0) => Store(new StoreInfo(capabilities, StoreExecution.Inline), length);

    private static IBackingStore Store(StoreInfo info, long length = 0) => Mock.Of<IBackingStore>(store => store.Info == info && store.Length == length);
}
