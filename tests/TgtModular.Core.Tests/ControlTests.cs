using Moq;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Core.Tests;

[TestClass]
public sealed class ControlTests
{
    [TestMethod]
    public async Task AddStore_PluginRefuses_MessageNamesStoreAndCause()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.AddPlugin(PluginKind.Store, "bad", Factory(() => throw new StoreOpenException("no such file: /x")));
        engine.AddPlugin(PluginKind.Store, "worse", Factory(() => throw new InvalidOperationException("bug")));
        ControlResult refused = await engine.Engine.AddStoreAsync(Store("s", "bad"), Owner.File, default);
        Assert.AreEqual(new ControlResult(ControlError.Failed, "store 's': no such file: /x"), refused);
        ControlResult faulted = await engine.Engine.AddStoreAsync(Store("s", "worse"), Owner.File, default);
        Assert.AreEqual(ControlError.Failed, faulted.Error);
        StringAssert.Contains(faulted.Message, "bug");
        Assert.AreEqual(ControlError.NoPlugin, (await engine.Engine.AddStoreAsync(Store("s", "absent"), Owner.File, default)).Error);
        Assert.IsEmpty(engine.Engine.GetSnapshot().Stores);
    }

    [TestMethod]
    public async Task RemoveStore_UnderFilterAndUnit_RefusedThenForced()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        Mock<IBlockStore> block = new();
        block.SetupGet(store => store.Info).Returns(new StoreInfo(StoreCapabilities.Write, StoreExecution.Inline));
        engine.AddPlugin(PluginKind.Store, "plain", Factory(() => block.Object));
        Mock<IStoreFactory> filter = Mock.Get(Factory(() => block.Object));
        filter.SetupGet(factory => factory.LowerCount).Returns(1);
        engine.AddPlugin(PluginKind.Store, "filter", filter.Object);

        TestEngine.Done(await engine.Engine.AddStoreAsync(Store("low", "plain"), Owner.File, default));
        Assert.AreEqual(ControlError.Exists, (await engine.Engine.AddStoreAsync(Store("low", "plain"), Owner.File, default)).Error);
        Assert.AreEqual(ControlError.Invalid, (await engine.Engine.AddStoreAsync(Store("high", "filter"), Owner.File, default)).Error);
        TestEngine.Done(await engine.Engine.AddStoreAsync(Store("high", "filter", "low"), Owner.File, default));
        ControlResult second = await engine.Engine.AddStoreAsync(Store("other", "filter", "low"), Owner.File, default);
        Assert.AreEqual(ControlResult.InUse("store 'low' is in use by store high"), second);
        Assert.AreEqual(ControlError.InUse, (await engine.Engine.RemoveStoreAsync("low", force: false, default)).Error);
        TestEngine.Done(await engine.Engine.RemoveStoreAsync("low", force: true, default));
        Assert.IsEmpty(engine.Engine.GetSnapshot().Stores);
        block.Verify(store => store.DisposeAsync(), Times.Exactly(2));
    }

    [TestMethod]
    public async Task RemoveUnit_MappedByTarget_RefusedUntilForced()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        Assert.AreEqual(ControlError.InUse, (await engine.Engine.RemoveUnitAsync("probe", force: false, default)).Error);
        Assert.AreEqual(ControlError.NotFound, (await engine.Engine.RemoveUnitAsync("none", force: false, default)).Error);
        TestEngine.Done(await engine.Engine.RemoveUnitAsync("probe", force: true, default));
        Assert.IsEmpty(engine.Engine.GetSnapshot().Targets.Single().Spec.Luns);
    }

    [TestMethod]
    public async Task RemoveTarget_WithSession_RefusedUntilForced()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (_, RecordingObserver observer) = engine.Open();
        Assert.AreEqual(ControlError.InUse, (await engine.Engine.RemoveTargetAsync(TestEngine.TargetName, force: false, default)).Error);
        TestEngine.Done(await engine.Engine.RemoveTargetAsync(TestEngine.TargetName, force: true, default));
        Assert.HasCount(1, observer.CloseRequests);
        Assert.IsNull(engine.Host.FindTarget(TestEngine.TargetName));
    }

    [TestMethod]
    public async Task AddTarget_NameTakenInTransport_Exists()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TargetSpec same = new("other") { Transports = [new TargetTransportSpec("test", TestEngine.TargetName, OptionValues.Empty)] };
        Assert.AreEqual(ControlError.Exists, (await engine.Engine.AddTargetAsync(same, Owner.Runtime, default)).Error);
    }

    [TestMethod]
    public async Task Identity_LeftOut_StableForANameAndDifferentForOthers()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("second"), Owner.File, default));
        UnitStatus[] units = [.. engine.Engine.GetSnapshot().Units];
        Assert.AreNotEqual(units[0].Identity.Naa, units[1].Identity.Naa);
        Assert.AreNotEqual(units[0].Identity.Serial, units[1].Identity.Serial);
        TestEngine.Done(await engine.Engine.RemoveUnitAsync("second", force: false, default));
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("second"), Owner.File, default));
        Assert.AreEqual(units[1].Identity, engine.Engine.GetSnapshot().Units[1].Identity);
    }

    [TestMethod]
    public async Task Stop_CommandHangs_EndsAllTheSame()
    {
        TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> hanging = initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        await engine.Probe.Started(1);
        await engine.DisposeAsync();
        Assert.IsFalse(hanging.IsCompleted);
    }

    private static StoreSpec Store(string name, string type, params string[] lower) =>
        new(name, new PluginReference(type), OptionValues.Empty, [.. lower]);

    private static IStoreFactory Factory(Func<IBlockStore> open)
    {
        Mock<IStoreFactory> factory = new();
        factory.SetupGet(made => made.Options).Returns(OptionSchema.Empty);
        factory.Setup(made => made.OpenAsync(It.IsAny<StoreOpenContext>(), It.IsAny<CancellationToken>()))
            .Returns(() => ValueTask.FromResult<IBackingStore>(open()));
        return factory.Object;
    }
}
