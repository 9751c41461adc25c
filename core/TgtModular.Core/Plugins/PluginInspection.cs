using System.Security.Cryptography;

namespace TgtModular.Core.Plugins;

/// <summary>Whether a file is what the manifest says.</summary>
public enum InspectedFileState
{
    /// <summary>It has its hash.</summary>
    Right,

    /// <summary>It is not there, or is no file that a plugin may have.</summary>
    Missing,

    /// <summary>It has another hash: half copied, or changed.</summary>
    Differs,
}

/// <summary>A file that a manifest lists.</summary>
/// <param name="Path">Relative to the folder.</param>
/// <param name="Hash">SHA-256 in the manifest.</param>
/// <param name="State">Whether it has it.</param>
public sealed record InspectedFile(string Path, string Hash, InspectedFileState State);

/// <summary>A managed assembly, from its metadata.</summary>
/// <param name="Path">Relative to the folder.</param>
/// <param name="Name">Simple name.</param>
/// <param name="Version">Its version.</param>
/// <param name="References">Name and version of each reference.</param>
public sealed record InspectedAssembly(string Path, string Name, Version Version, IReadOnlyList<string> References);

/// <summary>A plugin's folder, looked at without a daemon and without running code of it.</summary>
/// <param name="Plugin">What a catalog would make of it before it loads its code.</param>
/// <param name="EntryAssembly">File of the entry assembly; null when the manifest cannot be read.</param>
/// <param name="Files">Files of the manifest.</param>
/// <param name="Assemblies">Its managed assemblies; empty when the folder is not whole.</param>
public sealed record PluginInspection(
    PluginInfo Plugin, string? EntryAssembly, IReadOnlyList<InspectedFile> Files, IReadOnlyList<InspectedAssembly> Assemblies)
{
    /// <summary>Looks at a folder. What it needs of disk space is given back at the end.</summary>
    /// <exception cref="IOException">There is no place for the private copy.</exception>
    public static PluginInspection Run(string folder)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        DirectoryInfo copies = Directory.CreateTempSubdirectory("tgt-inspect-");
        try
        {
            Plugin plugin = new PluginScanner(new PluginCatalogOptions([], copies.FullName), HostAssemblies.Current).Inspect(path);
            if (plugin.Manifest is not { } manifest) return new PluginInspection(plugin.Info, null, [], []);
            // There is a copy of a folder that is whole, also when it is refused for what its assemblies refer to.
            IReadOnlyList<InspectedAssembly> assemblies = copies.GetDirectories().SingleOrDefault() is { } copy
                ? AssemblyInspector.Describe(copy.FullName, manifest) : [];
            InspectedFile[] files = [.. manifest.Files.Select(file => new InspectedFile(file.Path, file.Hash, StateOf(path, file)))];
            return new PluginInspection(plugin.Info with { PrivateCopy = "" }, manifest.Assembly, files, assemblies);
        }
        finally
        {
            copies.Delete(recursive: true);
        }
    }

    private static InspectedFileState StateOf(string folder, PluginFile file)
    {
        try
        {
            if (PluginFolder.Open(folder, out _)?.Locate(file.Path, PluginFolder.MaximumFileLength, out _) is not { } path) return InspectedFileState.Missing;
            using FileStream stream = File.OpenRead(path);
            return Convert.ToHexString(SHA256.HashData(stream)) == file.Hash ? InspectedFileState.Right : InspectedFileState.Differs;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return InspectedFileState.Missing;
        }
    }
}
