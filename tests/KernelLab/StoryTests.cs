using TgtModular.Interop.Harness;

namespace TgtModular.KernelLab;

/// <summary>What somebody goes through who writes a plugin, from the template to the day it is taken out, with a kernel that uses it.</summary>
[TestClass]
public sealed class StoryTests
{
    /// <summary>Four times what it took on an idle machine of two processors.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [TestMethod]
    public async Task Plugin_FromItsTemplateToItsRemoval_FormattedAndUpgradedUnderVerifiedLoad()
    {
        await new Scenario("disk").KernelAsync();
        ToolResult result = Scenario.Possible(await Tool.RunAsync(Path.Combine(Repository.Root, "tests", "outsider"), ["story"], Limit));
        if (result.Output.Contains("NU1301", StringComparison.Ordinal)) Assert.Inconclusive("the package source cannot be reached: " + result.Output);
        _ = result.MustSucceed();
    }
}
