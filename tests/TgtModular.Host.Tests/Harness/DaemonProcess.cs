using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TgtModular.Host.Tests.Harness;

/// <summary>A running tgtd.</summary>
internal sealed partial class DaemonProcess : IAsyncDisposable
{
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Lock _lock = new();

    public DaemonProcess(string executable, IEnumerable<string> arguments, string notifyPath, IReadOnlyDictionary<string, string> environment,
        string workingDirectory)
    {
        Notify = new NotifySocket(notifyPath);
        var start = new ProcessStartInfo(executable, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory,
        };
        start.Environment["NOTIFY_SOCKET"] = notifyPath;
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public NotifySocket Notify { get; }

    public int Id => _process.Id;

    /// <summary>All it said so far, standard output and standard error.</summary>
    public string Log
    {
        get
        {
            lock (_lock) return string.Join('\n', _lines);
        }
    }

    public Task Exited => _process.WaitForExitAsync();

    public void HangUp() => Send(1);

    public void Terminate() => Send(15);

    /// <summary>Asks it to end; it must do so with status 0.</summary>
    public async Task StopAsync()
    {
        Terminate();
        Assert.AreEqual(0, await ExitAsync(), Log);
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        _ = await ExitAsync();
    }

    /// <summary>Waits until it ended.</summary>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(ExitLimit);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            Assert.Fail($"tgtd does not end\n{Log}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Notify.Dispose();
    }

    private void Add(string? line)
    {
        if (line is null) return;
        lock (_lock) _lines.Add(line);
    }

    /// <summary>Asks the daemon behind another process, such as <c>dotnet run</c>, to end.</summary>
    public static void Terminate(int process) => Assert.AreEqual(0, Kill(process, 15), "kill");

    private void Send(int signal) => Assert.AreEqual(0, Kill(_process.Id, signal), "kill");

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
