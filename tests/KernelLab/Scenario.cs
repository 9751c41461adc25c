using System.Globalization;
using TgtModular.Interop.Harness;

namespace TgtModular.KernelLab;

/// <summary>A file of tests/lab/scenarios, and how it is run.</summary>
/// <param name="Name">Its name, as tests/lab/lab takes it.</param>
internal sealed record Scenario(string Name)
{
    private const int NotPossibleHere = 77;
    private const string Total = "# total: ";

    private static string Directory => Path.Combine(Repository.Root, "tests", "lab");

    /// <summary>All scenarios, the longest first, so that the last to end is a short one.</summary>
    public static IEnumerable<Scenario> All => System.IO.Directory.EnumerateFiles(Path.Combine(Directory, "scenarios"), "*.sh")
        .Select(file => new Scenario(Path.GetFileNameWithoutExtension(file)))
        .OrderByDescending(scenario => scenario.Limit).ThenBy(scenario => scenario.Name, StringComparer.Ordinal);

    /// <summary>Four times what it took on an idle machine of two processors, or more.</summary>
    public TimeSpan Limit => TimeSpan.FromSeconds(int.Parse(
        File.ReadLines(Path.Combine(Directory, "scenarios", Name + ".sh")).First(line => line.StartsWith(Total, StringComparison.Ordinal))[Total.Length..],
        CultureInfo.InvariantCulture));

    /// <summary>Runs it against the daemon of this tree; inconclusive where this machine cannot.</summary>
    /// <param name="settings">More of its environment.</param>
    public async Task<ToolResult> RunAsync(params (string Name, string Value)[] settings)
    {
        string environment = string.Join(' ', settings.Select(setting => $"{setting.Name}='{setting.Value}'"));
        ToolResult result = await Tool.RunAsync("/bin/bash", ["-c", $"{environment} exec {Path.Combine(Directory, "lab")} {Name}"], Limit);
        if (result.ExitCode == NotPossibleHere)
            Assert.Inconclusive(result.Output);
        return result;
    }

    public override string ToString() => Name;
}
