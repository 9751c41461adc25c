using TgtModular.Benchmarks.Targets;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.Benchmarks.Compare;

/// <summary>Measures the targets in alternation: A B A B, case by case, so that whatever the machine does besides falls on all of them.</summary>
internal sealed class CompareRun(IReadOnlyList<TestTarget> targets, CompareOptions options, Action<string> progress)
{
    /// <summary>The target's process is looked at a little less long than it is loaded.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(50);

    /// <summary>Measures everything.</summary>
    /// <exception cref="BenchmarkException">A target failed a case.</exception>
    public async Task<Comparison> ExecuteAsync()
    {
        List<ComparisonRow> rows = [];
        foreach (Goal goal in options.Goals) rows.Add(await MeasureAsync(goal));
        return new Comparison([.. targets.Select(target => target.Name)], rows, MeasureLogins(), options);
    }

    private async Task<ComparisonRow> MeasureAsync(Goal goal)
    {
        if (!BenchCase.TryParse(goal.Case, out BenchCase? load)) throw new BenchmarkException($"'{goal.Case}' is no case");
        Dictionary<string, List<Measurement>> rounds = [];
        for (int round = 0; round < options.Rounds; round++)
        {
            foreach (TestTarget target in targets)
            {
                if (target.AddressOf(load.Store, load.Digests) is not { } address) continue;
                Measurement measured = await MeasureAsync(target, address, load);
                if (!rounds.TryGetValue(target.Name, out List<Measurement>? own)) rounds[target.Name] = own = [];
                own.Add(measured);
                progress($"{goal.Case} {target.Name}: {measured.CommandsPerSecond:F0}/s");
            }
        }

        return new ComparisonRow(goal, rounds.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<Measurement>)pair.Value));
    }

    private async Task<Measurement> MeasureAsync(TestTarget target, TargetAddress address, BenchCase load)
    {
        try
        {
            TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
            LoadOptions wanted = load.ToOptions(address, options.Warmup, options.Duration, options.Region, options.Threads);
            Task<LoadResult> running = Task.Run(() => LoadRun.Execute(wanted, started.SetResult));
            await Task.WhenAny(started.Task, running);
            await Task.WhenAny(Task.Delay(options.Warmup, TimeProvider.System), running);
            target.Watch();
            await Task.WhenAny(Task.Delay(options.Duration - Margin, TimeProvider.System), running);
            TargetUsage used = target.Used();
            LoadResult result = await running;
            if (!result.IsClean) throw new BenchmarkException($"{target.Name}, {load}: {result.Tally.FirstFault}");
            return Measurement.From(result, used);
        }
        catch (InitiatorException failure)
        {
            throw new BenchmarkException($"{target.Name}, {load}: {failure.Message}");
        }
    }

    private Dictionary<string, double> MeasureLogins()
    {
        Dictionary<string, List<double>> rates = [];
        for (int round = 0; options.Logins > TimeSpan.Zero && round < options.Rounds; round++)
        {
            foreach (TestTarget target in targets)
            {
                if (!rates.TryGetValue(target.Name, out List<double>? own)) rates[target.Name] = own = [];
                own.Add(LoginRate.Measure(target.AddressOf(StoreKind.File, digests: false)!, options.Logins));
                progress($"logins {target.Name}: {own[^1]:F0}/s");
            }
        }

        return rates.ToDictionary(pair => pair.Key, pair => Measurement.Middle(pair.Value)!.Value);
    }
}
