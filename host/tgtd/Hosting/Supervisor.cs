using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using TgtModular.Core.Plugins;

namespace TgtModular.Daemon.Hosting;

/// <summary>
/// <c>tgtd --supervise</c>: runs the daemon as a process of its own and starts it again when it dies of a signal, as systemd does with Restart=on-failure. A fault that ends a
/// process (a stack overflow, a fault in native code, FailFast) cannot be caught in it; what the runtime writes down while it dies tells the next daemon which plugin it was.
/// </summary>
internal sealed partial class Supervisor : IDisposable
{
    private const int SignalHangUp = 1;
    private const int SignalTerminate = 15;

    /// <summary>A shell's way to tell of a death by a signal, and .NET's.</summary>
    private const int SignalStatus = 128;

    private const string SupervisedVariable = "TGTD_SUPERVISED";

    /// <summary>A daemon that lived this long had recovered: the next wait is the first again.</summary>
    private static readonly TimeSpan Recovered = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<string> _arguments;
    private readonly DirectoryInfo _reports = Directory.CreateTempSubdirectory("tgtd-");
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration[] _registrations;
    private Process? _daemon;

    private Supervisor(IReadOnlyList<string> arguments)
    {
        _arguments = arguments;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnStop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnStop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnReload),
        ];
    }

    /// <summary>Runs the daemon with these arguments until it ends by itself or is asked to.</summary>
    /// <returns>Its exit status.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        using var supervisor = new Supervisor(arguments);
        return await supervisor.RunAsync();
    }

    /// <summary>In the daemon: a session of its own, so that the terminal's Ctrl-C comes once, from the supervisor.</summary>
    public static void EnterIfSupervised()
    {
        if (Environment.GetEnvironmentVariable(SupervisedVariable) is not { Length: > 0 }) return;
        Environment.SetEnvironmentVariable(SupervisedVariable, null);
        _ = NewSession();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _stop.Dispose();
        _reports.Delete(recursive: true);
    }

    private async Task<int> RunAsync()
    {
        TimeSpan wait = FirstWait;
        while (true)
        {
            long started = Stopwatch.GetTimestamp();
            using Process daemon = Start();
            await daemon.WaitForExitAsync();
            lock (_lock) _daemon = null;
            int status = daemon.ExitCode;
            if (status <= SignalStatus) return status;
            TimeSpan lived = Stopwatch.GetElapsedTime(started);
            if (lived >= Recovered) wait = FirstWait;
            string death = $"tgtd: the daemon, process {daemon.Id}, was ended by signal {status - SignalStatus} after {lived.TotalSeconds:F1} s";
            if (_stop.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync(death);
                return ExitStatus.Failed;
            }

            await Console.Error.WriteLineAsync($"{death}; it is started again in {wait.TotalSeconds:F1} s");
            try
            {
                await Task.Delay(wait, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return ExitStatus.Ok;
            }

            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(Assembly.GetEntryAssembly()!.Location);
        foreach (string argument in _arguments) start.ArgumentList.Add(argument);
        start.Environment[SupervisedVariable] = "1";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "1";
        start.Environment["DOTNET_EnableCrashReport"] = "1";
        start.Environment["DOTNET_EnableCrashReportOnly"] = "1";
        start.Environment[CrashReports.NameVariable] = Path.Combine(_reports.FullName, "%p");
        lock (_lock)
        {
            Process daemon = Process.Start(start)!;
            _daemon = daemon;
            if (_stop.IsCancellationRequested) _ = Kill(daemon.Id, SignalTerminate);
            return daemon;
        }
    }

    private void OnStop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stop.Cancel();
        Send(SignalTerminate);
    }

    private void OnReload(PosixSignalContext context)
    {
        context.Cancel = true;
        Send(SignalHangUp);
    }

    private void Send(int signal)
    {
        lock (_lock)
        {
            if (_daemon is { HasExited: false } daemon) _ = Kill(daemon.Id, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int NewSession();
}
