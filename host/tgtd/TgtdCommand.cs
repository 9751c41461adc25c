using System.CommandLine;
using System.CommandLine.Parsing;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control.Wire;
using TgtModular.Daemon.Hosting;
using TgtModular.Daemon.Tgt;

namespace TgtModular.Daemon;

/// <summary>Exit statuses of the daemon.</summary>
internal static class ExitStatus
{
    /// <summary>It ended as it was asked to.</summary>
    public const int Ok = 0;

    /// <summary>It could not start, or could not end in order.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong: starting again changes nothing.</summary>
    public const int Invalid = 2;
}

/// <summary>What the command line asks for.</summary>
/// <param name="ConfigurationFile">The file; null for the demo.</param>
/// <param name="StateDirectory">Overrides the file's.</param>
/// <param name="PluginDirectories">Searched before the file's.</param>
/// <param name="LogLevel">Overrides the file's.</param>
/// <param name="ControlSocket">Overrides the file's.</param>
/// <param name="DemoPortal">Where the demo disk is served.</param>
/// <param name="Hints">Print how to reach what is served.</param>
/// <param name="Tgt">What tgt's flags ask for; null when none was given.</param>
internal sealed record DaemonOptions(
    string? ConfigurationFile, string? StateDirectory, IReadOnlyList<string> PluginDirectories, LogVerbosity? LogLevel, string? ControlSocket,
    string DemoPortal, bool Hints = false, TgtOptions? Tgt = null);

/// <summary>The command line of tgtd.</summary>
internal static class TgtdCommand
{
    public const string DefaultPortal = "127.0.0.1:3260";

    private static readonly Option<string?> Config = new("--config", "-c")
    {
        Description = $"The configuration file. Left out: {ControlPaths.ConfigurationFile}; where that is missing too, a demo disk is served.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> State = new("--state-directory")
    {
        Description = $"What must survive a restart is kept here. Default: {ControlPaths.StateDirectory}, or what the file says.",
        HelpName = "DIR",
    };

    private static readonly Option<string[]> Plugins = new("--plugin-directory")
    {
        Description = "Searched for plugins before the directories in the file, and before 'plugins' beside the executable. May be given several times.",
        HelpName = "DIR",
    };

    private static readonly Option<LogVerbosity?> Level = new("--log-level")
    {
        Description = "trace, debug, information, warning or error. Default: information, or what the file says.",
        HelpName = "LEVEL",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Enum.TryParse(text, ignoreCase: true, out LogVerbosity level) && Enum.IsDefined(level) && !char.IsAsciiDigit(text[0])) return level;
            result.AddError($"'{text}' is no log level: trace, debug, information, warning or error is wanted");
            return null;
        },
    };

    private static readonly Option<string?> Socket = new("--control-socket")
    {
        Description = $"Where tgtctl finds the daemon. Default: {ControlPaths.Socket}; with a state directory of its own, control.sock in that.",
        HelpName = "PATH",
    };

    private static readonly Option<string> Portal = new("--portal")
    {
        Description = "Address and port of the demo disk.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = _ => DefaultPortal,
    };

    private static readonly Option<bool> ShowHints =
        new("--hints") { Description = "Prints what to type to reach each target, once it is served." };

    private static readonly Option<bool> Check =
        new("--check") { Description = "Checks the configuration and ends: status 0 when it is right, 2 when it is not. Opens no device." };

    private const string SuperviseName = "--supervise";

    private static readonly Option<bool> Supervise = new(SuperviseName)
    {
        Description = "Runs the daemon as a process of its own and starts it again when it crashes, where nothing like systemd does that. A plugin whose code ended it twice is left out.",
    };

    public static async Task<int> InvokeAsync(string[] args)
    {
        Supervisor.EnterIfSupervised();
        foreach (Option option in new Option[] { Config, State, Plugins, Socket }) option.Validators.Add(RefuseEmpty);
        var root = new RootCommand(
            "The TgtModular daemon: serves SCSI targets. Without a configuration file it makes a 1 GiB demo disk and serves it over iSCSI.")
        {
            Config, State, Plugins, Level, Socket, Portal, ShowHints, Check, Supervise,
        };
        TgtFlags.AddTo(root);
        root.SetAction((result, _) => RunAsync(result, args));
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count == 0) return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync($"tgtd: {error.Message}");
        await Console.Error.WriteLineAsync("tgtd: see tgtd --help");
        return ExitStatus.Invalid;
    }

    private static async Task<int> RunAsync(ParseResult result, string[] args)
    {
        TgtOptions? tgt = TgtFlags.Read(result, out string? problem);
        if (problem is not null)
        {
            await Console.Error.WriteLineAsync($"tgtd: {problem}");
            return ExitStatus.Invalid;
        }

        if (result.GetValue(Supervise) && !result.GetValue(Check))
        {
            if (tgt is null or { Foreground: true }) return await Supervisor.RunAsync([.. args.Where(argument => argument != SuperviseName)]);
            await Console.Error.WriteLineAsync($"tgtd: with flags of tgt, {SuperviseName} wants -f");
            return ExitStatus.Invalid;
        }

        string? usualFile = tgt is null && File.Exists(ControlPaths.ConfigurationFile) ? ControlPaths.ConfigurationFile : null;
        var options = new DaemonOptions(
            Absolute(result.GetValue(Config)) ?? usualFile,
            Absolute(result.GetValue(State)), [.. (result.GetValue(Plugins) ?? []).Select(Path.GetFullPath)],
            result.GetValue(Level) ?? TgtFlags.LogLevel(result),
            Absolute(result.GetValue(Socket)),
            result.GetValue(Portal) ?? DefaultPortal, result.GetValue(ShowHints), tgt);
        if (tgt is { Foreground: false } && !Background.IsChild && !result.GetValue(Check)) return await Background.LaunchAsync(args);
        return result.GetValue(Check) ? ConfigurationChecker.Run(options) : await Daemon.RunAsync(options);
    }

    private static void RefuseEmpty(OptionResult result)
    {
        if (result.Tokens.Any(token => token.Value.Length == 0)) result.AddError($"{result.Option.Name} wants a path, not ''");
    }

    private static string? Absolute(string? path) => path is null ? null : Path.GetFullPath(path);
}
