using TgtModular.Interop.Harness;

namespace TgtModular.KernelLab;

/// <summary>Every scenario of tests/lab: the Linux kernel's own initiator, in User-Mode Linux, against the daemon of this tree.</summary>
[TestClass]
public sealed class ScenarioTests
{
    public static IEnumerable<object[]> Names => Scenario.All.Select(scenario => new object[] { scenario.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public async Task Scenario_AgainstThisTree_IsAsItMustBe(string name)
    {
        Assert.IsTrue(File.Exists(Path.Combine(Repository.Tree, "tgtd")), "artifacts/tgt/tgtd is not built");
        _ = (await new Scenario(name).RunAsync()).MustSucceed();
    }
}
