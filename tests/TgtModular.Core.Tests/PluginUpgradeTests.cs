using Moq;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.Core.Tests;

/// <summary>Stores go to another version under the engine: who is told, what is refused, and what becomes of commands that are held back.</summary>
[TestClass]
public sealed class PluginUpgradeTests
{
    private const string Old = "1.0.0";
    private const string New = "1.1.0";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly Lun Two = Lun.FromNumber(2);

    [TestMethod]
    public async Task Upgrade_CommandHeldBack_GoesToTheNewVersion()
    {
        HeldStore old = new();
        HeldStore fresh = new() { CompletesAtOnce = true };
        await using TestEngine engine = await StartAsync(Opens(old), Opens(fresh));
        TestInitiator initiator = await LoginAsync(engine);
        Task<Answer> first = WriteAsync(initiator, 1);
        await old.Reached("write 1 None").WaitAsync(Limit);

        Task<PluginUpgradeResult> upgrade = UpgradeAsync(engine);
        Task<Answer> held = WriteAsync(initiator, 2);
        Assert.AreEqual(ScsiStatus.Good, (await AskAsync(initiator)).Outcome.Status, "what needs no store is answered");
        old.LetGo("write 1 None");
        await old.Reached("flush").WaitAsync(Limit);
        Assert.IsFalse(held.IsCompleted || old.IsDisposed, "not before it is flushed");
        old.LetGo("flush");

        Assert.IsTrue((await upgrade.WaitAsync(Limit)).Result.IsOk);
        Assert.AreEqual(ScsiStatus.Good, (await first).Outcome.Status);
        Assert.AreEqual(ScsiStatus.Good, (await held.WaitAsync(Limit)).Outcome.Status);
        Assert.IsTrue(old.IsDisposed);
        CollectionAssert.Contains(fresh.Calls, "write 2 None");
        CollectionAssert.DoesNotContain(old.Calls, "write 2 None");
    }

    [TestMethod]
    [DataRow(TaskManagementFunction.AbortTask)]
    [DataRow(TaskManagementFunction.AbortTaskSet)]
    [DataRow(TaskManagementFunction.LogicalUnitReset)]
    public async Task TaskManagement_CommandHeldBack_EndsAndNeverReachesAStore(TaskManagementFunction function)
    {
        HeldStore old = new();
        HeldStore fresh = new() { CompletesAtOnce = true };
        await using TestEngine engine = await StartAsync(Opens(old), Opens(fresh));
        TestInitiator holder = await LoginAsync(engine);
        Task<Answer> first = WriteAsync(holder, 1);
        await old.Reached("write 1 None").WaitAsync(Limit);
        Task<PluginUpgradeResult> upgrade = UpgradeAsync(engine);
        TestInitiator initiator = function == TaskManagementFunction.LogicalUnitReset ? holder : await LoginAsync(engine);
        Task<Answer> held = WriteAsync(initiator, 2);

        Task<TaskManagementResponse> answer = initiator.Nexus.ExecuteAsync(new TaskManagementRequest(function, Two, initiator.LastTag)).AsTask();

        Assert.IsTrue((await held.WaitAsync(Limit)).Dropped);
        if (function == TaskManagementFunction.LogicalUnitReset) Assert.IsFalse(answer.IsCompleted, "a write that is with the old store is not done");
        old.LetGo("write 1 None");
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await answer.WaitAsync(Limit));
        old.LetGo("flush");
        Assert.IsTrue((await upgrade.WaitAsync(Limit)).Result.IsOk);
        _ = await first.WaitAsync(Limit);
        CollectionAssert.DoesNotContain(fresh.Calls, "write 2 None");
        CollectionAssert.DoesNotContain(old.Calls, "write 2 None");
    }

    [TestMethod]
    [DataRow(StoreUpgrade.Unnoticed, StoreUpgrade.Unnoticed, false)]
    [DataRow(StoreUpgrade.Announced, StoreUpgrade.Unnoticed, true)]
    [DataRow(StoreUpgrade.Unnoticed, StoreUpgrade.Announced, true)]
    public async Task Upgrade_OneVersionWantsItAnnounced_MicrocodeHasBeenChangedOnce(StoreUpgrade old, StoreUpgrade fresh, bool told)
    {
        await using TestEngine engine = await StartAsync(Opens(Ready(), old), Opens(Ready(), fresh));
        TestInitiator initiator = await LoginAsync(engine);

        Assert.IsTrue((await UpgradeAsync(engine)).Result.IsOk);

        Answer first = await WriteAsync(initiator, 1);
        Assert.AreEqual(told ? Sense.UnitAttention(AdditionalSense.MicrocodeHasBeenChanged) : default, first.Outcome.Sense);
        Assert.AreEqual(ScsiStatus.Good, (await WriteAsync(initiator, 1)).Outcome.Status);
    }

    [TestMethod]
    public async Task Upgrade_NewVersionIsLonger_CapacityDataHasChanged()
    {
        await using TestEngine engine = await StartAsync(Opens(Ready()), Opens(new HeldStore { CompletesAtOnce = true, Length = 2 << 20 }));
        TestInitiator initiator = await LoginAsync(engine);

        Assert.IsTrue((await UpgradeAsync(engine)).Result.IsOk);

        Assert.AreEqual(Sense.UnitAttention(AdditionalSense.CapacityDataHasChanged), (await WriteAsync(initiator, 1)).Outcome.Sense);
        Assert.AreEqual(2 << 20, engine.Engine.GetSnapshot().Stores.Single().Length);
    }

    [TestMethod]
    public async Task Upgrade_NewVersionIsShorter_GoesBack()
    {
        HeldStore again = Ready();
        Queue<HeldStore> olds = new([Ready(), again]);
        HeldStore fresh = new() { CompletesAtOnce = true, Length = 4096 };
        await using TestEngine engine = await StartAsync(new ProbeStoreFactory(olds.Dequeue), Opens(fresh));
        TestInitiator initiator = await LoginAsync(engine);

        PluginUpgradeResult result = await UpgradeAsync(engine);

        StringAssert.Contains(result.Result.Message, "it has 4096 bytes, and had 1048576; version 1.0.0 was opened again and serves on", StringComparison.Ordinal);
        Assert.IsTrue(fresh.IsDisposed);
        Assert.AreEqual(ScsiStatus.Good, (await WriteAsync(initiator, 5)).Outcome.Status);
        CollectionAssert.Contains(again.Calls, "write 5 None");
        Assert.AreEqual(Old, engine.Engine.GetSnapshot().Stores.Single().PluginVersion);
    }

    [TestMethod]
    public async Task Upgrade_FlushFails_NothingIsChanged()
    {
        HeldStore old = new();
        await using TestEngine engine = await StartAsync(Opens(old), Opens(Ready()));
        old.LetGo("flush", StorageStatus.WriteError);

        PluginUpgradeResult result = await UpgradeAsync(engine);

        StringAssert.Contains(result.Result.Message, "could not be made durable (WriteError): nothing was changed", StringComparison.Ordinal);
        Assert.IsFalse(old.IsDisposed);
        TestInitiator initiator = await LoginAsync(engine);
        old.LetGo("write 1 None");
        Assert.AreEqual(ScsiStatus.Good, (await WriteAsync(initiator, 1)).Outcome.Status);
    }

    [TestMethod]
    public async Task Upgrade_FlushDoesNotReturn_NothingIsChangedWhenTheTimeIsOver()
    {
        HeldStore old = new();
        await using TestEngine engine = await StartAsync(Opens(old), Opens(Ready()));

        PluginUpgradeResult result = await UpgradeAsync(engine, TimeSpan.FromMilliseconds(200));

        StringAssert.Contains(result.Result.Message, "its data were not durable within 0.2 s: nothing was changed", StringComparison.Ordinal);
        Assert.IsFalse(old.IsDisposed);
    }

    [TestMethod]
    public async Task Upgrade_NewVersionTakesOneCallAtATime_RefusedUntouched()
    {
        HeldStore old = Ready();
        await using TestEngine engine = await StartAsync(Opens(old), Opens(Ready()));
        engine.Concurrency = PluginConcurrency.PerInstance;

        PluginUpgradeResult result = await UpgradeAsync(engine);

        StringAssert.Contains(result.Result.Message, "takes calls PerInstance, and its users make them Parallel: restart the daemon", StringComparison.Ordinal);
        Assert.IsFalse(old.IsDisposed);
    }

    [TestMethod]
    public async Task Upgrade_NewVersionWantsAnOptionMore_RefusedUntouched()
    {
        HeldStore old = Ready();
        OptionSchema wants = OptionSchema.Of(new OptionDefinition("key", OptionType.Text, "Key.") { Required = true });
        await using TestEngine engine = await StartAsync(Opens(old), new ProbeStoreFactory(Ready) { Options = wants });

        PluginUpgradeResult result = await UpgradeAsync(engine);

        StringAssert.Contains(result.Result.Message, "option 'key' is missing", StringComparison.Ordinal);
        Assert.IsFalse(old.IsDisposed);
    }

    [TestMethod]
    public async Task Upgrade_SecondStoreFails_FirstStaysWithTheNewVersionAndThirdIsNotTried()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        foreach (string type in new[] { "bad", "good", "veil" })
            engine.AddVersion(Old, PluginKind.Store, type, new ProbeStoreFactory(Ready) { LowerCount = type == "veil" ? 1 : 0 });
        TestEngine.Done(await engine.Engine.AddStoreAsync(Spec("m", "good"), Owner.File, default));
        TestEngine.Done(await engine.Engine.AddStoreAsync(Spec("z", "bad"), Owner.File, default));
        TestEngine.Done(await engine.Engine.AddStoreAsync(new StoreSpec("a", new PluginReference("veil"), OptionValues.Empty, ["m"]), Owner.File, default));
        TestEngine.Done(await engine.Engine.AddStoreAsync(new StoreSpec("b", new PluginReference("good", Old), OptionValues.Empty, []), Owner.File, default));
        engine.AddVersion(New, PluginKind.Store, "good", new ProbeStoreFactory(Ready));
        engine.AddVersion(New, PluginKind.Store, "veil", new ProbeStoreFactory(Ready) { LowerCount = 1 });
        engine.AddVersion(New, PluginKind.Store, "bad", new ProbeStoreFactory(() => throw new StoreOpenException("no way")));

        PluginUpgradeResult result = await UpgradeAsync(engine);

        StringAssert.Contains(result.Result.Message, "store 'z': version 1.1.0 could not open it", StringComparison.Ordinal);
        CollectionAssert.AreEqual(
            new[] { "b Skipped", "m Upgraded", "z Failed", "a NotTried" }, result.Stores.Select(store => $"{store.Store} {store.State}").ToArray(), "those beneath others first");
        CollectionAssert.AreEqual(
            new[] { "a 1.0.0", "b 1.0.0", "m 1.1.0", "z 1.0.0" },
            engine.Engine.GetSnapshot().Stores.Select(store => $"{store.Spec.Name} {store.PluginVersion}").ToArray());
    }

    [TestMethod]
    public async Task Upgrade_PluginWithAUnit_RefusedNamingIt()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.AddVersion(Old, PluginKind.Device, "disk", new StoreProbe.Factory());
        engine.AddVersion(Old, PluginKind.Store, "held", Opens(Ready()));
        TestEngine.Done(await engine.Engine.AddStoreAsync(Spec("s", "held"), Owner.File, default));
        TestEngine.Done(await engine.Engine.AddUnitAsync(Unit(), Owner.File, default));
        engine.AddVersion(New, PluginKind.Device, "disk", new StoreProbe.Factory());

        PluginUpgradeResult result = await UpgradeAsync(engine);

        Assert.AreEqual(ControlError.NotSupported, result.Result.Error);
        StringAssert.Contains(result.Result.Message, "serves unit u (1.0.0): only stores go to another version while the daemon runs; restart the daemon", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Upgrade_LateWordsOfTheOldStore_AreNotHeard()
    {
        Mock<IStoreFactory> factory = new();
        IStoreObserver? observer = null;
        factory.SetupGet(mock => mock.Options).Returns(OptionSchema.Empty);
        factory.SetupGet(mock => mock.Upgrade).Returns(StoreUpgrade.Unnoticed);
        factory.Setup(mock => mock.OpenAsync(It.IsAny<StoreOpenContext>(), It.IsAny<CancellationToken>())).ReturnsAsync((StoreOpenContext context, CancellationToken _) =>
        {
            observer = context.Observer;
            return Ready();
        });
        await using TestEngine engine = await StartAsync(factory.Object, Opens(Ready()));
        Assert.IsTrue((await UpgradeAsync(engine)).Result.IsOk);

        observer!.Lost("its file is closed");

        Assert.AreEqual(ObjectHealth.Online, engine.Engine.GetSnapshot().Stores.Single().Health);
    }

    private static HeldStore Ready() => new() { CompletesAtOnce = true };

    private static ProbeStoreFactory Opens(IBackingStore store, StoreUpgrade upgrade = StoreUpgrade.Unnoticed) => new(() => store) { Upgrade = upgrade };

    private static StoreSpec Spec(string name, string type) => new(name, new PluginReference(type), OptionValues.Empty, []);

    private static UnitSpec Unit() => new("u", new PluginReference("disk"), new ValueMap<string>([new KeyValuePair<string, string>("store", "s")]), OptionValues.Empty);

    private static async Task<PluginUpgradeResult> UpgradeAsync(TestEngine engine, TimeSpan? timeout = null) =>
        await engine.Engine.UpgradePluginAsync(new PluginUpgrade("acme") { Timeout = timeout ?? Limit }, CancellationToken.None);

    /// <summary>Without the unit attention of a new nexus.</summary>
    private static async Task<TestInitiator> LoginAsync(TestEngine engine)
    {
        TestInitiator initiator = await engine.LoginAsync();
        Assert.AreEqual(SenseKey.UnitAttention, (await AskAsync(initiator)).Outcome.Sense.Key);
        return initiator;
    }

    private static Task<Answer> WriteAsync(TestInitiator initiator, byte offset) => initiator.SendAsync([StoreProbe.Write, offset, 0, 0, 0, 0], lun: Two);

    private static Task<Answer> AskAsync(TestInitiator initiator) => initiator.SendAsync([StoreProbe.Ask, 0, 0, 0, 0, 0], lun: Two);

    /// <summary>Store s of the old version beneath unit u at LUN 2, with the new version there.</summary>
    private static async Task<TestEngine> StartAsync(IStoreFactory old, IStoreFactory fresh)
    {
        TestEngine engine = await TestEngine.StartAsync();
        engine.AddVersion(Old, PluginKind.Store, "held", old);
        engine.AddPlugin(PluginKind.Device, "disk", new StoreProbe.Factory());
        TestEngine.Done(await engine.Engine.AddStoreAsync(Spec("s", "held"), Owner.File, default));
        TestEngine.Done(await engine.Engine.AddUnitAsync(Unit(), Owner.File, default));
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, new TargetChange { AddLuns = [new LunSpec(2, "u")] }, default));
        engine.AddVersion(New, PluginKind.Store, "held", fresh);
        return engine;
    }
}
