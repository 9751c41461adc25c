using TgtModular.Core.Plugins;

namespace TgtModular.PluginLoading.Tests;

/// <summary>Plugin directories that change while plugins are in use.</summary>
[TestClass]
public sealed class RescanTests
{
    [TestMethod]
    public void Rescan_FolderDroppedIn_IsServedAtOnce()
    {
        using var sandbox = new Sandbox();
        PluginCatalog catalog = sandbox.Scan();
        Assert.IsFalse(catalog.ResolveStore("good").Success);
        sandbox.Add("Good");

        catalog.Rescan();

        Assert.AreEqual(PluginState.Available, catalog.Single().State, "no code runs before it is used");
        Assert.AreEqual("1.0.0", catalog.Ask("good"));
    }

    [TestMethod]
    public void Rescan_NothingChanged_KeepsWhatIsLoaded()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        object first = catalog.ResolveStore("good").Factory!;

        catalog.Rescan();

        Assert.AreSame(first, catalog.ResolveStore("good").Factory);
        Assert.HasCount(1, catalog.GetPlugins());
    }

    [TestMethod]
    public void Rescan_FolderHalfCopied_IsRefusedUntilItIsWhole()
    {
        using var sandbox = new Sandbox();
        PluginCatalog catalog = sandbox.Scan();
        string folder = sandbox.Add("Good");
        string assembly = Directory.GetFiles(folder, "*.dll")[0];
        byte[] whole = File.ReadAllBytes(assembly);
        File.WriteAllBytes(assembly, whole[..(whole.Length / 2)]);

        catalog.Rescan();
        Assert.AreEqual(PluginState.Failed, catalog.Single().State);
        StringAssert.Contains(catalog.Single().Problem!, "does not match its hash");

        File.WriteAllBytes(assembly, whole);
        catalog.Rescan();
        Assert.AreEqual("1.0.0", catalog.Ask("good"));
        Assert.HasCount(1, catalog.GetPlugins());
    }

    [TestMethod]
    public void Rescan_HigherVersionBesideALoadedOne_BothAreServed()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        object first = catalog.ResolveStore("good").Factory!;
        sandbox.Add("GoodNext");

        catalog.Rescan();

        PluginInfo old = catalog.GetPlugins().MinBy(plugin => plugin.Version)!;
        PluginInfo next = catalog.GetPlugins().MaxBy(plugin => plugin.Version)!;
        Assert.AreEqual($"{next.Version}", catalog.Ask("good"), "the highest serves what is new");
        Assert.AreSame(first, catalog.ResolveStore($"good@{old.Version}").Factory, "a pin keeps the old one");
    }

    [TestMethod]
    public void Rescan_OtherVersionInTheSameFolder_TheLoadedOneShowsAsRemoved()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good", "store");
        PluginCatalog catalog = sandbox.Scan();
        _ = catalog.Ask("good");
        Directory.Delete(folder, recursive: true);
        sandbox.Add("GoodNext", "store");

        catalog.Rescan();

        PluginInfo old = catalog.GetPlugins().MinBy(plugin => plugin.Version)!;
        Assert.IsTrue(old.IsRemoved);
        Assert.AreEqual(PluginState.Loaded, old.State);
        Assert.AreNotEqual("1.0.0", catalog.Ask("good"));
    }

    [TestMethod]
    public void Rescan_SameVersionWithOtherContent_IsRefusedWhileTheOldIsLoaded()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        _ = catalog.Ask("good");
        Sandbox.AddFile(folder, "more.txt", [1]);

        catalog.Rescan();

        Assert.AreEqual("1.0.0", catalog.Ask("good"));
        PluginInfo refused = catalog.GetPlugins().Single(plugin => !plugin.IsServed);
        Assert.AreEqual("store/good 1.0.0 is loaded already, with other content: give what is new a higher version, or restart the daemon", refused.Problem);
    }

    [TestMethod]
    public void Rescan_SameVersionWithOtherContentNotLoaded_TakesItsPlace()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        string before = catalog.Single().ContentHash;
        Sandbox.AddFile(folder, "more.txt", [1]);

        catalog.Rescan();

        Assert.AreNotEqual(before, catalog.Single().ContentHash);
        Assert.AreEqual("1.0.0", catalog.Ask("good"));
    }

    [TestMethod]
    public void Rescan_FolderGoneAndBack_LoadedOneServesThroughout()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        object first = catalog.ResolveStore("good").Factory!;
        Directory.Delete(folder, recursive: true);

        catalog.Rescan();
        Assert.IsTrue(catalog.Single().IsRemoved);
        Assert.AreSame(first, catalog.ResolveStore("good").Factory);

        sandbox.Add("Good");
        catalog.Rescan();
        Assert.IsFalse(catalog.Single().IsRemoved);
        Assert.AreSame(first, catalog.ResolveStore("good").Factory);
    }

    [TestMethod]
    public void Rescan_FolderGoneNeverLoaded_IsForgotten()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        Directory.Delete(folder, recursive: true);

        catalog.Rescan();

        Assert.IsEmpty(catalog.GetPlugins());
        Assert.AreEqual("there is no store 'good'", catalog.ResolveStore("good").Problem);
    }

    [TestMethod]
    public void Rescan_SameContentInASecondFolder_IsRefusedAsAtStart()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good", "b");
        PluginCatalog catalog = sandbox.Scan();
        _ = catalog.Ask("good");
        sandbox.Add("Good", "a");

        catalog.Rescan();

        Assert.AreEqual("1.0.0", catalog.Ask("good"));
        StringAssert.Contains(catalog.GetPlugins().Single(plugin => !plugin.IsServed).Problem!, "the first serves: remove one of the two");
    }

    [TestMethod]
    public void Rescan_LoadedFolderFencedThenReplaced_StaysFenced()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        PluginInfo plugin = catalog.ResolveStore("good").Plugin!;
        Directory.Delete(folder, recursive: true);
        catalog.Rescan();

        Assert.IsTrue(catalog.Fence(plugin, "it threw"));
        Assert.AreEqual(PluginState.Fenced, catalog.Single().State);
    }

    [TestMethod]
    public void Forget_Loaded_IsNotServedUntilItsFolderChanges()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        object first = catalog.ResolveStore("good").Factory!;

        Assert.IsTrue(catalog.Forget(catalog.Single()));

        Assert.IsFalse(catalog.Single().IsServed);
        StringAssert.Contains(catalog.ResolveStore("good").Problem, "plugin good 1.0.0 was removed by 'tgtctl plugin remove'; copy its folder again to have it back");
        catalog.Rescan();
        Assert.IsFalse(catalog.ResolveStore("good").Success, "the folder is as it was");
        Touch(folder);
        catalog.Rescan();
        Assert.AreSame(first, catalog.ResolveStore("good").Factory, "its code had stayed in memory");
    }

    [TestMethod]
    public void Forget_NeverLoaded_FolderGoneAndBack_IsServed()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        Assert.IsTrue(catalog.Forget(catalog.Single()));
        Assert.IsFalse(catalog.ResolveStore("good").Success);

        Directory.Delete(folder, recursive: true);
        catalog.Rescan();
        Assert.IsEmpty(catalog.GetPlugins());
        sandbox.Add("Good");
        catalog.Rescan();

        Assert.AreEqual("1.0.0", catalog.Ask("good"));
    }

    [TestMethod]
    public void Forget_LowerOfTwoVersions_TheOtherServes()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        sandbox.Add("GoodNext");
        PluginCatalog catalog = sandbox.Scan();
        PluginInfo highest = catalog.GetPlugins().MaxBy(plugin => plugin.Version)!;
        PluginInfo lowest = catalog.GetPlugins().MinBy(plugin => plugin.Version)!;

        Assert.IsTrue(catalog.Forget(highest));

        Assert.AreEqual($"{lowest.Version}", catalog.Ask("good"));
        Assert.IsFalse(catalog.Forget(highest with { ContentHash = "none" }), "there is no such plugin");
    }

    private static void Touch(string folder) => File.SetLastWriteTimeUtc(Path.Combine(folder, PluginManifest.FileName), DateTime.UnixEpoch);
}
