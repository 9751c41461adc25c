using System.CommandLine;

namespace TgtModular.Tool.Commands;

/// <summary><c>tgtctl completion</c>.</summary>
internal static class CompletionCommand
{
    /// <summary>Asks tgtctl itself, so that the names of stores, units and targets are those the daemon has.</summary>
    private const string Bash = """
        # bash completion for tgtctl; in ~/.bashrc: source <(tgtctl completion bash)
        _tgtctl() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _tgtctl tgtctl
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell: bash." };
        _ = shell.AcceptOnlyFromAmong("bash");
        return ToolContext.Local("completion", "Writes a script that completes commands and names in a shell.", [shell], _ =>
        {
            Console.WriteLine(Bash);
            return Task.FromResult(ExitStatus.Ok);
        });
    }
}
