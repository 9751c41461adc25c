using System.Collections.Concurrent;
using System.Globalization;
using TgtModular.Interop.Harness;

namespace TgtModular.KernelLab;

/// <summary>A file of tests/lab/scenarios, and how it is run.</summary>
/// <param name="Name">Its name, as tests/lab/lab takes it.</param>
internal sealed record Scenario(string Name)
{
    private const int NotPossibleHere = 77;

    /// <summary>Building the lab kernel takes eight minutes on two idle processors. tests/run has done it before; a test by hand may find none.</summary>
    private static readonly TimeSpan KernelLimit = TimeSpan.FromMinutes(40);

    private static readonly ConcurrentDictionary<string, Lazy<Task<ToolResult>>> Kernels = new();

    public static string Directory => Path.Combine(Repository.Root, "tests", "lab");

    /// <summary>All scenarios, the longest first, so that the last to end is a short one.</summary>
    public static IEnumerable<Scenario> All => System.IO.Directory.EnumerateFiles(Path.Combine(Directory, "scenarios"), "*.sh")
        .Select(file => new Scenario(Path.GetFileNameWithoutExtension(file)))
        .OrderByDescending(scenario => scenario.Limit).ThenBy(scenario => scenario.Name, StringComparer.Ordinal);

    /// <summary>Four times what it took on an idle machine of two processors, or more.</summary>
    public TimeSpan Limit => TimeSpan.FromSeconds(int.Parse(Header("total")!, CultureInfo.InvariantCulture));

    /// <summary>Runs it against the daemon of this tree; inconclusive where this machine cannot.</summary>
    /// <param name="settings">More of its environment.</param>
    public async Task<ToolResult> RunAsync(params (string Name, string Value)[] settings)
    {
        await KernelAsync();
        string environment = string.Join(' ', settings.Select(setting => $"{setting.Name}='{setting.Value}'"));
        ToolResult result = await Tool.RunAsync("/bin/bash", ["-c", $"{environment} exec {Path.Combine(Directory, "lab")} {Name}"], Limit);
        return Possible(result);
    }

    /// <summary>Makes the kernels that it wants ready, so that the scenario's own time is not spent on them.</summary>
    public async Task KernelAsync()
    {
        foreach (string wanted in (IEnumerable<string>)[Header("kernel") ?? "stock", .. Header("inner-kernel") is { } inner ? [inner] : Array.Empty<string>()])
            _ = Possible(await Kernels.GetOrAdd(wanted, kernel => new(() => MakeAsync(kernel))).Value).MustSucceed();
    }

    /// <summary>The result, unless it says that this machine cannot: then the test is inconclusive, with the reason.</summary>
    public static ToolResult Possible(ToolResult result)
    {
        if (result.ExitCode == NotPossibleHere)
            Assert.Inconclusive(result.Output);
        return result;
    }

    public override string ToString() => Name;

    private static Task<ToolResult> MakeAsync(string kernel) => Tool.RunAsync(Path.Combine(Directory, "lab"), ["--kernel", kernel, "--make"], KernelLimit);

    /// <summary>A line '# KEY: VALUE' of its head.</summary>
    private string? Header(string key) => File.ReadLines(Path.Combine(Directory, "scenarios", Name + ".sh"))
        .Where(line => line.StartsWith($"# {key}: ", StringComparison.Ordinal))
        .Select(line => line[(key.Length + 4)..].Trim()).FirstOrDefault();
}
