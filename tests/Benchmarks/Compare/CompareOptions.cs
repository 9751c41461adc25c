namespace TgtModular.Benchmarks.Compare;

/// <summary>What a comparison does.</summary>
/// <param name="Goals">The cases, with what they are to reach.</param>
/// <param name="Rounds">How often each target does each case, in alternation.</param>
/// <param name="Warmup">Before each measurement.</param>
/// <param name="Duration">Of each measurement.</param>
/// <param name="Logins">Time spent on logins, for each target and round; zero for none.</param>
/// <param name="Region">Bytes of the unit that are used.</param>
/// <param name="Threads">Of the load generator.</param>
internal sealed record CompareOptions(
    IReadOnlyList<Goal> Goals, int Rounds, TimeSpan Warmup, TimeSpan Duration, TimeSpan Logins, long Region, int Threads);
