namespace TgtModular.Tgt.Tools.CommandLine;

/// <summary>
/// Reads a command line by the rules of getopt_long (POSIX.1-2017 XBD 12.2 with GNU's long options): letters may stand together and be followed by their
/// value, long names may be shortened as long as they stay unique, operands may stand between options, and <c>--</c> ends the options.
/// </summary>
/// <param name="program">Name of the program in messages.</param>
/// <param name="specs">The options, in the order in which an ambiguity lists them.</param>
/// <param name="arguments">The command line.</param>
public sealed class OptionReader(string program, IReadOnlyList<OptionSpec> specs, IReadOnlyList<string> arguments)
{
    private readonly List<string> _operands = [];
    private int _next;
    private string _cluster = "";

    /// <summary>What was no option, in order; complete when the options are at their end.</summary>
    public IReadOnlyList<string> Operands => _operands;

    /// <summary>What is wrong with the option at which <see cref="Read"/> ended; null when nothing is.</summary>
    public string? Error { get; private set; }

    /// <summary>Letter of the option that was read.</summary>
    public char Letter { get; private set; }

    /// <summary>Value of the option that was read; empty for one without.</summary>
    public string Value { get; private set; } = "";

    /// <summary>Reads the next option.</summary>
    /// <returns>False at the end of the options, and at an error.</returns>
    public bool Read()
    {
        Value = "";
        if (_cluster.Length > 0) return ReadLetter();
        while (_next < arguments.Count)
        {
            string argument = arguments[_next++];
            if (argument == "--")
            {
                for (; _next < arguments.Count; _next++) _operands.Add(arguments[_next]);
                return false;
            }

            if (argument.StartsWith("--", StringComparison.Ordinal)) return ReadName(argument);
            if (argument.Length > 1 && argument[0] == '-')
            {
                _cluster = argument[1..];
                return ReadLetter();
            }

            _operands.Add(argument);
        }

        return false;
    }

    private bool ReadLetter()
    {
        Letter = _cluster[0];
        _cluster = _cluster[1..];
        OptionSpec? spec = null;
        foreach (OptionSpec candidate in specs)
        {
            if (candidate.ShortTakesValue != null && candidate.Letter == Letter) spec = candidate;
        }

        if (spec == null) return Fail($"invalid option -- '{Letter}'");
        if (spec.ShortTakesValue != true) return true;
        if (_cluster.Length > 0)
        {
            Value = _cluster;
            _cluster = "";
            return true;
        }

        return TakeNext($"option requires an argument -- '{Letter}'");
    }

    private bool ReadName(string argument)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? argument[2..] : argument[2..equals];
        if (!TryFind(name, out OptionSpec? spec, out string possibilities))
        {
            return Fail(possibilities.Length > 0
                ? $"option '{argument}' is ambiguous; possibilities:{possibilities}"
                : $"unrecognized option '{argument}'");
        }

        Letter = spec!.Letter;
        if (!spec.LongTakesValue) return equals < 0 || Fail($"option '--{spec.Name}' doesn't allow an argument");
        if (equals < 0) return TakeNext($"option '--{spec.Name}' requires an argument");
        Value = argument[(equals + 1)..];
        return true;
    }

    private bool TryFind(string name, out OptionSpec? found, out string possibilities)
    {
        found = null;
        possibilities = "";
        int count = 0;
        foreach (OptionSpec spec in specs)
        {
            if (!spec.Name.StartsWith(name, StringComparison.Ordinal)) continue;
            found = spec;
            if (spec.Name.Length == name.Length) return true;
            count++;
            possibilities += $" '--{spec.Name}'";
        }

        if (count != 1) found = null;
        if (count < 2) possibilities = "";
        return count == 1;
    }

    private bool TakeNext(string otherwise)
    {
        if (_next >= arguments.Count) return Fail(otherwise);
        Value = arguments[_next++];
        return true;
    }

    private bool Fail(string message)
    {
        Error = $"{program}: {message}";
        return false;
    }
}
