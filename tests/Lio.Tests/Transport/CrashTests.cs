using TgtModular.Lio.Configfs;
using TgtModular.Lio.Fabrics;

namespace TgtModular.Lio.Tests.Transport;

/// <summary>A daemon that dies, or a kernel that refuses, at any call of a sequence: nothing half-made stays, and the next try reaches the same end.</summary>
[TestClass]
public sealed class CrashTests
{
    public static IEnumerable<object[]> Scenarios => [["qla2xxx"], ["qla2xxx-npiv"], ["loopback"], ["fc"], ["ibmvscsis"]];

    [TestMethod]
    [DynamicData(nameof(Scenarios))]
    public async Task Crash_AtEveryCall_NextStartTakesOverAndReachesTheSame(string scenario)
    {
        (int calls, IReadOnlyList<string> whole) = await RunWholeAsync(scenario);
        for (int at = 0; at < calls; at++)
        {
            await using LioFixture fixture = Arrange(scenario);
            // From one call on nothing works any more: as if the process were gone.
            fixture.Tree.Fault = (number, _) => number >= at ? Errno.Interrupted : null;
            await fixture.StartAsync();
            HashSet<string> before = [.. Serving(fixture)];
            fixture.Crash();
            fixture.Tree.Fault = null;
            int made = fixture.Tree.Backends.Made;

            await fixture.StartAsync();

            Assert.IsNull(fixture.Problem, $"after a crash before call {at}");
            CollectionAssert.AreEqual(whole.ToArray(), fixture.Tree.Content.ToArray(), $"after a crash before call {at}");
            Assert.HasCount(fixture.Rings.Served.Count, Linked(whole));
            // What somebody could use already: it is the same backend still.
            Assert.IsLessThanOrEqualTo(Linked(whole).Count - before.Count, fixture.Tree.Backends.Made - made, $"backends were made anew after a crash before call {at}");
            await fixture.StopAsync();
            AssertNothingLeft(fixture, at);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Scenarios))]
    public async Task Crash_WhileStopping_NextStartRemovesTheRest(string scenario)
    {
        (int calls, _) = await RunWholeAsync(scenario);
        for (int at = 0; at < calls; at++)
        {
            await using LioFixture fixture = Arrange(scenario);
            await fixture.StartAsync();
            int stopAt = fixture.Tree.Calls.Count + at;
            fixture.Tree.Fault = (number, _) => number >= stopAt ? Errno.Interrupted : null;
            await fixture.Transport.DrainAsync(CancellationToken.None);
            fixture.Crash();
            fixture.Tree.Fault = null;
            fixture.Engine.All.Clear();

            await fixture.StartAsync();
            await fixture.AdvanceAsync(TimeSpan.FromSeconds(61));

            Assert.IsNull(fixture.Problem);
            AssertNothingLeft(fixture, at);
        }
    }

    [TestMethod]
    public async Task Stop_VirtualMachineHasThePort_ItsUnitsStayAndAreTakenOver()
    {
        const string Port = "naa.5001405000000002";
        await using LioFixture fixture = new(FabricTable.Vhost);
        _ = fixture.AddTarget(Port).With(0, "db").For("*");
        _ = fixture.AddTarget("naa.5001405000000003").With(0, "logs").For("*");
        await fixture.StartAsync();
        string ring = fixture.Rings.Served.Keys.Single(name => name.Contains(Port));
        fixture.Tree.Node($"vhost/{Port}/tpgt_1").IsHeld = true;

        await fixture.StopAsync();

        Assert.Contains("a virtual machine has it", fixture.Problem!);
        Assert.Contains(path => path.Contains($"{Port}/tpgt_1/lun/lun_0/"), fixture.Tree.Content);
        Assert.DoesNotContain(path => path.Contains("0003"), fixture.Tree.Content);

        fixture.Crash();
        int made = fixture.Tree.Backends.Made;
        await fixture.StartAsync();
        Assert.IsNull(fixture.Problem);
        Assert.IsTrue(fixture.Rings.Served.ContainsKey(ring));
        Assert.AreEqual(made + 1, fixture.Tree.Backends.Made);

        fixture.Tree.Node($"vhost/{Port}/tpgt_1").IsHeld = false;
        await fixture.StopAsync();
        Assert.IsEmpty(fixture.Tree.Content.Where(path => path.Contains('/')).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Scenarios))]
    public async Task Refusal_OfEveryCall_IsToldTakenBackAndTriedAgain(string scenario)
    {
        (int calls, IReadOnlyList<string> whole) = await RunWholeAsync(scenario);
        for (int at = 0; at < calls; at++)
        {
            await using LioFixture fixture = Arrange(scenario);
            bool refused = false;
            string call = "";
            fixture.Tree.Fault = (number, text) =>
            {
                if (number != at || refused) return null;
                refused = true;
                call = text;
                return Errno.Interrupted;
            };
            await fixture.StartAsync();

            bool matters = call != "mkdir qla2xxx_npiv" || scenario == "qla2xxx-npiv"; // without virtual ports it need not be there
            Assert.AreEqual(matters, fixture.Problem is not null, $"{call} was refused");
            Assert.HasCount(Linked(fixture.Tree.Content).Count, Backends(fixture.Tree.Content), $"backends that nobody has, after call {at} was refused");
            Assert.HasCount(Linked(fixture.Tree.Content).Count, fixture.Rings.Served);

            await fixture.AdvanceAsync(TimeSpan.FromSeconds(6));
            Assert.IsNull(fixture.Problem, $"the try after call {at} was refused");
            CollectionAssert.AreEqual(Normalize(whole), Normalize(fixture.Tree.Content), $"call {at} was refused");
        }
    }

    [TestMethod]
    public async Task Leftover_NotWantedAnyMore_GoesAfterItsTime()
    {
        await using LioFixture fixture = Arrange("loopback");
        await fixture.StartAsync();
        fixture.Crash();
        FakeTarget target = fixture.Engine.All[0];
        fixture.Engine.All.Clear();
        await fixture.StartAsync();
        Assert.HasCount(2, Linked(fixture.Tree.Content), "they may be wanted any moment");

        await fixture.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.HasCount(2, Linked(fixture.Tree.Content));
        fixture.Engine.All.Add(target);
        _ = target.Units.Remove(1);
        await fixture.PassAsync();
        Assert.HasCount(1, fixture.Rings.Served);

        await fixture.AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.HasCount(1, Linked(fixture.Tree.Content));
        Assert.Contains(call => call.EndsWith("/action/reset_ring 2"), fixture.Tree.Calls, "nobody answers it: its commands must not be waited for");
    }

    [TestMethod]
    public async Task Stop_Keep_LeavesAllForTheNextStart()
    {
        await using LioFixture fixture = Arrange("qla2xxx");
        fixture.Options["on_stop"] = "keep";
        await fixture.StartAsync();
        IReadOnlyList<string> whole = fixture.Tree.Content;
        int calls = fixture.Tree.Calls.Count;

        await fixture.StopAsync();
        Assert.IsEmpty(fixture.Rings.Served);
        Assert.IsEmpty(fixture.Engine.All[0].Open);
        fixture.Crash();
        await fixture.StartAsync();

        Assert.HasCount(calls, fixture.Tree.Calls, "nothing had to be changed");
        CollectionAssert.AreEqual(whole.ToArray(), fixture.Tree.Content.ToArray());
        Assert.HasCount(Linked(whole).Count, fixture.Rings.Served);
    }

    [TestMethod]
    public async Task Takeover_ForeignBackends_AreNotTouched()
    {
        await using LioFixture fixture = Arrange("loopback");
        fixture.Tree.MakeDirectory("core/user_0");
        fixture.Tree.MakeDirectory("core/user_0/disk");
        fixture.Tree.MakeDirectory("core/user_7401");
        fixture.Tree.MakeDirectory("core/user_7401/tgtmodular-vhost-scsi-0123456789abcdef");
        fixture.Tree.MakeDirectory("core/user_7401/tgtmodular-loopback-0123456789abcdef");

        await fixture.StartAsync();
        await fixture.AdvanceAsync(TimeSpan.FromSeconds(61));
        await fixture.StopAsync();

        CollectionAssert.AreEqual(
            new[] { "core/user_0", "core/user_0/disk", "core/user_7401", "core/user_7401/tgtmodular-vhost-scsi-0123456789abcdef" },
            fixture.Tree.Content.Where(path => path.StartsWith("core/")).ToArray());
    }

    private static LioFixture Arrange(string scenario)
    {
        LioFixture fixture;
        switch (scenario)
        {
            case "qla2xxx":
                fixture = LioFixture.QLogic(LioFixture.PortOne);
                fixture.AddTarget(LioFixture.PortOne).With(0, "db").With(1, "logs").For(LioFixture.HostOne, LioFixture.HostTwo);
                return fixture;
            case "qla2xxx-npiv":
                fixture = LioFixture.QLogic(LioFixture.PortOne);
                fixture.AddTarget(LioFixture.PortOne).With(0, "db").For(LioFixture.HostOne);
                fixture.AddTarget($"{LioFixture.PortOne}@2101001b32000001:2001001b32000001").With(0, "db").For(LioFixture.HostOne);
                return fixture;
            case "fc":
                fixture = new LioFixture(FabricTable.Fc);
                fixture.AddTarget("20:00:02:00:00:00:0b:02").With(0, "db").With(3, "logs").For("20:00:02:00:00:00:0a:01");
                return fixture;
            case "ibmvscsis":
                fixture = new LioFixture(FabricTable.IbmVio);
                fixture.Tree.Hardware.Vio.Add("30000003");
                fixture.WriteSysfs("bus/vio/drivers/ibmvscsis/30000003/name", "v-scsi-host");
                fixture.AddTarget("30000003").With(0, "root").For("*");
                return fixture;
            default:
                fixture = new LioFixture(FabricTable.Loopback);
                fixture.AddTarget("naa.5001405000000001").With(0, "db").With(1, "logs").For("*");
                return fixture;
        }
    }

    private static async Task<(int Calls, IReadOnlyList<string> Content)> RunWholeAsync(string scenario)
    {
        await using LioFixture fixture = Arrange(scenario);
        await fixture.StartAsync();
        return (fixture.Tree.Calls.Count, fixture.Tree.Content);
    }

    private static List<string> Linked(IEnumerable<string> content) => [.. content.Where(line => line.Contains(" -> core/"))];

    /// <summary>Links through which an initiator reaches a backend.</summary>
    private static IEnumerable<string> Serving(LioFixture fixture) => fixture.Family.Rows[0].Nexus == NexusRule.Acls
        ? fixture.Tree.Content.Where(line => line.Contains("/acls/") && line.Contains(" -> "))
        : Linked(fixture.Tree.Content);

    private static List<string> Backends(IEnumerable<string> content) => [.. content.Where(line => line.StartsWith("core/") && line.Count(c => c == '/') == 2)];

    /// <summary>LUN numbers within a group depend on what came first; who finds which unit does not.</summary>
    private static string[] Normalize(IEnumerable<string> content) =>
        [.. content.Select(line => System.Text.RegularExpressions.Regex.Replace(line, "/lun/lun_[0-9]+", "/lun/lun")).Order(StringComparer.Ordinal)];

    private static void AssertNothingLeft(LioFixture fixture, int at) =>
        Assert.IsEmpty(fixture.Tree.Content.Where(path => path.Contains('/')).ToArray(), $"left after a crash before call {at}");
}
