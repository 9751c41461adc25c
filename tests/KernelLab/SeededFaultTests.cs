using TgtModular.Interop.Harness;

namespace TgtModular.KernelLab;

/// <summary>Faults put in on purpose: a scenario that would not see them proves nothing.</summary>
[TestClass]
public sealed class SeededFaultTests
{
    /// <summary>A project is copied and built, then a scenario runs: 45 s on an idle machine of two processors.</summary>
    private static readonly TimeSpan PatchLimit = TimeSpan.FromSeconds(400);

    /// <summary>The files of tests/lab/seeded-faults.</summary>
    public static IEnumerable<object[]> Patches => Directory.EnumerateFiles(Path.Combine(Scenario.Directory, "seeded-faults"), "*.patch")
        .Select(file => new object[] { Path.GetFileNameWithoutExtension(file) }).OrderBy(row => (string)row[0], StringComparer.Ordinal);

    [TestMethod]
    [DataRow("disk", "read flip skip=20 every=50", "md5sum|fsck|cmp", DisplayName = "a bit of a read is wrong")]
    [DataRow("power-cut", "flush ignore", "acknowledged as stable and is lost", DisplayName = "SYNCHRONIZE CACHE does nothing")]
    public async Task Scenario_StoreWithAFault_Fails(string name, string rule, string sign)
    {
        ToolResult result = await new Scenario(name).RunAsync(("LAB_FAULT", rule), ("LAB_CUTS", "3"));

        Assert.AreEqual(1, result.ExitCode, result.Output);
        StringAssert.Matches(result.Output, new(sign), result.Output);
    }

    /// <summary>The daemon itself has the fault: its sources with a patch, built. A patch that no longer applies fails the test, too.</summary>
    [TestMethod]
    [DynamicData(nameof(Patches))]
    public async Task Scenario_DaemonWithAFault_Fails(string patch)
    {
        await new Scenario("disk").KernelAsync();
        ToolResult result = await Tool.RunAsync(Path.Combine(Scenario.Directory, "seeded-fault"), [patch], PatchLimit);

        _ = Scenario.Possible(result).MustSucceed();
    }
}
