using System.Globalization;
using TgtModular.Benchmarks.Compare;

namespace TgtModular.Benchmarks.Report;

/// <summary>The comparison as rows of words, for whatever way they are to be laid out.</summary>
internal static class ReportTable
{
    private const double Microsecond = 1e3;

    public static IReadOnlyList<string> Head { get; } =
        ["case", "target", "per s", "MB/s", "ratio", "must", "aim", "p50 us", "p99 us", "p99.9 us", "max us", "slowest", "cpu us", "RSS MB", "B/cmd", "pause us"];

    public static IEnumerable<IReadOnlyList<string>> Rows(Comparison comparison)
    {
        string reference = comparison.Targets[^1];
        foreach (ComparisonRow row in comparison.Rows)
        {
            foreach (string target in comparison.Targets)
            {
                if (row.Of(target) is not { } median) continue;
                double? ratio = row.Ratio(target, reference);
                yield return
                [
                    row.Goal.Case, target, Number(median.CommandsPerSecond, "F0"), Megabytes(row.Goal.Case, median), Number(ratio, "F2"),
                    Number(ratio is null ? null : row.Goal.Must, "0.#"), Number(ratio is null ? null : row.Goal.Aim, "0.#"),
                    Number(median.P50 / Microsecond, "F0"), Number(median.P99 / Microsecond, "F0"), Number(median.P999 / Microsecond, "F0"),
                    Number(median.Max / Microsecond, "F0"), Number(median.SlowestShare, "F2"), Number(median.ProcessorPerCommand / Microsecond, "F2"),
                    Number(median.ResidentBytes / 1e6, "F0"), Number(median.AllocatedPerCommand, "F2"), Number(median.LongestPause / Microsecond, "F0"),
                ];
            }
        }
    }

    /// <summary>Logins in words; empty when they were not measured.</summary>
    public static string Logins(Comparison comparison) => comparison.Logins.Count == 0 ? ""
        : "logins per second, one after the other: " + string.Join(", ", comparison.Logins.Select(pair => $"{pair.Key} {Number(pair.Value, "F0")}"));

    /// <summary>How it was measured, in words.</summary>
    public static string Method(Comparison comparison) => string.Create(CultureInfo.InvariantCulture, $"""
        medians of {comparison.Options.Rounds} rounds of {comparison.Options.Duration.TotalSeconds:0.#} s after {comparison.Options.Warmup.TotalSeconds:0.#} s, in alternation; {comparison.Options.Region >> 20} MiB in memory; {Environment.ProcessorCount} processors, generator included
        ratio: commands per second against {comparison.Targets[^1]}; slowest: the slowest session against the mean; cpu: of the target, per command; B/cmd, pause: managed bytes per command, longest pause of the collector
        """);

    private static string Megabytes(string text, Measurement median) =>
        BenchCase.TryParse(text, out BenchCase? load) ? Number(median.CommandsPerSecond * load.TransferLength / 1e6, "F0") : "";

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
