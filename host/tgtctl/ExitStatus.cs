namespace TgtModular.Tool;

/// <summary>Exit statuses; promised in the help and the manual.</summary>
internal static class ExitStatus
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The daemon refused, or it failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Invalid = 2;

    /// <summary>The daemon cannot be reached.</summary>
    public const int Unreachable = 3;

    /// <summary><c>plan --exit-code</c>: something is not as the file says.</summary>
    public const int Different = 4;
}

/// <summary>A command that cannot go on: what to tell, and the exit status.</summary>
internal sealed class ToolException(int status, params IReadOnlyList<string> messages) : Exception(string.Join('\n', messages))
{
    public int Status => status;

    public IReadOnlyList<string> Messages => messages;
}
