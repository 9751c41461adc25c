using TgtModular.Core.Plugins;

namespace TgtModular.PluginLoading.Tests;

[TestClass]
public sealed class VersionTests
{
    [TestMethod]
    public void Resolve_TwoVersions_ServeSideBySide()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        sandbox.Add("GoodNext");
        PluginCatalog catalog = sandbox.Scan();

        Assert.AreEqual("2.0.0", catalog.Ask("good"));
        Assert.AreEqual("1.0.0", catalog.Ask("good@1"));
        Assert.AreEqual("1.0.0", catalog.Ask("good@1.0"));
        Assert.AreEqual("1.0.0", catalog.Ask("good@1.0.0"));
        Assert.AreEqual("2.0.0", catalog.Ask("good@2"));
        Assert.IsTrue(catalog.GetPlugins().All(plugin => plugin.State == PluginState.Loaded));
    }

    [TestMethod]
    public void Resolve_PinnedToAnAbsentVersion_NamesThoseThatAreThere()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        sandbox.Add("GoodNext");

        Assert.AreEqual("there is no store 'good@3': there is version 1.0.0, 2.0.0", sandbox.Scan().ResolveStore("good@3").Problem);
    }

    [TestMethod]
    public void Scan_HigherVersionDroppedIn_ReplacesAtTheNextStart()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good", "good");
        Assert.AreEqual("1.0.0", sandbox.Scan().Ask("good"));
        Directory.Delete(Path.Combine(sandbox.Plugins, "good"), recursive: true);
        sandbox.Add("GoodNext", "good");

        PluginCatalog catalog = sandbox.Scan(options => options with { RemoveUnusedCopies = true });

        Assert.AreEqual("2.0.0", catalog.Ask("good"));
        Assert.AreEqual(catalog.Single().ContentHash, Path.GetFileName(Directory.GetDirectories(sandbox.Copies).Single()));
    }

    [TestMethod]
    public void Scan_IncompatibleHigherVersion_LeavesTheLowerServing()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        Sandbox.EditManifest(sandbox.Add("GoodNext"), "minimum = \"0.1\", below = \"0.2\"", "minimum = \"0.9\", below = \"1.0\"");
        PluginCatalog catalog = sandbox.Scan();

        Assert.AreEqual("1.0.0", catalog.Ask("good"));
    }

    [TestMethod]
    public void Scan_EqualTriple_FirstDirectoryServesAndBothAreNamed()
    {
        using var sandbox = new Sandbox();
        string second = sandbox.AddDirectory("second");
        string winner = sandbox.Add("Good", "a");
        string loser = sandbox.Add("Good", "a", second);

        PluginCatalog catalog = sandbox.Scan(sandbox.Plugins, second);

        Assert.AreEqual($"store/good 1.0.0 is both in {winner} and in {loser}; the first serves", catalog.GetPlugins()[1].Cause);
        Assert.AreEqual(PluginState.Failed, catalog.GetPlugins()[1].State);
        Assert.AreEqual(winner, catalog.ResolveStore("good").Plugin!.Directory);
    }

    [TestMethod]
    public void Scan_DirectoryGivenTwice_IsLookedThroughOnce()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");

        Assert.HasCount(1, sandbox.Scan(sandbox.Plugins, sandbox.Plugins + "/").GetPlugins());
    }

    [TestMethod]
    public void Resolve_HigherVersionFailsToLoad_IsNotPassedOver()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        Sandbox.EditManifest(sandbox.Add("GoodNext"), "{ kind = \"store\", name = \"good\" },", "{ kind = \"store\", name = \"good\" }, { kind = \"device\", name = \"x\" },");
        PluginCatalog catalog = sandbox.Scan();

        Assert.Contains("plugin good 2.0.0", catalog.ResolveStore("good").Problem);
        Assert.Contains("plugin good 2.0.0", catalog.ResolveStore("good").Problem);
        Assert.AreEqual("1.0.0", catalog.Ask("good@1"));
    }

    [TestMethod]
    [DataRow("1.0.0-alpha", "1.0.0-alpha.1")]
    [DataRow("1.0.0-alpha.1", "1.0.0-alpha.beta")]
    [DataRow("1.0.0-alpha.beta", "1.0.0-beta")]
    [DataRow("1.0.0-beta", "1.0.0-beta.2")]
    [DataRow("1.0.0-beta.2", "1.0.0-beta.11")]
    [DataRow("1.0.0-beta.11", "1.0.0-rc.1")]
    [DataRow("1.0.0-rc.1", "1.0.0")]
    [DataRow("1.0.0", "1.0.1")]
    [DataRow("1.9.0", "1.10.0")]
    [DataRow("9.9.9", "10.0.0")]
    public void CompareTo_OrdersAsSemanticVersioningDoes(string lower, string higher)
    {
        Assert.IsTrue(PluginVersion.TryParse(lower, out PluginVersion? left));
        Assert.IsTrue(PluginVersion.TryParse(higher, out PluginVersion? right));

        Assert.IsTrue(left < right);
        Assert.IsTrue(right > left);
        Assert.IsFalse(left >= right);
    }

    [TestMethod]
    [DataRow("1.2.3", "1", true)]
    [DataRow("1.2.3", "1.2", true)]
    [DataRow("1.2.3", "1.2.3", true)]
    [DataRow("1.20.3", "1.2", false)]
    [DataRow("12.0.0", "1", false)]
    [DataRow("1.2.3-beta", "1.2.3", true)]
    [DataRow("1.2.3-beta", "1.2.3-beta", true)]
    [DataRow("1.2.3-beta.2", "1.2.3-beta", false)]
    public void Matches_PartsLeftOutMatchAny(string version, string pin, bool matches)
    {
        Assert.IsTrue(PluginVersion.TryParse(version, out PluginVersion? parsed));

        Assert.AreEqual(matches, parsed.Matches(pin));
    }

    [TestMethod]
    [DataRow("1.2")]
    [DataRow("1.2.3.4")]
    [DataRow("1.2.3-")]
    [DataRow("v1.2.3")]
    [DataRow("1.2.9999999999")]
    [DataRow("1.2.3\n")]
    public void TryParse_NotAVersion_False(string text) => Assert.IsFalse(PluginVersion.TryParse(text, out _));
}
