using TgtModular.Benchmarks.Compare;

namespace TgtModular.LoadGenerator.Tests;

[TestClass]
public sealed class ComparisonTests
{
    [TestMethod]
    [DataRow(new double[] { 3, 1, 2 }, 2.0)]
    [DataRow(new double[] { 4, 1, 2, 3 }, 2.5)]
    [DataRow(new double[] { 7 }, 7.0)]
    public void Middle_OfValues_IsTheirMedian(double[] values, double middle) => Assert.AreEqual(middle, Measurement.Middle(values));

    [TestMethod]
    public void Ratio_MachineSlowsDownBetweenRounds_ComparesWhatWasMeasuredTogether()
    {
        ComparisonRow row = new(new Goal("file/Read:4K:1x1"), new Dictionary<string, IReadOnlyList<Measurement>>
        {
            ["ours"] = [Rate(400), Rate(100), Rate(40)],
            ["tgt"] = [Rate(100), Rate(25), Rate(10)],
        });
        Assert.AreEqual(4.0, row.Ratio("ours", "tgt"));
        Assert.IsNull(row.Ratio("tgt", "tgt"));
        Assert.IsNull(row.Ratio("other", "tgt"));
    }

    [TestMethod]
    public void Median_TargetWhoseProcessIsUnknown_SaysSo()
    {
        Measurement median = Measurement.Median([Rate(1), Rate(3), Rate(2)]);
        Assert.AreEqual(2.0, median.CommandsPerSecond);
        Assert.IsNull(median.ProcessorPerCommand);
    }

    private static Measurement Rate(double perSecond) => new(perSecond, 0, 0, 0, 0, 1, null, null, null, null);
}
