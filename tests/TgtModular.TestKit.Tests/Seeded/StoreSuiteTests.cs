using TgtModular.Storage;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>The suite for stores is proven: each wrong store is caught by the case that is there for it, and the right one passes that case.</summary>
[TestClass]
public sealed class StoreSuiteTests
{
    public static IEnumerable<object[]> Faults =>
    [
        Fault<WrongStores.ReadsBehindTheEnd>(nameof(BlockStoreConformance.ReadWrite_OutOfRange_IsRefusedAndChangesNothing)),
        Fault<WrongStores.WritesTheFirstSegmentOnly>(nameof(BlockStoreConformance.ReadWrite_ManySegments_Match)),
        Fault<WrongStores.DropsTheLastByte>(nameof(BlockStoreConformance.Write_EveryAlignment_ReadsBack)),
        Fault<WrongStores.DiscardsNothing>(nameof(BlockStoreConformance.Discard_WhenClaimed_GivesBackOnlyItsRange)),
        Fault<WrongStores.ZeroesWholeSectors>(nameof(BlockStoreConformance.WriteZeroes_WhenClaimed_ZeroesOnlyItsRange)),
        Fault<WrongStores.ComparesThenWrites>(nameof(BlockStoreConformance.CompareAndWrite_FromManyThreads_LosesNoUpdate)),
        Fault<WrongStores.DoesNotSayWhere>(nameof(BlockStoreConformance.CompareAndWrite_Different_TellsWhereAndChangesNothing)),
        Fault<WrongStores.IgnoresCancellation>(nameof(BlockStoreConformance.Calls_Cancelled_AnswerCancelledAndChangeNothing)),
        Fault<WrongStores.ThrowsWhenCancelled>(nameof(BlockStoreConformance.Calls_Cancelled_AnswerCancelledAndChangeNothing)),
        Fault<WrongStores.WorksOnAfterDisposal>(nameof(BlockStoreConformance.Calls_AfterDisposal_AnswerUnavailable)),
        Fault<WrongStores.ThrowsAfterDisposal>(nameof(BlockStoreConformance.Calls_AfterDisposal_AnswerUnavailable)),
        Fault<WrongStores.ThrowsAfterDisposal>(nameof(BlockStoreConformance.Dispose_DuringCalls_EndsThemWithResults)),
        Fault<WrongStores.ResizesInSilence>(nameof(BlockStoreConformance.Resize_WhenClaimed_KeepsDataAndTellsTheObserver)),
        Fault<WrongStores.ForgetsWhenGrown>(nameof(BlockStoreConformance.Resize_UnderIo_LosesNothing)),
        Fault<WrongStores.HolesEverywhere>(nameof(BlockStoreConformance.GetExtent_AnyState_TellsTheTruth)),
        Fault<WrongStores.OddAlignment>(nameof(BlockStoreConformance.Info_WhenOpened_IsConsistent)),
        Fault<WrongStores.SaysInlineAndIsNot>(nameof(BlockStoreConformance.Write_FirstAndLastUnit_ReadsBack)),
        Fault<WrongStores.LeaksABuffer>(nameof(BlockStoreConformance.Flush_AnyTime_IsOk)),
        Fault<WrongStores.WritesAfterReturning>(nameof(BlockStoreConformance.Write_EveryAlignment_ReadsBack)),
        Fault<WrongStores.ChangesTheSource>(nameof(BlockStoreConformance.Write_FirstAndLastUnit_ReadsBack)),
        Fault<WrongStores.ThrowsWhenCancelled>(nameof(BlockStoreConformance.Calls_CancelledUnderWay_AnswerAndGoOn)),
    ];

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public async Task WrongStore_IsCaught(Type store, string caught)
    {
        Assert.IsNull(await SuiteRunner.RunAsync(() => new SeededStoreSuite(context => new SeededStore(context)), caught), "the right store fails the case");

        string? failure = await SuiteRunner.RunAsync(() => new SeededStoreSuite(context => (IBlockStore)Activator.CreateInstance(store, context)!), caught);

        Assert.IsNotNull(failure, $"{store.Name} passes {caught}");
    }

    [TestMethod]
    [DataRow(StoreUpgrade.Announced)]
    [DataRow(StoreUpgrade.Unnoticed)]
    public async Task FactoryThatAllowsUpgradesOfWhatIsGoneWhenClosed_IsCaught(StoreUpgrade upgrade)
    {
        const string Case = nameof(BlockStoreConformance.Reopen_AfterFlush_KeepsData);
        Assert.IsNull(await SuiteRunner.RunAsync(() => new SeededStoreSuite(context => new SeededStore(context)), Case), "one that refuses them fails the case");

        Assert.IsNotNull(await SuiteRunner.RunAsync(() => new SeededStoreSuite(context => new SeededStore(context), upgrade), Case), $"{upgrade} passes");
    }

    private static object[] Fault<TStore>(string caught)
        where TStore : IBlockStore => [typeof(TStore), caught];
}
