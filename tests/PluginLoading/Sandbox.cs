using System.Reflection;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Core.Configuration;
using TgtModular.Core.Plugins;
using TgtModular.Storage;

namespace TgtModular.PluginLoading.Tests;

/// <summary>A plugin directory of one test, filled with copies of the asset plugins.</summary>
internal sealed partial class Sandbox : IDisposable
{
    private const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _root = Directory.CreateTempSubdirectory("tgt-plugins-").FullName;

    public Sandbox() => Directory.CreateDirectory(Plugins, DirectoryMode);

    /// <summary>Root of the repository.</summary>
    public static string Repository => Metadata("Root");

    /// <summary>The runnable tree of this configuration.</summary>
    public static string Tree => Metadata("Tree");

    public string Plugins => Path.Combine(_root, "plugins");

    public string Copies => Path.Combine(_root, "copies");

    public string Root => _root;

    public static string Metadata(string key) =>
        typeof(Sandbox).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == key).Value!;

    /// <summary>Drops an asset in.</summary>
    /// <returns>The folder.</returns>
    public string Add(string asset, string? folder = null, string? directory = null)
    {
        string target = Path.Combine(directory ?? Plugins, folder ?? asset);
        CopyFolder(Path.Combine(Repository, "artifacts", "test-plugins", asset), target);
        return target;
    }

    public string AddDirectory(string name)
    {
        string path = Path.Combine(_root, name);
        Directory.CreateDirectory(path, DirectoryMode);
        return path;
    }

    public PluginCatalog Scan(params string[] directories) => Scan(options => options, directories);

    public PluginCatalog Scan(Func<PluginCatalogOptions, PluginCatalogOptions> change, params string[] directories) =>
        PluginCatalog.Scan(change(new PluginCatalogOptions(directories.Length == 0 ? [Plugins] : directories, Copies)), NullLogger.Instance);

    public static string ReadManifest(string folder) => File.ReadAllText(Path.Combine(folder, "plugin.toml"));

    public static void EditManifest(string folder, string old, string replacement)
    {
        string text = ReadManifest(folder);
        Assert.Contains(old, text);
        File.WriteAllText(Path.Combine(folder, "plugin.toml"), text.Replace(old, replacement, StringComparison.Ordinal));
    }

    /// <summary>Makes the manifest agree with the files again.</summary>
    public static void Rehash(string folder)
    {
        string text = FileEntry.Replace(ReadManifest(folder), match =>
        {
            string path = match.Groups["path"].Value;
            return $"path = \"{path}\"\nsha256 = \"{Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, path))))}\"";
        });
        File.WriteAllText(Path.Combine(folder, "plugin.toml"), text);
    }

    /// <summary>Adds a file to a folder and its manifest.</summary>
    public static void AddFile(string folder, string path, byte[] content)
    {
        File.WriteAllBytes(Path.Combine(folder, path), content);
        File.AppendAllText(Path.Combine(folder, "plugin.toml"), $"\n[[file]]\npath = \"{path}\"\nsha256 = \"\"\n");
        Rehash(folder);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target, DirectoryMode);
        foreach (string directory in Directory.GetDirectories(source)) CopyFolder(directory, Path.Combine(target, Path.GetFileName(directory)));
        foreach (string file in Directory.GetFiles(source)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
    }

    [GeneratedRegex(@"path = ""(?<path>[^""]*)""\s+sha256 = ""[^""]*""")]
    private static partial Regex FileEntry { get; }
}

internal static class CatalogExtensions
{
    public static PluginResolution<IStoreFactory> ResolveStore(this PluginCatalog catalog, string reference)
    {
        Assert.IsTrue(PluginReference.TryParse(reference, out PluginReference? parsed));
        return catalog.Resolve<IStoreFactory>(parsed);
    }

    /// <summary>What a fake factory says; fails when there is none.</summary>
    public static string Ask(this PluginCatalog catalog, string reference)
    {
        PluginResolution<IStoreFactory> resolution = catalog.ResolveStore(reference);
        Assert.IsTrue(resolution.Success, resolution.Problem);
        return resolution.Factory.Options.Definitions[0].Help;
    }

    public static PluginInfo Single(this PluginCatalog catalog) => Enumerable.Single(catalog.GetPlugins());
}
