using TgtModular.Lio.Fabrics;
using TgtModular.Lio.Transport;
using TgtModular.Plugins;

namespace TgtModular.Lio.Tests.Transport;

/// <summary>Where srpt answers the RDMA connection manager: one number for the whole fabric, which may be somebody else's.</summary>
[TestClass]
public sealed class RdmaPortTests
{
    private const string Path = "srpt/discovery_auth/rdma_cm_port";
    private const string Port = "0xfe80000000000000505400fffe123456";

    [TestMethod]
    public async Task Option_NotGiven_TouchesNothing()
    {
        await using LioFixture fixture = Arrange(null);
        await fixture.StartAsync();
        await fixture.StopAsync();
        Assert.DoesNotContain(call => call.Contains("rdma_cm_port"), fixture.Tree.Calls);
    }

    [TestMethod]
    public async Task Option_ChangedAndTakenAway_IsFollowed()
    {
        await using LioFixture fixture = Arrange(5555);
        await fixture.StartAsync();
        Assert.AreEqual("5555", fixture.Tree.Read(Path));

        await fixture.Transport.ReconfigureAsync(Values(fixture, 5556), CancellationToken.None);
        Assert.AreEqual("5556", fixture.Tree.Read(Path));

        await fixture.Transport.ReconfigureAsync(Values(fixture, null), CancellationToken.None);
        Assert.AreEqual("0", fixture.Tree.Read(Path));
        Assert.IsNull(fixture.Problem);
    }

    [TestMethod]
    public async Task Number_OfSomebodyElse_StaysAndIsToldOf()
    {
        await using LioFixture fixture = Arrange(5555);
        fixture.Tree.MakeDirectory("srpt");
        fixture.Tree.Write(Path, "7777");
        await fixture.StartAsync();
        Assert.AreEqual($"{Port}: /sys/kernel/config/target/{Path} is 7777 already, by somebody else: write 0 there, or make rdma_port 7777", fixture.Problem);

        await fixture.Transport.ReconfigureAsync(Values(fixture, 7777), CancellationToken.None);
        Assert.IsNull(fixture.Problem);
        await fixture.StopAsync();
        Assert.AreEqual("7777", fixture.Tree.Read(Path), "it was never ours");
    }

    [TestMethod]
    public async Task Number_InUse_IsToldAndTriedAgain()
    {
        await using LioFixture fixture = Arrange(5555);
        _ = fixture.Tree.Hardware.UsedRdmaPorts.Add(5555);
        await fixture.StartAsync();
        Assert.AreEqual($"{Port}: rdma_port 5555 is in use by something else", fixture.Problem);

        fixture.Tree.Hardware.UsedRdmaPorts.Clear();
        await fixture.AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.IsNull(fixture.Problem);
        Assert.AreEqual("5555", fixture.Tree.Read(Path));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Crash_NextStart_KnowsItForItsOwn(bool isStillWanted)
    {
        await using LioFixture fixture = Arrange(5555);
        await fixture.StartAsync();
        fixture.Crash();
        if (!isStillWanted) fixture.Options.Clear();

        await fixture.StartAsync();
        Assert.AreEqual(isStillWanted ? "5555" : "0", fixture.Tree.Read(Path));
        await fixture.StopAsync();
        Assert.AreEqual("0", fixture.Tree.Read(Path));
    }

    [TestMethod]
    public async Task Kernel_WithoutIt_IsToldOf()
    {
        await using LioFixture fixture = Arrange(5555);
        fixture.Tree.MakeDirectory("srpt");
        _ = fixture.Tree.Node("srpt/discovery_auth").Attributes.Remove("rdma_cm_port");
        await fixture.StartAsync();
        Assert.Contains("leave rdma_port out", fixture.Problem!);
    }

    private static LioFixture Arrange(int? number)
    {
        LioFixture fixture = new(FabricTable.Srpt);
        if (number is { } given) fixture.Options[LioOptions.RdmaPort] = (long)given;
        _ = fixture.Tree.Hardware.Rdma.Add(Port);
        fixture.WriteSysfs("class/infiniband/rxe0/ports/1/gids/0", "fe80:0000:0000:0000:5054:00ff:fe12:3456");
        fixture.AddTarget(Port).With(0, "db").For("0x0000000000000000505400fffeabcdef");
        return fixture;
    }

    private static OptionValues Values(LioFixture fixture, int? number) =>
        new(LioOptions.For(fixture.Family), number is { } given ? new Dictionary<string, object> { [LioOptions.RdmaPort] = (long)given } : []);
}
