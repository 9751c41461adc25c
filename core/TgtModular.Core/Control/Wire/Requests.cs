namespace TgtModular.Core.Control.Wire;

/// <summary>Opens a store.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its plugin.</param>
/// <param name="Over">Stores beneath a filter.</param>
/// <param name="Shared">True when several units may write to it.</param>
/// <param name="Options">Options as text.</param>
/// <param name="WorkingDirectory">Where relative paths count from; absolute.</param>
public sealed record AddStoreRequest(
    string Name, string Type, IReadOnlyList<string> Over, bool Shared, IReadOnlyDictionary<string, string> Options, string WorkingDirectory);

/// <summary>Changes the size of a store.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Shrink">True when it may become smaller, which destroys what lay behind.</param>
public sealed record ResizeStoreRequest(long Size, bool Shrink);

/// <summary>Has the stores of a plugin served by another version.</summary>
/// <param name="Version">The version, or the beginning of one; null for the highest.</param>
/// <param name="TimeoutSeconds">How long to wait for commands under way; null for the default.</param>
/// <param name="DryRun">True to tell only what would be done.</param>
public sealed record PluginUpgradeRequest(string? Version = null, double? TimeoutSeconds = null, bool DryRun = false);

/// <summary>Makes a unit.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Keys of <c>[unit.NAME]</c> as text: <c>device</c>, <c>store</c>, identity, options.</param>
/// <param name="WorkingDirectory">Where relative paths count from; absolute.</param>
public sealed record AddUnitRequest(string Name, IReadOnlyDictionary<string, string> Values, string WorkingDirectory);

/// <summary>Makes a target.</summary>
/// <param name="Name">Its name in the control plane; null: its name in the transport.</param>
/// <param name="Transport">Its transport.</param>
/// <param name="Options">Options in the transport as text, <c>name</c> among them.</param>
/// <param name="Access">Who may log in.</param>
/// <param name="Accounts">CHAP accounts of initiators.</param>
/// <param name="Luns">Its LUN map.</param>
/// <param name="WorkingDirectory">Where relative paths count from; absolute.</param>
public sealed record AddTargetRequest(
    string? Name, string Transport, IReadOnlyDictionary<string, string> Options, IReadOnlyList<AccessRuleView> Access, IReadOnlyList<AccountRequest> Accounts,
    IReadOnlyList<LunView> Luns, string WorkingDirectory);

/// <summary>A CHAP account.</summary>
/// <param name="User">User name.</param>
/// <param name="Secret">Its secret.</param>
/// <param name="SecretFile">The file it was read from; absolute.</param>
public sealed record AccountRequest(string User, byte[] Secret, string? SecretFile)
{
    /// <summary>The name; never the secret.</summary>
    public override string ToString() => User;
}

/// <summary>Changes a target; what is null stays as it is.</summary>
/// <param name="Access">New access rules.</param>
/// <param name="Accounts">New CHAP accounts of initiators.</param>
/// <param name="Online">Online or offline.</param>
/// <param name="AddLuns">LUN map entries to put in.</param>
/// <param name="RemoveLuns">Numbers of LUN map entries to take out, all of each number.</param>
public sealed record ChangeTargetRequest(
    IReadOnlyList<AccessRuleView>? Access = null, IReadOnlyList<AccountRequest>? Accounts = null, bool? Online = null, IReadOnlyList<LunView>? AddLuns = null,
    IReadOnlyList<int>? RemoveLuns = null);

/// <summary>Plans or applies a configuration.</summary>
/// <param name="Path">Name of the file, absolute: for messages, and where relative paths count from.</param>
/// <param name="Text">Its text.</param>
/// <param name="Prune">True when objects made at run time go too.</param>
public sealed record ConfigurationRequest(string Path, string Text, bool Prune);
