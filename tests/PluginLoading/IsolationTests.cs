using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using TgtModular.Core.Plugins;
using TgtModular.Plugins;

namespace TgtModular.PluginLoading.Tests;

[TestClass]
public sealed class IsolationTests
{
    [TestMethod]
    public void SharedAssemblies_AreThoseOfTheGoldenFile()
    {
        string[] golden = File.ReadAllLines(Path.Combine(Sandbox.Repository, "sdk", "build", "shared-assemblies.txt"));

        Assert.AreSequenceEqual(golden, HostAssemblies.Current.SharedNames);
    }

    [TestMethod]
    public void ContractVersion_IsThatOfTheBuild() => Assert.AreEqual(Sandbox.Metadata("ContractVersion"), Contract.Version.ToString());

    [TestMethod]
    public void Resolve_ClashingVersionsOfOneDependency_BothWork()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("ClashOne");
        sandbox.Add("ClashTwo");
        PluginCatalog catalog = sandbox.Scan();

        Assert.AreEqual("dependency 1", catalog.Ask("clash-one"));
        Assert.AreEqual("dependency 2", catalog.Ask("clash-two"));
    }

    [TestMethod]
    public void Resolve_ShipsItsOwnAbstractions_GetsOursWithAWarning()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("ShipsAbstractions");
        Assert.IsTrue(File.Exists(Path.Combine(folder, "TgtModular.Abstractions.dll")));
        PluginCatalog catalog = sandbox.Scan();

        Assert.AreEqual("Default", catalog.Ask("ships-abstractions"));
        Assert.Contains("TgtModular.Abstractions.dll brings TgtModular.Abstractions", catalog.Single().Warnings.Single());
    }

    [TestMethod]
    [DataRow("UsesCore", "uses-core", "TgtModular.Core")]
    [DataRow("UsesAspNet", "uses-aspnet", "Microsoft.AspNetCore.Http.Abstractions")]
    public void Scan_ReferenceToAHostAssembly_IsRefusedByName(string asset, string name, string assembly)
    {
        using var sandbox = new Sandbox();
        sandbox.Add(asset);
        PluginCatalog catalog = sandbox.Scan();

        Assert.AreEqual(PluginState.Failed, catalog.Single().State);
        Assert.Contains($"plugin {name} uses host assembly {assembly}", catalog.Single().Cause);
        Assert.Contains($"plugin {name} uses host assembly {assembly}", catalog.ResolveStore(name).Problem);
    }

    [TestMethod]
    public void Resolve_HostAssembliesAskedForByName_AreEmptyAndReported()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("LoadsByName");
        PluginCatalog catalog = sandbox.Scan();

        string[] answers = catalog.Ask("loads-by-name").Split('\n');

        Assert.AreSequenceEqual(
            [
                "TypeLoadException", "TypeLoadException", "FileLoadException", "TypeLoadException", "FileNotFoundException", "JsonDocument", "IStoreFactory",
                "Factory",
            ],
            answers);
        Assert.AreSequenceEqual(
            ["plugin loads-by-name uses host assembly TgtModular.Core", "plugin loads-by-name uses host assembly Microsoft.AspNetCore.Http.Abstractions"],
            catalog.Single().Warnings);
    }

    [TestMethod]
    [DataRow("TgtModular.Abstractions", "99.0.0.0")]
    [DataRow("System.Runtime", "99.0.0.0")]
    public void Scan_BuiltAgainstAHigherVersion_IsRefusedWithBothVersions(string assembly, string version)
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        RaiseReference(Path.Combine(folder, "Good.dll"), assembly, 99);
        Sandbox.Rehash(folder);

        PluginInfo plugin = sandbox.Scan().Single();

        Assert.AreEqual(PluginState.Failed, plugin.State);
        Assert.AreEqual($"Good.dll was built against {assembly} {version}; this host has {HostAssemblies.Current.GetVersion(assembly)}", plugin.Cause);
    }

    [TestMethod]
    public void Scan_DependencyLeftOut_IsRefusedByName()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("ClashOne");
        string manifest = Sandbox.ReadManifest(folder);
        int start = manifest.LastIndexOf("[[file]]", manifest.IndexOf("Assets.Dependency.dll", StringComparison.Ordinal), StringComparison.Ordinal);
        int end = manifest.IndexOf("[[file]]", start + 1, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "plugin.toml"), manifest.Remove(start, (end < 0 ? manifest.Length : end) - start));

        PluginInfo plugin = sandbox.Scan().Single();

        Assert.AreEqual("ClashOne.dll needs assembly Assets.Dependency, which is not in the folder", plugin.Cause);
    }

    /// <summary>Writes another major version into an assembly reference: as if the plugin had been built against a later host.</summary>
    private static void RaiseReference(string path, string assembly, ushort major)
    {
        byte[] image = File.ReadAllBytes(path);
        using var reader = new PEReader(new MemoryStream(image));
        MetadataReader metadata = reader.GetMetadataReader();
        AssemblyReferenceHandle handle = metadata.AssemblyReferences.Single(
            reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name) == assembly);
        int row = metadata.GetTableMetadataOffset(TableIndex.AssemblyRef) + ((MetadataTokens.GetRowNumber(handle) - 1) * metadata.GetTableRowSize(TableIndex.AssemblyRef));
        int offset = reader.PEHeaders.MetadataStartOffset + row;
        BitConverter.TryWriteBytes(image.AsSpan(offset, 2), major);
        image.AsSpan(offset + 2, 6).Clear();
        File.WriteAllBytes(path, image);
    }
}
