using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Tgt.Tools.Tests.TargetsConf;

[TestClass]
public sealed class ConfigLineTests
{
    [TestMethod]
    [DataRow("vendor_id ACME", "vendor_id", "ACME")]
    [DataRow("vendor_id = ACME", "vendor_id", "ACME")]
    [DataRow("vendor_id=ACME", "vendor_id", "ACME")]
    [DataRow("params a=b,c=d", "params", "a=b,c=d")]
    [DataRow("params = a=b", "params", "a=b")]
    [DataRow("params=a = b", "params", "a = b")]
    [DataRow("alone", "alone", "")]
    [DataRow("= x", "", "x")]
    public void Split_Line_GivesNameAndValue(string line, string name, string value) => Assert.AreEqual((name, value), ConfigLine.Split(line));

    [TestMethod]
    [DataRow("a # b", "a ", false)]
    [DataRow("a\\#b", "a#b", false)]
    [DataRow("a\\\\b", "a\\b", false)]
    [DataRow("a\\bc", "a\\bc", false)]
    [DataRow("a \\", "a ", true)]
    [DataRow("a # b \\", "a ", false)]
    [DataRow("\\", "", true)]
    public void Clean_Line_HasNoCommentsAndEscapes(string line, string expected, bool expectedContinues)
    {
        Assert.AreEqual(expected, ConfigLine.Clean(line, out bool continues));
        Assert.AreEqual(expectedContinues, continues);
    }

    [TestMethod]
    [DataRow("a b", "a|b")]
    [DataRow("a\t b ", "a|b")]
    [DataRow("\"a b\" \"c d\"", "a b|c d")]
    [DataRow("\"a", "\"a")]
    [DataRow("a\"b c\"", "a\"b|c\"")]
    [DataRow("", "")]
    public void Words_Value_RespectsQuotes(string value, string expected) => Assert.AreEqual(expected, string.Join('|', ConfigLine.Words(value)));

    [TestMethod]
    public void Quote_AnyText_IsReadBack()
    {
        foreach (string value in (string[])["a", " a ", "a#b", "a\\b", "a\\#b", "\"a\"", "\"", "= a", "<<x", "a  b\tc", "ä", "a\\", ""])
        {
            string line = ConfigLine.Clean($"name {ConfigLine.Quote(value)}", out bool continues);
            Assert.IsFalse(continues, value);
            Assert.AreEqual(("name", value), (ConfigLine.Split(line.Trim()).Name, ConfigLine.Unquote(ConfigLine.Split(line.Trim()).Value)));
        }

        Assert.IsNull(ConfigLine.Quote("a\nb"));
    }
}
