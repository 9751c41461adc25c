using System.Globalization;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Tgt;

/// <summary>One call of a script with what it printed.</summary>
/// <param name="Command">As written in the script.</param>
/// <param name="Output">Output, and <c>=> N</c> for an exit status that is not 0.</param>
internal sealed record ScriptEntry(string Command, string Output);

/// <summary>Runs the scripts beside this file against a daemon.</summary>
/// <param name="daemon">Who is asked.</param>
/// <param name="toolDirectory">Where tgtadm and tgt-admin are looked for first; none for Debian's.</param>
internal sealed class ScriptRun(ITgtDaemon daemon, string? toolDirectory = null)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly (string Name, int MiB)[] Images = [("d1", 100), ("d2", 50), ("d3", 20), ("d4", 30), ("empty", 0)];

    private readonly int _secondPort = TargetDaemon.FreePort();

    /// <summary>Who is asked.</summary>
    public ITgtDaemon Daemon => daemon;

    public static string ScriptDirectory => Path.Combine(Repository.Root, "tests", "Interop", "Tgt", "Script");

    /// <summary>Makes the images and configuration files that the scripts name.</summary>
    public void Prepare()
    {
        foreach ((string name, int size) in Images)
        {
            using FileStream image = File.Create(daemon.Directory.File(name));
            image.SetLength((long)size << 20);
        }

        foreach (string file in Directory.GetFiles(ScriptDirectory, "*.conf"))
        {
            string text = File.ReadAllText(file).Replace("DIR", daemon.Directory.Path, StringComparison.Ordinal);
            File.WriteAllText(daemon.Directory.File(Path.GetFileName(file)), text);
        }
    }

    /// <summary>Runs one script; paths and ports are named, not shown.</summary>
    public async Task<IReadOnlyList<ScriptEntry>> RunAsync(string script, int session = 0)
    {
        foreach (string tool in (string[])["tgtadm", "tgt-admin"]) _ = Tool.Require(tool, TgtDaemonExtensions.Package);
        _ = Tool.Require("iscsi-inq", "libiscsi-bin");
        ToolResult result = await daemon.RunAsync("/bin/bash", [Path.Combine(ScriptDirectory, "run.sh"), Path.Combine(ScriptDirectory, script)], Limit,
            new Dictionary<string, string>
            {
                ["D"] = daemon.Directory.Path,
                ["PORT"] = Text(daemon.Port),
                ["PORT2"] = Text(_secondPort),
                ["SID"] = Text(session),
                ["TOOLS"] = toolDirectory ?? "",
                ["OUT"] = daemon.Directory.File("out"), // more than a tool's log holds
            });
        _ = result.MustSucceed();
        string output = (await File.ReadAllTextAsync(daemon.Directory.File("out"))).Replace(daemon.Directory.Path, "DIR", StringComparison.Ordinal)
            .Replace($":{Text(daemon.Port)}", ":PORT", StringComparison.Ordinal).Replace($":{Text(_secondPort)}", ":PORT2", StringComparison.Ordinal);
        return [.. Split(output)];
    }

    private static IEnumerable<ScriptEntry> Split(string output)
    {
        string? command = null;
        List<string> lines = [];
        foreach (string line in output.Split('\n'))
        {
            if (!line.StartsWith("$ ", StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }

            if (command is not null) yield return new ScriptEntry(command, string.Join('\n', lines).TrimEnd('\n'));
            command = line[2..];
            lines = [];
        }

        if (command is not null) yield return new ScriptEntry(command, string.Join('\n', lines).TrimEnd('\n'));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
