using System.Globalization;
using System.Net;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Tgt;

/// <summary>A daemon with tgt's management socket, ours or Debian's, in a directory of its own.</summary>
internal interface ITgtDaemon : IAsyncDisposable
{
    /// <summary>Where its socket, its images and its log are.</summary>
    TempDirectory Directory { get; }

    /// <summary>Its portal on 127.0.0.1.</summary>
    int Port { get; }

    /// <summary>What it says, for messages.</summary>
    string Log { get; }
}

/// <summary>What both daemons have.</summary>
internal static class TgtDaemonExtensions
{
    public const string Package = "tgt";

    /// <summary>The target of <see cref="MakeDiskAsync"/>.</summary>
    public const string DiskTarget = "iqn.2026-11.org.example:load";

    /// <summary>The value of TGT_IPC_SOCKET.</summary>
    public static string SocketBase(this ITgtDaemon daemon) => daemon.Directory.File("s");

    /// <summary>The socket of control port 0.</summary>
    public static string Socket(this ITgtDaemon daemon) => daemon.SocketBase() + ".0";

    /// <summary>Runs a program that speaks to the daemon's socket.</summary>
    public static async Task<ToolResult> RunAsync(
        this ITgtDaemon daemon, string program, IEnumerable<string> arguments, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null)
    {
        List<string> all = [$"TGT_IPC_SOCKET={daemon.SocketBase()}"];
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) all.Add($"{name}={value}");
        return await Tool.RunAsync("/usr/bin/env", [.. all, program, .. arguments], limit);
    }

    /// <summary>All that <c>target show</c> prints, which may be more than a tool's log holds.</summary>
    public static async Task<string> ShowTargetsAsync(this ITgtDaemon daemon)
    {
        string file = daemon.Directory.File("show");
        string command = $"{Tool.Require("tgtadm", Package)} --mode target --op show > {file}";
        _ = (await daemon.RunAsync("/bin/bash", ["-c", command], TimeSpan.FromSeconds(30))).MustSucceed();
        return await File.ReadAllTextAsync(file);
    }

    /// <summary>Returns when a target has no session any more.</summary>
    public static async Task WithoutSessionsAsync(this ITgtDaemon daemon, int target)
    {
        using CancellationTokenSource over = new(TimeSpan.FromSeconds(20));
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(50));
        while (await pause.WaitForNextTickAsync(over.Token))
        {
            string[] show = ["--lld", "iscsi", "--mode", "conn", "--op", "show", "--tid", target.ToString(CultureInfo.InvariantCulture)];
            if ((await daemon.AdmAsync(show)).MustSucceed().Length == 0) return;
        }
    }

    /// <summary>A target with a disk of 64 MiB as LUN 1, on the file "disk", which is made where it is not there yet.</summary>
    public static async Task MakeDiskAsync(this ITgtDaemon daemon, int number = 1, string name = DiskTarget)
    {
        string id = number.ToString(CultureInfo.InvariantCulture);
        using (FileStream image = new(daemon.Directory.File("disk"), FileMode.OpenOrCreate)) image.SetLength(64 << 20);
        string[] lld = ["--lld", "iscsi", "--mode"];
        (await daemon.AdmAsync([.. lld, "target", "--op", "new", "--tid", id, "-T", name])).MustSucceed();
        (await daemon.AdmAsync([.. lld, "logicalunit", "--op", "new", "--tid", id, "--lun", "1", "-b", daemon.Directory.File("disk")])).MustSucceed();
        (await daemon.AdmAsync([.. lld, "target", "--op", "bind", "--tid", id, "-I", "127.0.0.1"])).MustSucceed();
    }

    /// <summary>The disk of <see cref="MakeDiskAsync"/>.</summary>
    public static TargetAddress DiskAddress(this ITgtDaemon daemon) => new(new IPEndPoint(IPAddress.Loopback, daemon.Port), DiskTarget, 1);

    /// <summary>Runs tgtadm.</summary>
    public static Task<ToolResult> AdmAsync(this ITgtDaemon daemon, params string[] arguments) =>
        daemon.RunAsync(Tool.Require("tgtadm", Package), arguments, TimeSpan.FromSeconds(30));
}

/// <summary>Ours, started with tgt's flags.</summary>
internal sealed class OurTgtDaemon : ITgtDaemon
{
    private readonly bool _ownsDirectory;

    private OurTgtDaemon(TempDirectory directory, bool ownsDirectory, int port, TargetDaemon daemon) =>
        (Directory, _ownsDirectory, Port, Daemon) = (directory, ownsDirectory, port, daemon);

    public TempDirectory Directory { get; }

    public int Port { get; }

    public TargetDaemon Daemon { get; }

    public string Log => Daemon.Log.ToString()!;

    /// <summary>Starts it and waits until it serves.</summary>
    public static async Task<OurTgtDaemon> StartAsync(TempDirectory? directory = null, params string[] more)
    {
        TempDirectory own = directory ?? new TempDirectory();
        int port = TargetDaemon.FreePort();
        TargetDaemon daemon = TargetDaemon.LaunchWith(
            own, ["--state-directory", own.File("state"), "-f", "-C", "0", "--iscsi", $"portal=127.0.0.1:{port}", .. more],
            environment: new Dictionary<string, string> { ["TGT_IPC_SOCKET"] = own.File("s") });
        OurTgtDaemon started = new(own, directory is null, port, daemon);
        try
        {
            await daemon.ReadyAsync();
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Daemon.DisposeAsync();
        if (_ownsDirectory) Directory.Dispose();
    }
}

/// <summary>Debian's, as a black box.</summary>
internal sealed class DebianTgtDaemon : ITgtDaemon
{
    private readonly TargetDaemon _daemon;

    private DebianTgtDaemon(TempDirectory directory, int port, TargetDaemon daemon) => (Directory, Port, _daemon) = (directory, port, daemon);

    public TempDirectory Directory { get; }

    public int Port { get; }

    public string Log => _daemon.Log.ToString();

    /// <summary>Starts it and waits until it serves.</summary>
    public static async Task<DebianTgtDaemon> StartAsync()
    {
        string program = Tool.Require("tgtd", TgtDaemonExtensions.Package);
        if (!Environment.IsPrivilegedProcess) Assert.Inconclusive("Debian's tgtd runs as root only");
        TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        TargetDaemon daemon = TargetDaemon.LaunchWith(
            directory, ["-f", "-C", "0", "--iscsi", $"portal=127.0.0.1:{port}"], program,
            new Dictionary<string, string> { ["TGT_IPC_SOCKET"] = directory.File("s") });
        DebianTgtDaemon started = new(directory, port, daemon);
        try
        {
            await daemon.ReadyAsync();
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        Directory.Dispose();
    }
}
