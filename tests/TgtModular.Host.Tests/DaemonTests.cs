using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TgtModular.Host.Tests.Harness;

namespace TgtModular.Host.Tests;

/// <summary>The daemon's life: ready, reload, end; one at a time; wrong input.</summary>
[TestClass]
public sealed class DaemonTests
{
    private const string Memory = "[store.m]\ntype = \"memory\"\nsize = \"1MiB\"\n";

    [TestMethod]
    public async Task Start_Ready_SaysSoAndEndsInOrderWhenAsked()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = sandbox.Launch(Memory);
        Dictionary<string, string> ready = await daemon.Notify.WaitForAsync("READY=1", daemon);
        Assert.AreEqual("0 targets with 0 units", ready["STATUS"]);
        daemon.Terminate();
        _ = await daemon.Notify.WaitForAsync("STOPPING=1", daemon);
        Assert.AreEqual(0, await daemon.ExitAsync(), daemon.Log);
        StringAssert.Contains(daemon.Log, "ended in order", StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(sandbox.Socket), "the control socket goes with the daemon");
    }

    [TestMethod]
    public async Task HangUp_FileChanged_IsAppliedBetweenReloadingAndReady()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Memory);
        _ = sandbox.Write("tgt.toml", Memory + "[unit.m]\ndevice = \"sbc\"\nstore = \"m\"\n");
        daemon.HangUp();
        Dictionary<string, string> reloading = await daemon.Notify.WaitForAsync("RELOADING=1", daemon);
        Assert.IsGreaterThan(0L, long.Parse(reloading["MONOTONIC_USEC"], CultureInfo.InvariantCulture));
        Dictionary<string, string> ready = await daemon.Notify.WaitForAsync("READY=1", daemon);
        Assert.AreEqual("0 targets with 1 unit", ready["STATUS"]);
        StringAssert.Contains((await sandbox.ToolAsync("unit", "list")).MustSucceed(), "m     sbc", StringComparison.Ordinal);
        await daemon.StopAsync();
    }

    [TestMethod]
    [DataRow("path = \"/srv/a\\u0000b\"", "3:8: a text with a NUL character (\\u0000) in it")]
    [DataRow("path = \"\"", "3:8: option 'path' of store 'f' (type 'file') wants a path, not \"\"")]
    public async Task HangUp_PathIsNone_DaemonServesOn(string path, string expected)
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Memory);
        _ = sandbox.Write("tgt.toml", $"[store.f]\ntype = \"file\"\n{path}\nsize = \"1MiB\"\n");
        daemon.HangUp();
        _ = await daemon.Notify.WaitForAsync("RELOADING=1", daemon);
        _ = await daemon.Notify.WaitForAsync("READY=1", daemon);
        StringAssert.Contains((await sandbox.ToolAsync("store", "list")).MustSucceed(), "m     memory", StringComparison.Ordinal);
        await daemon.StopAsync();
        StringAssert.Contains(daemon.Log, $"{sandbox.Path("tgt.toml")}:{expected}", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task HangUp_FileIsWrong_AllIsToldAndEverythingStays()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Memory);
        _ = sandbox.Write("tgt.toml", "[store.m]\ntype = \"memori\"\n[unit.m]\ndevise = \"sbc\"\n");
        daemon.HangUp();
        _ = await daemon.Notify.WaitForAsync("RELOADING=1", daemon);
        _ = await daemon.Notify.WaitForAsync("READY=1", daemon);
        StringAssert.Contains((await sandbox.ToolAsync("store", "list")).MustSucceed(), "m     memory", StringComparison.Ordinal);
        await daemon.StopAsync();
        StringAssert.Contains(daemon.Log, $"{sandbox.Path("tgt.toml")}:2:8: ", StringComparison.Ordinal);
        StringAssert.Contains(daemon.Log, "(did you mean 'memory'?)", StringComparison.Ordinal);
        StringAssert.Contains(daemon.Log, $"{sandbox.Path("tgt.toml")}:3:1: ", StringComparison.Ordinal);
        StringAssert.Contains(daemon.Log, "everything stays as it was", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task StateDirectory_CannotBeUsed_OneMessageAndNoStart()
    {
        await using var sandbox = new Sandbox();
        _ = sandbox.Write("tgt.toml", Memory);
        _ = Directory.CreateDirectory(sandbox.Path("state"));
        _ = sandbox.Write("state/plugins", "a file where a directory is wanted");
        DaemonProcess daemon = sandbox.Launch(["--config", sandbox.Path("tgt.toml"), "--state-directory", sandbox.Path("state")]);
        Assert.AreEqual(1, await daemon.ExitAsync());
        StringAssert.Contains(daemon.Log, $"state directory {sandbox.Path("state")} cannot be used: ", StringComparison.Ordinal);
        Assert.IsFalse(daemon.Log.Contains("   at ", StringComparison.Ordinal), daemon.Log);
    }

    [TestMethod]
    public async Task SecondDaemon_SameStateDirectory_IsRefusedWithTheProcessOfTheFirst()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess first = await sandbox.StartAsync(Memory);
        DaemonProcess second =
            sandbox.Launch(["--config", sandbox.Path("tgt.toml"), "--state-directory", sandbox.Path("state"), "--control-socket", sandbox.Path("other.sock")]);
        Assert.AreEqual(1, await second.ExitAsync());
        StringAssert.Contains(second.Log, $"another tgtd (process {first.Id}) uses state directory {sandbox.Path("state")}", StringComparison.Ordinal);
        await first.StopAsync();
    }

    [TestMethod]
    public async Task SecondDaemon_SameControlSocket_IsRefusedAndTheFirstServesOn()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess first = await sandbox.StartAsync(Memory);
        DaemonProcess second = sandbox.Launch(["--config", sandbox.Path("tgt.toml"), "--state-directory", sandbox.Path("state2")]);
        Assert.AreEqual(1, await second.ExitAsync());
        StringAssert.Contains(second.Log, $"another tgtd (process {first.Id}) uses control socket {sandbox.Socket}", StringComparison.Ordinal);
        _ = (await sandbox.ToolAsync("daemon")).MustSucceed();
        await first.StopAsync();
    }

    [TestMethod]
    public async Task Start_AfterACrash_TakesOverTheSocketThatWasLeft()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess first = await sandbox.StartAsync(Memory);
        await first.KillAsync();
        Assert.IsTrue(File.Exists(sandbox.Socket));
        (await sandbox.ToolAsync("daemon")).MustFail(3, $"tgtctl: no daemon listens on {sandbox.Socket}: the one that did has ended; start tgtd");
        DaemonProcess second = await sandbox.StartAsync(Memory);
        _ = (await sandbox.ToolAsync("daemon")).MustSucceed();
        await second.StopAsync();
    }

    [TestMethod]
    public async Task ControlSocket_OfARunningDaemon_IsItsUsersAlone()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Memory);
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(sandbox.Socket));
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(sandbox.Path("state")));
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Watchdog_ManagerAsksForIt_IsAnswered()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = sandbox.Launch(
            ["--config", sandbox.Write("tgt.toml", Memory), "--state-directory", sandbox.Path("state")],
            new Dictionary<string, string> { ["WATCHDOG_USEC"] = "200000" });
        _ = await daemon.Notify.WaitForAsync("WATCHDOG=1", daemon);
        _ = await daemon.Notify.WaitForAsync("WATCHDOG=1", daemon);
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Log_GoesToTheJournal_HasPriorities()
    {
        await using var sandbox = new Sandbox();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string script = $"exec 2>/dev/tcp/127.0.0.1/{((IPEndPoint)listener.LocalEndpoint).Port}; JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec {Tree.Daemon} \"$@\"";
        string configuration = sandbox.Write("tgt.toml", Memory);
        DaemonProcess daemon =
            sandbox.Launch(["-c", script, "tgtd", "--config", configuration, "--state-directory", sandbox.Path("state")], executable: "/bin/bash");
        using TcpClient client = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        await daemon.Notify.WaitForAsync("READY=1", daemon);
        await daemon.StopAsync();
        string[] lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.IsNotEmpty(lines);
        foreach (string line in lines) StringAssert.Matches(line, new System.Text.RegularExpressions.Regex("^<[0-7]>"));
    }

    [TestMethod]
    public async Task Log_JournalVariableIsInherited_IsForPeopleAllTheSame()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = sandbox.Launch(
            ["--config", sandbox.Write("tgt.toml", Memory), "--state-directory", sandbox.Path("state")],
            new Dictionary<string, string> { ["JOURNAL_STREAM"] = "8:12345" });
        _ = await daemon.Notify.WaitForAsync("READY=1", daemon);
        await daemon.StopAsync();
        StringAssert.Matches(daemon.Log, new System.Text.RegularExpressions.Regex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} info: "));
    }

    [TestMethod]
    public async Task LogLevel_OfTheFile_IsOverriddenByTheCommandLine()
    {
        await using var sandbox = new Sandbox();
        string configuration = sandbox.Write("tgt.toml", $"[daemon]\nlog_level = \"trace\"\n{Memory}");
        DaemonProcess daemon = sandbox.Launch(["--config", configuration, "--state-directory", sandbox.Path("state"), "--log-level", "error"]);
        _ = await daemon.Notify.WaitForAsync("READY=1", daemon);
        await daemon.StopAsync();
        Assert.AreEqual("", daemon.Log);
    }

    [TestMethod]
    [DataRow("--no-such-option", "tgtd: Unrecognized command or argument '--no-such-option'.\ntgtd: see tgtd --help")]
    [DataRow("--config=/nowhere/tgt.toml", "/nowhere/tgt.toml: there is no such file")]
    [DataRow("--log-level=loud", "tgtd: 'loud' is no log level: trace, debug, information, warning or error is wanted\ntgtd: see tgtd --help")]
    public async Task CommandLine_IsWrong_OneClearMessage(string argument, string expected)
    {
        await using var sandbox = new Sandbox();
        (await sandbox.RunAsync(Tree.Daemon, argument)).MustFail(2, expected);
    }

    [TestMethod]
    [DataRow("--config")]
    [DataRow("--state-directory")]
    [DataRow("--plugin-directory")]
    [DataRow("--control-socket")]
    public async Task CommandLine_PathIsEmpty_OneClearMessage(string option)
    {
        await using var sandbox = new Sandbox();
        (await sandbox.RunAsync(Tree.Daemon, option, "")).MustFail(2, $"tgtd: {option} wants a path, not ''\ntgtd: see tgtd --help");
    }

    [TestMethod]
    public async Task StateDirectory_CannotBeMade_OneClearMessage()
    {
        await using var sandbox = new Sandbox();
        string file = sandbox.Write("file", "");
        CommandResult result =
            await sandbox.RunAsync(Tree.Daemon, "--config", sandbox.Write("tgt.toml", Memory), "--state-directory", Path.Combine(file, "state"));
        Assert.AreEqual(1, result.Status, result.Errors);
        StringAssert.Contains(result.Errors, Path.Combine(file, "state"), StringComparison.Ordinal);
        Assert.HasCount(1, result.Errors.Trim().Split('\n'));
    }

    [TestMethod]
    public async Task Check_FileIsRight_SaysSoAndTouchesNothing()
    {
        await using var sandbox = new Sandbox();
        string configuration = sandbox.Write("tgt.toml", $"[store.f]\ntype = \"file\"\npath = \"f.img\"\nsize = \"1GiB\"\n{Memory}");
        Assert.AreEqual($"{configuration}: right\n", (await sandbox.RunAsync(Tree.Daemon, "--config", configuration, "--check")).MustSucceed());
        Assert.AreEqual($"{configuration}: right\n", (await sandbox.ToolAsync("config", "check", configuration)).MustSucceed());
        Assert.IsFalse(File.Exists(sandbox.Path("f.img")), "a check opens no device");
        Assert.IsFalse(Directory.Exists(sandbox.Path("state")));
    }

    [TestMethod]
    [DataRow("[\"127.0.0.1:99999\"]", "option 'listen' of transport 'iscsi' has \"127.0.0.1:99999\": the port is a number from 0 to 65535")]
    [DataRow("[\"localhost\"]", "option 'listen' of transport 'iscsi' has \"localhost\": not an IP address with a port (write 10.0.0.1:3260 or [fd00::1]:3260)")]
    [DataRow("[]", "option 'listen' of transport 'iscsi' is empty: nobody could log in")]
    public async Task Check_PortalIsWrong_IsToldWithItsPosition(string listen, string expected)
    {
        await using var sandbox = new Sandbox();
        string configuration = sandbox.Write("tgt.toml", $"[transport.iscsi]\nlisten = {listen}\n");
        (await sandbox.ToolAsync("config", "check", configuration)).MustFail(2, $"{configuration}:2:10: {expected}");
    }

    [TestMethod]
    public async Task Check_FileIsWrong_TellsAllByBothTools()
    {
        await using var sandbox = new Sandbox();
        string configuration = sandbox.Write("tgt.toml", "[store.m]\ntype = \"memory\"\nsise = \"1MiB\"\n[unit.u]\ndevice = \"sbc\"\nstore = \"n\"\n");
        string expected = $"{configuration}:1:1: option 'size' of store 'm' (type 'memory') is missing: Size of the disk; also the most memory its data can take.\n"
            + $"{configuration}:3:1: unknown option 'sise' of store 'm' (type 'memory') (did you mean 'size'?)\n"
            + $"{configuration}:6:9: unit 'u' names store 'n', which does not exist (there is m)";
        (await sandbox.RunAsync(Tree.Daemon, "--config", configuration, "--check")).MustFail(2, expected);
        (await sandbox.ToolAsync("config", "check", configuration)).MustFail(2, expected);
    }
}
