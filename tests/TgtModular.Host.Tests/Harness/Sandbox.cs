using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace TgtModular.Host.Tests.Harness;

/// <summary>What a command said and how it ended.</summary>
internal sealed record CommandResult(int Status, string Output, string Errors)
{
    public string MustSucceed()
    {
        Assert.AreEqual(0, Status, $"{Output}\n{Errors}");
        return Output;
    }

    /// <summary>Asserts status and what was said on standard error.</summary>
    public void MustFail(int status, string errors)
    {
        Assert.AreEqual(errors, Errors.Trim());
        Assert.AreEqual(status, Status);
    }
}

/// <summary>A directory of its own for one test, with everything a daemon writes in it, gone afterwards.</summary>
internal sealed class Sandbox : IAsyncDisposable
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tgt-host-");
    private readonly List<DaemonProcess> _daemons = [];

    public string Socket => Path("state/control.sock");

    public string Path(string name) => System.IO.Path.Combine(_directory.FullName, name);

    public string Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        File.WriteAllText(Path(name), text);
        File.SetUnixFileMode(Path(name), mode);
        return Path(name);
    }

    /// <summary>Starts a daemon on a configuration, with its state in <c>state</c>, and waits until it is ready.</summary>
    public async Task<DaemonProcess> StartAsync(string toml)
    {
        DaemonProcess daemon = Launch(toml);
        await daemon.Notify.WaitForAsync("READY=1", daemon);
        return daemon;
    }

    /// <summary>Starts a daemon on a configuration.</summary>
    public DaemonProcess Launch(string toml) => Launch(["--config", Write("tgt.toml", toml), "--state-directory", Path("state")]);

    /// <summary>Starts a daemon.</summary>
    public DaemonProcess Launch(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? executable = null)
    {
        var daemon = new DaemonProcess(executable ?? Tree.Daemon, arguments, Path($"notify.{_daemons.Count}"), Environment(environment), _directory.FullName);
        _daemons.Add(daemon);
        return daemon;
    }

    /// <summary>Runs tgtctl against the daemon of this sandbox.</summary>
    public Task<CommandResult> ToolAsync(params string[] arguments) => RunAsync(Tree.Tool, arguments);

    /// <summary>Runs a command to its end.</summary>
    public async Task<CommandResult> RunAsync(string executable, params string[] arguments)
    {
        var start = new ProcessStartInfo(executable, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _directory.FullName
        };
        foreach ((string name, string value) in Environment(null)) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(CommandLimit);
        }
        catch (TimeoutException)
        {
            process.Kill();
            Assert.Fail($"{executable} {string.Join(' ', arguments)} does not end");
        }

        return new CommandResult(process.ExitCode, await output, await errors);
    }

    /// <summary>A port of 127.0.0.1 that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (DaemonProcess daemon in _daemons) await daemon.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private Dictionary<string, string> Environment(IReadOnlyDictionary<string, string>? more)
    {
        var environment = new Dictionary<string, string> { ["TGT_CONTROL_SOCKET"] = Socket, ["HOME"] = _directory.FullName, ["NO_COLOR"] = "1" };
        foreach ((string name, string value) in more ?? new Dictionary<string, string>()) environment[name] = value;
        return environment;
    }
}
