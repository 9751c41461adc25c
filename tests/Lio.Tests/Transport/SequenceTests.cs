using System.Text.RegularExpressions;
using TgtModular.Lio.Fabrics;
using TgtModular.Lio.Transport;

namespace TgtModular.Lio.Tests.Transport;

/// <summary>
/// Every call on the tree, in order, as it was checked against the sources of Linux 6.1. The lists are golden: what is in them reaches the kernel of machines
/// that no test of ours has. Names of backends are shortened to B1, B2 ... in the order they come.
/// </summary>
[TestClass]
public sealed partial class SequenceTests
{
    [TestMethod]
    public Task QLogic_OnePortTwoInitiators_Golden() => CompareAsync("qla2xxx-one-port", LioFixture.QLogic(LioFixture.PortOne), fixture =>
    {
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").With(1, "logs").For(LioFixture.HostOne, LioFixture.HostTwo);
    });

    [TestMethod]
    public Task QLogic_TwoPorts_Golden() => CompareAsync("qla2xxx-two-ports", LioFixture.QLogic(LioFixture.PortOne, LioFixture.PortTwo), fixture =>
    {
        fixture.AddTarget(LioFixture.PortOne).With(0, "db").For(LioFixture.HostOne);
        fixture.AddTarget(LioFixture.PortTwo).With(0, "db").For(LioFixture.HostOne);
    });

    [TestMethod]
    public Task QLogic_VirtualPort_Golden() => CompareAsync("qla2xxx-virtual-port", LioFixture.QLogic(LioFixture.PortOne), fixture =>
    {
        fixture.AddTarget($"{LioFixture.PortOne}@2101001b32000001:2001001b32000001").With(0, "db").For(LioFixture.HostOne);
        fixture.AddTarget(LioFixture.PortOne);
    });

    [TestMethod]
    public Task QLogic_DemoMode_Golden() => CompareAsync("qla2xxx-demo-mode", LioFixture.QLogic(LioFixture.PortOne), fixture =>
    {
        fixture.AddTarget(LioFixture.PortOne, demoMode: true).With(0, "db").For("*");
    });

    [TestMethod]
    public Task Ibmvscsis_TwoUnits_Golden() => CompareAsync("ibmvscsis", new LioFixture(FabricTable.IbmVio), fixture =>
    {
        fixture.Tree.Hardware.Vio.Add("30000003");
        fixture.WriteSysfs("bus/vio/drivers/ibmvscsis/30000003/name", "v-scsi-host");
        fixture.AddTarget("30000003").With(0, "root").With(1, "data").For("*");
    });

    [TestMethod]
    public Task Loopback_OneUnit_Golden() => CompareAsync("loopback", new LioFixture(FabricTable.Loopback), fixture =>
    {
        fixture.AddTarget("naa.5001405000000001").With(0, "db").For("*");
    });

    [TestMethod]
    public Task Vhost_OneUnit_Golden() => CompareAsync("vhost", new LioFixture(FabricTable.Vhost), fixture =>
    {
        fixture.AddTarget("naa.5001405000000002").With(3, "db").For("*");
    });

    [TestMethod]
    public Task Fc_OneInitiator_Golden() => CompareAsync("fc", new LioFixture(FabricTable.Fc), fixture =>
    {
        fixture.AddTarget("20:00:02:00:00:00:0b:02").With(0, "db").For("20:00:02:00:00:00:0a:01");
    });

    [TestMethod]
    public Task Srpt_OneInitiator_Golden() => CompareAsync("srpt", new LioFixture(FabricTable.Srpt), fixture =>
    {
        const string Port = "0xfe80000000000000505400fffe123456";
        fixture.Options[LioOptions.RdmaPort] = 5555L;
        fixture.Tree.Hardware.Rdma.Add(Port);
        fixture.WriteSysfs("class/infiniband/rxe0/ports/1/gids/0", "fe80:0000:0000:0000:5054:00ff:fe12:3456");
        fixture.AddTarget(Port).With(0, "db").For("0xfe80000000000000505400fffeabcdef");
    });

    private static async Task CompareAsync(string golden, LioFixture fixture, Action<LioFixture> arrange)
    {
        await using LioFixture _ = fixture;
        arrange(fixture);

        await fixture.StartAsync();
        Assert.IsNull(fixture.Problem);
        string[] made = [.. fixture.Tree.Calls];
        await fixture.StopAsync();

        string[] all = [.. made, "# stop", .. fixture.Tree.Calls[made.Length..]];
        string actual = Shorten(string.Join('\n', all)) + "\n";
        string file = Path.Combine(AppContext.BaseDirectory, "Transport", "Golden", golden + ".txt");
        string expected = File.Exists(file) ? await File.ReadAllTextAsync(file) : "";
        Assert.AreEqual(expected, actual, $"{golden}.txt differs; it should be:\n{actual}");
        Assert.IsEmpty(fixture.Tree.Content.Where(path => path.Contains('/')).ToArray(), "what a stop leaves");
    }

    private static string Shorten(string calls)
    {
        Dictionary<string, string> names = [];
        return BackendName().Replace(calls, match =>
        {
            if (!names.TryGetValue(match.Value, out string? name)) names[match.Value] = name = $"B{names.Count + 1}";
            return name;
        });
    }

    [GeneratedRegex("tgtmodular-[a-z0-9-]+-[0-9a-f]{16}")]
    private static partial Regex BackendName();
}
