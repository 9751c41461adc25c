namespace TgtModular.Interop.Tgt;

/// <summary>A checked-in list of answers that are deliberately not C tgt's: <c>= call</c>, <c># reason</c>, our answer.</summary>
internal sealed class KnownDifferences
{
    private readonly Dictionary<string, (string Reason, string Ours)> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = [];

    private KnownDifferences()
    {
    }

    public static KnownDifferences Read(string file)
    {
        KnownDifferences known = new();
        foreach (string block in File.ReadAllText(Path.Combine(ScriptRun.ScriptDirectory, file)).Split("\n\n= ").Skip(1))
        {
            string[] lines = block.TrimEnd('\n').Split('\n');
            Assert.StartsWith("# ", lines[1], $"no reason for {lines[0]}");
            known._entries.Add(lines[0], (lines[1][2..], string.Join('\n', lines[2..])));
        }

        return known;
    }

    /// <summary>Compares what two daemons answered to one script.</summary>
    /// <returns>What is not equal and not in the list.</returns>
    public IEnumerable<string> Compare(IReadOnlyList<ScriptEntry> theirs, IReadOnlyList<ScriptEntry> ours)
    {
        Assert.AreEqual(string.Join('\n', theirs.Select(entry => entry.Command)), string.Join('\n', ours.Select(entry => entry.Command)));
        foreach ((ScriptEntry their, ScriptEntry our) in theirs.Zip(ours))
        {
            if (_entries.TryGetValue(our.Command, out (string Reason, string Ours) known) && known.Ours == our.Output && their.Output != our.Output)
                _ = _used.Add(our.Command);
            else if (their.Output != our.Output)
                yield return $"$ {our.Command}\n--- theirs\n{their.Output}\n--- ours\n{our.Output}";
        }
    }

    /// <summary>Entries that no call needed: the list is out of date.</summary>
    public IEnumerable<string> Unused => _entries.Keys.Except(_used);
}
