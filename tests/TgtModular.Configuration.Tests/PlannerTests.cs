using TgtModular.Configuration.Tests.Doubles;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;

namespace TgtModular.Configuration.Tests;

[TestClass]
public sealed class PlannerTests
{
    private const string Base = """
        [transport.iscsi]
        listen = ["127.0.0.1:3260"]
        [store.slow]
        type = "fault"
        over = "db"
        [store.db]
        type = "file"
        path = "/srv/db.img"
        size = "20GiB"
        [store.log]
        type = "memory"
        size = "1GiB"
        [unit.db]
        device = "sbc"
        store = "slow"
        [unit.log]
        device = "sbc"
        store = "log"
        [[target]]
        iscsi.name = "iqn.x:db"
        access = { addresses = ["10.0.0.0/8"] }
        luns = [{ number = 1, unit = "db" }]
        [[target]]
        iscsi.name = "iqn.x:log"
        access = { initiators = ["iqn.i:*"] }
        luns = [{ number = 1, unit = "log" }]
        """;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void EmptyEngine_WholeFile_IsBuiltFromTheBottomUpWithTransportsLast() => Assert.AreEqual(
        """
        + store 'db': file path=/srv/db.img size=20GiB
        + store 'log': memory size=1GiB
        + store 'slow': fault over db
        + unit 'db': sbc store=slow
        + unit 'log': sbc store=log
        + target 'iqn.x:db': in iscsi as iqn.x:db, admits addresses 10.0.0.0/8, LUN 1 is unit db
        + target 'iqn.x:log': in iscsi as iqn.x:log, admits initiators iqn.i:*, LUN 1 is unit log
        + transport 'iscsi': iscsi listen=127.0.0.1:3260

        """,
        Planner.Compute(EngineSnapshot.Empty, Bound.State(Base), prune: false).ToText());

    [TestMethod]
    public async Task SameFile_Again_HasNothingToDo()
    {
        FakeEngine engine = await MadeAsync(Base);
        Plan plan = Planner.Compute(engine.GetSnapshot(), Bound.State(Base), prune: false);
        Assert.IsTrue(plan.IsEmpty, plan.ToText());
        Assert.AreEqual("Nothing to do: everything is as the file says.\n", plan.ToText());
    }

    [TestMethod]
    [DataRow("10.0.0.0/8", "10.0.0.0/9", "~ target 'iqn.x:db': admits addresses 10.0.0.0/9\n")]
    [DataRow("number = 1, unit = \"log\"", "number = 7, unit = \"log\"", "~ target 'iqn.x:log': no longer LUN 1 is unit log, LUN 7 is unit log\n")]
    [DataRow("size = \"20GiB\"", "size = \"21GiB\"", "~ store 'db': grows from 20GiB to 21GiB\n")]
    [DataRow("size = \"20GiB\"", "size = \"19GiB\"", "! store 'db' has 20GiB and the file says 19GiB: a file never shrinks a store, for that destroys data (tgtctl store resize does)\n")]
    [DataRow("size = \"20GiB\"\n", "", "Nothing to do: everything is as the file says.\n")]
    [DataRow("127.0.0.1:3260", "127.0.0.1:3261", "~ transport 'iscsi': listen=127.0.0.1:3261\n")]
    [DataRow("[\"127.0.0.1:3260\"]", "[\"127.0.0.1:3260\"]\nbacklog = 5", "- transport 'iscsi': closes 2 sessions\n+ transport 'iscsi': iscsi backlog=5 listen=127.0.0.1:3260\n")]
    [DataRow("iscsi.name = \"iqn.x:log\"", "iscsi.name = \"iqn.x:log\"\nonline = false", "~ target 'iqn.x:log': offline\n")]
    [DataRow("iscsi.name = \"iqn.x:log\"", "iscsi.name = \"iqn.x:log\"\niscsi.max_burst_length = \"64KiB\"", "~ target 'iqn.x:log': in iscsi as iqn.x:log max_burst_length=64KiB\n")]
    [DataRow("iscsi.name = \"iqn.x:log\"", "iscsi.name = \"iqn.x:new\"", "- target 'iqn.x:log': closes 1 session\n+ target 'iqn.x:new': in iscsi as iqn.x:new, admits initiators iqn.i:*, LUN 1 is unit log\n")]
    public async Task OneChange_OfOneObject_TouchesOnlyIt(string old, string changed, string expected)
    {
        FakeEngine engine = await MadeAsync(Base);
        engine.Sessions["iqn.x:log"] = 1;
        engine.Sessions["iscsi"] = 2;
        Assert.AreEqual(expected,
            Planner.Compute(engine.GetSnapshot(), Bound.State(Base.Replace(old, changed, StringComparison.Ordinal)), prune: false).ToText());
    }

    [TestMethod]
    public async Task Store_IsOpenedAnew_TakesWhatStandsOnItAlong()
    {
        FakeEngine engine = await MadeAsync(Base);
        Assert.AreEqual(
            """
            ~ target 'iqn.x:db': no longer LUN 1 is unit db
            - unit 'db'
            - store 'slow': its data stay where they are
            - store 'db': its data stay where they are
            + store 'db': file cache=direct path=/srv/db.img size=20GiB
            + store 'slow': fault over db
            + unit 'db': sbc store=slow
            ~ target 'iqn.x:db': LUN 1 is unit db

            """,
            Planner.Compute(engine.GetSnapshot(),
                Bound.State(Base.Replace("size = \"20GiB\"", "size = \"20GiB\"\ncache = \"direct\"", StringComparison.Ordinal)), prune: false).ToText());
    }

    [TestMethod]
    public async Task EmptyFile_EverythingGoes_FromTheTopDown()
    {
        FakeEngine engine = await MadeAsync(Base);
        Assert.AreEqual(
            """
            - target 'iqn.x:db'
            - target 'iqn.x:log'
            - unit 'db'
            - unit 'log'
            - store 'slow': its data stay where they are
            - store 'log': its data stay where they are
            - store 'db': its data stay where they are
            - transport 'iscsi'

            """,
            Planner.Compute(engine.GetSnapshot(), DesiredState.Empty, prune: false).ToText());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(Base)]
    [DataRow("[transport.iscsi]\n[[target]]\niscsi.name = \"iqn.x:db\"\naccess = { addresses = [\"all\"] }")]
    [DataRow("[transport.iscsi]\n[store.db]\ntype = \"memory\"\n[unit.db]\ndevice = \"sbc\"\nstore = \"db\"\n[unit.log]\ndevice = \"scc\"\n[[target]]\niscsi.name = \"iqn.x:log\"\naccess = { addresses = [\"all\"] }\nluns = [{ number = 1, unit = \"log\", initiators = [\"a\"] }, { number = 1, unit = \"db\" }]")]
    [DataRow("[transport.iscsi]\nbacklog = 3\n[unit.log]\ndevice = \"scc\"\n[unit.db]\ndevice = \"scc\"\n[[target]]\niscsi.name = \"iqn.x:log\"\naccess = { addresses = [\"all\"] }\nluns = [{ number = 1, unit = \"db\", initiators = [\"b\"] }, { number = 1, unit = \"log\", initiators = [\"a\"] }]")]
    public async Task AnyChange_Applied_LeavesNothingToDo(string toml)
    {
        foreach (string before in (string[])["", Base,
            "[unit.log]\ndevice = \"scc\"\n[unit.db]\ndevice = \"scc\"\n[transport.iscsi]\n[[target]]\niscsi.name = \"iqn.x:log\"\naccess = { addresses = [\"all\"] }\nluns = [{ number = 1, unit = \"log\", initiators = [\"a\"] }, { number = 1, unit = \"db\", initiators = [\"b\"] }]"])
        {
            FakeEngine engine = await MadeAsync(before);
            await ApplyAsync(engine, toml);
            Plan rest = Planner.Compute(engine.GetSnapshot(), Bound.State(toml), prune: false);
            Assert.IsTrue(rest.IsEmpty, rest.ToText());
            Assert.AreEqual(Bound.State(toml).Targets,
                engine.GetSnapshot().Targets.Select(target => target.Spec).OrderBy(spec => spec.Key, StringComparer.Ordinal).ToValueList());
        }
    }

    [TestMethod]
    public async Task RuntimeObjects_NotInTheFile_AreLeftAloneUnlessPruned()
    {
        FakeEngine engine = await MadeAsync("");
        await MakeAtRunTimeAsync(engine, "[unit.c]\ndevice = \"scc\"");
        Plan plan = Planner.Compute(engine.GetSnapshot(), DesiredState.Empty, prune: false);
        Assert.AreEqual("Nothing to do: everything is as the file says.\nLeft alone, made at run time (--prune removes them): unit 'c'\n", plan.ToText());
        Assert.AreEqual("- unit 'c'\n", Planner.Compute(engine.GetSnapshot(), DesiredState.Empty, prune: true).ToText());
    }

    [TestMethod]
    public async Task RuntimeObject_FileSaysTheSame_IsAdopted()
    {
        FakeEngine engine = await MadeAsync("");
        await MakeAtRunTimeAsync(engine, "[unit.c]\ndevice = \"scc\"");
        await ApplyAsync(engine, "[unit.c]\ndevice = \"scc\"");
        Assert.AreEqual(Owner.File, engine.GetSnapshot().Units.Single().Owner);
    }

    [TestMethod]
    public async Task RuntimeObject_FileSaysOtherwise_IsAConflictUnlessPruned()
    {
        FakeEngine engine = await MadeAsync("");
        await MakeAtRunTimeAsync(engine, "[unit.c]\ndevice = \"scc\"");
        DesiredState other = Bound.State("[unit.c]\ndevice = \"scc\"\nserial = \"1\"");
        Assert.AreEqual("! unit 'c' was made at run time and differs from the one in the file; remove it, or replace it with --prune\n",
            Planner.Compute(engine.GetSnapshot(), other, prune: false).ToText());
        Plan plan = Planner.Compute(engine.GetSnapshot(), other, prune: true);
        await Applier.ApplyAsync(plan, engine, TestContext.CancellationToken);
        Assert.AreEqual("1", engine.GetSnapshot().Units.Single().Spec.Serial);
        Assert.AreEqual(Owner.File, engine.GetSnapshot().Units.Single().Owner);
    }

    [TestMethod]
    public async Task Apply_StoreFails_TheRestIsDoneWithoutIt()
    {
        var engine = new FakeEngine { Failing = { "db" } };
        IReadOnlyList<StepResult> steps =
            await Applier.ApplyAsync(Planner.Compute(EngineSnapshot.Empty, Bound.State(Base), prune: false), engine, TestContext.CancellationToken);
        Assert.AreEqual(
            """
            store 'db': 'db' fails in this test
            store 'log': done
            store 'slow': skipped: store 'db' could not be made
            unit 'db': skipped: store 'slow' could not be made
            unit 'log': done
            target 'iqn.x:db': done in part: unit 'db' could not be made
            target 'iqn.x:log': done
            transport 'iscsi': done
            """,
            string.Join("\n", steps.Select(step => $"{step.Operation.Subject}: {step.Result}")));
        engine.Failing.Clear();
        Assert.AreEqual(
            "+ store 'db': file path=/srv/db.img size=20GiB\n+ store 'slow': fault over db\n+ unit 'db': sbc store=slow\n~ target 'iqn.x:db': LUN 1 is unit db\n",
            Planner.Compute(engine.GetSnapshot(), Bound.State(Base), prune: false).ToText(), "the next apply repairs it");
    }

    [TestMethod]
    public async Task Apply_OldStoreCannotGo_NewOneIsNotTried()
    {
        FakeEngine engine = await MadeAsync("[store.s]\ntype = \"memory\"");
        await MakeAtRunTimeAsync(engine, "[store.s]\ntype = \"memory\"\n[unit.r]\ndevice = \"sbc\"\nstore = \"s\"");
        DesiredState desired = Bound.State("[store.s]\ntype = \"file\"\npath = \"/x\"");
        IReadOnlyList<StepResult> steps =
            await Applier.ApplyAsync(Planner.Compute(engine.GetSnapshot(), desired, prune: false), engine, TestContext.CancellationToken);
        Assert.AreEqual("store 's' is in use by r", steps[0].Result.Message);
        Assert.AreEqual("skipped: the old one could not be removed and stays", steps[1].Result.Message);
        Assert.AreEqual("memory", engine.GetSnapshot().Stores.Single().Spec.Type.Name);
    }

    private async Task<FakeEngine> MadeAsync(string toml)
    {
        var engine = new FakeEngine();
        await ApplyAsync(engine, toml);
        return engine;
    }

    private async Task ApplyAsync(FakeEngine engine, string toml)
    {
        IReadOnlyList<StepResult> steps =
            await Applier.ApplyAsync(Planner.Compute(engine.GetSnapshot(), Bound.State(toml), prune: false), engine, TestContext.CancellationToken);
        foreach (StepResult step in steps) Assert.IsTrue(step.Result.IsOk, $"{step.Operation}: {step.Result}");
    }

    private async Task MakeAtRunTimeAsync(FakeEngine engine, string toml)
    {
        DesiredState state = Bound.State(toml);
        foreach (StoreSpec store in state.Stores) _ = await engine.AddStoreAsync(store, Owner.Runtime, TestContext.CancellationToken);
        foreach (UnitSpec unit in state.Units) _ = await engine.AddUnitAsync(unit, Owner.Runtime, TestContext.CancellationToken);
    }
}
