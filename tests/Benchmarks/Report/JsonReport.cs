using System.Text.Json;
using TgtModular.Benchmarks.Compare;

namespace TgtModular.Benchmarks.Report;

/// <summary>Everything, round by round, for programs.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static string Write(Comparison comparison) => JsonSerializer.Serialize(
        new
        {
            comparison.Targets,
            Rounds = comparison.Options.Rounds,
            Seconds = comparison.Options.Duration.TotalSeconds,
            Processors = Environment.ProcessorCount,
            LoginsPerSecond = comparison.Logins,
            Cases = comparison.Rows.Select(row => new
            {
                row.Goal.Case,
                row.Goal.Must,
                row.Goal.Aim,
                Ratios = comparison.Targets.ToDictionary(target => target, target => row.Ratio(target, comparison.Targets[^1])),
                Medians = comparison.Targets.ToDictionary(target => target, row.Of),
                Measured = row.Rounds,
            }),
        },
        Layout);
}
