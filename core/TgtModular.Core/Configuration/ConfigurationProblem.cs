using TgtModular.Toml;

namespace TgtModular.Core.Configuration;

/// <summary>One thing wrong, or doubtful, in a configuration.</summary>
/// <param name="FileName">The file as the caller named it; empty for what was not read from a file.</param>
/// <param name="Position">Where in the file.</param>
/// <param name="Message">What is wrong and what to write instead; one line.</param>
/// <param name="IsWarning">True when the configuration can be used all the same.</param>
public sealed record ConfigurationProblem(string FileName, TomlPosition Position, string Message, bool IsWarning = false)
{
    /// <summary><c>file:line:column: message</c>, as compilers write it.</summary>
    public override string ToString()
    {
        string text = IsWarning ? $"warning: {Message}" : Message;
        if (FileName.Length == 0) return text;
        return Position.IsKnown ? $"{FileName}:{Position.Line}:{Position.Column}: {text}" : $"{FileName}: {text}";
    }
}

/// <summary>Gathers problems, so that all come out in one go.</summary>
internal sealed class ProblemList(string fileName)
{
    private readonly List<ConfigurationProblem> _problems = [];

    /// <summary>True when something is wrong, warnings aside.</summary>
    public bool HasErrors { get; private set; }

    public void Error(TomlPosition position, string message)
    {
        HasErrors = true;
        _problems.Add(new ConfigurationProblem(fileName, position, message));
    }

    public void Warning(TomlPosition position, string message) => _problems.Add(new ConfigurationProblem(fileName, position, message, IsWarning: true));

    /// <summary>All problems in the order of the file.</summary>
    public IReadOnlyList<ConfigurationProblem> ToSorted() => [.. _problems.OrderBy(problem => problem.Position)];
}
