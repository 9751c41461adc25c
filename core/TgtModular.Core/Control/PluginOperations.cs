namespace TgtModular.Core.Control;

/// <summary>Has the stores of a plugin served by another version of it, while they are in use.</summary>
/// <param name="Plugin">Name of the plugin.</param>
public sealed record PluginUpgrade(string Plugin)
{
    /// <summary>How long commands are held back by default until those under way have ended.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The version, of one to three numbers as in a pin; null: the highest that is there.</summary>
    public string? Version { get; init; }

    /// <summary>How long to wait for the commands under way in a store; beyond that nothing is changed.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>True to tell only what would be done; the code of the new version is loaded for that.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What became of a store in an upgrade.</summary>
public enum StoreUpgradeState
{
    /// <summary>It would be served by the new version.</summary>
    Planned,

    /// <summary>It is served by the new version.</summary>
    Upgraded,

    /// <summary>It was left alone: it is pinned to another version.</summary>
    Skipped,

    /// <summary>It could not be done.</summary>
    Failed,

    /// <summary>It was not tried, because another failed before.</summary>
    NotTried,
}

/// <summary>A store in an upgrade.</summary>
/// <param name="Store">Its name.</param>
/// <param name="From">Version that served it.</param>
/// <param name="To">Version that is to serve it.</param>
/// <param name="State">What became of it.</param>
/// <param name="Detail">For people; empty when there is nothing to say.</param>
public sealed record StoreUpgradeResult(string Store, string From, string To, StoreUpgradeState State, string Detail);

/// <summary>How an upgrade ended. Each store is done whole or not at all; the first that fails ends the upgrade, and those done before stay with the new version.</summary>
/// <param name="Result">Done, or why not.</param>
/// <param name="Version">The new version; empty when there is none.</param>
/// <param name="Stores">The plugin's stores that another version served, those beneath others first.</param>
public sealed record PluginUpgradeResult(ControlResult Result, string Version, IReadOnlyList<StoreUpgradeResult> Stores)
{
    /// <summary>Nothing was done.</summary>
    public static PluginUpgradeResult Refused(ControlResult why) => new(why, "", []);
}

/// <summary>How the removal of a plugin ended.</summary>
/// <param name="Result">Done, or why not.</param>
/// <param name="Plugins">Versions that are not served any more.</param>
/// <param name="Objects">Objects that went with it.</param>
/// <param name="StaysLoaded">True when code of it stays in memory until the daemon ends.</param>
public sealed record PluginRemovalResult(ControlResult Result, IReadOnlyList<string> Plugins, IReadOnlyList<string> Objects, bool StaysLoaded)
{
    /// <summary>Nothing was done.</summary>
    public static PluginRemovalResult Refused(ControlResult why) => new(why, [], [], false);
}
