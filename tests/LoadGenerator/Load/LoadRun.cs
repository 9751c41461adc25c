using System.Diagnostics;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.LoadGenerator.Load;

/// <summary>What a run has shown.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Tally">All threads together.</param>
/// <param name="Elapsed">Of the measured part.</param>
/// <param name="SessionCommands">Measured commands of each session.</param>
/// <param name="ClientProcessorTime">User and system time of this process over the whole run, warm-up included.</param>
public sealed record LoadResult(LoadOptions Options, LoadTally Tally, TimeSpan Elapsed, IReadOnlyList<long> SessionCommands, TimeSpan ClientProcessorTime)
{
    public double CommandsPerSecond => Tally.Latency.Count / Elapsed.TotalSeconds;

    public double BytesPerSecond => CommandsPerSecond * Options.TransferLength;

    /// <summary>Commands of the slowest session, as a part of the mean of all; 0 when nothing was measured.</summary>
    public double SlowestShare => Tally.Latency.Count == 0 ? 0 : SessionCommands.Min() / SessionCommands.Average();

    public bool IsClean => Tally is { Errors: 0, Mismatches: 0 };
}

/// <summary>Opens the sessions, runs the threads, adds up.</summary>
public static class LoadRun
{
    /// <exception cref="InitiatorException">The target refused, broke the protocol or fell silent.</exception>
    /// <param name="options">What to do.</param>
    /// <param name="started">Told when all sessions are open, and the warm-up begins.</param>
    /// <param name="stop">Ends the run early.</param>
    public static LoadResult Execute(LoadOptions options, Action? started = null, CancellationToken stop = default)
    {
        LoadClock clock = new(options);
        using CancellationTokenRegistration stopping = stop.Register(clock.Cancel);
        List<LoadTally> tallies = [];
        List<LoadSession> sessions = [];
        try
        {
            List<LoadThread> threads = Prepare(options, clock, tallies, sessions);
            TimeSpan processorTime = Environment.CpuUsage.TotalTime;
            clock.Start();
            started?.Invoke();
            long began = Stopwatch.GetTimestamp();
            Run(threads);
            TimeSpan elapsed = options.CommandLimit == null && !stop.IsCancellationRequested ? options.Duration : Stopwatch.GetElapsedTime(began);
            LoadTally total = new();
            tallies.ForEach(total.Add);
            return new LoadResult(options, total, elapsed, [.. sessions.Select(session => session.Measured)], Environment.CpuUsage.TotalTime - processorTime);
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }

    private static List<LoadThread> Prepare(LoadOptions options, LoadClock clock, List<LoadTally> tallies, List<LoadSession> sessions)
    {
        for (int number = 0; number < options.Sessions; number++)
        {
            LoadOptions own = options with { Address = options.Address with { Lun = options.Address.Lun + (number % options.Luns) } };
            Session session = Session.Open(own.Address, options.Login with { Isid = options.Login.Isid + ((ulong)number << 16) });
            try
            {
                session.TestUnitReady();
                (ulong blocks, int blockLength) = session.ReadCapacity();
                Workload workload = Plan(options, blocks, blockLength, number);
                LoadTally tally = number < options.Threads ? new LoadTally() : tallies[number % options.Threads];
                if (number < options.Threads)
                    tallies.Add(tally);
                sessions.Add(new LoadSession(session, own, clock, tally, workload, blockLength, (uint)number + 1));
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }

        return [.. Enumerable.Range(0, tallies.Count).Select(thread =>
            new LoadThread([.. sessions.Where((_, number) => number % tallies.Count == thread)], clock, options.Login.Timeout))];
    }

    private static Workload Plan(LoadOptions options, ulong blocks, int blockLength, int number)
    {
        if (options.TransferLength % blockLength != 0)
            throw new InitiatorException($"transfers of {options.TransferLength} bytes do not fit blocks of {blockLength}");
        uint blocksPerChunk = (uint)(options.TransferLength / blockLength);
        if (options.Region is { } region)
            blocks = Math.Min(blocks, (ulong)(region / blockLength));
        ulong chunks = blocks / blocksPerChunk;
        // Random access without books shares the whole unit; whoever keeps books or goes in order has a part of its own.
        bool shared = !options.Verify && options.Pattern is AccessPattern.RandomRead or AccessPattern.RandomWrite or AccessPattern.RandomMix;
        ulong part = shared ? chunks : chunks / (ulong)options.Sessions;
        if (part < (ulong)options.Depth || part > int.MaxValue)
            throw new InitiatorException($"{chunks} pieces of {options.TransferLength} bytes are not enough, or too many, for {options.Sessions} sessions");
        ulong first = shared ? 0 : part * (ulong)number * blocksPerChunk;
        return new Workload(options.Pattern, options.ReadPercent, first, (int)part, blocksPerChunk, options.Verify, (ulong)number + 1);
    }

    private static void Run(List<LoadThread> threads)
    {
        List<Thread> running = [.. threads.Select(thread => new Thread(thread.Run) { IsBackground = true, Name = "load" })];
        running.ForEach(thread => thread.Start());
        running.ForEach(thread => thread.Join());
        if (threads.Select(thread => thread.Failure).FirstOrDefault(failure => failure != null) is { } first)
            throw first as InitiatorException ?? new InitiatorException(first.ToString());
    }
}
