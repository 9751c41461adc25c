using TgtModular.Buffers;
using TgtModular.Core.Plugins;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.PluginLoading.Tests;

/// <summary>What <c>dotnet new</c> makes builds without a warning, loads, and works.</summary>
[TestClass]
public sealed class TemplateTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task StoreTemplate_InstalledMadeAndBuilt_LoadsAndKeepsBytes()
    {
        using var outsider = new Outsider();
        Expect(outsider.Dotnet("new", "install", Path.Combine(Sandbox.Repository, "templates/tgt-store")), "tgt-store");
        Expect(outsider.Dotnet("new", "tgt-store", "-n", "Acme.Cache", "--plugin", "acme-cache", "-o", "acme"), "created successfully");
        string project = Path.Combine(outsider.Home, "acme");
        (int status, string output) = outsider.Build(project);
        if (output.Contains("NU1301", StringComparison.Ordinal)) Assert.Inconclusive("the package source cannot be reached: " + output);
        Assert.AreEqual(0, status, output);
        Assert.DoesNotContain("warning", output);

        using var sandbox = new Sandbox();
        Sandbox.CopyFolder(Path.Combine(project, "bin/Release/net10.0/plugin/store-acme-cache"), Path.Combine(sandbox.Plugins, "store-acme-cache"));
        PluginResolution<IStoreFactory> resolution = sandbox.Scan().ResolveStore("acme-cache");
        Assert.IsTrue(resolution.Success, resolution.Problem);
        using var host = new TestHost();
        var options = new OptionValues(resolution.Factory.Options, new Dictionary<string, object> { ["size"] = 4096L });
        await using var store = (IBlockStore)await resolution.Factory.OpenAsync(
            new StoreOpenContext("cache", options, host, new RecordingStoreObserver(), []), TestContext.CancellationToken);
        byte[] bytes = [1, 2, 3, 4];
        byte[] read = new byte[4];
        Assert.IsTrue((await store.WriteAsync(4092, DataBuffer.Wrap(bytes).Slice(), WriteOptions.None, TestContext.CancellationToken)).IsOk);
        Assert.IsTrue((await store.ReadAsync(4092, DataBuffer.Wrap(read).Slice(), TestContext.CancellationToken)).IsOk);
        Assert.AreSequenceEqual(bytes, read);
    }

    private static void Expect((int Status, string Output) run, string text)
    {
        Assert.AreEqual(0, run.Status, run.Output);
        Assert.Contains(text, run.Output);
    }
}
