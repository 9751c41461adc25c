using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace TgtModular.Benchmarks.Micro;

/// <summary><c>tgtbench parts</c>: the parts of the engine by themselves.</summary>
internal static class PartsCommand
{
    public static Command Create()
    {
        Argument<string[]> filter = new("filter") { Description = "Names, with * for anything: *Dispatch*", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> list = new("--list") { Description = "Name them instead" };
        Option<bool> quick = new("--quick") { Description = "One run of each: that they work, not how fast" };
        Command command = new("parts", "Measures the parts of the engine by themselves, with what they allocate.") { filter, list, quick };
        command.SetAction(parsed =>
        {
            string[] wanted = parsed.GetValue(filter) is { Length: > 0 } some ? some : ["*"];
            string[] arguments = parsed.GetValue(list) ? ["--list", "flat", "--filter", .. wanted] : ["--filter", .. wanted];
            return BenchmarkSwitcher.FromAssembly(typeof(PartsCommand).Assembly).Run(arguments, Config(parsed.GetValue(quick))).Any(summary =>
                summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
        });
        return command;
    }

    /// <summary>In this process: the tool's own way builds a project for each benchmark, which knows nothing of how ours are built.</summary>
    private static ManualConfig Config(bool quick) => ManualConfig.CreateEmpty()
        .AddJob((quick ? Job.Dry : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance))
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddLogger(ConsoleLogger.Default)
        .WithArtifactsPath(Path.Combine(Path.GetTempPath(), $"tgtbench-{Environment.ProcessId}"))
        .WithOptions(ConfigOptions.JoinSummary);
}
