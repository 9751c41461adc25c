using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Tools;

/// <summary>The first thing a new user does: the daemon without a configuration.</summary>
[TestClass]
public sealed class DemoTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task Demo_NoConfiguration_ServesOneGibibyteAndTellsHowToReachIt()
    {
        Require();
        string tool = Tool.Require("iscsi-ls", "libiscsi-bin");
        using TempDirectory directory = new();
        string portal = $"127.0.0.1:{TargetDaemon.FreePort()}";
        await using TargetDaemon daemon = TargetDaemon.LaunchWith(directory, Arguments(directory, portal));
        await daemon.ReadyAsync();

        string ls = (await Tool.RunAsync(tool, ["-s", $"iscsi://{portal}"], Limit)).MustSucceed();
        StringAssert.Contains(ls, "Type:DIRECT_ACCESS (Size:1023M)");
        string printed = daemon.Log.ToString();
        StringAssert.Contains(printed, $"iscsi-ls -s iscsi://{portal}");
        StringAssert.Contains(printed, $"iscsiadm -m discovery -t sendtargets -p {portal}");
        StringAssert.Contains(printed, "qemu-img");
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Demo_WrittenAndStartedAgain_DataStays()
    {
        Require();
        string tool = Tool.Require("qemu-io", "qemu-utils");
        using TempDirectory directory = new();
        string portal = $"127.0.0.1:{TargetDaemon.FreePort()}";
        string url;
        await using (TargetDaemon first = TargetDaemon.LaunchWith(directory, Arguments(directory, portal)))
        {
            await first.ReadyAsync();
            url = first.Log.Lines.SelectMany(line => line.Split(' ')).First(word => TargetAddress.TryParse(word, out _));
            _ = (await Tool.RunAsync(tool, ["-f", "raw", "-c", "write -P 0x6b 512M 64k", "-c", "flush", url], Limit)).MustSucceed();
            await first.StopAsync();
        }

        await using TargetDaemon second = TargetDaemon.LaunchWith(directory, Arguments(directory, portal));
        await second.ReadyAsync();
        ToolResult read = await Tool.RunAsync(tool, ["-f", "raw", "-c", "read -P 0x6b 512M 64k", url], Limit);
        Assert.IsFalse(read.MustSucceed().Contains("failed", StringComparison.Ordinal), read.Output);
        await second.StopAsync();
    }

    [TestMethod]
    public async Task Demo_PortInUse_TellsHowToChooseAnother()
    {
        Require();
        using TempDirectory directory = new();
        using TempDirectory second = new();
        string portal = $"127.0.0.1:{TargetDaemon.FreePort()}";
        await using TargetDaemon first = TargetDaemon.LaunchWith(directory, Arguments(directory, portal));
        await first.ReadyAsync();
        await using TargetDaemon daemon = TargetDaemon.LaunchWith(second, Arguments(second, portal));

        Assert.AreEqual(1, await daemon.ExitAsync(Limit), daemon.Log.ToString());

        StringAssert.Contains(daemon.Log.ToString(), "--portal");
        await first.StopAsync();
    }

    /// <summary>Root's state directory is the system's: a test has its own.</summary>
    private static string[] Arguments(TempDirectory directory, string portal) => ["--portal", portal, "--state-directory", directory.File("state")];

    private static void Require()
    {
        TargetDaemon.Require();
        if (File.Exists("/etc/tgt/tgt.toml"))
            Assert.Inconclusive("/etc/tgt/tgt.toml is there: the daemon would serve that, not the demo disk");
    }
}
