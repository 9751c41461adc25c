using System.CommandLine;
using TgtModular.Core.Configuration;

namespace TgtModular.Daemon.Tgt;

/// <summary>The flags that C tgtd has. Any of them means: as tgt is run, with its management socket and without a demo disk.</summary>
internal static class TgtFlags
{
    private static readonly Option<bool> Foreground = new("--foreground", "-f")
    {
        Description = "As tgt: stay in the foreground. Without it, but with another of tgt's flags, the daemon goes into the background once it serves.",
    };

    private static readonly Option<bool> NoDaemon = new("--nodaemonize", "-D") { Description = "As tgt: the same as -f." };

    private static readonly Option<int?> ControlPort = new("--control-port", "-C")
    {
        Description = "As tgt: which management socket to serve (socket.N in /var/run/tgtd, or as TGT_IPC_SOCKET says). Default: 0.",
        HelpName = "N",
        CustomParser = result => Number(result, "-C", 0, ushort.MaxValue),
    };

    private static readonly Option<int?> Threads = new("--nr_iothreads", "-t")
    {
        Description = "As tgt: threads for each unit whose store blocks.",
        HelpName = "N",
        CustomParser = result => Number(result, "-t", 1, 1024),
    };

    private static readonly Option<int?> Debug = new("--debug", "-d")
    {
        Description = "As tgt: another number than 0 logs details.",
        HelpName = "LEVEL",
        CustomParser = result => Number(result, "-d", 0, int.MaxValue),
    };

    private static readonly Option<string?> ProcessIdFile = new("--pid-file", "-p")
    {
        Description = "As tgt: where the process id is written.",
        HelpName = "FILE",
    };

    private static readonly Option<string[]> Iscsi = new("--iscsi")
    {
        Description = "As tgt: portal=ADDRESS:PORT (several times), nop_interval=SECONDS, nop_count=NUMBER, joined by commas.",
        HelpName = "OPTIONS",
    };

    private static readonly Option[] All = [Foreground, NoDaemon, ControlPort, Threads, Debug, ProcessIdFile, Iscsi];

    public static void AddTo(RootCommand root)
    {
        foreach (Option option in All) root.Options.Add(option);
        foreach (VersionOption version in root.Options.OfType<VersionOption>()) version.Aliases.Add("-V");
    }

    /// <summary>What the flags ask for; null when none was given.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="problem">What is wrong; null for nothing.</param>
    public static TgtOptions? Read(ParseResult result, out string? problem)
    {
        problem = null;
        if (All.All(option => result.GetResult(option) is null or { Implicit: true })) return null;
        var options = new TgtOptions
        {
            ControlPort = result.GetValue(ControlPort) ?? 0,
            Foreground = result.GetValue(Foreground) || result.GetValue(NoDaemon),
            Threads = result.GetValue(Threads),
            ProcessIdFile = result.GetValue(ProcessIdFile) is { } file ? Path.GetFullPath(file) : null,
        };
        foreach (string text in result.GetValue(Iscsi) ?? [])
        {
            options = options.WithIscsi(text, out problem);
            if (problem is not null) return options;
        }

        return options;
    }

    /// <summary>The level that <c>-d</c> asks for; null for none.</summary>
    public static LogVerbosity? LogLevel(ParseResult result) => result.GetValue(Debug) is > 0 ? LogVerbosity.Debug : null;

    private static int? Number(System.CommandLine.Parsing.ArgumentResult result, string flag, int least, int most)
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number)
            && number >= least && number <= most)
        {
            return number;
        }

        result.AddError($"{flag} argument value '{text}' invalid: a number from {least} to {most} is wanted");
        return null;
    }
}
