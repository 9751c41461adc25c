using Moq;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Engine;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Core.Tests;

/// <summary>Plugins that keep an operation waiting.</summary>
[TestClass]
public sealed class SlowPluginTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Open_DoesNotReturn_StoreIsLeftOutAndOthersAreServedAndTheLateOneIsClosed(bool blocksItsThread)
    {
        TaskCompletionSource<IBackingStore> opening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationToken given = default;
        Mock<IStoreFactory> factory = Factory(TimeSpan.FromMilliseconds(50));
        factory.Setup(mock => mock.OpenAsync(It.IsAny<StoreOpenContext>(), It.IsAny<CancellationToken>())).Returns((StoreOpenContext _, CancellationToken token) =>
        {
            given = token;
            return new ValueTask<IBackingStore>(blocksItsThread ? Task.FromResult(opening.Task.GetAwaiter().GetResult()) : opening.Task);
        });
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.AddPlugin(PluginKind.Store, "late", factory.Object);

        ControlResult result = await AddAsync(engine, "late").WaitAsync(Limit);

        Assert.Contains("did not open it within 0.05 s", result.Message);
        Assert.IsTrue(given.IsCancellationRequested);
        Mock<IStoreFactory> other = Factory(Limit);
        other.Setup(mock => mock.OpenAsync(It.IsAny<StoreOpenContext>(), It.IsAny<CancellationToken>())).Returns(new ValueTask<IBackingStore>(new HeldStore()));
        engine.AddPlugin(PluginKind.Store, "other", other.Object);
        TestEngine.Done(await AddAsync(engine, "other"));
        TaskCompletionSource closed = new();
        Mock<IBlockStore> late = new();
        late.Setup(mock => mock.DisposeAsync()).Callback(closed.SetResult);
        opening.SetResult(late.Object);
        await closed.Task.WaitAsync(Limit);
    }

    /// <summary>A web server that does not answer, for instance: that is a fault of the plugin, and it says what it is.</summary>
    [TestMethod]
    public async Task Open_ThrowsTimeoutException_IsToldAsItIs()
    {
        Mock<IStoreFactory> factory = Factory(Limit);
        factory.Setup(mock => mock.OpenAsync(It.IsAny<StoreOpenContext>(), It.IsAny<CancellationToken>())).ThrowsAsync(new TimeoutException("nobody there"));
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.AddPlugin(PluginKind.Store, "web", factory.Object);

        Assert.Contains("nobody there", (await AddAsync(engine, "web")).Message);
    }

    /// <summary>Whoever removes something whose command hangs is told so, and so is whoever comes after him; both end when the command does.</summary>
    [TestMethod]
    public async Task Remove_CommandHangs_IsAnsweredAndEndsLater()
    {
        await using TestEngine engine = await TestEngine.StartAsync(new EngineLimits { EndLimit = TimeSpan.FromMilliseconds(50) });
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> write = initiator.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        await engine.Probe.Started(1);

        ControlResult removal = await engine.Engine.RemoveUnitAsync("probe", force: true, default).AsTask().WaitAsync(Limit);
        ControlResult next = await engine.Engine.RemoveTargetAsync(TestEngine.TargetName, force: true, default).AsTask().WaitAsync(Limit);
        Task<ControlResult> other = engine.Engine.AddUnitAsync(TestEngine.Unit("other"), Owner.File, default).AsTask();

        Assert.Contains("has not returned", removal.Message);
        Assert.Contains("has not returned", next.Message);
        Assert.IsFalse(other.IsCompleted);
        engine.Probe.LetGo(1);
        TestEngine.Done(await other.WaitAsync(Limit));
        _ = await write.WaitAsync(Limit);
        Assert.IsFalse(engine.Engine.GetSnapshot().Units.Any(unit => unit.Spec.Name == "probe"));
    }

    private static Mock<IStoreFactory> Factory(TimeSpan limit)
    {
        Mock<IStoreFactory> factory = new();
        factory.SetupGet(mock => mock.Options).Returns(OptionSchema.Empty);
        factory.SetupGet(mock => mock.OpeningLimit).Returns(limit);
        return factory;
    }

    private static Task<ControlResult> AddAsync(TestEngine engine, string type) =>
        engine.Engine.AddStoreAsync(new StoreSpec(type, new PluginReference(type), OptionValues.Empty, []), Owner.File, default).AsTask();
}
