using TgtModular.Interop.Harness;
using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Tgt.Tools.Tests.TargetsConf;

[TestClass]
public sealed class ConfigGlobTests
{
    [TestMethod]
    [DataRow("*", "a.conf", true)]
    [DataRow("*.conf", "a.conf", true)]
    [DataRow("*.conf", "a.confx", false)]
    [DataRow("*.conf", ".hidden.conf", false)]
    [DataRow(".*", ".hidden", true)]
    [DataRow("?.conf", "a.conf", true)]
    [DataRow("?.conf", "ab.conf", false)]
    [DataRow("[a-c]x", "bx", true)]
    [DataRow("[a-c]x", "dx", false)]
    [DataRow("[!a-c]x", "dx", true)]
    [DataRow("[]]x", "]x", true)]
    [DataRow("[x", "[x", true)]
    [DataRow("a*b*c", "axxbyybzzc", true)]
    [DataRow("a*b*c", "axxbyybzz", false)]
    [DataRow("", "", true)]
    public void Matches_PatternAndName_AsGlobSays(string pattern, string name, bool expected) => Assert.AreEqual(expected, ConfigGlob.Matches(pattern, name));

    [TestMethod]
    public void Matches_ManyStars_IsQuick() =>
        Assert.IsFalse(ConfigGlob.Matches(string.Concat(Enumerable.Repeat("*a", 200)) + "b", new string('a', 5000)));

    [TestMethod]
    public void Expand_Pattern_GivesFilesInOrder()
    {
        using TempDirectory directory = new();
        foreach (string name in (string[])["x/b.conf", "x/a.conf", "y/c.conf", "y/d.txt"]) _ = directory.Write(name, "");

        string[] found = [.. ConfigGlob.Expand(directory.Path + "/{x,y}/*.conf").Select(path => Path.GetRelativePath(directory.Path, path))];

        CollectionAssert.AreEqual((string[])["x/a.conf", "x/b.conf", "y/c.conf"], found);
        Assert.IsEmpty(ConfigGlob.Expand(directory.Path + "/none/*"));
    }
}
