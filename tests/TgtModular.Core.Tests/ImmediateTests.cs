using Moq;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.Core.Tests;

/// <summary>Over a store that blocks, a command runs at once where its row can do that, and else as a whole on a worker thread.</summary>
[TestClass]
public sealed class ImmediateTests
{
    private const byte Code = 0xD1;
    private const string Store = "slow";

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Command_OverBlockingStore_RunsAtOnceIfItCan(bool can)
    {
        int handled = 0;
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await LoginAsync(
            engine,
            (ScsiCommand _, out ScsiOutcome outcome) =>
            {
                outcome = default;
                return can;
            },
            _ =>
            {
                Interlocked.Increment(ref handled);
                return default;
            });

        Answer answer = await SendAsync(initiator);

        Assert.AreEqual(ScsiStatus.Good, answer.Outcome.Status);
        Assert.AreEqual(can ? 0 : 1, handled);
    }

    [TestMethod]
    public async Task Command_ImmediateThrows_InternalTargetFailureAndNextCommandRuns()
    {
        bool fails = true;
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await LoginAsync(
            engine,
            (ScsiCommand _, out ScsiOutcome outcome) =>
            {
                outcome = default;
                return fails ? throw new InvalidOperationException("probe") : true;
            },
            _ => default);

        Assert.AreEqual(Sense.InternalTargetFailure, (await SendAsync(initiator)).Outcome.Sense);
        fails = false;
        Assert.AreEqual(ScsiStatus.Good, (await SendAsync(initiator)).Outcome.Status);
    }

    private static Task<Answer> SendAsync(TestInitiator initiator) => initiator.SendAsync([Code, 0, 0, 0, 0, 0], lun: Lun.FromNumber(2));

    /// <summary>A unit with one command over a store that blocks, at LUN 2.</summary>
    private static async Task<TestInitiator> LoginAsync(TestEngine engine, ImmediateHandler immediate, CommandHandler handler)
    {
        Mock<IBlockStore> store = new();
        store.SetupGet(mock => mock.Info).Returns(new StoreInfo(StoreCapabilities.Write, StoreExecution.Blocking));
        Mock<IStoreFactory> stores = new();
        stores.SetupGet(factory => factory.Options).Returns(OptionSchema.Empty);
        stores.Setup(factory => factory.OpenAsync(It.IsAny<StoreOpenContext>(), It.IsAny<CancellationToken>())).ReturnsAsync(store.Object);
        engine.AddPlugin(PluginKind.Store, Store, stores.Object);

        Mock<IDeviceServer> server = new();
        server.SetupGet(mock => mock.CoreCommands).Returns(CoreCommands.All);
        server.SetupGet(mock => mock.Commands).Returns(new CommandTable(
        [
            new CommandDescriptor
            {
                OperationCode = Code,
                Name = "PROBE",
                UsageMask = new byte[6],
                Serialization = SerializationClass.Read,
                Reservation = ReservationRule.Allowed,
                Handler = handler,
                Immediate = immediate,
            },
        ]));
        Mock<IDeviceTypeFactory> devices = new();
        devices.SetupGet(factory => factory.Options).Returns(OptionSchema.Empty);
        devices.SetupGet(factory => factory.StoreRoles).Returns(["store"]);
        devices.Setup(factory => factory.CreateAsync(It.IsAny<DeviceServerContext>(), It.IsAny<CancellationToken>())).ReturnsAsync(server.Object);
        engine.AddPlugin(PluginKind.Device, "immediate", devices.Object);

        TestEngine.Done(await engine.Engine.AddStoreAsync(new StoreSpec("disk", new PluginReference(Store), OptionValues.Empty, []), Owner.File, default));
        UnitSpec unit = new("unit", new PluginReference("immediate"), new ValueMap<string>([KeyValuePair.Create("store", "disk")]), OptionValues.Empty);
        TestEngine.Done(await engine.Engine.AddUnitAsync(unit, Owner.File, default));
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, new TargetChange { AddLuns = [new LunSpec(2, "unit")] }, default));
        TestInitiator initiator = await engine.LoginAsync();
        Answer attention = await SendAsync(initiator);
        Assert.AreEqual(ScsiStatus.CheckCondition, attention.Outcome.Status);
        return initiator;
    }
}
