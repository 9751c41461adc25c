namespace TgtModular.Benchmarks.Compare;

/// <summary>Everything that was measured.</summary>
/// <param name="Targets">Their names; the last is the one the others are compared with.</param>
/// <param name="Rows">A row for each case.</param>
/// <param name="Logins">Logins and logouts per second of each target, the medians; empty when they were not measured.</param>
/// <param name="Options">How.</param>
internal sealed record Comparison(IReadOnlyList<string> Targets, IReadOnlyList<ComparisonRow> Rows, IReadOnlyDictionary<string, double> Logins, CompareOptions Options);

/// <summary>One case on all targets.</summary>
/// <param name="Goal">The case and what it is to reach.</param>
/// <param name="Rounds">What each target has shown, round by round; nothing where it cannot do the case.</param>
internal sealed record ComparisonRow(Goal Goal, IReadOnlyDictionary<string, IReadOnlyList<Measurement>> Rounds)
{
    /// <summary>The medians of a target.</summary>
    public Measurement? Of(string target) => Rounds.TryGetValue(target, out IReadOnlyList<Measurement>? rounds) && rounds.Count > 0 ? Measurement.Median(rounds) : null;

    /// <summary>
    /// Commands per second of one as a multiple of the other's: the median of the rounds' ratios, whose two halves were measured one right after the other.
    /// </summary>
    public double? Ratio(string target, string reference)
    {
        if (target == reference || !Rounds.TryGetValue(target, out var mine) || !Rounds.TryGetValue(reference, out var theirs)) return null;
        return Measurement.Middle(mine.Zip(theirs, (one, other) => one.CommandsPerSecond / other.CommandsPerSecond));
    }
}
