using System.CommandLine;
using TgtModular.Tool.Commands;

namespace TgtModular.Tool;

/// <summary>The command line of tgtctl.</summary>
internal static class ToolCommand
{
    public static async Task<int> InvokeAsync(string[] args)
    {
        RootCommand root = Create();
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count == 0) return await parsed.InvokeAsync();
        foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync($"tgtctl: {error.Message}");
        await Console.Error.WriteLineAsync($"tgtctl: see {CommandPath(parsed)} --help");
        return ExitStatus.Invalid;
    }

    private static RootCommand Create()
    {
        var root = new RootCommand(
            "Shows and changes what a running tgtd serves. What is made here is gone after a restart of the daemon; 'config export' writes it down.\n\n"
            + "Exit status: 0 done; 1 refused or failed; 2 wrong use, or a wrong configuration; 3 the daemon cannot be reached; 4 (plan --exit-code) there are differences.")
        {
            TargetCommands.Create(),
            LunCommands.Create(),
            UnitCommands.Create(),
            StoreCommands.Create(),
            SessionCommands.Create(),
            ViewCommands.Transports(),
            PluginCommands.Create(),
            ViewCommands.Statistics(),
            ViewCommands.Daemon(),
            ConfigurationCommands.Plan(),
            ConfigurationCommands.Apply(),
            ConfigurationCommands.Config(),
            CompletionCommand.Create(),
        };
        root.Add(ToolContext.Socket);
        root.Add(ToolContext.Format);
        return root;
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (SymbolResultWalker walker = new(parsed); walker.Name is { } name; walker.Up()) names.Push(name);
        return string.Join(' ', names);
    }

    /// <summary>From the command that was meant up to the root.</summary>
    private sealed class SymbolResultWalker(ParseResult parsed)
    {
        private System.CommandLine.Parsing.SymbolResult? _at = parsed.CommandResult;

        public string? Name => _at is System.CommandLine.Parsing.CommandResult command ? command.Command is RootCommand ? "tgtctl" : command.Command.Name
            : null;

        public void Up() => _at = _at?.Parent;
    }
}
