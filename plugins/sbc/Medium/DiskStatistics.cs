using System.Runtime.InteropServices;

namespace TgtModular.Sbc;

/// <summary>
/// Totals of the general statistics log page (SPC-4 section 7.3.9), in cells per processor so that threads do not share a cache line. Of commands that run at
/// once every 32nd is timed, and stands for all of them: where the clock is a system call, reading it twice costs as much as such a command.
/// </summary>
internal sealed class DiskStatistics
{
    private const int SampleInterval = 32;

    /// <summary>In the place of a timestamp: this command is not timed.</summary>
    private const long NotTimed = long.MinValue;

    private readonly Cell[] _cells = new Cell[Math.Max(1, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount))];

    public void CountRead(long blocks, long ticks)
    {
        ref Cell cell = ref Mine();
        Interlocked.Increment(ref cell.Reads);
        Interlocked.Add(ref cell.BlocksRead, blocks);
        Interlocked.Add(ref cell.ReadTicks, ticks);
    }

    public void CountWrite(long blocks, long ticks)
    {
        ref Cell cell = ref Mine();
        Interlocked.Increment(ref cell.Writes);
        Interlocked.Add(ref cell.BlocksWritten, blocks);
        Interlocked.Add(ref cell.WriteTicks, ticks);
    }

    /// <summary>Begins a command that runs at once.</summary>
    /// <returns>For <see cref="EndSample"/>.</returns>
    public long StartSample(TimeProvider clock)
    {
        // Not the very first: what takes long once would count many times.
        ref Cell cell = ref Mine();
        return (++cell.Samples & (SampleInterval - 1)) == SampleInterval / 2 ? clock.GetTimestamp() : NotTimed;
    }

    /// <summary>Ticks to count for a command that has run at once.</summary>
    public static long EndSample(TimeProvider clock, long started) => started == NotTimed ? 0 : (clock.GetTimestamp() - started) * SampleInterval;

    public Totals Sum()
    {
        Totals totals = default;
        foreach (ref Cell cell in _cells.AsSpan())
        {
            totals.Reads += Interlocked.Read(ref cell.Reads);
            totals.Writes += Interlocked.Read(ref cell.Writes);
            totals.BlocksRead += Interlocked.Read(ref cell.BlocksRead);
            totals.BlocksWritten += Interlocked.Read(ref cell.BlocksWritten);
            totals.ReadTicks += Interlocked.Read(ref cell.ReadTicks);
            totals.WriteTicks += Interlocked.Read(ref cell.WriteTicks);
        }

        return totals;
    }

    private ref Cell Mine() => ref _cells[Thread.GetCurrentProcessorId() & (_cells.Length - 1)];

    public struct Totals
    {
        public long Reads;
        public long Writes;
        public long BlocksRead;
        public long BlocksWritten;
        public long ReadTicks;
        public long WriteTicks;
    }

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Cell
    {
        public long Reads;
        public long Writes;
        public long BlocksRead;
        public long BlocksWritten;
        public long ReadTicks;
        public long WriteTicks;
        public int Samples;
    }
}
