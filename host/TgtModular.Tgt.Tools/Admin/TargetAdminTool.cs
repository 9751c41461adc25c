using TgtModular.Tgt.Tools.CommandLine;

namespace TgtModular.Tgt.Tools.Admin;

/// <summary>tgt-admin: targets.conf and the running daemon.</summary>
public static class TargetAdminTool
{
    /// <summary>Name of the tool.</summary>
    public const string Name = "tgt-admin";

    private const string HelpWord = "help";

    /// <summary>The options; those without a letter have a digit to be told apart by.</summary>
    private static readonly OptionSpec[] Options =
    [
        OptionSpec.Switch('e', "execute"),
        OptionSpec.Value('d', "delete"),
        OptionSpec.LongValue('0', "offline"),
        OptionSpec.LongValue('1', "ready"),
        OptionSpec.LongValue('2', "update"),
        OptionSpec.Switch('s', "show"),
        OptionSpec.Value('C', "control-port"),
        OptionSpec.Value('c', "conf"),
        OptionSpec.LongSwitch('3', "ignore-errors"),
        OptionSpec.Switch('f', "force"),
        OptionSpec.Switch('p', "pretend"),
        OptionSpec.LongSwitch('4', "dump"),
        OptionSpec.Switch('v', "verbose"),
        OptionSpec.Switch('h', "help"),
    ];

    /// <summary>Runs the tool.</summary>
    /// <param name="arguments">The command line, without the program.</param>
    /// <param name="streams">Where to write.</param>
    /// <returns>The exit status.</returns>
    public static int Run(IReadOnlyList<string> arguments, ToolStreams streams)
    {
        AdminSettings settings = new();
        if (Read(arguments, settings) is { } wrong)
        {
            streams.Error.WriteLine($"{wrong}\nTry `{Name} --help' for more information.");
            return ExitStatus.Failure;
        }

        if (settings.Action == AdminAction.Help || settings.Selected == HelpWord)
        {
            streams.Output.Write(TargetAdminHelp.Text);
            return ExitStatus.Success;
        }

        AdminSession session = new(settings, streams);
        Act(settings, session, streams);
        return session.Status;
    }

    private static void Act(AdminSettings settings, AdminSession session, ToolStreams streams)
    {
        AdminActions actions = new(settings, session);
        switch (settings.Action)
        {
            case AdminAction.Execute:
                actions.Execute();
                break;
            case AdminAction.Update:
                actions.Update();
                break;
            case AdminAction.Delete:
                actions.Delete();
                break;
            case AdminAction.Offline:
                actions.SetState("offline");
                break;
            case AdminAction.Ready:
                actions.SetState("ready");
                break;
            case AdminAction.Show:
                streams.Output.Write(session.Query("--op", "show", "--mode", "target"));
                break;
            case AdminAction.Dump:
                new TargetDump(streams.Output).Write(session.Targets());
                break;
        }
    }

    private static string? Read(IReadOnlyList<string> arguments, AdminSettings settings)
    {
        OptionReader reader = new(Name, Options, arguments);
        while (reader.Read())
        {
            AdminAction action = ActionOf(reader.Letter);
            if (action == AdminAction.Help)
            {
                settings.Action = action;
                return null;
            }

            if (action == AdminAction.None)
            {
                Set(reader, settings);
            }
            else
            {
                if (settings.Action != AdminAction.None && settings.Action != action) return $"{Name}: one thing at a time: execute, delete, offline, ready, update, show or dump";
                settings.Action = action;
                settings.Selected = reader.Value;
            }
        }

        if (reader.Error != null) return reader.Error;
        if (reader.Operands.Count > 0) return $"{Name}: '{reader.Operands[0]}' is no option";
        return settings.Action == AdminAction.None ? $"{Name}: no action specified" : null;
    }

    private static AdminAction ActionOf(char letter) => letter switch
    {
        'e' => AdminAction.Execute,
        'd' => AdminAction.Delete,
        '0' => AdminAction.Offline,
        '1' => AdminAction.Ready,
        '2' => AdminAction.Update,
        's' => AdminAction.Show,
        '4' => AdminAction.Dump,
        'h' => AdminAction.Help,
        _ => AdminAction.None,
    };

    private static void Set(OptionReader reader, AdminSettings settings)
    {
        switch (reader.Letter)
        {
            case 'C':
                settings.ControlPort = reader.Value;
                break;
            case 'c':
                settings.ConfigurationPath = reader.Value;
                break;
            case '3':
                settings.IgnoreErrors = true;
                break;
            case 'f':
                settings.Force = true;
                break;
            case 'p':
                settings.Pretend = true;
                break;
            case 'v':
                settings.Verbose = true;
                break;
        }
    }
}
