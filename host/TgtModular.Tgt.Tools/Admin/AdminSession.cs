using TgtModular.Tgt.Protocol;
using TgtModular.Tgt.Tools.TargetsConf;
using TgtModular.Tgt.Tools.Tgtadm;

namespace TgtModular.Tgt.Tools.Admin;

/// <summary>
/// What tgt-admin does to the daemon, as command lines of tgtadm that run in this process. After one that failed no other is run, unless errors are to be ignored.
/// </summary>
/// <param name="settings">The command line.</param>
/// <param name="streams">Where to write.</param>
internal sealed class AdminSession(AdminSettings settings, ToolStreams streams)
{
    private const string PasswordOption = "--password=";

    /// <summary>Whether to go on after an error.</summary>
    public bool IgnoreErrors { get; set; } = settings.IgnoreErrors;

    /// <summary>Control port of the daemon; null for 0.</summary>
    public string? ControlPort { get; set; } = settings.ControlPort;

    /// <summary>Exit status: that of the first command that failed.</summary>
    public int Status { get; private set; }

    /// <summary>Whether nothing more is to be done.</summary>
    public bool Stopped => Status != ExitStatus.Success;

    /// <summary>Runs a command, or only prints it.</summary>
    /// <param name="place">Line of the file that asks for it; null for none.</param>
    /// <param name="words">The command, without what every command has.</param>
    /// <returns>Whether it was done.</returns>
    public bool Do(ConfigPlace? place, params string[] words) => Do(place, ManagementError.None, words);

    /// <summary>Runs a command that may have been done before.</summary>
    /// <param name="place">Line of the file that asks for it; null for none.</param>
    /// <param name="already">The error that says so.</param>
    /// <param name="words">The command, without what every command has.</param>
    /// <returns>Whether it is done.</returns>
    public bool Do(ConfigPlace? place, ManagementError already, string[] words)
    {
        if (Stopped) return false;
        string[] all = Complete(words);
        if (settings.Pretend || settings.Verbose) streams.Output.WriteLine(Line(all));
        if (settings.Pretend) return true;
        Exchange exchange = AdminTool.Ask(all, streams);
        if (exchange.Succeeded || (already != ManagementError.None && exchange.Error == already)) return true;
        streams.Error.WriteLine(exchange.Text);
        if (place is { } line) streams.Error.WriteLine($"{line}: this line asked for it");
        if (IgnoreErrors) return false;
        streams.Output.WriteLine($"Command:\n\t{Line(all)}\nexited with code: {exchange.Status}.");
        Status = exchange.Status;
        return false;
    }

    /// <summary>Asks the daemon for a text.</summary>
    /// <returns>Empty when it gives none; unless nothing is to be done anyway, that is an error.</returns>
    public string Query(params string[] words)
    {
        if (Stopped) return "";
        string[] all = Complete(words);
        Exchange exchange = AdminTool.Ask(all, streams);
        if (exchange.Succeeded) return exchange.Text;
        streams.Error.WriteLine(exchange.Text);
        if (settings.Pretend || IgnoreErrors) return "";
        streams.Output.WriteLine($"Command:\n\t{Line(all)}\nexited with code: {exchange.Status}.");
        Status = exchange.Status;
        return "";
    }

    /// <summary>Ends with a message of its own.</summary>
    public void Fail(string message)
    {
        streams.Error.WriteLine(message);
        if (Status == ExitStatus.Success) Status = ExitStatus.Failure;
    }

    /// <summary>Something the user should know, whatever he asked for.</summary>
    public void Warn(string message) => streams.Error.WriteLine(message);

    /// <summary>Something a user who watches wants to know.</summary>
    public void Note(string message)
    {
        if (settings.Pretend || settings.Verbose) streams.Output.WriteLine($"# {message}");
    }

    /// <summary>All targets of the daemon.</summary>
    public List<ShownTarget> Targets() => TargetListing.Targets(Query("--op", "show", "--mode", "target"));

    private string[] Complete(string[] words) => ControlPort == null ? words : ["-C", ControlPort, .. words];

    /// <summary>What is only told, and may stand in a log, has no secrets; what is printed to be run needs them.</summary>
    private string Line(string[] words) =>
        $"{AdminTool.Name} {ShellWords.Join(words.Select(word => !settings.Pretend && word.StartsWith(PasswordOption, StringComparison.Ordinal) ? PasswordOption + "..." : word))}";
}
