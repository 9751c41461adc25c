using System.Diagnostics;
using System.Numerics;

namespace TgtModular.LoadGenerator.Report;

/// <summary>Counts of latencies in buckets of 1/64 of a power of two: any quantile is known to better than 1.6 %.</summary>
public sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubBuckets = 1 << SubBits;
    private readonly long[] _counts = new long[(64 - SubBits + 1) * SubBuckets];
    private long _sum;

    public long Count { get; private set; }

    public long MaxNanoseconds { get; private set; }

    public double MeanNanoseconds => Count == 0 ? 0 : (double)_sum / Count;

    /// <summary>Adds a latency given in ticks of <see cref="Stopwatch"/>.</summary>
    public void AddTicks(long ticks) => Add(ticks * (1_000_000_000 / Stopwatch.Frequency));

    public void Add(long nanoseconds)
    {
        nanoseconds = Math.Max(nanoseconds, 0);
        _counts[Bucket(nanoseconds)]++;
        _sum += nanoseconds;
        Count++;
        if (nanoseconds > MaxNanoseconds)
            MaxNanoseconds = nanoseconds;
    }

    public void Add(LatencyHistogram other)
    {
        for (int index = 0; index < _counts.Length; index++)
            _counts[index] += other._counts[index];
        _sum += other._sum;
        Count += other.Count;
        MaxNanoseconds = Math.Max(MaxNanoseconds, other.MaxNanoseconds);
    }

    /// <summary>The latency that <paramref name="fraction"/> of all lie at or below, in nanoseconds; 0 when empty.</summary>
    public long Quantile(double fraction)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(fraction * Count));
        long seen = 0;
        for (int index = 0; index < _counts.Length; index++)
        {
            seen += _counts[index];
            if (seen >= wanted && _counts[index] != 0)
                return Math.Min(UpperBound(index), MaxNanoseconds);
        }

        return 0;
    }

    private static int Bucket(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - SubBits);
        return (shift << SubBits) + (int)(value >> shift);
    }

    private static long UpperBound(int bucket)
    {
        if (bucket < 2 * SubBuckets)
            return bucket;
        int shift = (bucket >> SubBits) - 1;
        return ((long)(bucket - (shift << SubBits) + 1) << shift) - 1;
    }
}
