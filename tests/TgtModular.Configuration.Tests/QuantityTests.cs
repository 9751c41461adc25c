using TgtModular.Core.Configuration;

namespace TgtModular.Configuration.Tests;

[TestClass]
public sealed class QuantityTests
{
    [TestMethod]
    [DataRow("512", 512L)]
    [DataRow("0", 0L)]
    [DataRow("20GiB", 20L << 30)]
    [DataRow("20 GiB", 20L << 30)]
    [DataRow("1.5k", 1536L)]
    [DataRow("1TB", 1_000_000_000_000L)]
    [DataRow("64kib", 65536L)]
    [DataRow("8191PiB", 8191L << 50)]
    [DataRow("9223372036854775807", long.MaxValue)]
    public void Size_IsRight_IsRead(string text, long expected)
    {
        Assert.IsTrue(Quantity.TryParseSize(text, out long bytes));
        Assert.AreEqual(expected, bytes);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("GiB")]
    [DataRow("-1")]
    [DataRow("1.2.3")]
    [DataRow("1.0001KiB")]
    [DataRow("8192PiB")]
    [DataRow("9223372036854775808")]
    [DataRow("99999999999999999999999999PiB")]
    [DataRow("1 GiB x")]
    [DataRow("1,5")]
    public void Size_IsWrong_IsRefused(string text) => Assert.IsFalse(Quantity.TryParseSize(text, out _));

    [TestMethod]
    [DataRow("15s", 15_000.0)]
    [DataRow("200ms", 200.0)]
    [DataRow("1.5", 1500.0)]
    [DataRow("5min", 300_000.0)]
    [DataRow("2m", 120_000.0)]
    [DataRow("1h", 3_600_000.0)]
    [DataRow("1d", 86_400_000.0)]
    [DataRow("250us", 0.25)]
    public void Duration_IsRight_IsRead(string text, double milliseconds)
    {
        Assert.IsTrue(Quantity.TryParseDuration(text, out TimeSpan duration));
        Assert.AreEqual(milliseconds, duration.TotalMilliseconds);
    }

    [TestMethod]
    [DataRow(0L, "0")]
    [DataRow(1536L, "1536")]
    [DataRow(20L << 30, "20GiB")]
    [DataRow(1L << 60, "1024PiB")]
    public void Size_Written_IsReadBackEqual(long bytes, string expected)
    {
        Assert.AreEqual(expected, Quantity.FormatSize(bytes));
        Assert.IsTrue(Quantity.TryParseSize(expected, out long read));
        Assert.AreEqual(bytes, read);
    }

    [TestMethod]
    [DataRow(0L)]
    [DataRow(1L)]
    [DataRow(10L)]
    [DataRow(36_000_000_000L)]
    [DataRow(150_000_000L)]
    [DataRow(12_345_678_901L)]
    public void Duration_Written_IsReadBackEqual(long ticks)
    {
        Assert.IsTrue(Quantity.TryParseDuration(Quantity.FormatDuration(TimeSpan.FromTicks(ticks)), out TimeSpan read));
        Assert.AreEqual(ticks, read.Ticks);
    }

    [TestMethod]
    [DataRow(512L, "512 B")]
    [DataRow(1L << 30, "1 GiB")]
    [DataRow(1610612736L, "1.5 GiB")]
    [DataRow(1000L, "0.98 KiB")]
    public void Size_ForPeople_IsRounded(long bytes, string expected) => Assert.AreEqual(expected, Quantity.DescribeSize(bytes));
}
