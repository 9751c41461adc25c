using System.Diagnostics.Metrics;

namespace TgtModular.Stores;

/// <summary>Calls that reached a fault store, whatever became of them.</summary>
/// <param name="Reads">Reads.</param>
/// <param name="Writes">Writes, with FUA and without.</param>
/// <param name="FuaWrites">Writes with FUA.</param>
/// <param name="Flushes">Flushes.</param>
/// <param name="Discards">Discards.</param>
/// <param name="Zeroes">Write zeroes.</param>
/// <param name="Compares">Compare-and-writes.</param>
public readonly record struct FaultCounts(long Reads, long Writes, long FuaWrites, long Flushes, long Discards, long Zeroes, long Compares);

/// <summary>Counts calls, for tests and for the meter.</summary>
internal sealed class FaultCounters
{
    private readonly long[] _counts = new long[7];

    public FaultCounters(Meter meter, string storeName) =>
        meter.CreateObservableCounter("tgt.store.fault.calls", () => Measure(storeName), "{call}", "Calls that reached a fault store");

    public FaultCounts Counts => new(Of(0), Of(1), Of(2), Of(3), Of(4), Of(5), Of(6));

    public void Add(FaultOperations operations)
    {
        for (int bit = 0; bit < _counts.Length; bit++)
        {
            if (((int)operations & (1 << bit)) != 0) Interlocked.Increment(ref _counts[bit]);
        }
    }

    private IEnumerable<Measurement<long>> Measure(string storeName)
    {
        for (int bit = 0; bit < _counts.Length; bit++)
        {
            string operation = ((FaultOperations)(1 << bit)).ToString().ToLowerInvariant();
            yield return new Measurement<long>(Of(bit), new("store", storeName), new("operation", operation));
        }
    }

    private long Of(int bit) => Interlocked.Read(ref _counts[bit]);
}
