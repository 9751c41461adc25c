using TgtModular.Plugins;

namespace TgtModular.Core.Plugins;

/// <summary>How calls into a plugin may overlap in time.</summary>
public enum PluginConcurrency
{
    /// <summary>One call at a time for the whole plugin.</summary>
    Serial,

    /// <summary>One call at a time for each store, device server or transport.</summary>
    PerInstance,

    /// <summary>Calls may overlap.</summary>
    Parallel,
}

/// <summary>Something a plugin offers.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The name configurations give.</param>
public sealed record PluginExport(PluginKind Kind, string Name)
{
    /// <summary>As <c>store/file</c>.</summary>
    public override string ToString() => $"{KindName(Kind)}/{Name}";

    /// <summary>A kind as manifests and messages write it.</summary>
    public static string KindName(PluginKind kind) => kind switch
    {
        PluginKind.Store => "store",
        PluginKind.Device => "device",
        PluginKind.Transport => "transport",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

/// <summary>Versions of the contract that a plugin works with.</summary>
/// <param name="Minimum">The lowest.</param>
/// <param name="Below">The first that does not serve any more.</param>
public sealed record ContractRange(Version Minimum, Version Below)
{
    /// <summary>True when the plugin works with that version.</summary>
    public bool Contains(Version version) => version >= Minimum && version < Below;

    /// <inheritdoc/>
    public override string ToString() => $"{Minimum} up to, not including, {Below}";
}

/// <summary>A file of a plugin.</summary>
/// <param name="Path">Relative to the folder, with slashes; never leaves it.</param>
/// <param name="Hash">SHA-256 in upper case hexadecimal digits.</param>
internal sealed record PluginFile(string Path, string Hash);

/// <summary>What <c>plugin.toml</c> says.</summary>
internal sealed record PluginManifest(
    string Name, PluginVersion Version, ContractRange Contract, PluginConcurrency Concurrency, string License, string Assembly,
    IReadOnlyList<PluginExport> Exports, IReadOnlyList<PluginFile> Files)
{
    /// <summary>Name of the file in a plugin's folder.</summary>
    public const string FileName = "plugin.toml";
}
