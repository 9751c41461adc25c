using System.Globalization;
using System.Net;
using System.Text;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Faults;

/// <summary>The fault table of sdk/docs/faults.md: what a plugin can do wrong at work, and who survives it.</summary>
[TestClass]
public sealed partial class PluginFaultTests
{
    private const string TargetName = "iqn.2026-11.org.tgtmodular.test:faults";
    private const int BlockLength = 512;
    private const int GoodLun = 1;
    private const int BadLun = 2;
    private const ulong FirstIsid = 0x8000_0000_0001;
    private const int NotReady = 2;
    private const int HardwareError = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static uint _sessions;
    private static readonly byte[] Kept = Encoding.ASCII.GetBytes("acknowledged".PadRight(BlockLength));

    [TestMethod]
    [DataRow("throws")]
    [DataRow("throws-later")]
    [DataRow("allocates")]
    public async Task CallThatThrows_CostsItsCommandAlone(string how)
    {
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, await ConfigureAsync(directory, port, how));
        using Session bad = Open(port, BadLun);

        ScsiReply failed = Read(bad, block: 1);

        Assert.AreEqual(ScsiReply.CheckCondition, failed.Status, $"{failed}");
        Assert.AreEqual(HardwareError, failed.SenseKey, $"{failed}");
        Assert.AreEqual(ScsiReply.Good, Read(bad, block: 0).Status);
        await daemon.StopAsync();
    }

    [TestMethod]
    [DataRow("own-thread")]
    [DataRow("pool")]
    [DataRow("async-void")]
    public async Task ThreadThatThrows_UnitsOfThePluginAreNotReady_OthersGoOn(string how)
    {
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, await ConfigureAsync(directory, port, how));
        using Session bad = Open(port, BadLun);
        Assert.AreEqual(ScsiReply.Good, Read(bad, block: 0).Status);

        _ = Read(bad, block: 1);
        _ = await daemon.Log.WaitForAsync(line => line.Contains("is not ready any more", StringComparison.Ordinal)).WaitAsync(Limit);

        ScsiReply fenced = Read(bad, block: 0);
        Assert.AreEqual(ScsiReply.CheckCondition, fenced.Status, $"{fenced}");
        Assert.AreEqual(NotReady, fenced.SenseKey, $"{fenced}");
        Assert.AreEqual(ScsiReply.Good, bad.Execute([0x12, 0, 0, 0, 36, 0], 36).Status, "INQUIRY");
        using Session good = Open(port, GoodLun);
        Write(good);
        CollectionAssert.AreEqual(Kept, Read(good, block: 0).Data);
        await daemon.StopAsync();
    }

    [TestMethod]
    [DataRow("fail-fast", "threads")]
    [DataRow("fail-fast", "auto")] // a ring where the kernel has one
    [DataRow("overflow", "threads")]
    [DataRow("native", "threads")]
    public async Task ProcessKiller_Supervised_NothingAcknowledgedIsLostAndTheSecondTimeThePluginIsLeftOut(string how, string io)
    {
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        string file = directory.Write("tgt.toml", await ConfigureAsync(directory, port, how, io));
        await using TargetDaemon supervisor = TargetDaemon.LaunchWith(directory, ["--supervise", "--config", file]);
        await supervisor.ReadyAsync();
        using (Session good = Open(port, GoodLun)) Write(good);

        for (int death = 1; death <= 2; death++)
        {
            using (Session bad = Open(port, BadLun)) Assert.Throws<Exception>(() => Read(bad, block: 1), "the session outlived the daemon");
            await supervisor.Notify.WaitForAsync("READY=1", death + 1).WaitAsync(Limit);
            using Session good = Open(port, GoodLun);
            CollectionAssert.AreEqual(Kept, Read(good, block: 0).Data);
        }

        Assert.AreEqual(2, supervisor.Log.Count("was ended by signal"), supervisor.Log.ToString());
        Assert.AreEqual(2, supervisor.Log.Count("ended by code of plugin store-killer 1.0.0"), supervisor.Log.ToString());
        Assert.AreEqual(1, supervisor.Log.Count("[402] plugin store-killer 1.0.0"), supervisor.Log.ToString());
        await supervisor.StopAsync();
    }

    [TestMethod]
    public async Task KilledFromOutsideTwice_Supervised_NoPluginIsSuspect()
    {
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        string file = directory.Write("tgt.toml", await ConfigureAsync(directory, port, "throws"));
        await using TargetDaemon supervisor = TargetDaemon.LaunchWith(directory, ["--supervise", "--config", file]);
        await supervisor.ReadyAsync();

        for (int death = 1; death <= 2; death++)
        {
            using System.Diagnostics.Process daemon = System.Diagnostics.Process.GetProcessById(supervisor.Child());
            daemon.Kill();
            await supervisor.Notify.WaitForAsync("READY=1", death + 1).WaitAsync(Limit);
        }

        Assert.AreEqual(0, supervisor.Log.Count("died twice"), supervisor.Log.ToString());
        using Session bad = Open(port, BadLun);
        Assert.AreEqual(ScsiReply.Good, Read(bad, block: 0).Status);
        bad.Logout();
        await supervisor.StopAsync();
    }

    [TestMethod]
    public async Task WrongConfiguration_Supervised_EndsWithTheDaemonsStatus()
    {
        using TempDirectory directory = new();
        string file = directory.Write("tgt.toml", "nonsense = 1\n");
        await using TargetDaemon supervisor = TargetDaemon.LaunchWith(directory, ["--supervise", "--config", file]);
        Assert.AreEqual(2, await supervisor.ExitAsync(Limit));
    }

    private static Session Open(int port, int lun)
    {
        Session session = Connect(port, lun);
        session.TestUnitReady();
        return session;
    }

    /// <summary>A session beside the others: with the ISID of one of them it would take that one's place (RFC 7143 section 6.3.5).</summary>
    private static Session Connect(int port, int lun) => Session.Open(
        new TargetAddress(new IPEndPoint(IPAddress.Loopback, port), TargetName, lun), new LoginWishes { Isid = FirstIsid + Interlocked.Increment(ref _sessions) });

    private static ScsiReply Read(Session session, byte block) => session.Execute([0x28, 0, 0, 0, 0, block, 0, 0, 1, 0], BlockLength);

    /// <summary>With FUA: what is acknowledged is stable.</summary>
    private static void Write(Session session) =>
        Assert.AreEqual(ScsiReply.Good, session.Execute([0x2A, 0x08, 0, 0, 0, 0, 0, 0, 1, 0], 0, Kept).Status);

    private static async Task<string> ConfigureAsync(TempDirectory directory, int port, string how, string io = "threads", string execution = "Asynchronous")
    {
        string plugins = directory.File("plugins");
        OutsidePlugin.PrivateDirectory(plugins);
        await OutsidePlugin.DropInAsync("1.0.0", Path.Combine(plugins, OutsidePlugin.Killer), OutsidePlugin.Killer);
        return string.Create(CultureInfo.InvariantCulture, $$"""
            state_directory = "{{directory.File("state")}}"
            plugin_directories = ["{{plugins}}"]
            [transport.iscsi]
            listen = ["127.0.0.1:{{port}}"]
            loops = 1
            nop_interval = "0s"
            [store.good]
            type = "file"
            path = "{{directory.File("good.img")}}"
            size = "1MiB"
            io = "{{io}}"
            [store.bad]
            type = "killer"
            how = "{{how}}"
            execution = "{{execution}}"
            gate = "{{directory.File("gate")}}"
            [unit.good]
            device = "sbc"
            store = "good"
            [unit.bad]
            device = "sbc"
            store = "bad"
            [[target]]
            iscsi.name = "{{TargetName}}"
            access = { addresses = ["127.0.0.0/8"] }
            luns = [{ number = {{GoodLun}}, unit = "good" }, { number = {{BadLun}}, unit = "bad" }]
            """);
    }
}
