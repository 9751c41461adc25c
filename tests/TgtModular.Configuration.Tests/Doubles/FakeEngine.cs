using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Storage;
using TgtModular.Transports;

namespace TgtModular.Configuration.Tests.Doubles;

/// <summary>Keeps specifications by the rules of the control operations; nothing is opened.</summary>
internal sealed class FakeEngine : IEngineControl
{
    private readonly Dictionary<string, (StoreSpec Spec, Owner Owner, long Length)> _stores = [];
    private readonly Dictionary<string, (UnitSpec Spec, Owner Owner)> _units = [];
    private readonly Dictionary<string, (TargetSpec Spec, Owner Owner)> _targets = [];
    private readonly Dictionary<string, (TransportSpec Spec, Owner Owner)> _transports = [];

    /// <summary>Names of objects whose making fails.</summary>
    public HashSet<string> Failing { get; } = [];

    public Dictionary<string, int> Sessions { get; } = [];

    public ValueTask<PluginUpgradeResult> UpgradePluginAsync(PluginUpgrade request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<PluginRemovalResult> RemovePluginAsync(string name, string? version, bool force, CancellationToken cancellationToken) => throw new NotSupportedException();

    public EngineSnapshot GetSnapshot() => new()
    {
        Stores = [.. _stores.Values.Select(entry =>
            new StoreStatus(entry.Spec, entry.Owner, ObjectHealth.Online, null, "1.0.0", entry.Length,
            new StoreInfo(StoreCapabilities.Write, StoreExecution.Inline), []))],
        Units =
        [
            .. _units.Values.Select(entry => new UnitStatus(
                entry.Spec, entry.Owner, ObjectHealth.Online, null, "1.0.0", PeripheralDeviceType.Block,
                new UnitIdentity(entry.Spec.Name, "IET", null, "0001", "1", "1", null), null, new UnitStatistics(0, 0, 0, 0, 0, 0, 0))),
        ],
        Targets = [.. _targets.Values.Select(entry => new TargetStatus(entry.Spec, entry.Owner, Sessions.GetValueOrDefault(entry.Spec.Key)))],
        Transports = [.. _transports.Values.Select(entry => new TransportStatus(entry.Spec, entry.Owner, ObjectHealth.Online, null, "1.0.0", []))],
        Sessions =
        [
            .. from entry in Sessions
               where _transports.ContainsKey(entry.Key)
               from number in Enumerable.Range(1, entry.Value)
               select new SessionStatus(entry.Key, new SessionDescription((ulong)number, null, "iqn.i", null, [], new Dictionary<string, string>())),
        ],
    };

    public ValueTask<ControlResult> AddStoreAsync(StoreSpec store, Owner owner, CancellationToken cancellationToken)
    {
        if (Failing.Contains(store.Name)) return Failed(store.Name);
        if (store.Lower.FirstOrDefault(lower => !_stores.ContainsKey(lower)) is { } missing) return new(ControlResult.NotFound("store", missing));
        long length = store.Options.Has("size") ? store.Options.GetInteger("size") : 0;
        return new(_stores.TryAdd(store.Name, (store, owner, length)) ? ControlResult.Ok : ControlResult.Exists("store", store.Name));
    }

    public ValueTask<ControlResult> RemoveStoreAsync(string name, bool force, CancellationToken cancellationToken)
    {
        string? user = _units.Values.FirstOrDefault(unit => unit.Spec.Stores.Values.Contains(name)).Spec?.Name ?? _stores.Values.FirstOrDefault(store =>
            store.Spec.Lower.Contains(name)).Spec?.Name;
        if (user is not null) return new(ControlResult.InUse($"store '{name}' is in use by {user}"));
        return new(_stores.Remove(name) ? ControlResult.Ok : ControlResult.NotFound("store", name));
    }

    public ValueTask<ControlResult> ResizeStoreAsync(string name, long length, CancellationToken cancellationToken)
    {
        if (!_stores.TryGetValue(name, out var entry)) return new(ControlResult.NotFound("store", name));
        var given = new Dictionary<string, object>(entry.Spec.Options.Given) { ["size"] = length };
        _stores[name] = (entry.Spec with { Options = new(entry.Spec.Options.Schema, given) }, entry.Owner, length);
        return new(ControlResult.Ok);
    }

    public ValueTask<ControlResult> AddUnitAsync(UnitSpec unit, Owner owner, CancellationToken cancellationToken)
    {
        if (Failing.Contains(unit.Name)) return Failed(unit.Name);
        if (unit.Stores.Values.FirstOrDefault(store => !_stores.ContainsKey(store)) is { } missing) return new(ControlResult.NotFound("store", missing));
        return new(_units.TryAdd(unit.Name, (unit, owner)) ? ControlResult.Ok : ControlResult.Exists("unit", unit.Name));
    }

    public ValueTask<ControlResult> RemoveUnitAsync(string name, bool force, CancellationToken cancellationToken)
    {
        if (_targets.Values.FirstOrDefault(target => target.Spec.Luns.Any(lun => lun.Unit == name)).Spec is { } user)
            return new(ControlResult.InUse($"unit '{name}' is mapped by {user.Key}"));
        return new(_units.Remove(name) ? ControlResult.Ok : ControlResult.NotFound("unit", name));
    }

    public ValueTask<ControlResult> SetUnitParameterAsync(string name, string parameter, string value, CancellationToken cancellationToken) =>
        new(_units.ContainsKey(name) ? ControlResult.Ok : ControlResult.NotFound("unit", name));

    public ValueTask<ControlResult> AddTargetAsync(TargetSpec target, Owner owner, CancellationToken cancellationToken)
    {
        if (target.Luns.FirstOrDefault(lun => !_units.ContainsKey(lun.Unit)) is { } missing) return new(ControlResult.NotFound("unit", missing.Unit));
        return new(_targets.TryAdd(target.Key, (target, owner)) ? ControlResult.Ok : ControlResult.Exists("target", target.Key));
    }

    public ValueTask<ControlResult> RemoveTargetAsync(string key, bool force, CancellationToken cancellationToken) =>
        new(_targets.Remove(key) ? ControlResult.Ok : ControlResult.NotFound("target", key));

    public ValueTask<ControlResult> ChangeTargetAsync(string key, TargetChange change, CancellationToken cancellationToken)
    {
        if (!_targets.TryGetValue(key, out var entry)) return new(ControlResult.NotFound("target", key));
        if (change.RemoveLuns.FirstOrDefault(lun => !entry.Spec.Luns.Contains(lun)) is { } unknown)
            return new(ControlResult.NotFound("LUN", unknown.ToString()));
        if (change.AddLuns.FirstOrDefault(lun => !_units.ContainsKey(lun.Unit)) is { } missing) return new(ControlResult.NotFound("unit", missing.Unit));
        TargetSpec spec = entry.Spec;
        _targets[key] = (
            spec with
            {
                Access = change.Access ?? spec.Access,
                Chap = change.Chap ?? spec.Chap,
                Online = change.Online ?? spec.Online,
                Luns = [.. spec.Luns.Where(lun => !change.RemoveLuns.Contains(lun)), .. change.AddLuns],
                Transports = [.. spec.Transports.Where(seen => !change.RemoveTransports.Contains(seen.Transport)
                    && change.SetTransports.All(set => set.Transport != seen.Transport)), .. change.SetTransports],
            },
            entry.Owner);
        return new(ControlResult.Ok);
    }

    public ValueTask<ControlResult> StartTransportAsync(TransportSpec transport, Owner owner, CancellationToken cancellationToken) =>
        Failing.Contains(transport.Name) ? Failed(transport.Name)
            : new(_transports.TryAdd(transport.Name, (transport, owner)) ? ControlResult.Ok : ControlResult.Exists("transport", transport.Name));

    public ValueTask<ControlResult> ReconfigureTransportAsync(TransportSpec transport, CancellationToken cancellationToken)
    {
        _transports[transport.Name] = (transport, _transports[transport.Name].Owner);
        return new(ControlResult.Ok);
    }

    public ValueTask<ControlResult> StopTransportAsync(string name, bool force, CancellationToken cancellationToken) =>
        new(_transports.Remove(name) ? ControlResult.Ok : ControlResult.NotFound("transport", name));

    public ValueTask<ControlResult> SetOwnerAsync(ObjectName name, Owner owner, CancellationToken cancellationToken)
    {
        switch (name.Kind)
        {
            case ObjectKind.Store:
                _stores[name.Name] = _stores[name.Name] with { Owner = owner };
                break;
            case ObjectKind.Unit:
                _units[name.Name] = _units[name.Name] with { Owner = owner };
                break;
            case ObjectKind.Target:
                _targets[name.Name] = _targets[name.Name] with { Owner = owner };
                break;
            default:
                _transports[name.Name] = _transports[name.Name] with { Owner = owner };
                break;
        }

        return new(ControlResult.Ok);
    }

    public ValueTask<ControlResult> CloseSessionAsync(string transport, ulong sessionId, uint? connectionId, CancellationToken cancellationToken) =>
        new(ControlResult.NotFound("session", sessionId.ToString()));

    private static ValueTask<ControlResult> Failed(string name) => new(ControlResult.Failed($"'{name}' fails in this test"));
}
