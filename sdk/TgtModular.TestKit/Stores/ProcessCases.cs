using System.Globalization;

namespace TgtModular.TestKit;

internal static class ProcessCases
{
    private const int StepsBeforeTheKill = 40;
    private const long BytesPerRound = 8192;

    /// <summary>
    /// A process that writes is killed: what it was told is durable is there for the next one. The kernel lives on, so this finds what a store keeps to
    /// itself, and not what it leaves to the kernel's cache.
    /// </summary>
    public static async Task KilledAsync(BlockStoreConformance suite, bool force, IReadOnlyDictionary<string, object> options, Func<Task<StoreFixture>> open)
    {
        int acknowledged = -1;
        using (ChildProcess child = ChildProcess.Start(suite, StoreJobs.Write, (force ? "f" : "-") + OptionText.Write(options)))
        {
            while (acknowledged < StepsBeforeTheKill && await child.Output.ReadLineAsync() is { } line) acknowledged = Step(line);
            child.Kill();
            (_, string rest, string errors) = await child.EndAsync();
            Assert.IsTrue(acknowledged == StepsBeforeTheKill, $"the writing process ended by itself: {errors}");
            // The last line may be cut off; what stands before its end was acknowledged.
            foreach (string line in rest.Split('\n')[..^1]) acknowledged = Step(line);
        }

        StoreFixture fixture = await open();
        foreach (int slot in StoreJobs.AllSlots)
        {
            if (StoreJobs.LastOf(slot, acknowledged + 1) > acknowledged) continue; // under way when the process was killed
            int step = StoreJobs.LastOf(slot, acknowledged);
            fixture.Model.Write(StoreJobs.OffsetOf(fixture, step), StoreJobs.DataOf(fixture, step));
            await fixture.CheckAsync(StoreJobs.OffsetOf(fixture, step), StoreJobs.LengthOf(fixture));
        }
    }

    /// <summary>A store that is opened, used and disposed over and over leaves nothing behind.</summary>
    public static async Task ManyRoundsAsync(BlockStoreConformance suite)
    {
        using ChildProcess child = ChildProcess.Start(suite, StoreJobs.OpenAndClose);
        (int status, string output, string errors) = await child.EndAsync();
        Assert.AreEqual(0, status, $"the process that opens and disposes failed: {errors}");
        long[] grown = [.. output.Trim().Split('\n')[^1].Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
        Assert.IsTrue(grown[0] < StoreJobs.Rounds / 2, $"{grown[0]} file descriptors more after {StoreJobs.Rounds} rounds");
        Assert.IsTrue(grown[1] < StoreJobs.Rounds / 2, $"{grown[1]} threads more after {StoreJobs.Rounds} rounds");
        Assert.IsTrue(grown[2] < StoreJobs.Rounds * BytesPerRound, $"{grown[2]} bytes of managed memory more after {StoreJobs.Rounds} rounds");
    }

    private static int Step(string line) => int.Parse(line, CultureInfo.InvariantCulture);
}
