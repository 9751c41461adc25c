using TgtModular.Core.Configuration;

namespace TgtModular.Core.Control;

/// <summary>
/// The typed control operations that every face of the daemon goes through. Each is carried out whole or not at all, one after the other; all are safe to
/// call from any thread. Sessions that an operation does not name are not touched.
/// </summary>
public interface IEngineControl
{
    /// <summary>All objects as they are now; a consistent copy.</summary>
    EngineSnapshot GetSnapshot();

    /// <summary>Opens a store.</summary>
    ValueTask<ControlResult> AddStoreAsync(StoreSpec store, Owner owner, CancellationToken cancellationToken);

    /// <summary>Closes a store. In use by a unit or a filter: refused; with <paramref name="force"/> those go first.</summary>
    ValueTask<ControlResult> RemoveStoreAsync(string name, bool force, CancellationToken cancellationToken);

    /// <summary>Changes the size of a store; its <see cref="StoreSpec"/> takes the new value of the option <c>size</c> where it has one.</summary>
    ValueTask<ControlResult> ResizeStoreAsync(string name, long length, CancellationToken cancellationToken);

    /// <summary>Makes a unit on open stores.</summary>
    ValueTask<ControlResult> AddUnitAsync(UnitSpec unit, Owner owner, CancellationToken cancellationToken);

    /// <summary>Removes a unit: its commands are aborted. In a LUN map: refused; with <paramref name="force"/> those entries go first.</summary>
    ValueTask<ControlResult> RemoveUnitAsync(string name, bool force, CancellationToken cancellationToken);

    /// <summary>Sets a parameter of a running unit, by its device server's name for it. The unit's <see cref="UnitSpec"/> stays.</summary>
    ValueTask<ControlResult> SetUnitParameterAsync(string name, string parameter, string value, CancellationToken cancellationToken);

    /// <summary>Makes a target. Its transports need not be started yet; its units must exist.</summary>
    ValueTask<ControlResult> AddTargetAsync(TargetSpec target, Owner owner, CancellationToken cancellationToken);

    /// <summary>Removes a target. With sessions: refused; with <paramref name="force"/> they are closed first.</summary>
    ValueTask<ControlResult> RemoveTargetAsync(string key, bool force, CancellationToken cancellationToken);

    /// <summary>
    /// Changes a target as one step. Sessions whose initiator is not admitted any more, and those of a removed transport, are closed; the others stay and
    /// learn of a changed LUN map by unit attention. New accounts count from the next login on.
    /// </summary>
    ValueTask<ControlResult> ChangeTargetAsync(string key, TargetChange change, CancellationToken cancellationToken);

    /// <summary>Makes a transport and begins to serve.</summary>
    ValueTask<ControlResult> StartTransportAsync(TransportSpec transport, Owner owner, CancellationToken cancellationToken);

    /// <summary>Gives a running transport new values of mutable options, and new accounts of discovery; sessions are not touched.</summary>
    ValueTask<ControlResult> ReconfigureTransportAsync(TransportSpec transport, CancellationToken cancellationToken);

    /// <summary>Drains and ends a transport. With sessions: refused; with <paramref name="force"/> they are closed first.</summary>
    ValueTask<ControlResult> StopTransportAsync(string name, bool force, CancellationToken cancellationToken);

    /// <summary>
    /// Has the stores of a plugin served by another version of it while they are in use. Commands are held back meanwhile and sessions stay. Not whole or not at all, as other operations
    /// are: each store for itself.
    /// </summary>
    ValueTask<PluginUpgradeResult> UpgradePluginAsync(PluginUpgrade request, CancellationToken cancellationToken);

    /// <summary>Serves a plugin no more. In use: refused; with <paramref name="force"/> what is made of it goes first.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">The version, in full; null for all.</param>
    /// <param name="force">Removes units, stores and transports of it, and whatever stands on them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<PluginRemovalResult> RemovePluginAsync(string name, string? version, bool force, CancellationToken cancellationToken);

    /// <summary>Gives an object another owner, without touching it.</summary>
    ValueTask<ControlResult> SetOwnerAsync(ObjectName name, Owner owner, CancellationToken cancellationToken);

    /// <summary>Ends a session, or one connection of it.</summary>
    /// <param name="transport">Name of the transport.</param>
    /// <param name="sessionId">Its number in <see cref="SessionStatus"/>.</param>
    /// <param name="connectionId">Null for all connections.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<ControlResult> CloseSessionAsync(string transport, ulong sessionId, uint? connectionId, CancellationToken cancellationToken);
}

/// <summary>What changes about a target; null members and empty lists stay as they are.</summary>
public sealed record TargetChange
{
    /// <summary>New access rules.</summary>
    public AccessRules? Access { get; init; }

    /// <summary>New accounts.</summary>
    public ChapSpec? Chap { get; init; }

    /// <summary>Online or offline.</summary>
    public bool? Online { get; init; }

    /// <summary>LUN map entries to take out (before others go in); each equals one that is there.</summary>
    public ValueList<LunSpec> RemoveLuns { get; init; } = [];

    /// <summary>Refuses the change with <see cref="ControlError.InUse"/> while a unit of <see cref="RemoveLuns"/> has commands under way.</summary>
    public bool RemoveIdleOnly { get; init; }

    /// <summary>LUN map entries to put in, behind those that are there.</summary>
    public ValueList<LunSpec> AddLuns { get; init; } = [];

    /// <summary>Transports through which the target is no longer seen, by name.</summary>
    public ValueList<string> RemoveTransports { get; init; } = [];

    /// <summary>Transports to add, and those whose target options change; a changed target name in one closes its sessions.</summary>
    public ValueList<TargetTransportSpec> SetTransports { get; init; } = [];
}
