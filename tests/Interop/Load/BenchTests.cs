using System.Text.Json;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Load;

/// <summary>The instrument itself: that it measures what it is asked for. What it finds depends on the machine and is nothing for a test.</summary>
[TestClass]
public sealed class BenchTests
{
    private const string Case = "null/RandomRead:4K:2x8";

    [TestMethod]
    public async Task Compare_TwoEngines_GivesATableAndEverythingAsJson()
    {
        TargetDaemon.Require();
        using TempDirectory directory = new();
        string json = directory.File("all.json");
        ToolResult result = await Tool.RunAsync(
            Path.Combine(Repository.Root, "tests", "bench"),
            [
                "--no-build", "compare", "--target", "sockets=ours,engine=socket", "--target", "loops=ours,engine=epoll", "--case", Case,
                "--rounds", "1", "--seconds", "0.3", "--warmup", "0.1", "--logins", "0.1", "--size", "16", "--json", json,
            ],
            TimeSpan.FromSeconds(120));
        StringAssert.Contains(result.MustSucceed(), Case);
        using JsonDocument all = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        JsonElement measured = all.RootElement.GetProperty("cases")[0].GetProperty("medians");
        foreach (string target in new[] { "sockets", "loops" })
        {
            Assert.IsGreaterThan(0, measured.GetProperty(target).GetProperty("commandsPerSecond").GetDouble());
            Assert.IsGreaterThan(0, measured.GetProperty(target).GetProperty("residentBytes").GetDouble());
            Assert.IsGreaterThan(0, all.RootElement.GetProperty("loginsPerSecond").GetProperty(target).GetDouble());
        }
    }

    [TestMethod]
    public async Task Parts_Quickly_AllWork()
    {
        string bench = Path.Combine(Repository.Root, "tests", "bench");
        ToolResult result = await Tool.RunAsync(bench, ["--no-build", "parts", "--quick"], TimeSpan.FromSeconds(120));
        StringAssert.Contains(result.MustSucceed(), "DispatchParts");
        StringAssert.Contains(result.Output, "executed benchmarks: 15");
    }
}
