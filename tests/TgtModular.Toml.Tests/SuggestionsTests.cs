namespace TgtModular.Toml.Tests;

[TestClass]
public sealed class SuggestionsTests
{
    private static readonly string[] Keys = ["state_directory", "plugin_directories", "listen", "luns", "unit", "chap", "size"];

    [TestMethod]
    [DataRow("listne", "listen")]
    [DataRow("Listen", "listen")]
    [DataRow("lisen", "listen")]
    [DataRow("statedirectory", "state_directory")]
    [DataRow("plugin_directory", "plugin_directories")]
    [DataRow("lun", "luns")]
    [DataRow("uint", "unit")]
    [DataRow("siez", "size")]
    [DataRow("password", null)]
    [DataRow("x", null)]
    [DataRow("", null)]
    public void Closest_Name_IsTheOneMeant(string name, string? expected) => Assert.AreEqual(expected, Suggestions.Closest(name, Keys));

    [TestMethod]
    public void Closest_EquallyNear_IsTheFirst() => Assert.AreEqual("cat", Suggestions.Closest("bat", ["cat", "rat"]));

    [TestMethod]
    public void Closest_HugeNames_AreNotCompared()
    {
        string huge = new('a', 1_000_000);
        Assert.IsNull(Suggestions.Closest(huge, [huge]));
        Assert.IsNull(Suggestions.Closest("aaaa", [huge]));
    }
}
