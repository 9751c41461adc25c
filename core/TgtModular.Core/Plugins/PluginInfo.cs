namespace TgtModular.Core.Plugins;

/// <summary>What became of a plugin.</summary>
public enum PluginState
{
    /// <summary>Taken up; its code is loaded when it is first used.</summary>
    Available,

    /// <summary>Its code is loaded and its exports agree with the manifest.</summary>
    Loaded,

    /// <summary>It was refused, or failed to load.</summary>
    Failed,

    /// <summary>It did what it must not do while it ran; nothing new is asked of it.</summary>
    Fenced,

    /// <summary>The daemon died twice in a row while in a call of it; it is not loaded.</summary>
    Suspect,
}

/// <summary>A plugin as it is now, for the control plane and for whoever got a factory of it.</summary>
/// <param name="Directory">Its folder, which tells plugins apart.</param>
/// <param name="Name">Name in its manifest, or of its folder when that cannot be read.</param>
/// <param name="Version">Its version; null when its manifest cannot be read.</param>
/// <param name="Exports">What it offers.</param>
/// <param name="State">What became of it.</param>
public sealed record PluginInfo(string Directory, string Name, PluginVersion? Version, IReadOnlyList<PluginExport> Exports, PluginState State)
{
    /// <summary>Why it is not served; empty when it is.</summary>
    public string Cause { get; init; } = "";

    /// <summary>What to do about it; empty when nothing.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>What is odd about it but does not keep it from being served.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Contract versions it works with; null when its manifest cannot be read.</summary>
    public ContractRange? Contract { get; init; }

    /// <summary>How calls into it may overlap.</summary>
    public PluginConcurrency Concurrency { get; init; }

    /// <summary>SPDX licence expression; empty when its manifest cannot be read.</summary>
    public string License { get; init; } = "";

    /// <summary>SHA-256 of its manifest, hexadecimal: changes with any file. Empty when it was not taken up.</summary>
    public string ContentHash { get; init; } = "";

    /// <summary>The private copy its code is loaded from; empty when it was not taken up.</summary>
    public string PrivateCopy { get; init; } = "";

    /// <summary>True when its folder went away, or holds something else now: what was loaded serves on from the private copy.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>True when an administrator had it removed: it is not served until its folder changes, or the daemon is restarted.</summary>
    public bool IsForgotten { get; init; }

    /// <summary>True when a factory of it can be had.</summary>
    public bool IsServed => !IsForgotten && State is (PluginState.Available or PluginState.Loaded);

    /// <summary>Cause and remedy as one text; null when there is none.</summary>
    public string? Problem => Cause.Length == 0 ? null : Remedy.Length == 0 ? Cause : $"{Cause}: {Remedy}";

    /// <summary>As <c>store-file 1.2.0</c>.</summary>
    public override string ToString() => Version is null ? Name : $"{Name} {Version}";
}

/// <summary>Something in a plugin directory that is no plugin.</summary>
/// <param name="Path">What.</param>
/// <param name="Cause">What is wrong with it.</param>
/// <param name="Remedy">What to do.</param>
public sealed record PluginDirectoryProblem(string Path, string Cause, string Remedy)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Cause}: {Remedy}";
}

/// <summary>Cause and remedy of a refusal.</summary>
internal sealed record PluginFailure(string Cause, string Remedy);
