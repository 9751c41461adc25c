using System.CommandLine;
using System.Globalization;
using TgtModular.Benchmarks.Report;
using TgtModular.Benchmarks.Targets;

namespace TgtModular.Benchmarks.Compare;

/// <summary><c>tgtbench compare</c>.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Option<string[]> target = new("--target") { Description = TargetList.Help + ". Repeat it; the last is what the others are compared with (ours, tgt)", DefaultValueFactory = _ => ["ours", "tgt"] };
        Option<string[]> cases = new("--case") { Description = "STORE/PATTERN:BYTES:SESSIONSxDEPTH[:digests][:verify]; STORE is file, null, memory, spread or device; PATTERN RandomRead, RandomWrite, MixN (N % reads), Read or Write. Repeat it (the standard table)" };
        Option<int> rounds = new("--rounds") { Description = "How often each target does each case, in alternation", DefaultValueFactory = _ => 3 };
        Option<double> seconds = new("--seconds") { Description = "Measured time of each", DefaultValueFactory = _ => 3 };
        Option<double> warmup = new("--warmup") { Description = "Seconds before that", DefaultValueFactory = _ => 1 };
        Option<double> logins = new("--logins") { Description = "Seconds of logins per target and round; 0 for none", DefaultValueFactory = _ => 2 };
        Option<int> size = new("--size") { Description = "Length of the disk, in MiB", DefaultValueFactory = _ => 256 };
        Option<int> threads = new("--threads") { Description = "Threads of the load generator", DefaultValueFactory = _ => 1 };
        Option<string> device = new("--device") { Description = "Directory of a device's file system, for the store 'device'", DefaultValueFactory = _ => "/var/tmp" };
        Option<string> tree = new("--tree") { Description = "The built tree of 'ours'", DefaultValueFactory = _ => "artifacts/tgt" };
        Option<FileInfo?> json = new("--json") { Description = "Everything, round by round, into this file" };
        Option<FileInfo?> markdown = new("--markdown") { Description = "The table as Markdown into this file" };
        Command command = new("compare", "Starts targets on the same data on a tmpfs and measures them in alternation. Generator and target share the machine.")
        {
            target, cases, rounds, seconds, warmup, logins, size, threads, device, tree, json, markdown,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            string[] wanted = parsed.GetValue(cases) ?? [];
            CompareOptions options = new(
                wanted.Length == 0 ? Goal.Standard : [.. wanted.Select(text => Goal.Standard.FirstOrDefault(goal => goal.Case == text) ?? new Goal(text))],
                Math.Max(1, parsed.GetValue(rounds)), TimeSpan.FromSeconds(parsed.GetValue(warmup)), TimeSpan.FromSeconds(Math.Max(0.1, parsed.GetValue(seconds))),
                TimeSpan.FromSeconds(parsed.GetValue(logins)), (long)parsed.GetValue(size) << 20, Math.Max(1, parsed.GetValue(threads)));
            try
            {
                Comparison comparison = await RunAsync(parsed.GetValue(target)!, parsed.GetValue(tree)!, parsed.GetValue(device)!, options);
                Console.Write(TextReport.Write(comparison));
                if (parsed.GetValue(json) is { } jsonFile) await File.WriteAllTextAsync(jsonFile.FullName, JsonReport.Write(comparison), cancel);
                if (parsed.GetValue(markdown) is { } markdownFile) await File.WriteAllTextAsync(markdownFile.FullName, MarkdownReport.Write(comparison), cancel);
                return 0;
            }
            catch (BenchmarkException failure)
            {
                await Console.Error.WriteLineAsync($"tgtbench: {failure.Message}");
                return 1;
            }
        });
        return command;
    }

    private static async Task<Comparison> RunAsync(string[] targets, string tree, string device, CompareOptions options)
    {
        foreach (Goal goal in options.Goals)
        {
            if (!BenchCase.TryParse(goal.Case, out _)) throw new BenchmarkException($"'{goal.Case}' is no case: STORE/PATTERN:BYTES:SESSIONSxDEPTH[:digests][:verify]");
        }

        bool spread = options.Goals.Any(goal => goal.Case.StartsWith("spread/", StringComparison.OrdinalIgnoreCase));
        bool waits = options.Goals.Any(goal => goal.Case.StartsWith("device/", StringComparison.OrdinalIgnoreCase));
        using BenchData data = new(options.Region, waits ? device : null);
        List<TestTarget> started = [];
        try
        {
            foreach (string text in targets) started.Add(TargetList.Parse(text, tree, data, spread));
            if (started.DistinctBy(target => target.Name).Count() < started.Count) throw new BenchmarkException("two targets have the same name: NAME=... tells them apart");
            foreach (TestTarget target in started) await target.StartAsync();
            return await new CompareRun(started, options, Progress).ExecuteAsync();
        }
        finally
        {
            started.ForEach(target => target.Dispose());
        }
    }

    private static void Progress(string what) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetLocalNow():HH:mm:ss} {what}"));
}
