using System.Text;
using System.Text.RegularExpressions;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Conformance;

/// <summary>
/// libiscsi's conformance tool against our daemon. Each result must be the listed one, in both directions: what is listed as failing and passes is to be
/// listed as passing from then on. The outputs are left in artifacts/conformance.
/// </summary>
[TestClass]
public sealed class IscsiTestCuTests
{
    /// <summary>A regular expression on names of tests, to run some only.</summary>
    private static readonly string? Only = Environment.GetEnvironmentVariable("CONFORMANCE_ONLY");

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("epoll")]
    [DataRow("socket")]
    public Task Plain_TwoPathsOverEachEngine_AsListed(string engine) => RunAsync(LunKind.Plain, engine);

    [TestMethod]
    public Task Thin_TwoPaths_AsListed() => RunAsync(LunKind.Thin);

    [TestMethod]
    public Task Removable_InMemory_AsListed() => RunAsync(LunKind.Removable);

    [TestMethod]
    public Task ReadOnly_AsListed() => RunAsync(LunKind.ReadOnly);

    [TestMethod]
    public Task ReadOnlyThin_AsListed() => RunAsync(LunKind.ReadOnlyThin);

    [TestMethod]
    public Task Blocks4K_ThinAndRemovable_AsListed() => RunAsync(LunKind.Blocks4K);

    [TestMethod]
    public async Task List_TestsOfTheTool_AreAllListed()
    {
        IReadOnlyList<string> tests = await new IscsiTestCu().ListAsync();
        Assert.IsNotEmpty(tests);
        CollectionAssert.AreEquivalent(ResultList.Ours.Tests.ToArray(), tests.ToArray(), "the list is of libiscsi 1.19.0; another version wants its own");
    }

    [TestMethod]
    public void List_NotPassing_SaysWhy()
    {
        string[] results = [IscsiTestCu.Pass, IscsiTestCu.Fail, IscsiTestCu.Skip];
        foreach (string test in ResultList.Ours.Tests)
        {
            string[] found = [.. LunKind.All.Select(kind => ResultList.Ours.Find(test, kind.Name)!)];
            Assert.IsTrue(found.All(results.Contains), $"{test}: {string.Join(' ', found)}");
            bool passes = found.All(result => result == IscsiTestCu.Pass);
            Assert.AreEqual(passes, ResultList.Ours.Remark(test).Length == 0, $"{test} wants a remark where it does not pass, and none where it does");
        }
    }

    [TestMethod]
    public void List_Passes_AreNotFewerThanBefore()
    {
        foreach (LunKind kind in LunKind.All)
            Assert.AreEqual(kind.LeastPasses, ResultList.Ours.Count(kind.Name, IscsiTestCu.Pass), $"passes in column {kind.Name}; raise its LeastPasses");
    }

    [TestMethod]
    public void List_WhatCTgtPasses_Passes()
    {
        string[] lost = [.. from test in ResultList.CTgt.Tests
                            from kind in LunKind.All
                            where ResultList.CTgt.Has(kind.Name)
                            where ResultList.CTgt.Find(test, kind.Name) == IscsiTestCu.Pass && ResultList.Ours.Find(test, kind.Name) != IscsiTestCu.Pass
                            select $"{test} on {kind.Name}"];
        Assert.IsEmpty(lost, string.Join('\n', lost));
    }

    private async Task RunAsync(LunKind kind, string engine = "epoll")
    {
        IscsiTestCu tool = new();
        string[] tests = [.. (await tool.ListAsync()).Where(test => Only is null || Regex.IsMatch(test, Only))];
        string outputs = Path.Combine(Repository.Root, "artifacts", "conformance", kind.Name, engine);
        _ = Directory.CreateDirectory(outputs);
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, kind.Configure(directory, port, engine, tests.Length));
        Dictionary<string, int> counts = new() { [IscsiTestCu.Pass] = 0, [IscsiTestCu.Fail] = 0, [IscsiTestCu.Skip] = 0 };
        StringBuilder differences = new();
        for (int i = 0; i < tests.Length; i++)
        {
            ToolOutcome outcome = await tool.RunAsync(tests[i], kind.Urls(port, i));
            await File.WriteAllTextAsync(Path.Combine(outputs, tests[i] + ".txt"), outcome.Output);
            counts[outcome.Result]++;
            string? listed = ResultList.Ours.Find(tests[i], kind.Name);
            if (outcome.Result == listed) continue;
            _ = differences.AppendLine($"{tests[i]}: {outcome.Result}, listed is {listed ?? "nothing"}. {outcome.Reason}")
                .AppendLine($"    the line would be: {ResultList.Ours.Line(tests[i], kind.Name, outcome)}");
        }

        await daemon.StopAsync();
        TestContext.WriteLine($"{kind.Name}: {string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))}");
        Assert.AreEqual(0, differences.Length, $"iscsi-test-cu on {kind.Name}, all it printed is in {outputs}\n{differences}");
    }
}
