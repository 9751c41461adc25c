using TgtModular.Lio.Fabrics;
using TgtModular.Transports;

namespace TgtModular.Lio.Tests.Transport;

/// <summary>What an administrator is told. The transport is up all the same, and serves when the cause is gone.</summary>
[TestClass]
public sealed class ProblemTests
{
    [TestMethod]
    public async Task CoreModule_Missing_IsNamedAndTriedAgain()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.IsThere = false;
        fixture.MissingModules["target_core_mod"] = "modprobe: FATAL: Module target_core_mod not found";
        await fixture.StartAsync();
        Says(fixture, "/sys/kernel/config/target is not there: the kernel has no module target_core_mod (modprobe: FATAL: Module target_core_mod not found)");
        Assert.IsFalse(fixture.Transport.Condition.Serves);

        fixture.Tree.IsThere = true;
        await fixture.AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.IsNull(fixture.Problem);
        Assert.HasCount(1, fixture.Transport.Portals);
    }

    [TestMethod]
    public async Task Configfs_NotMounted_SaysHow()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.IsThere = false;
        await fixture.StartAsync();
        Says(fixture, "/sys/kernel/config/target is not there although the module target_core_mod is: configfs is not mounted (mount -t configfs none /sys/kernel/config)");
    }

    [TestMethod]
    public async Task Rights_Missing_SaysSo()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.HasRights = false;
        await fixture.StartAsync();
        Says(fixture, "no rights to change /sys/kernel/config/target: the daemon must run as root (mkdir qla2xxx: Permission denied)");
    }

    [TestMethod]
    [DataRow("qla2xxx", "tcm_qla2xxx")]
    [DataRow("ibmvscsis", "ibmvscsis")]
    [DataRow("loopback", "tcm_loop")]
    [DataRow("vhost", "vhost_scsi")]
    [DataRow("fc", "tcm_fc")]
    [DataRow("srpt", "ib_srpt")]
    public async Task FabricModule_Missing_IsNamed(string fabric, string module)
    {
        await using LioFixture fixture = new(FabricTable.All.Single(family => family.Rows[0].Directory == fabric));
        fixture.MissingModules[module] = $"modprobe: FATAL: Module {module} not found";
        fixture.Tree.Fabrics.Clear();
        await fixture.StartAsync();
        Says(fixture, $"the kernel has no fabric {fabric}: the module {module} is missing (modprobe: FATAL: Module {module} not found)");
    }

    [TestMethod]
    public async Task BackendModule_Missing_IsNamed()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.Backends.IsLoaded = false;
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}, {LioFixture.HostOne}: LUN 0: the kernel makes no backend core/user_7410: the module target_core_user is missing");
    }

    [TestMethod]
    public async Task QLogic_NoAdapter_SaysSo()
    {
        await using LioFixture fixture = LioFixture.QLogic();
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For(LioFixture.HostOne);
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}: no QLogic Fibre Channel adapter is here: /sys/class/fc_host has no port of the driver qla2xxx");

        fixture.AddQLogicPort("host7", LioFixture.PortOne, "disabled");
        await fixture.AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.IsNull(fixture.Problem, "it was put in meanwhile");
    }

    [TestMethod]
    public async Task QLogic_InitiatorMode_SaysHowToChangeIt()
    {
        await using LioFixture fixture = LioFixture.QLogic();
        fixture.AddQLogicPort("host3", LioFixture.PortOne, "enabled");
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For(LioFixture.HostOne);
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}: port {LioFixture.PortOne} (host3) is in initiator mode: put 'options qla2xxx qlini_mode=disabled' (or dual) into " +
            "/etc/modprobe.d/qla2xxx.conf and load the module anew (echo disabled >/sys/class/scsi_host/host3/qlini_mode changes it until then)");
        Assert.IsEmpty(fixture.Tree.Content.Where(path => path.Contains('/')).ToArray());
    }

    [TestMethod]
    public async Task QLogic_PortOfAnotherHost_NamesThoseOfThisOne()
    {
        await using LioFixture fixture = LioFixture.QLogic(LioFixture.PortTwo);
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For(LioFixture.HostOne);
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}: port {LioFixture.PortOne} is not of this host; its ports are {LioFixture.PortTwo} (host1)");
    }

    [TestMethod]
    public async Task QLogic_DriverRefuses_ExplainsEinval()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.Hardware.QLogic[LioFixture.PortOne].IsTaken = true;
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}: the driver does not give qla2xxx/{LioFixture.PortOne} to target mode: the port is not of this host, in initiator mode, or shutting down");
    }

    [TestMethod]
    public async Task QLogic_VirtualPortWithoutPhysical_SaysWhatItNeeds()
    {
        await using LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        string port = $"{LioFixture.PortOne}@2101001b32000001:2001001b32000001";
        fixture.AddTarget(port).With(0, "db").For(LioFixture.HostOne);
        await fixture.StartAsync();
        Says(fixture, $"{port}: its physical port {LioFixture.PortOne} must serve a target before it: make it a target of qla2xxx, with or without units");
    }

    [TestMethod]
    public async Task Ibmvscsis_NoAdapter_SaysSo()
    {
        await using LioFixture fixture = new(FabricTable.IbmVio);
        fixture.AddTarget("30000003").With(0, "root").For("*");
        await fixture.StartAsync();
        Says(fixture, "30000003: no virtual SCSI server adapter is here: the driver ibmvscsis has no device in /sys/bus/vio");
    }

    [TestMethod]
    public async Task Port_OfSomebodyElse_IsLeftAlone()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.MakeDirectory("qla2xxx");
        fixture.Tree.MakeDirectory($"qla2xxx/{LioFixture.PortOne}");
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}: qla2xxx/{LioFixture.PortOne} is in the kernel already and not made by this daemon: take it out there (targetcli), or give this target another port");

        await fixture.StopAsync();
        Assert.Contains($"qla2xxx/{LioFixture.PortOne}", fixture.Tree.Content);
    }

    [TestMethod]
    public async Task Lock_HeldByAnotherProcess_NothingIsTouched()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.MakeDirectory("qla2xxx");
        using IDisposable? other = fixture.Tree.TryLock("qla2xxx");
        await fixture.StartAsync();
        Says(fixture, "another process has /sys/kernel/config/target/qla2xxx: one daemon at a time can serve qla2xxx");
        Assert.IsFalse(fixture.Tree.Calls.Exists(call => call.StartsWith($"mkdir qla2xxx/{LioFixture.PortOne}")));
    }

    [TestMethod]
    public async Task Initiators_OnlyPatterns_SaysThatNamesAreNeeded()
    {
        await using LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For("*");
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}: no access rule names an initiator: LIO knows initiators by their whole names, patterns alone admit nobody");
    }

    [TestMethod]
    public async Task Initiators_InAnotherForm_SaysTheRightOne()
    {
        await using LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For("0x2100001b32000001", "iqn.2026-11.org.example:x");
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}: initiators of the access rules: '0x2100001b32000001' must be written 21:00:00:1b:32:00:00:01; " +
            "'iqn.2026-11.org.example:x' is not a World Wide Port_Name such as 21:00:00:24:ff:31:4c:48");
    }

    [TestMethod]
    public async Task DemoMode_UnitReachedElsewhere_IsRefusedWithReason()
    {
        await using LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        fixture.AddTarget(LioFixture.PortOne, demoMode: true).With(0, "db", elsewhere: "iscsi target iqn.x").With(1, "own").For("*");
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}, ff:ff:ff:ff:ff:ff:ff:ff: unit db is not exported: in demo mode the kernel keeps reservations for itself, and the unit can be reached through iscsi target iqn.x too");
        Assert.HasCount(1, fixture.Rings.Served);
    }

    [TestMethod]
    public async Task DemoMode_NotEverybodyAdmitted_SaysSo()
    {
        await using LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        fixture.AddTarget(LioFixture.PortOne, demoMode: true).With(0, "db").For(LioFixture.HostOne);
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}: demo_mode needs an access rule that admits everybody: access = {{ initiators = [\"*\"] }}");
    }

    [TestMethod]
    public async Task Chap_AskedFor_NobodyIsLetInWithout()
    {
        await using LioFixture fixture = Healthy();
        fixture.Engine.All[0].Authentication = new Authentication([new ChapCredential("joe", new byte[12])], null);
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}: the target asks for CHAP, which qla2xxx has not: give these initiators a target without accounts");
        Assert.IsEmpty(fixture.Rings.Served);
    }

    [TestMethod]
    public async Task Kernel_WithoutPassThrough_RefusesReservationsButServes()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.Backends.CanPassThrough = false;
        await fixture.StartAsync();
        Assert.IsNull(fixture.Problem);
        Assert.Contains(entry => entry.EventId.Id == 764, fixture.Host.Log.Entries);
        Assert.Contains(call => call.EndsWith("/attrib/emulate_pr 0"), fixture.Tree.Calls);
    }

    [TestMethod]
    public async Task Kernel_WithReservationsOfItsOwnOnly_UnitIsNotExported()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.Backends.CanPassThrough = false;
        fixture.Tree.Backends.HasEmulatePr = false;
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}, {LioFixture.HostOne}: LUN 0: unit db is not exported: this kernel (before Linux 5.0) keeps reservations of its backends to itself");
        Assert.DoesNotContain(path => path.StartsWith("core/"), fixture.Tree.Content);
    }

    [TestMethod]
    public async Task Lun_TooHigh_IsToldOfAndOthersServe()
    {
        await using LioFixture fixture = Healthy();
        _ = fixture.Engine.All[0].With(256, "far");
        await fixture.StartAsync();
        Says(fixture, $"{LioFixture.PortOne}, {LioFixture.HostOne}: LUN 256: qla2xxx has LUNs up to 255");
        Assert.HasCount(1, fixture.Rings.Served);
    }

    [TestMethod]
    public async Task Problem_Stays_IsLoggedOnce()
    {
        await using LioFixture fixture = Healthy();
        fixture.Tree.IsThere = false;
        await fixture.StartAsync();
        for (int i = 0; i < 5; i++) await fixture.AdvanceAsync(TimeSpan.FromSeconds(6));
        fixture.Tree.IsThere = true;
        await fixture.AdvanceAsync(TimeSpan.FromSeconds(6));

        Assert.HasCount(1, fixture.Host.Log.Entries.Where(entry => entry.EventId.Id == 752).ToArray());
        Assert.HasCount(1, fixture.Host.Log.Entries.Where(entry => entry.EventId.Id == 753).ToArray());
    }

    private static LioFixture Healthy()
    {
        LioFixture fixture = LioFixture.QLogic(LioFixture.PortOne);
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For(LioFixture.HostOne);
        return fixture;
    }

    private static void Says(LioFixture fixture, string problem) => Assert.AreEqual(problem, fixture.Problem);
}
