namespace TgtModular.Sbc.Tests;

/// <summary>Times of commands that run at once are taken of some, for all.</summary>
[TestClass]
public sealed class DiskStatisticsTests
{
    [TestMethod]
    public void Sample_CommandsOfOneMillisecond_AddUpToAllOfThem()
    {
        DiskStatistics statistics = new();
        CountingClock clock = new();
        // A test may move between processors, each of which has its own turn: one that stays below its first is not counted.
        const int Commands = 3200;
        for (int i = 0; i < Commands; i++)
        {
            long started = statistics.StartSample(clock);
            clock.Advance(TimeSpan.FromMilliseconds(1));
            statistics.CountRead(8, DiskStatistics.EndSample(clock, started));
        }

        DiskStatistics.Totals totals = statistics.Sum();
        Assert.AreEqual(Commands, totals.Reads);
        Assert.AreEqual(Commands * 8L, totals.BlocksRead);
        double milliseconds = clock.GetElapsedTime(0, totals.ReadTicks).TotalMilliseconds;
        Assert.AreEqual(Commands, milliseconds, 16.0 * 2 * Environment.ProcessorCount);
        Assert.IsLessThan(Commands / 8, clock.Readings);
    }

    private sealed class CountingClock : TimeProvider
    {
        private readonly ManualClock _clock = new();

        public int Readings { get; private set; }

        public override long TimestampFrequency => _clock.TimestampFrequency;

        public void Advance(TimeSpan time) => _clock.Advance(time);

        public override long GetTimestamp()
        {
            Readings++;
            return _clock.GetTimestamp();
        }
    }
}
