using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TgtModular.Interop.Harness;

/// <summary>
/// artifacts/tgt/tgtd as a user would run it, in a directory of its own. Ready when it says so over sd_notify; must end with status 0
/// after SIGTERM. Whatever becomes of the test, the process does not outlive it.
/// </summary>
internal sealed partial class TargetDaemon : IAsyncDisposable
{
    /// <summary>Start-up was measured at about a second on a busy machine.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private const string ConfigurationName = "tgt.toml";
    private const int SignalHangUp = 1;
    private const int SignalTerminate = 15;

    private readonly Process _process;
    private readonly NotifySocket _notify;
    private bool _isOver;
    private int _readies = 1;

    private TargetDaemon(Process process, NotifySocket notify, LineLog log) => (_process, _notify, Log) = (process, notify, log);

    public LineLog Log { get; }

    public NotifySocket Notify => _notify;

    public int ProcessId => _process.Id;

    public bool IsRunning => !_process.HasExited;

    public static string Executable => Path.Combine(Repository.Tree, "tgtd");

    /// <summary>Ends the test as inconclusive if the tree has not been built.</summary>
    public static void Require()
    {
        if (!File.Exists(Executable))
            Assert.Inconclusive("artifacts/tgt/tgtd is not built");
    }

    /// <summary>A port of 127.0.0.1 that was free a moment ago.</summary>
    public static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Starts the daemon on a configuration and returns when it is ready.</summary>
    public static async Task<TargetDaemon> StartAsync(TempDirectory directory, string configuration, string? executable = null)
    {
        TargetDaemon daemon = Launch(directory, configuration, executable);
        try
        {
            await daemon.ReadyAsync();
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the daemon without waiting for anything: for starts that are to fail.</summary>
    public static TargetDaemon Launch(TempDirectory directory, string configuration, string? executable = null)
    {
        Require();
        string file = directory.File(ConfigurationName);
        File.WriteAllText(file, configuration);
        return LaunchWith(directory, ["--config", file], executable);
    }

    /// <summary>Starts the daemon with arguments of the test's own.</summary>
    public static TargetDaemon LaunchWith(
        TempDirectory directory, IEnumerable<string> arguments, string? executable = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        Require();
        string notifyPath = directory.File("notify");
        File.Delete(notifyPath);
        ProcessStartInfo start = new(executable ?? Executable, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = directory.Path,
            Environment =
            {
                ["NOTIFY_SOCKET"] = notifyPath,
                ["HOME"] = directory.Path,
                ["XDG_STATE_HOME"] = directory.File("state"),
                ["XDG_CONFIG_HOME"] = directory.File("config"),
                ["XDG_RUNTIME_DIR"] = directory.Path,
            },
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        Process process = new() { StartInfo = start };
        LineLog log = new();
        process.OutputDataReceived += (_, line) => log.Add(line.Data);
        process.ErrorDataReceived += (_, line) => log.Add(line.Data);
        NotifySocket notify = new(notifyPath);
        Assert.IsTrue(process.Start());
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new TargetDaemon(process, notify, log);
    }

    /// <summary>Returns when the daemon has said READY=1; fails when it ends before that.</summary>
    public async Task ReadyAsync()
    {
        Task ready = _notify.WaitForAsync("READY=1");
        Task exit = _process.WaitForExitAsync();
        try
        {
            Task first = await Task.WhenAny(ready, exit).WaitAsync(StartLimit);
            Assert.AreSame(ready, first, $"tgtd ended before it was ready\n{Log}");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"tgtd is not ready after {StartLimit.TotalSeconds} s\n{Log}");
        }
    }

    /// <summary>Writes the configuration anew and sends SIGHUP; returns when the daemon is ready again, whatever it made of it.</summary>
    public async Task ReloadAsync(TempDirectory directory, string configuration)
    {
        await File.WriteAllTextAsync(directory.File(ConfigurationName), configuration);
        _readies++;
        Task reloading = _notify.WaitForAsync("RELOADING=1", _readies - 1);
        Task ready = _notify.WaitForAsync("READY=1", _readies);
        Send(SignalHangUp);
        try
        {
            await reloading.WaitAsync(StartLimit);
            await ready.WaitAsync(StartLimit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"tgtd has not reloaded after {StartLimit.TotalSeconds} s: {_notify}\n{Log}");
        }
    }

    /// <summary>SIGTERM; the exit status must be 0.</summary>
    public async Task StopAsync() => Assert.AreEqual(0, await TerminateAsync(), $"exit status of tgtd\n{Log}");

    /// <summary>The same; the exit status is the caller's to judge.</summary>
    public Task<int> TerminateAsync()
    {
        Send(SignalTerminate);
        return ExitAsync(StopLimit);
    }

    /// <summary>SIGKILL: as a crash would end it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        _ = await ExitAsync(StopLimit);
    }

    /// <summary>Waits until the process has ended by itself and returns its exit status.</summary>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(limit);
            _isOver = true;
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            _process.Kill();
            throw new AssertFailedException($"tgtd runs on after {limit.TotalSeconds} s\n{Log}");
        }
    }

    /// <summary>Under --supervise: the process of the daemon itself.</summary>
    public int Child() => int.Parse(
        string.Concat(Directory.GetDirectories($"/proc/{ProcessId}/task").Select(thread => File.ReadAllText(Path.Combine(thread, "children")))),
        CultureInfo.InvariantCulture);

    /// <summary>A line of /proc/PID/status that counts kB, e.g. VmRSS or VmHWM, in bytes.</summary>
    public long Memory(string field)
    {
        string line = File.ReadLines($"/proc/{ProcessId}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isOver && !_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _notify.Dispose();
    }

    private void Send(int signal) => Assert.AreEqual(0, Kill(_process.Id, signal), "kill");

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
