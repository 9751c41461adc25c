using TgtModular.Core.Configuration;
using TgtModular.Core.Plugins;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.PluginLoading.Tests;

[TestClass]
public sealed class LoadingTests
{
    [TestMethod]
    public void Scan_GoodPlugin_ReadsTheManifestAndLoadsNoCode()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");

        PluginInfo plugin = sandbox.Scan().Single();

        Assert.AreEqual(PluginState.Available, plugin.State);
        Assert.AreEqual("good", plugin.Name);
        Assert.AreEqual(new PluginVersion(1, 0, 0), plugin.Version);
        Assert.AreEqual(folder, plugin.Directory);
        Assert.AreEqual("GPL-2.0-only", plugin.License);
        Assert.AreEqual(PluginConcurrency.Parallel, plugin.Concurrency);
        Assert.AreSequenceEqual([new PluginExport(PluginKind.Store, "good")], plugin.Exports);
        Assert.IsEmpty(plugin.Warnings);
        Assert.IsNull(plugin.Problem);
    }

    [TestMethod]
    public void Resolve_GoodPlugin_GivesOneFactoryForEver()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();

        PluginResolution<IStoreFactory> first = catalog.ResolveStore("good");
        PluginResolution<IStoreFactory> second = catalog.ResolveStore("good");

        Assert.IsTrue(first.Success, first.Problem);
        Assert.AreEqual(PluginState.Loaded, first.Plugin.State);
        Assert.AreSame(first.Factory, second.Factory);
        Assert.AreEqual("1.0.0", catalog.Ask("good"));
    }

    [TestMethod]
    public void Resolve_LoadsFromThePrivateCopyOnly()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");

        IStoreFactory factory = sandbox.Scan().ResolveStore("good").Factory!;

        string location = factory.GetType().Assembly.Location;
        StringAssert.StartsWith(location, sandbox.Copies);
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(sandbox.Copies));
        Assert.AreEqual(UnixFileMode.UserRead, File.GetUnixFileMode(location));
    }

    [TestMethod]
    public void Resolve_OtherKind_IsNotFound()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");

        PluginResolution<IDeviceTypeFactory> resolution = sandbox.Scan().Resolve<IDeviceTypeFactory>(new PluginReference("good"));

        Assert.IsFalse(resolution.Success);
        Assert.AreEqual("there is no device 'good'", resolution.Problem);
    }

    [TestMethod]
    public void Resolve_NearMiss_SuggestsTheName()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");

        Assert.AreEqual("there is no store 'goood' (did you mean 'good'?)", sandbox.Scan().ResolveStore("goood").Problem);
    }

    [TestMethod]
    public void Resolve_SomethingPluginsDoNotExport_Throws()
    {
        using var sandbox = new Sandbox();

        Assert.ThrowsExactly<ArgumentException>(() => sandbox.Scan().Resolve<IDisposable>(new PluginReference("good")));
    }

    [TestMethod]
    public void LoadAll_OneGoodOneBad_LoadsBothApart()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        sandbox.Add("ThrowsInConstructor");
        PluginCatalog catalog = sandbox.Scan();

        catalog.LoadAll();

        Assert.AreSequenceEqual([PluginState.Loaded, PluginState.Failed], catalog.GetPlugins().Select(plugin => plugin.State));
    }

    [TestMethod]
    [DataRow("ThrowsInConstructor", "throws-constructor", "InvalidOperationException: the constructor does not like it here")]
    [DataRow("ThrowsInTypeInitializer", "throws-initializer", "InvalidOperationException: the type initializer does not like it here")]
    [DataRow("MissingNative", "missing-native", "tgt-probe")]
    public void Resolve_PluginThrowsWhenMade_FailsItWithTheCause(string asset, string name, string cause)
    {
        using var sandbox = new Sandbox();
        sandbox.Add(asset);
        sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();

        PluginResolution<IStoreFactory> resolution = catalog.ResolveStore(name);

        Assert.IsFalse(resolution.Success);
        Assert.Contains(cause, resolution.Problem);
        PluginInfo plugin = catalog.GetPlugins().Single(plugin => plugin.Name == name);
        Assert.AreEqual(PluginState.Failed, plugin.State);
        Assert.AreNotEqual("", plugin.Remedy);
        Assert.AreEqual("1.0.0", catalog.Ask("good"));
    }

    /// <summary>Native libraries are the whole process's: this one must not be there while another test shows that it is missing.</summary>
    [TestMethod]
    [DoNotParallelize]
    public void Resolve_NativeLibraryInTheFolder_IsFound()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("MissingNative");
        string native = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "libSystem.IO.Compression.Native.so");
        Sandbox.AddFile(folder, "libtgt-probe.so", File.ReadAllBytes(native));

        Assert.AreEqual("55BC801D", sandbox.Scan().Ask("missing-native"));
    }

    [TestMethod]
    public void Resolve_ConstructorHangs_FailsAfterTheTimeout()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Hangs");
        PluginCatalog catalog = sandbox.Scan(options => options with { LoadTimeout = TimeSpan.FromMilliseconds(200) });

        PluginResolution<IStoreFactory> resolution = catalog.ResolveStore("hangs");

        Assert.Contains("did not finish loading in 0.2 s", resolution.Problem);
        Assert.AreEqual(PluginState.Failed, catalog.Single().State);
    }

    [TestMethod]
    public void Resolve_ZeroExports_IsALoadError()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("ZeroExports");

        Assert.Contains("ZeroExports.dll exports nothing: mark a factory with ExportStore", sandbox.Scan().ResolveStore("zero-exports").Problem);
    }

    [TestMethod]
    [DataRow("{ kind = \"store\", name = \"good\" }", "{ kind = \"store\", name = \"better\" }", "better", "store/better is in the manifest and not in Good.dll; store/good is in Good.dll")]
    [DataRow("{ kind = \"store\", name = \"good\" },", "{ kind = \"store\", name = \"good\" }, { kind = \"device\", name = \"x\" },", "good", "device/x is in the manifest and not in Good.dll")]
    public void Resolve_ExportsDisagreeWithManifest_IsALoadError(string old, string replacement, string name, string cause)
    {
        using var sandbox = new Sandbox();
        Sandbox.EditManifest(sandbox.Add("Good"), old, replacement);

        Assert.Contains(cause, sandbox.Scan().ResolveStore(name).Problem);
    }

    [TestMethod]
    public void Fence_LoadedPlugin_IsNotServedAnyMore()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        PluginCatalog catalog = sandbox.Scan();
        PluginInfo plugin = catalog.ResolveStore("good").Plugin!;
        List<PluginInfo> told = [];
        catalog.Fenced += told.Add;

        Assert.IsTrue(catalog.Fence(plugin, "it lied"));
        Assert.IsFalse(catalog.Fence(plugin, "it lied again"));

        Assert.AreEqual("it lied", told.Single().Cause);
        Assert.AreEqual(PluginState.Fenced, catalog.Single().State);
        Assert.Contains("is fenced: it lied", catalog.ResolveStore("good").Problem);
    }
}
