using TgtModular.LoadGenerator.Report;

namespace TgtModular.LoadGenerator.Load;

/// <summary>What one thread has counted; added up at the end.</summary>
public sealed class LoadTally
{
    /// <summary>Latencies of the commands that were measured: one entry per command.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>All commands done, measured or not.</summary>
    public long Commands { get; set; }

    /// <summary>Commands that ended with another status than GOOD, unit attentions excepted.</summary>
    public long Errors { get; set; }

    /// <summary>Reads whose data was compared.</summary>
    public long Verified { get; set; }

    public long Mismatches { get; set; }

    /// <summary>The first fault in words.</summary>
    public string? FirstFault { get; set; }

    public void Fault(string message) => FirstFault ??= message;

    public void Add(LoadTally other)
    {
        Latency.Add(other.Latency);
        Commands += other.Commands;
        Errors += other.Errors;
        Verified += other.Verified;
        Mismatches += other.Mismatches;
        FirstFault ??= other.FirstFault;
    }
}
