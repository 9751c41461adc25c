using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool;

/// <summary>What all commands share: the options that stand before or behind any of them, and the way commands run.</summary>
internal static class ToolContext
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CompletionTimeout = TimeSpan.FromSeconds(2);

    public static Option<string> Socket { get; } = new("--socket")
    {
        Description = $"The control socket of the daemon. Default: {ControlPaths.SocketVariable}, else {ControlPaths.Socket}.",
        HelpName = "PATH",
        Recursive = true,
        DefaultValueFactory = _ => ControlPaths.Socket,
    };

    public static Option<OutputFormat> Format { get; } = new("--output", "-o")
    {
        Description = "table for people, json for programs.",
        HelpName = "table|json",
        Recursive = true,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text is "table" or "json") return text == "json" ? OutputFormat.Json : OutputFormat.Table;
            result.AddError($"'{text}' is no output format: table or json is wanted");
            return OutputFormat.Table;
        },
    };

    /// <summary>A command that talks with the daemon.</summary>
    public static Command Command(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, ControlClient, Task<int>> run)
    {
        Command command = Local(name, description, symbols, async result =>
        {
            using var client = new ControlClient(result.GetValue(Socket)!, RequestTimeout);
            return await run(result, client);
        });
        return command;
    }

    /// <summary>A command that needs no daemon.</summary>
    public static Command Local(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, Task<int>> run)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Option option) command.Add(option);
            else if (symbol is Argument argument) command.Add(argument);
        }

        command.SetAction(async (result, _) =>
        {
            try
            {
                return await run(result);
            }
            catch (ToolException failure)
            {
                foreach (string message in failure.Messages) await Console.Error.WriteLineAsync($"tgtctl: {message}");
                return failure.Status;
            }
        });
        return command;
    }

    /// <summary>A group of commands.</summary>
    public static Command Group(string name, string description, params IReadOnlyList<Command> commands)
    {
        var group = new Command(name, description);
        foreach (Command command in commands) group.Add(command);
        return group;
    }

    /// <summary>An argument that is the name of an object; the shell completes it from what the daemon has.</summary>
    public static Argument<string> NameOf(string argument, string description, Func<ControlClient, Task<IEnumerable<string>>> names)
    {
        var result = new Argument<string>(argument) { Description = description };
        result.CompletionSources.Add(context => Complete(context, names));
        return result;
    }

    /// <summary>An option <c>--option key=value</c>, given as often as wanted.</summary>
    public static Option<string[]> Pairs(string name, string description) => new(name) { Description = description, HelpName = "KEY=VALUE" };

    /// <summary>Key and value of each <c>key=value</c>.</summary>
    public static Dictionary<string, string> Split(IEnumerable<string>? pairs)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in pairs ?? [])
        {
            int equals = pair.IndexOf('=');
            if (equals <= 0) throw new ToolException(ExitStatus.Invalid, $"'{pair}' is not KEY=VALUE");
            if (!values.TryAdd(pair[..equals], pair[(equals + 1)..])) throw new ToolException(ExitStatus.Invalid, $"option '{pair[..equals]}' is given twice");
        }

        return values;
    }

    /// <summary>A name as part of a path.</summary>
    public static string Escape(string name) => Uri.EscapeDataString(name);

    /// <summary>Numbers for people.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static IEnumerable<CompletionItem> Complete(CompletionContext context, Func<ControlClient, Task<IEnumerable<string>>> names)
    {
        try
        {
            using var client = new ControlClient(context.ParseResult.GetValue(Socket) ?? ControlPaths.Socket, CompletionTimeout);
            return [.. names(client).GetAwaiter().GetResult().Select(name => new CompletionItem(name))];
        }
        catch (ToolException)
        {
            return []; // Without a daemon there is nothing to complete with, and a completion is no place to complain.
        }
    }
}
