using TgtModular.Devices;
using TgtModular.Lio.Fabrics;
using TgtModular.Lio.Tests.Configfs;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Tests.Transport;

/// <summary>Targets and units that change while initiators use them.</summary>
[TestClass]
public sealed class ChangeTests
{
    [TestMethod]
    public async Task Unit_AddedAndTakenAway_OthersAreNotTouched()
    {
        await using LioFixture fixture = await StartAsync();
        FakeTarget target = fixture.Engine.All[0];
        string[] before = [.. fixture.Rings.Served.Keys];

        _ = target.With(5, "more");
        await fixture.PassAsync();
        Assert.HasCount(2, fixture.Rings.Served);
        Assert.AreEqual(5, Convert.ToInt32(fixture.Rings.Served.Values.Single(ring => !before.Contains(ring.Name)).Lun.ToString()));

        _ = target.Units.Remove(5);
        await fixture.PassAsync();
        CollectionAssert.AreEqual(before, fixture.Rings.Served.Keys.ToArray());
        Assert.DoesNotContain(call => call.StartsWith("unlink") && call.Contains("lun_0/"), fixture.Tree.Calls);
    }

    [TestMethod]
    public async Task Lun_GetsAnotherUnit_IsReplaced()
    {
        await using LioFixture fixture = await StartAsync();
        string before = fixture.Rings.Served.Keys.Single();

        _ = fixture.Engine.All[0].With(0, "other");
        await fixture.PassAsync();

        string after = fixture.Rings.Served.Keys.Single();
        Assert.AreNotEqual(before, after);
        Assert.EndsWith("/0/other", after);
    }

    [TestMethod]
    public async Task Initiator_NoLongerAdmitted_LosesItsAcl()
    {
        await using LioFixture fixture = await StartAsync();
        FakeTarget target = fixture.Engine.All[0];
        _ = target.For(LioFixture.HostTwo);
        await fixture.PassAsync();
        Assert.HasCount(2, fixture.Rings.Served);

        _ = target.Admitted.Remove(LioFixture.HostOne);
        await fixture.PassAsync();

        Assert.HasCount(1, fixture.Rings.Served);
        Assert.DoesNotContain(path => path.EndsWith($"acls/{LioFixture.HostOne}"), fixture.Tree.Content);
        Assert.AreEqual(LioFixture.HostTwo, target.Open.Single().Initiator.Name);
    }

    [TestMethod]
    public async Task LunMap_PerInitiator_EachFindsItsOwn()
    {
        await using LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        FakeTarget target = fixture.AddTarget(LioFixture.PortOne).For(LioFixture.HostOne, LioFixture.HostTwo);
        target.OwnUnits[LioFixture.HostOne] = new() { [0] = Unit(0, "one") };
        target.OwnUnits[LioFixture.HostTwo] = new() { [0] = Unit(0, "two") };
        await fixture.StartAsync();

        string group = $"qla2xxx/{LioFixture.PortOne}/tpgt_1";
        Assert.AreEqual("one", UnitAt(fixture, $"{group}/acls/{LioFixture.HostOne}/lun_0"));
        Assert.AreEqual("two", UnitAt(fixture, $"{group}/acls/{LioFixture.HostTwo}/lun_0"));
    }

    [TestMethod]
    public async Task Size_Changes_KernelIsTold()
    {
        await using LioFixture fixture = await StartAsync();
        _ = fixture.Engine.All[0].With(0, "db", blocks: 4096);
        await fixture.PassAsync();
        Assert.EndsWith("/attrib/dev_size 2097152", fixture.Tree.Calls[^1]);
        int calls = fixture.Tree.Calls.Count;
        await fixture.PassAsync();
        Assert.HasCount(calls, fixture.Tree.Calls);
    }

    [TestMethod]
    public async Task Size_NobodyListens_IsToldOfAndServesOn()
    {
        await using LioFixture fixture = await StartAsync();
        fixture.Tree.Backends.HasListener = false;
        _ = fixture.Engine.All[0].With(0, "db", blocks: 4096);
        await fixture.PassAsync();
        StringAssert.Contains(fixture.Problem, "nobody listens to the messages of TCMU");
        Assert.HasCount(1, fixture.Rings.Served);

        fixture.Tree.Backends.HasListener = true;
        await fixture.AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.IsNull(fixture.Problem);
    }

    [TestMethod]
    public async Task Nexus_EndedByTheEngine_IsOpenedAnewOnTheSameBackends()
    {
        await using LioFixture fixture = await StartAsync();
        FakeTarget target = fixture.Engine.All[0];
        NexusRequest first = target.Open.Single();
        int calls = fixture.Tree.Calls.Count;

        first.Observer.CloseRequested(NexusEnd.Reset);
        Assert.AreEqual(1, fixture.Rings.Stops, "commands wait for the next nexus");
        await fixture.PassAsync();

        Assert.AreNotSame(first, target.Open.Single());
        Assert.HasCount(calls, fixture.Tree.Calls, "the kernel's part stays");
        Assert.HasCount(1, fixture.Rings.Served);
    }

    [TestMethod]
    public async Task Ring_Fails_ExportIsMadeAnew()
    {
        await using LioFixture fixture = await StartAsync();
        int made = fixture.Tree.Backends.Made;
        fixture.Rings.Served.Values.Single().Fail("entry of 0 bytes");
        await fixture.PassAsync();

        Assert.AreEqual(made + 1, fixture.Tree.Backends.Made);
        Assert.HasCount(1, fixture.Rings.Served);
        Assert.Contains(entry => entry.EventId.Id == 765 && entry.Text.Contains("entry of 0 bytes"), fixture.Host.Log.Entries);
    }

    [TestMethod]
    public async Task Ring_CannotBeServed_NothingIsLinked()
    {
        await using LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For(LioFixture.HostOne);
        fixture.Rings.Refusal = "no /dev/uio0";
        await fixture.StartAsync();
        Assert.AreEqual($"{LioFixture.PortOne}, {LioFixture.HostOne}: LUN 0: no /dev/uio0", fixture.Problem);
        Assert.DoesNotContain(path => path.StartsWith("core/"), fixture.Tree.Content);

        fixture.Rings.Refusal = null;
        await fixture.AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.IsNull(fixture.Problem);
    }

    [TestMethod]
    public async Task DemoMode_SwitchedOff_PortIsMadeAnew()
    {
        await using LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        fixture.AddTarget(LioFixture.PortOne, demoMode: true).With(0, "db").For("*");
        await fixture.StartAsync();
        fixture.Engine.All.Clear();
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For(LioFixture.HostOne);
        await fixture.PassAsync();

        Assert.IsNull(fixture.Problem);
        Assert.AreEqual("0", fixture.Tree.Read($"qla2xxx/{LioFixture.PortOne}/tpgt_1/attrib/generate_node_acls"));
        Assert.Contains($"qla2xxx/{LioFixture.PortOne}/tpgt_1/acls/{LioFixture.HostOne}/lun_0", fixture.Tree.Content);
    }

    [TestMethod]
    public async Task Sessions_TellWhoHasWhatAndHowMuch()
    {
        await using LioFixture fixture = await StartAsync();
        SessionDescription session = fixture.Transport.GetSessions().Single();

        Assert.AreEqual(LioFixture.PortOne, session.TargetName);
        Assert.AreEqual(LioFixture.HostOne, session.InitiatorName);
        Assert.AreEqual("1 unit(s)", session.Connections.Single().State);
        Assert.AreEqual(new ConnectionTraffic(7 << 20, 7 << 20, 7), session.Connections.Single().Traffic);
        Assert.AreEqual("qla2xxx", session.Parameters["fabric"]);
        StringAssert.EndsWith(session.Parameters["lun 0"], "reservations: unit");
    }

    [TestMethod]
    public async Task Session_ClosedByTheAdministrator_AclIsMadeAnew()
    {
        await using LioFixture fixture = await StartAsync();
        ulong id = fixture.Transport.GetSessions().Single().SessionId;
        Assert.IsFalse(fixture.Transport.Close(id + 1, null));
        Assert.IsTrue(fixture.Transport.Close(id, null));
        await fixture.PassAsync();

        Assert.Contains($"rmdir qla2xxx/{LioFixture.PortOne}/tpgt_1/acls/{LioFixture.HostOne}", fixture.Tree.Calls);
        Assert.AreNotEqual(id, fixture.Transport.GetSessions().Single().SessionId);
        Assert.HasCount(1, fixture.Rings.Served);
    }

    [TestMethod]
    public async Task ThreeTransports_OneTree_DoNotDisturbEachOther()
    {
        await using LioFixture loopback = new(FabricTable.Loopback);
        loopback.AddTarget("naa.5001405000000001").With(0, "db").For("*");
        await loopback.StartAsync();
        int calls = loopback.Tree.Calls.Count;
        await using LioFixture vhost = new(FabricTable.Vhost, loopback.Tree);
        vhost.AddTarget("naa.5001405000000001").With(0, "db").For("*");
        await vhost.StartAsync();
        await using LioFixture fc = new(FabricTable.Fc, loopback.Tree);
        fc.AddTarget("20:00:02:00:00:00:0b:02").With(0, "db").For("20:00:02:00:00:00:0a:01");
        await fc.StartAsync();

        await vhost.AdvanceAsync(TimeSpan.FromSeconds(61));
        await vhost.StopAsync();
        await fc.AdvanceAsync(TimeSpan.FromSeconds(61));

        Assert.IsNull(loopback.Problem);
        Assert.IsNull(fc.Problem);
        Assert.HasCount(2, loopback.Tree.Content.Where(line => line.Contains(" -> core/")).ToArray());
        Assert.DoesNotContain(call => call.Contains("loopback") && !call.StartsWith("mkdir") && !call.StartsWith("write") && !call.StartsWith("link"), loopback.Tree.Calls.Skip(calls));
    }

    private static MappedUnit Unit(int lun, string name) => new(Lun.FromNumber(lun), name, new UnitGeometry(512, 2048, true, false));

    private static string UnitAt(LioFixture fixture, string mapped)
    {
        string lun = fixture.Tree.ReadLink($"{mapped}/{fixture.Tree.List(mapped).Single(name => name != "statistics")}");
        string backend = fixture.Tree.ReadLink($"{lun}/{fixture.Tree.List(lun).Single(name => name != "statistics")}");
        string uio = ((FakeBackend)fixture.Tree.Node(backend).State!).UioName;
        return uio[(uio.LastIndexOf('/') + 1)..];
    }

    private static async Task<LioFixture> StartAsync()
    {
        LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For(LioFixture.HostOne);
        await fixture.StartAsync();
        Assert.IsNull(fixture.Problem);
        return fixture;
    }
}
