using TgtModular.Interop.Harness;

namespace TgtModular.KernelLab;

/// <summary>Plugins as somebody outside makes them, with a kernel that uses them.</summary>
[TestClass]
public sealed class StoryTests
{
    /// <summary>Four times what they took on an idle machine of two processors.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private static readonly string Packages = Directory.CreateTempSubdirectory("tgt-packages-").FullName;

    [ClassInitialize]
    public static async Task PackAsync(TestContext context)
    {
        _ = context;
        ToolResult result = await Tool.RunAsync(Path.Combine(Repository.Root, "sdk", "pack"), ["--no-build", "--output", Packages], Limit);
        _ = result.MustSucceed();
    }

    [ClassCleanup]
    public static void RemovePackages() => Directory.Delete(Packages, recursive: true);

    [TestMethod]
    public Task Plugin_FromItsTemplateToItsRemoval_FormattedAndUpgradedUnderVerifiedLoad() => RunAsync("story", like: "disk");

    [TestMethod]
    public Task ZonedDisk_UnderLinux_IsWhatSdAndBtrfsWantAndOutlivesItsDaemon() => RunAsync("zoned", like: "smp");

    /// <param name="story">As tests/outsider calls it.</param>
    /// <param name="like">A scenario with the same kernel.</param>
    private static async Task RunAsync(string story, string like)
    {
        await new Scenario(like).KernelAsync();
        ToolResult result = Scenario.Possible(await Tool.RunAsync(Path.Combine(Repository.Root, "tests", "outsider"), ["--packages", Packages, story], Limit));
        if (result.Output.Contains("NU1301", StringComparison.Ordinal)) Assert.Inconclusive("the package source cannot be reached: " + result.Output);
        _ = result.MustSucceed();
    }
}
