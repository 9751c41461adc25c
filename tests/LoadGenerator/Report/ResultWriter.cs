using System.Globalization;
using System.Text.Json;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.LoadGenerator.Report;

/// <summary>Results as a table for people and as one line of JSON for scripts.</summary>
public static class ResultWriter
{
    public static string Table(LoadResult result)
    {
        LatencyHistogram latency = result.Tally.Latency;
        string faults = result.Tally.FirstFault is { } fault
            ? $"\nerrors {result.Tally.Errors}, mismatches {result.Tally.Mismatches}; first: {fault}"
            : "";
        string verified = result.Options.Verify ? $"\n{result.Tally.Verified} reads verified" : "";
        return string.Create(CultureInfo.InvariantCulture, $"""
            pattern       bytes  sess depth        IOPS     MB/s   mean us    p50 us    p99 us  p99.9 us    max us  client cpu
            {result.Options.Pattern,-11} {result.Options.TransferLength,7} {result.Options.Sessions,5} {result.Options.Depth,5} {result.CommandsPerSecond,11:F0} {result.BytesPerSecond / 1e6,8:F1} {latency.MeanNanoseconds / 1e3,9:F1} {Microseconds(0.5),9:F1} {Microseconds(0.99),9:F1} {Microseconds(0.999),9:F1} {latency.MaxNanoseconds / 1e3,9:F1} {result.ClientProcessorTime.TotalSeconds,8:F2} s
            """) + verified + faults;

        double Microseconds(double fraction) => latency.Quantile(fraction) / 1e3;
    }

    public static string Json(LoadResult result)
    {
        LatencyHistogram latency = result.Tally.Latency;
        return JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["pattern"] = result.Options.Pattern.ToString(),
            ["bytes"] = result.Options.TransferLength,
            ["sessions"] = result.Options.Sessions,
            ["depth"] = result.Options.Depth,
            ["seconds"] = result.Elapsed.TotalSeconds,
            ["commands"] = result.Tally.Commands,
            ["iops"] = result.CommandsPerSecond,
            ["bytesPerSecond"] = result.BytesPerSecond,
            ["meanNanoseconds"] = latency.MeanNanoseconds,
            ["p50Nanoseconds"] = latency.Quantile(0.5),
            ["p99Nanoseconds"] = latency.Quantile(0.99),
            ["p999Nanoseconds"] = latency.Quantile(0.999),
            ["maxNanoseconds"] = latency.MaxNanoseconds,
            ["slowestSessionShare"] = result.SlowestShare,
            ["clientProcessorSeconds"] = result.ClientProcessorTime.TotalSeconds,
            ["verified"] = result.Tally.Verified,
            ["errors"] = result.Tally.Errors,
            ["mismatches"] = result.Tally.Mismatches,
            ["firstFault"] = result.Tally.FirstFault,
        });
    }
}
