namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>A line of a file.</summary>
/// <param name="File">Path as it was given or included.</param>
/// <param name="Line">From 1; 0 stands for the whole file.</param>
internal readonly record struct ConfigPlace(string File, int Line)
{
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}";
}

/// <summary>A line of the file that says something: an option, or a block with what is in it.</summary>
/// <param name="Name">Name.</param>
/// <param name="Value">Value; empty when there is none.</param>
/// <param name="Place">Where it begins.</param>
/// <param name="Children">What is in the block; null for an option.</param>
internal sealed record ConfigNode(string Name, string Value, ConfigPlace Place, List<ConfigNode>? Children)
{
    /// <summary>Whether it is a block.</summary>
    public bool IsBlock => Children != null;
}

/// <summary>All that is wrong or odd in a configuration, in the order in which it was found.</summary>
internal sealed class ConfigFindings
{
    /// <summary>After so many nobody reads on.</summary>
    private const int Most = 100;

    private readonly List<string> _lines = [];

    /// <summary>How many errors there are.</summary>
    public int Errors { get; private set; }

    /// <summary>Complete lines.</summary>
    public IReadOnlyList<string> Lines => _lines;

    public void Error(ConfigPlace place, string message)
    {
        Errors++;
        Add($"{place}: {message}");
    }

    public void Warn(ConfigPlace place, string message) => Add($"{place}: warning: {message}");

    private void Add(string line)
    {
        if (_lines.Count < Most) _lines.Add(line);
    }
}
