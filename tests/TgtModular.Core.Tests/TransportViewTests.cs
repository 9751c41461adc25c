using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Tests;

/// <summary>What a transport learns of a target before anybody logs in: who is named, and what each would find.</summary>
[TestClass]
public sealed class TransportViewTests
{
    private static readonly InitiatorIdentity First = new("first");

    [TestMethod]
    public async Task NamedInitiators_RulesAndMap_WholeNamesOnce()
    {
        await using TestEngine engine = await StartAsync();
        ITransportTarget target = engine.Host.FindTarget(TestEngine.TargetName)!;
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, new TargetChange
        {
            Access = new AccessRules([new AccessRule([], [new NamePattern("first"), new NamePattern("any*")]), new AccessRule([], [new NamePattern("FIRST")])]),
            AddLuns = [new LunSpec(2, "other", [new NamePattern("second"), new NamePattern("?")])],
        }, default));

        CollectionAssert.AreEqual(new[] { "first", "second" }, target.NamedInitiators.ToArray());
    }

    [TestMethod]
    public async Task GetUnits_MapOfOneInitiator_ItsUnitsWithoutController()
    {
        await using TestEngine engine = await StartAsync();
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, new TargetChange
        {
            AddLuns = [new LunSpec(0, "other", [new NamePattern("first")])],
        }, default));
        ITransportTarget target = engine.Host.FindTarget(TestEngine.TargetName)!;

        Assert.AreEqual("0 other, 1 probe", Describe(target.GetUnits(First)));
        Assert.AreEqual("1 probe", Describe(target.GetUnits(new InitiatorIdentity("second"))));
    }

    [TestMethod]
    public async Task GetUnits_MappedByAnotherTarget_SaysWhere()
    {
        await using TestEngine engine = await StartAsync();
        ITransportTarget target = engine.Host.FindTarget(TestEngine.TargetName)!;
        Assert.IsNull(target.GetUnits(First).Single().Elsewhere);

        TestEngine.Done(await engine.Engine.AddTargetAsync(
            new TargetSpec("twin") { Transports = [new TargetTransportSpec("test", "twin", OptionValues.Empty)], Luns = [new LunSpec(5, "probe")] },
            Owner.File, default));
        Assert.AreEqual("test target twin", target.GetUnits(First).Single().Elsewhere);

        TestEngine.Done(await engine.Engine.RemoveTargetAsync("twin", force: false, default));
        Assert.IsNull(target.GetUnits(First).Single().Elsewhere);
    }

    [TestMethod]
    public async Task OpenNexus_PortHasANameOfItsOwn_IsShown()
    {
        await using TestEngine engine = await StartAsync();
        INexus nexus = engine.Host.FindTarget(TestEngine.TargetName)!.OpenNexus(
            new NexusRequest(First, TransportId.ForFibreChannel(1), 0, new RecordingObserver(), 8) { PortName = "2100001122334455" })!;

        Assert.AreEqual("2100001122334455", nexus.TargetPort.PortName);
        Assert.AreEqual(TestEngine.TargetName, nexus.TargetPort.TargetName);
        await nexus.CloseAsync(NexusEnd.Logout);
    }

    private static string Describe(IReadOnlyList<MappedUnit> units) => string.Join(", ", units.Select(unit => $"{unit.Lun} {unit.Unit}"));

    private static async Task<TestEngine> StartAsync()
    {
        TestEngine engine = await TestEngine.StartAsync();
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("other"), Owner.File, default));
        return engine;
    }
}
