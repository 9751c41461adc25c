using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using TgtModular.Core.Commands;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Core.Reservations;
using TgtModular.Core.Targets;
using TgtModular.Core.Threading;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Core.Engine;

/// <summary>The units. Changed by one control operation at a time; found by anybody.</summary>
internal sealed class UnitRegistry(
    EngineServices services, PluginHosts hosts, WorkerPool workers, StoreRegistry stores, UnitIdentities identities, TargetPorts ports)
    : IUnitDirectory
{
    private readonly ILogger _logger = services.Loggers.CreateLogger("tgt.units");
    private readonly TaskSet _serialTaskSet = new(); // of all units whose plugins take one call at a time
    private volatile ImmutableSortedDictionary<string, UnitEntry> _all =
        ImmutableSortedDictionary<string, UnitEntry>.Empty.WithComparers(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, UnitEntry> All => _all;

    /// <summary>Told when a unit's geometry changed.</summary>
    public event Action<LogicalUnit>? GeometryChanged;

    public UnitEntry? Find(string name) => _all.GetValueOrDefault(name);

    UnitIdentity? IUnitDirectory.Find(string unitName) => Find(unitName)?.Unit.Identity;

    public IRemovableMedium? FindMedium(string unitName) => Find(unitName)?.Unit.Medium;

    public async ValueTask<ControlResult> AddAsync(UnitSpec spec, Owner owner, CancellationToken cancellationToken)
    {
        if (_all.ContainsKey(spec.Name)) return ControlResult.Exists("unit", spec.Name);
        (ControlResult result, UnitEntry? entry) = await CreateAsync(spec, owner, cancellationToken);
        if (entry is not null) _all = _all.Add(spec.Name, entry);
        return result;
    }

    /// <summary>Removes a unit that no LUN map names.</summary>
    public async ValueTask<ControlResult> RemoveAsync(string name)
    {
        if (Find(name) is not { } entry) return ControlResult.NotFound("unit", name);
        if (entry.MappedBy.Count > 0) return ControlResult.InUse($"unit '{name}' is mapped by target {string.Join(", ", entry.MappedBy)}");
        _all = _all.Remove(name);
        return await CloseAsync(entry);
    }

    /// <summary>Sets a parameter by the device server's name for it.</summary>
    public async ValueTask<ControlResult> SetParameterAsync(string name, string parameter, string value, CancellationToken cancellationToken)
    {
        if (Find(name) is not { } entry) return ControlResult.NotFound("unit", name);
        if (entry.Unit.Server is not IParameterVerbs verbs)
            return new ControlResult(ControlError.NotSupported, $"unit '{name}' has no parameters that can be set while it runs");
        try
        {
            return await verbs.SetAsync(parameter, value, cancellationToken) is { } problem ? ControlResult.Invalid($"unit '{name}': {problem}") : ControlResult.Ok;
        }
#pragma warning disable CA1031 // A plugin may throw anything; it costs this request and nothing else.
        catch (Exception fault) when (fault is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return EngineFaults.Report(_logger, $"setting {parameter} of unit '{name}'", entry.Spec.Device.Name, fault);
        }
    }

    /// <summary>Makes a unit without a name in the registry: the controllers of LUN 0.</summary>
    public async ValueTask<(ControlResult Result, UnitEntry? Entry)> CreateAsync(UnitSpec spec, Owner owner, CancellationToken cancellationToken)
    {
        if (services.Plugins.Resolve<IDeviceTypeFactory>(PluginKind.Device, spec.Device, out string problem) is not { } plugin)
            return (new ControlResult(ControlError.NoPlugin, problem), null);
        ControlResult found = FindStores(spec, plugin.Factory, out Dictionary<string, StoreEntry> entries);
        if (!found.IsOk) return (found, null);

        PluginHost host = hosts.Create("unit", spec.Name);
        ReservationJournal reservations = new(host.Journal, host.Logger, spec.Name);
        (PersistentState? kept, string unusable) = await reservations.LoadAsync(cancellationToken);
        if (kept is null)
        {
            host.Dispose();
            return (ControlResult.Failed($"unit '{spec.Name}': {unusable}"), null);
        }

        PluginConcurrency concurrency = entries.Values.Select(store => store.Concurrency).Append(plugin.Concurrency).Min();
        UnitContext context = new(
            identities.Complete(spec), entries.ToDictionary(pair => pair.Key, pair => pair.Value.Store), this, workers,
            services.Limits.ThreadsPerUnit, services.Limits.MaximumTransferLength, changed => GeometryChanged?.Invoke(changed))
        {
            OneAtATime = concurrency != PluginConcurrency.Parallel,
            Reservations = reservations,
            Ports = ports,
            TaskSet = concurrency == PluginConcurrency.Serial ? _serialTaskSet : new TaskSet(),
        };
        LogicalUnit unit = new(context);
        try
        {
            DeviceServerContext device = new(unit, spec.Options, host);
            unit.Install(
                await PluginCalls.MakeAsync(
                    plugin, token => plugin.Factory.CreateAsync(device, token), plugin.Factory.CreationLimit, services.Clock, late => late.DisposeAsync(), cancellationToken),
                kept);
        }
        catch (CallHangsException hanging)
        {
            return (ControlResult.Failed($"unit '{spec.Name}': plugin {plugin.PluginName} did not make it within {hanging.Limit.TotalSeconds:0.###} s; it is left out"), null);
        }
        catch (DeviceServerException failure)
        {
            host.Dispose();
            return (ControlResult.Failed($"unit '{spec.Name}': {failure.Message}"), null);
        }
#pragma warning disable CA1031 // A plugin may throw anything; it costs this unit and nothing else.
        catch (Exception fault) when (fault is not OperationCanceledException)
#pragma warning restore CA1031
        {
            host.Dispose();
            return (EngineFaults.Report(_logger, $"unit '{spec.Name}'", plugin.PluginName, fault), null);
        }

        UnitEntry entry = new(spec, owner, plugin.Version, unit, host);
        foreach ((string role, StoreEntry store) in entries) Use(entry, role, store);
        return (ControlResult.Ok, entry);
    }

    /// <summary>Ends a unit: its commands, its device server, its hold on its stores.</summary>
    public async ValueTask<ControlResult> CloseAsync(UnitEntry entry)
    {
        await entry.Unit.AbortAsync(except: null, requester: null);
        foreach ((StoreEntry store, Action<long> handler) in entry.StoreHandlers)
        {
            store.LengthChanged -= handler;
            store.UsedBy.Remove(new StoreUser(IsUnit: true, entry.Spec.Name));
        }

        try
        {
            await entry.Unit.Server.DisposeAsync();
        }
#pragma warning disable CA1031 // As above; the unit is gone all the same.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return EngineFaults.Report(_logger, $"removing unit '{entry.Spec.Name}'", entry.Spec.Device.Name, fault);
        }
        finally
        {
            entry.Host.Dispose();
        }

        return ControlResult.Ok;
    }

    private ControlResult FindStores(UnitSpec spec, IDeviceTypeFactory factory, out Dictionary<string, StoreEntry> entries)
    {
        entries = [];
        foreach (string role in spec.Stores.Keys.Except(factory.StoreRoles))
            return ControlResult.Invalid($"unit '{spec.Name}': device type {spec.Device.Name} has no store '{role}'");
        foreach (string role in factory.StoreRoles)
        {
            if (!spec.Stores.TryGetValue(role, out string? name))
                return ControlResult.Invalid($"unit '{spec.Name}': device type {spec.Device.Name} needs '{role}'");
            if (stores.Find(name) is not { } store) return ControlResult.NotFound("store", name);
            bool exclusive = store.Store.Info.Has(StoreCapabilities.Write) && !store.Spec.Shared;
            if (exclusive && store.UsedBy.Count > 0) return StoreRegistry.InUse(store);
            entries[role] = store;
        }

        return ControlResult.Ok;
    }

    private static void Use(UnitEntry entry, string role, StoreEntry store)
    {
        void Handler(long length) => entry.Unit.Server.StoreResized(role, length);
        store.LengthChanged += Handler;
        store.UsedBy.Add(new StoreUser(IsUnit: true, entry.Spec.Name));
        entry.StoreHandlers.Add((store, Handler));
    }
}
