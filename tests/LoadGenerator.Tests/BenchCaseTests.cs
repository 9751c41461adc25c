using TgtModular.Benchmarks.Compare;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.LoadGenerator.Tests;

[TestClass]
public sealed class BenchCaseTests
{
    [TestMethod]
    [DataRow("file/RandomRead:4K:1x32")]
    [DataRow("null/Mix70:4K:4x32")]
    [DataRow("spread/RandomRead:512:64x4:digests:verify")]
    [DataRow("memory/Write:256K:1x16:verify")]
    public void ToString_ParsedCase_IsWhatWasParsed(string text)
    {
        Assert.IsTrue(BenchCase.TryParse(text, out BenchCase? load));
        Assert.AreEqual(text, load.ToString());
    }

    [TestMethod]
    public void TryParse_WithoutStore_IsTheFile()
    {
        Assert.IsTrue(BenchCase.TryParse("randomwrite:1M:2x8", out BenchCase? load));
        Assert.AreEqual(new BenchCase(StoreKind.File, AccessPattern.RandomWrite, 50, 1 << 20, 2, 8, Digests: false, Verify: false), load);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("disk/RandomRead:4K:1x1")]
    [DataRow("RandomRead:4K")]
    [DataRow("RandomRead:4K:1x0")]
    [DataRow("RandomRead:4K:x1")]
    [DataRow("RandomRead:0K:1x1")]
    [DataRow("RandomRead:4K:1x1:fast")]
    [DataRow("3:4K:1x1")]
    [DataRow("Mix101:4K:1x1")]
    [DataRow("RandomRead:99999999K:1x1")]
    public void TryParse_SomethingElse_IsRefused(string text) => Assert.IsFalse(BenchCase.TryParse(text, out _));

    [TestMethod]
    public void Standard_EveryGoal_IsACase() =>
        Assert.IsTrue(Goal.Standard.All(goal => BenchCase.TryParse(goal.Case, out BenchCase? load) && load.ToString() == goal.Case));
}
