using TgtModular.Storage;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>The cases that need a process of their own are proven, too.</summary>
[TestClass]
public sealed class PersistentSuiteTests
{
    private const string Killed = nameof(BlockStoreConformance.Process_KilledWhileItWrites_KeepsWhatWasAcknowledged);
    private const string Rounds = nameof(BlockStoreConformance.Process_OpeningAndDisposingManyTimes_LeaksNothing);

    public static IEnumerable<object[]> Faults =>
    [
        Fault<WrongPersistentStores.WritesWhenDisposed>(Killed, "differs at byte"),
        Fault<WrongPersistentStores.ForgetsForceUnitAccess>(Killed, "differs at byte"),
        Fault<WrongPersistentStores.LeavesItsFileOpen>(Rounds, "file descriptors more"),
        Fault<WrongPersistentStores.LeavesAThread>(Rounds, "threads more"),
        Fault<WrongPersistentStores.KeepsItsMemory>(Rounds, "bytes of managed memory more"),
        Fault<WrongPersistentStores.KeepsAPooledBuffer>(Rounds, "never returned"),
    ];

    [TestMethod]
    [DataRow(Killed)]
    [DataRow(Rounds)]
    public async Task RightStore_Passes(string name) => Assert.IsNull(await SuiteRunner.RunAsync(() => new PersistentStoreSuite<SeededFileStore>(), name));

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public async Task WrongStore_IsCaught(Type store, string caught, string why)
    {
        Type suite = typeof(PersistentStoreSuite<>).MakeGenericType(store);

        string? failure = await SuiteRunner.RunAsync(() => Activator.CreateInstance(suite)!, caught);

        Assert.IsNotNull(failure, $"{store.Name} passes {caught}");
        Assert.Contains(why, failure);
    }

    private static object[] Fault<TStore>(string caught, string why)
        where TStore : IBlockStore => [typeof(TStore), caught, why];
}
