using System.Diagnostics;
using TgtModular.Interop.Harness;
using TgtModular.Interop.Tgt;

namespace TgtModular.Interop.TgtTools.Harness;

/// <summary>How a tool ended. What differs from one world to the other (directory, port) is written alike.</summary>
internal sealed record ToolOutcome(string Command, int Status, string Output, string Error)
{
    /// <summary>The output, once the exit status is found to be 0.</summary>
    public string MustSucceed()
    {
        Assert.AreEqual(0, Status, ToString());
        return Output;
    }
}

/// <summary>Whose programs run.</summary>
internal enum Maker
{
    Debian,
    Ours,
}

/// <summary>A tgtd with a management socket, a portal and a directory of its own, and the tools that talk to it.</summary>
internal sealed class TgtWorld : IAsyncDisposable
{
    /// <summary>tgt's tools call themselves in some messages as they were called: "program-name" of the list of differences.</summary>
    public const string ProgramDirectory = "/usr/sbin/";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly DebianTgtDaemon _daemon;

    private TgtWorld(DebianTgtDaemon daemon) => _daemon = daemon;

    /// <summary>Port of the portal.</summary>
    public int Port => _daemon.Port;

    /// <summary>The value of TGT_IPC_SOCKET.</summary>
    public string SocketBase => _daemon.SocketBase();

    private TempDirectory Directory => _daemon.Directory;

    /// <summary>Starts Debian's tgtd and returns when it is ready.</summary>
    public static async Task<TgtWorld> StartAsync()
    {
        TgtWorld world = new(await DebianTgtDaemon.StartAsync());
        try
        {
            for (int disk = 1; disk <= 5; disk++) world.MakeFile($"disk{disk}", disk << 20);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where a maker's tool is; ends the test as inconclusive if it is not there.</summary>
    public static string Executable(Maker maker, string tool)
    {
        if (maker == Maker.Debian) return Tool.Require(tool, TgtDaemonExtensions.Package);
        string path = Path.Combine(Repository.Tree, tool);
        if (!System.IO.File.Exists(path)) Assert.Inconclusive($"artifacts/tgt/{tool} is not built");
        return path;
    }

    public string File(string name) => Directory.File(name);

    /// <summary>Writes a file; DIR in its text is this world's directory.</summary>
    public string Write(string name, string text) => Directory.Write(name, text.Replace("DIR", Directory.Path, StringComparison.Ordinal));

    public void MakeFile(string name, long length)
    {
        using FileStream file = new(File(name), FileMode.CreateNew);
        file.SetLength(length);
    }

    /// <summary>Runs a tool to its end. DIR and PORT in its arguments are this world's.</summary>
    public async Task<ToolOutcome> RunAsync(Maker maker, string tool, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Executable(maker, tool), arguments.Select(Local))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Directory.Path,
        };
        start.Environment["TGT_IPC_SOCKET"] = SocketBase;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"not done after {Limit.TotalSeconds} s: {maker}'s {tool} {string.Join(' ', arguments)}");
        }

        return new ToolOutcome($"{tool} {string.Join(' ', arguments)}", process.ExitCode, Common(await output), Common(await error));
    }

    /// <summary>All that the daemon shows, by Debian's tgtadm.</summary>
    public async Task<string> StateAsync()
    {
        string targets = (await RunAsync(Maker.Debian, "tgtadm", "--mode", "target", "--op", "show")).MustSucceed();
        List<string> parts = [targets];
        foreach (string line in targets.Split('\n').Where(line => line.StartsWith("Target ", StringComparison.Ordinal)))
        {
            string id = line["Target ".Length..line.IndexOf(':', StringComparison.Ordinal)];
            parts.Add((await RunAsync(Maker.Debian, "tgtadm", "--mode", "target", "--op", "show", "--tid", id)).MustSucceed());
        }

        parts.Add((await RunAsync(Maker.Debian, "tgtadm", "--mode", "account", "--op", "show")).MustSucceed());
        parts.Add((await RunAsync(Maker.Debian, "tgtadm", "--mode", "system", "--op", "show")).MustSucceed());
        return string.Join("----\n", parts);
    }

    public ValueTask DisposeAsync() => _daemon.DisposeAsync();

    private string Local(string text) =>
        text.Replace("DIR", Directory.Path, StringComparison.Ordinal).Replace("PORT", Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private string Common(string text) =>
        text.Replace(Directory.Path, "DIR", StringComparison.Ordinal).Replace($":{Port}", ":PORT", StringComparison.Ordinal)
            .Replace(Repository.Tree + "/", "", StringComparison.Ordinal).Replace(ProgramDirectory, "", StringComparison.Ordinal);
}

/// <summary>Two worlds that are told the same things, by Debian's tools in one and by ours in the other.</summary>
internal sealed class TwinWorlds : IAsyncDisposable
{
    private TwinWorlds(TgtWorld debian, TgtWorld ours) => (Debian, Ours) = (debian, ours);

    public TgtWorld Debian { get; }

    public TgtWorld Ours { get; }

    public static async Task<TwinWorlds> StartAsync()
    {
        TgtWorld debian = await TgtWorld.StartAsync();
        try
        {
            return new TwinWorlds(debian, await TgtWorld.StartAsync());
        }
        catch
        {
            await debian.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command in both.</summary>
    public async Task<(ToolOutcome Debian, ToolOutcome Ours)> RunAsync(string tool, params string[] arguments) =>
        (await Debian.RunAsync(Maker.Debian, tool, arguments), await Ours.RunAsync(Maker.Ours, tool, arguments));

    /// <summary>Runs a command in both; they must end alike to the byte.</summary>
    public async Task<ToolOutcome> SameAsync(string tool, params string[] arguments)
    {
        (ToolOutcome debian, ToolOutcome ours) = await RunAsync(tool, arguments);
        Assert.AreEqual(debian, ours);
        return ours;
    }

    /// <summary>Both daemons show the same.</summary>
    public async Task<string> SameStateAsync(string after)
    {
        string debian = await Debian.StateAsync();
        Assert.AreEqual(debian, await Ours.StateAsync(), after);
        return debian;
    }

    public async ValueTask DisposeAsync()
    {
        await Debian.DisposeAsync();
        await Ours.DisposeAsync();
    }
}
