using TgtModular.LoadGenerator.Load;

namespace TgtModular.Benchmarks.Compare;

/// <summary>One case on one target, once. Times in nanoseconds.</summary>
/// <param name="CommandsPerSecond">Of the measured part.</param>
/// <param name="P50">Median latency.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="P999">99.9th percentile.</param>
/// <param name="Max">Longest.</param>
/// <param name="SlowestShare">Commands of the slowest session as a part of the mean.</param>
/// <param name="ProcessorPerCommand">Processor time of the target for each command, as the kernel counts it; null where its process is not known.</param>
/// <param name="ResidentBytes">Of the target afterwards; null likewise.</param>
/// <param name="AllocatedPerCommand">Managed bytes; null where the target is no .NET program.</param>
/// <param name="LongestPause">Of the garbage collector; null likewise.</param>
public sealed record Measurement(
    double CommandsPerSecond, double P50, double P99, double P999, double Max, double SlowestShare,
    double? ProcessorPerCommand, double? ResidentBytes, double? AllocatedPerCommand, double? LongestPause)
{
    /// <summary>The medians of several, each column by itself.</summary>
    public static Measurement Median(IReadOnlyList<Measurement> rounds) => new(
        Of(rounds, one => one.CommandsPerSecond)!.Value, Of(rounds, one => one.P50)!.Value, Of(rounds, one => one.P99)!.Value,
        Of(rounds, one => one.P999)!.Value, Of(rounds, one => one.Max)!.Value, Of(rounds, one => one.SlowestShare)!.Value,
        Of(rounds, one => one.ProcessorPerCommand), Of(rounds, one => one.ResidentBytes), Of(rounds, one => one.AllocatedPerCommand),
        Of(rounds, one => one.LongestPause));

    /// <summary>The middle of some values; of an even number, the mean of the two in the middle.</summary>
    public static double? Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    internal static Measurement From(LoadResult load, TargetUsage server) => new(
        load.CommandsPerSecond, load.Tally.Latency.Quantile(0.5), load.Tally.Latency.Quantile(0.99), load.Tally.Latency.Quantile(0.999),
        load.Tally.Latency.MaxNanoseconds, load.SlowestShare, server.ProcessorNanoseconds / load.CommandsPerSecond, server.ResidentBytes,
        server.AllocatedBytes / load.CommandsPerSecond, server.LongestPauseNanoseconds);

    private static double? Of(IReadOnlyList<Measurement> rounds, Func<Measurement, double?> column) =>
        Middle(rounds.Select(column).OfType<double>());
}

/// <summary>What a target's process uses per second under a case, and what it has; null where it cannot be seen.</summary>
internal readonly record struct TargetUsage(double? ProcessorNanoseconds, double? ResidentBytes, double? AllocatedBytes, double? LongestPauseNanoseconds);
