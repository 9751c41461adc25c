using TgtModular.Tgt.Tools.CommandLine;

namespace TgtModular.Tgt.Tools.Tests.CommandLine;

[TestClass]
public sealed class UnsignedTextTests
{
    [TestMethod]
    [DataRow("0", 0ul)]
    [DataRow("7", 7ul)]
    [DataRow(" \t7", 7ul)]
    [DataRow("+7", 7ul)]
    [DataRow("010", 8ul)]
    [DataRow("08", 0ul)]
    [DataRow("0x1F", 31ul)]
    [DataRow("0x", 0ul)]
    [DataRow("1x", 1ul)]
    [DataRow("-2", 18446744073709551614ul)]
    [DataRow("18446744073709551614", 18446744073709551614ul)]
    public void TryRead_Number_IsReadAsStrtoullDoes(string text, ulong expected)
    {
        Assert.IsTrue(UnsignedText.TryRead(text, out ulong value));
        Assert.AreEqual(expected, value);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(" ")]
    [DataRow("-")]
    [DataRow("abc")]
    [DataRow("-1")]
    [DataRow("18446744073709551615")]
    [DataRow("99999999999999999999999")]
    public void TryRead_NoneOrLargest_IsRefused(string text) => Assert.IsFalse(UnsignedText.TryRead(text, out _));
}
