using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TgtModular.PluginLoading.Tests;

/// <summary>A process that is nothing but a catalog, for what may end a process.</summary>
internal sealed class ProbeProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    public ProbeProcess(Sandbox sandbox)
    {
        string configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))!);
        string probe = Path.Combine(Sandbox.Repository, "tests/PluginLoading/Assets/Probe/bin", configuration, "net10.0/Probe.dll");
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        var start = new ProcessStartInfo(dotnet, [probe, sandbox.Plugins, sandbox.Copies, Path.Combine(sandbox.Root, "in-use")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        Assert.AreEqual("ready", ReadLine());
    }

    /// <summary>The next line of output; null when the process ended.</summary>
    public string? ReadLine()
    {
        using var patience = new CancellationTokenSource(Patience);
        return _process.StandardOutput.ReadLineAsync(patience.Token).AsTask().GetAwaiter().GetResult();
    }

    public void Send(string line) => _process.StandardInput.WriteLine(line);

    public string Ask(string line)
    {
        Send(line);
        return ReadLine() ?? "the process ended";
    }

    /// <summary>Ends standard input.</summary>
    /// <returns>Exit status.</returns>
    public int Finish()
    {
        _process.StandardInput.Close();
        return WaitForExit();
    }

    public int WaitForExit()
    {
        Assert.IsTrue(_process.WaitForExit(Patience), "the process did not end");
        return _process.ExitCode;
    }

    public void Kill()
    {
        _process.Kill();
        WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
