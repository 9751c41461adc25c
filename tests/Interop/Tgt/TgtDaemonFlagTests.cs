using System.Globalization;
using System.Runtime.InteropServices;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Tgt;

/// <summary>tgt's flags: into the background and out of it again, one daemon per control port, and the socket of a TOML configuration.</summary>
[TestClass]
public sealed partial class TgtDaemonFlagTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    [TestMethod]
    public async Task WithoutForeground_ReturnsWhenServing_AndSystemDeleteEndsIt()
    {
        TargetDaemon.Require();
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        string pidFile = directory.File("pid");
        ToolResult started = await RunAsync(directory, "/usr/bin/env", TargetDaemon.Executable, "--state-directory", directory.File("state"), "-C", "3", "-p",
            pidFile, "--iscsi", $"portal=127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)},nop_interval=5,nop_count=3");
        Assert.AreEqual(0, started.ExitCode, started.Output);
        int process = int.Parse(await File.ReadAllTextAsync(pidFile), CultureInfo.InvariantCulture);
        try
        {
            string session = File.ReadAllText($"/proc/{process}/stat").Split(' ')[5];
            Assert.AreEqual(process.ToString(CultureInfo.InvariantCulture), session, "a session of its own");
            Assert.AreEqual("/dev/null", File.ResolveLinkTarget($"/proc/{process}/fd/2", returnFinalTarget: false)?.FullName);

            ToolResult second = await RunAsync(directory, TargetDaemon.Executable, "--state-directory", directory.File("other"), "-C", "3", "--iscsi",
                "portal=127.0.0.1:0");
            Assert.AreEqual(1, second.ExitCode, second.Output);
            StringAssert.Contains(second.Output, "another tgtd is using", StringComparison.Ordinal);

            string adm = Tool.Require("tgtadm", TgtDaemonExtensions.Package);
            string portals = (await RunAsync(directory, adm, "-C", "3", "--lld", "iscsi", "--mode", "portal", "--op", "show")).MustSucceed();
            Assert.AreEqual(string.Create(CultureInfo.InvariantCulture, $"Portal: 127.0.0.1:{port},1"), portals.Trim());
            // tgtadm returns when the socket refuses it: the daemon has stopped listening then.
            _ = (await RunAsync(directory, adm, "-C", "3", "--mode", "system", "--op", "delete")).MustSucceed();
            Assert.AreNotEqual(0, (await RunAsync(directory, adm, "-C", "3", "--mode", "system", "--op", "show")).ExitCode);
            await EndedAsync(process);
            Assert.IsFalse(File.Exists(pidFile), "a process id that another process may get");
        }
        finally
        {
            if (Directory.Exists($"/proc/{process}")) _ = Kill(process, 9); // only where the test failed
        }
    }

    [TestMethod]
    public async Task Background_WithoutUmaskAndInSomeDirectory_LeavesItAndNothingForOthersToWrite()
    {
        TargetDaemon.Require();
        using TempDirectory directory = new();
        string run = directory.File("run");
        string pidFile = directory.File("pid");
        string command = $"umask 0; cd {directory.Path}; TGT_IPC_SOCKET={run}/s exec {TargetDaemon.Executable} --state-directory {directory.File("state")} " +
            $"-C 0 -p pid --iscsi portal=127.0.0.1:{TargetDaemon.FreePort().ToString(CultureInfo.InvariantCulture)}";
        ToolResult started = await RunAsync(directory, "/bin/sh", "-c", command);
        Assert.AreEqual(0, started.ExitCode, started.Output);
        int process = int.Parse(await File.ReadAllTextAsync(pidFile), CultureInfo.InvariantCulture);
        try
        {
            Assert.AreEqual("/", File.ResolveLinkTarget($"/proc/{process}/cwd", returnFinalTarget: false)?.FullName);
            const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
            foreach (string path in (string[])[run, $"{run}/s.0", $"{run}/s.0.lock", pidFile, directory.File("state")])
                Assert.AreEqual(UnixFileMode.None, File.GetUnixFileMode(path) & others, path);
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{run}/s.0.lock"), "whoever reads it can lock it");
        }
        finally
        {
            _ = Kill(process, 15);
            await EndedAsync(process);
        }
    }

    [TestMethod]
    public async Task ProcessIdFile_ThatCannotBeWritten_IsNamed()
    {
        TargetDaemon.Require();
        using TempDirectory directory = new();
        ToolResult result = await RunAsync(
            directory, TargetDaemon.Executable, "--state-directory", directory.File("state"), "-p", directory.File("no/pid"), "--iscsi",
            $"portal=127.0.0.1:{TargetDaemon.FreePort().ToString(CultureInfo.InvariantCulture)}");

        Assert.AreEqual(1, result.ExitCode, result.Output);
        StringAssert.Contains(result.Output, "the process id cannot be written to", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Background_ThatCannotServe_SaysWhyAndFails()
    {
        TargetDaemon.Require();
        using TempDirectory directory = new();
        ToolResult result = await RunAsync(
            directory, TargetDaemon.Executable, "--state-directory", directory.File("state"), "-C", "4", "--iscsi", "portal=203.0.113.1:3260");

        Assert.AreEqual(1, result.ExitCode, result.Output);
        StringAssert.Contains(result.Output, "203.0.113.1:3260", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("portal", "--iscsi")]
    [DataRow("nosuch=1", "--iscsi")]
    [DataRow("nop_count=x", "--iscsi")]
    public async Task IscsiOption_NotUnderstood_IsRefused(string value, string flag)
    {
        TargetDaemon.Require();
        using TempDirectory directory = new();
        ToolResult result = await RunAsync(directory, TargetDaemon.Executable, "-f", flag, value);

        Assert.AreEqual(2, result.ExitCode, result.Output);
        StringAssert.Contains(result.Output, value, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task TomlConfiguration_WithTgtControlPort_ServesTheSocketAndShowsItsTargets()
    {
        string adm = Tool.Require("tgtadm", TgtDaemonExtensions.Package);
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        string file = directory.File("with-socket.toml");
        await File.WriteAllTextAsync(file, $"{disk.Toml()}\n[daemon]\ntgt_control_port = 6\n");
        await using TargetDaemon daemon = TargetDaemon.LaunchWith(
            directory, ["--config", file], environment: new Dictionary<string, string> { ["TGT_IPC_SOCKET"] = directory.File("s") });
        await daemon.ReadyAsync();

        string show = (await RunAsync(directory, adm, "-C", "6", "--mode", "target", "--op", "show")).MustSucceed();
        ToolResult delete = await RunAsync(directory, adm, "-C", "6", "--lld", "iscsi", "--mode", "target", "--op", "delete", "--tid", "1", "--force");

        StringAssert.StartsWith(show, $"Target 1: {DiskConfiguration.TargetName}", StringComparison.Ordinal);
        StringAssert.Contains(show, $"Backing store path: {disk.Image}", StringComparison.Ordinal);
        Assert.AreEqual("tgtadm: invalid request", delete.Output.Trim());
        await daemon.StopAsync();
    }

    private static Task<ToolResult> RunAsync(TempDirectory directory, string program, params string[] arguments) => Tool.RunAsync(
        "/usr/bin/env", [$"TGT_IPC_SOCKET={directory.File("s")}", $"XDG_RUNTIME_DIR={directory.Path}", program, .. arguments], Limit);

    private static async Task EndedAsync(int process)
    {
        using CancellationTokenSource over = new(Limit);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(50));
        while (Directory.Exists($"/proc/{process}")) _ = await pause.WaitForNextTickAsync(over.Token);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
