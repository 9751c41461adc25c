using TgtModular.Interop.Harness;

namespace TgtModular.KernelLab;

/// <summary>Faults put in on purpose: a scenario that would not see them proves nothing.</summary>
[TestClass]
public sealed class SeededFaultTests
{
    [TestMethod]
    [DataRow("disk", "read flip skip=20 every=50", "md5sum|fsck|cmp", DisplayName = "a bit of a read is wrong")]
    [DataRow("power-cut", "flush ignore", "acknowledged as stable and is lost", DisplayName = "SYNCHRONIZE CACHE does nothing")]
    public async Task Scenario_StoreWithAFault_Fails(string name, string rule, string sign)
    {
        ToolResult result = await new Scenario(name).RunAsync(("LAB_FAULT", rule), ("LAB_CUTS", "3"));

        Assert.AreEqual(1, result.ExitCode, result.Output);
        StringAssert.Matches(result.Output, new(sign), result.Output);
    }
}
