using TgtModular.LoadGenerator.Report;

namespace TgtModular.LoadGenerator.Tests;

[TestClass]
public sealed class LatencyHistogramTests
{
    [TestMethod]
    public void Quantile_Empty_IsZero()
    {
        LatencyHistogram histogram = new();

        Assert.AreEqual(0, histogram.Quantile(0.5));
        Assert.AreEqual(0, histogram.MeanNanoseconds);
    }

    [TestMethod]
    [DataRow(1L)]
    [DataRow(63L)]
    [DataRow(64L)]
    [DataRow(127L)]
    [DataRow(128L)]
    [DataRow(12_345L)]
    [DataRow(9_876_543_210L)]
    [DataRow(long.MaxValue)]
    public void Quantile_OneValue_IsThatValue(long value)
    {
        LatencyHistogram histogram = new();
        histogram.Add(value);

        Assert.AreEqual(value, histogram.Quantile(0.001));
        Assert.AreEqual(value, histogram.Quantile(1));
    }

    [TestMethod]
    [DataRow(0.5)]
    [DataRow(0.99)]
    [DataRow(0.999)]
    [DataRow(1.0)]
    public void Quantile_OneToAHundredThousand_WithinOneAndAHalfPercentAbove(double fraction)
    {
        const int count = 100_000;
        LatencyHistogram histogram = new();
        for (int value = 1; value <= count; value++)
            histogram.Add(value);

        double exact = fraction * count;
        double found = histogram.Quantile(fraction);
        Assert.IsTrue(found >= exact && found <= exact * 1.016, $"{found} for {exact}");
        Assert.AreEqual(count, histogram.MaxNanoseconds);
        Assert.AreEqual((count + 1) / 2.0, histogram.MeanNanoseconds);
    }

    [TestMethod]
    public void Add_AnotherHistogram_CountsBoth()
    {
        LatencyHistogram low = new();
        LatencyHistogram high = new();
        low.Add(10);
        high.Add(1000);
        high.Add(1000);

        low.Add(high);

        Assert.AreEqual(3, low.Count);
        Assert.AreEqual(10, low.Quantile(0.3));
        Assert.AreEqual(1000, low.Quantile(0.5));
        Assert.AreEqual(1000, low.MaxNanoseconds);
    }
}
