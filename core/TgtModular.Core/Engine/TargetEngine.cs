using Microsoft.Extensions.Logging;
using TgtModular.Core.Buffers;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Targets;
using TgtModular.Core.Threading;
using TgtModular.Transports;

namespace TgtModular.Core.Engine;

/// <summary>The engine: all objects of one daemon, and the control operations on them. Operations run one after the other.</summary>
public sealed partial class TargetEngine : IEngineControl, IAsyncDisposable
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _oneOperation = new(1, 1);
    private readonly EngineServices _services;
    private readonly ILogger _logger;
    private readonly WorkerPool _workers;
    private readonly BufferPool _buffers;
    private readonly StoreRegistry _stores;
    private readonly UnitRegistry _units;
    private readonly TargetRegistry _targets;
    private readonly TransportRegistry _transports;
    private readonly PluginFences _fences;

    private TargetEngine(EngineServices services, UnitIdentities identities)
    {
        _services = services;
        _logger = services.Loggers.CreateLogger("tgt.engine");
        _workers = new WorkerPool(services.Limits.WorkerThreads, services.Loggers.CreateLogger("tgt.workers"));
        _buffers = new BufferPool(services.Limits.BufferMemory);
        PluginHosts hosts = new(services, _buffers, _workers);
        _stores = new StoreRegistry(services, hosts);
        TargetPorts ports = new();
        _units = new UnitRegistry(services, hosts, _workers, _stores, identities, ports);
        _targets = new TargetRegistry(services, _buffers, _units, ports);
        _transports = new TransportRegistry(services, hosts, _targets, _units);
        _fences = new PluginFences(services, _stores, _units);
    }

    /// <summary>Data buffers out on lease, in bytes; zero when nothing is in flight.</summary>
    public long LeasedBufferBytes => _buffers.LeasedBytes;

    /// <summary>Makes an engine without objects.</summary>
    public static async Task<TargetEngine> CreateAsync(EngineServices services, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(services);
        return new TargetEngine(services, await UnitIdentities.LoadAsync(services.Journals("engine"), cancellationToken));
    }

    /// <inheritdoc/>
    public EngineSnapshot GetSnapshot() => new()
    {
        Transports = [.. _transports.All.Values.Select(entry => entry.Describe())],
        Stores = [.. _stores.All.Values.Select(StoreRegistry.Describe)],
        Units = [.. _units.All.Values.Select(entry => entry.Describe())],
        Targets = [.. _targets.All.Values.Select(target => target.Describe())],
        Sessions =
        [
            .. from entry in _transports.All.Values
               where entry.Transport is ISessionDirectory
               from session in ((ISessionDirectory)entry.Transport).GetSessions()
               select new SessionStatus(entry.Spec.Name, session),
        ],
        Nexuses =
        [
            .. from target in _targets.All.Values
               from nexus in target.Nexuses
               orderby nexus.SessionId
               from unit in nexus.UnitNexuses
               orderby unit.Lun
               select new UnitNexusStatus(target.Spec.Key, nexus.Transport, nexus.SessionId, unit.Lun, unit.Counters.Transfers),
        ],
        Plugins = _services.Plugins.GetPlugins(),
    };

    /// <inheritdoc/>
    public ValueTask<ControlResult> AddStoreAsync(StoreSpec store, Owner owner, CancellationToken cancellationToken) =>
        AloneAsync(() => _stores.AddAsync(store, owner, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> RemoveStoreAsync(string name, bool force, CancellationToken cancellationToken) =>
        EndingAsync(() => RemoveStoreCoreAsync(name, force), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> ResizeStoreAsync(string name, long length, CancellationToken cancellationToken) =>
        AloneAsync(() => _stores.ResizeAsync(name, length, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> AddUnitAsync(UnitSpec unit, Owner owner, CancellationToken cancellationToken) =>
        AloneAsync(() => _units.AddAsync(unit, owner, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> RemoveUnitAsync(string name, bool force, CancellationToken cancellationToken) =>
        EndingAsync(() => RemoveUnitCoreAsync(name, force), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> SetUnitParameterAsync(string name, string parameter, string value, CancellationToken cancellationToken) =>
        AloneAsync(() => _units.SetParameterAsync(name, parameter, value, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> AddTargetAsync(TargetSpec target, Owner owner, CancellationToken cancellationToken) =>
        AloneAsync(() => _targets.AddAsync(target, owner, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> RemoveTargetAsync(string key, bool force, CancellationToken cancellationToken) =>
        EndingAsync(() => _targets.RemoveAsync(key, force), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> ChangeTargetAsync(string key, TargetChange change, CancellationToken cancellationToken) =>
        EndingAsync(() => _targets.ChangeAsync(key, change), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> StartTransportAsync(TransportSpec transport, Owner owner, CancellationToken cancellationToken) =>
        AloneAsync(() => _transports.StartAsync(transport, owner, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> ReconfigureTransportAsync(TransportSpec transport, CancellationToken cancellationToken) =>
        AloneAsync(() => _transports.ReconfigureAsync(transport, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> StopTransportAsync(string name, bool force, CancellationToken cancellationToken) =>
        AloneAsync(() => _transports.StopAsync(name, force, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PluginUpgradeResult> UpgradePluginAsync(PluginUpgrade request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AloneAsync(
            () =>
            {
                IReadOnlyList<PluginStatus> plugins = _services.Plugins.GetPlugins();
                StoreUpgrader upgrader = new(_stores, _units, _services);
                return new ValueTask<PluginUpgradeResult>(new PluginUpgrader(Users(plugins), upgrader, plugins).RunAsync(request));
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<PluginRemovalResult> RemovePluginAsync(string name, string? version, bool force, CancellationToken cancellationToken) =>
        EndingAsync(() => RemovePluginCoreAsync(name, version, force, cancellationToken), PluginRemovalResult.Refused, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> SetOwnerAsync(ObjectName name, Owner owner, CancellationToken cancellationToken) =>
        AloneAsync(() => ValueTask.FromResult(SetOwner(name, owner)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlResult> CloseSessionAsync(string transport, ulong sessionId, uint? connectionId, CancellationToken cancellationToken)
    {
        if (_transports.Find(transport) is not { } entry) return ValueTask.FromResult(ControlResult.NotFound("transport", transport));
        if (entry.Transport is not ISessionDirectory sessions)
            return ValueTask.FromResult(new ControlResult(ControlError.NotSupported, $"transport '{transport}' does not keep its own sessions"));
        return ValueTask.FromResult(sessions.Close(sessionId, connectionId)
            ? ControlResult.Ok
            : ControlResult.NotFound($"session of transport {transport}", sessionId.ToString()));
    }

    /// <summary>
    /// Ends everything in order: transports drain until <paramref name="cancellationToken"/> fires, then targets, units and stores close. A command that does
    /// not return (a hanging store) is left behind, with its unit and stores open, rather than holding up the end.
    /// </summary>
    public async ValueTask StopAsync(CancellationToken cancellationToken)
    {
        await _oneOperation.WaitAsync(CancellationToken.None);
        try
        {
            await Task.WhenAll(_transports.All.Keys.Select(name => _transports.StopAsync(name, force: true, cancellationToken).AsTask()));
            await CloseObjectsAsync().WaitAsync(CloseLimit, _services.Clock, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            LogLeftBehind(_logger, _units.All.Values.Sum(unit => unit.Unit.TaskSet.ActiveCount));
        }
        finally
        {
            _oneOperation.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _fences.Dispose();
        _workers.Dispose();
        _oneOperation.Dispose();
    }

    private async Task CloseObjectsAsync()
    {
        foreach (Target target in _targets.All.Values) await _targets.RemoveAsync(target.Spec.Key, force: true);
        foreach (string unit in _units.All.Keys) await _units.RemoveAsync(unit);
        while (_stores.All.Values.FirstOrDefault(store => store.UsedBy.Count == 0) is { } store) await _stores.RemoveAsync(store.Spec.Name);
    }

    private async ValueTask<TResult> AloneAsync<TResult>(Func<ValueTask<TResult>> operation, CancellationToken cancellationToken)
    {
        await _oneOperation.WaitAsync(cancellationToken);
        try
        {
            return await operation();
        }
        finally
        {
            _oneOperation.Release();
        }
    }

    private ValueTask<ControlResult> EndingAsync(Func<ValueTask<ControlResult>> operation, CancellationToken cancellationToken) =>
        EndingAsync(operation, result => result, cancellationToken);

    /// <summary>
    /// An operation that waits for commands to end. A plugin that does not return would have it wait for ever: it is answered all the same, and goes on; nothing else is changed
    /// before it has ended, for what it leaves behind half ended is in nobody's list.
    /// </summary>
    private async ValueTask<TResult> EndingAsync<TResult>(Func<ValueTask<TResult>> operation, Func<ControlResult, TResult> fail, CancellationToken cancellationToken)
    {
        Task<TResult> task = AloneAsync(operation, cancellationToken).AsTask();
        try
        {
            return await task.WaitAsync(_services.Limits.EndLimit, _services.Clock, CancellationToken.None);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            return fail(ControlResult.Failed(
                $"not ended within {_services.Limits.EndLimit.TotalSeconds:0.###} s: a call into a plugin has not returned, here or in an operation before. It goes on, and nothing else can be changed " +
                "until then; the log tells of calls that hang. Restart the daemon if it does not end"));
        }
    }

    private ControlResult SetOwner(ObjectName name, Owner owner)
    {
        switch (name.Kind)
        {
            case ObjectKind.Store when _stores.Find(name.Name) is { } store:
                store.Owner = owner;
                break;
            case ObjectKind.Unit when _units.Find(name.Name) is { } unit:
                unit.Owner = owner;
                break;
            case ObjectKind.Target when _targets.Find(name.Name) is { } target:
                target.Owner = owner;
                break;
            case ObjectKind.Transport when _transports.Find(name.Name) is { } transport:
                transport.Owner = owner;
                break;
            default:
                return ControlResult.NotFound(name.KindName, name.Name);
        }

        return ControlResult.Ok;
    }

    private PluginUsers Users(IReadOnlyList<PluginStatus> plugins) => new(plugins, _stores, _units, _transports, _targets);

    private async ValueTask<PluginRemovalResult> RemovePluginCoreAsync(string name, string? version, bool force, CancellationToken cancellationToken)
    {
        IReadOnlyList<PluginStatus> plugins = _services.Plugins.GetPlugins();
        PluginUsers users = Users(plugins);
        PluginStatus[] versions = [.. users.Versions(name).Where(plugin => version is null || plugin.Version == version)];
        if (versions.Length == 0)
        {
            return PluginRemovalResult.Refused(users.Versions(name) is { Length: > 0 } others
                ? new ControlResult(ControlError.NotFound, $"there is no version {version} of plugin '{name}'; there is {string.Join(", ", others.Select(plugin => plugin.Version))}")
                : PluginUpgrader.Unknown(name, plugins));
        }

        if (users.Controllers(versions) is { Count: > 0 } targets)
            return PluginRemovalResult.Refused(ControlResult.InUse($"plugin '{name}' makes the controller of target {string.Join(", ", targets.Select(target => target.Spec.Key))}: remove the targets first"));
        string[] objects = users.Describe(versions);
        if (objects.Length > 0 && !force) return PluginRemovalResult.Refused(ControlResult.InUse($"plugin '{name}' is in use by {string.Join(", ", objects)}"));
        EngineSnapshot before = GetSnapshot();
        ControlResult result = await RemoveUsersAsync(users, versions, cancellationToken);
        string[] gone = Gone(before);
        if (!result.IsOk) return new PluginRemovalResult(result, [], gone, false);
        foreach (PluginStatus plugin in versions) _ = _services.Plugins.Forget(plugin);
        return new PluginRemovalResult(
            ControlResult.Ok, [.. versions.Select(plugin => $"{plugin.Name} {plugin.Version}")], gone, versions.Any(plugin => plugin.State is not ("available" or "suspect" or "failed")));
    }

    /// <summary>LUN map entries first, then units, then stores with what stands on them, then transports.</summary>
    private async ValueTask<ControlResult> RemoveUsersAsync(PluginUsers users, PluginStatus[] versions, CancellationToken cancellationToken)
    {
        foreach (UnitEntry unit in users.Units(versions))
        {
            if (await RemoveUnitCoreAsync(unit.Spec.Name, force: true) is { IsOk: false } failure) return failure;
        }

        foreach (string store in users.Stores(versions).Select(store => store.Spec.Name))
        {
            if (_stores.Find(store) is not null && await RemoveStoreCoreAsync(store, force: true) is { IsOk: false } failure) return failure;
        }

        foreach (string transport in users.Transports(versions).Select(transport => transport.Spec.Name))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(CloseLimit);
            if (await _transports.StopAsync(transport, force: true, limit.Token) is { IsOk: false } failure) return failure;
        }

        return ControlResult.Ok;
    }

    private string[] Gone(EngineSnapshot before) =>
    [
        .. before.Transports.Where(status => _transports.Find(status.Spec.Name) is null).Select(status => $"transport {status.Spec.Name}"),
        .. before.Units.Where(status => _units.Find(status.Spec.Name) is null).Select(status => $"unit {status.Spec.Name}"),
        .. before.Stores.Where(status => _stores.Find(status.Spec.Name) is null).Select(status => $"store {status.Spec.Name}"),
    ];

    private async ValueTask<ControlResult> RemoveUnitCoreAsync(string name, bool force)
    {
        if (force) await _targets.UnmapAsync(name);
        return await _units.RemoveAsync(name);
    }

    private async ValueTask<ControlResult> RemoveStoreCoreAsync(string name, bool force)
    {
        if (_stores.Find(name) is not { } entry) return ControlResult.NotFound("store", name);
        if (!force) return await _stores.RemoveAsync(name);
        foreach (StoreUser user in entry.UsedBy.ToArray())
        {
            ControlResult result = await (user.IsUnit ? RemoveUnitCoreAsync(user.Name, force: true) : RemoveStoreCoreAsync(user.Name, force: true));
            if (!result.IsOk) return result;
        }

        return await _stores.RemoveAsync(name);
    }

    [LoggerMessage(EventId = 330, Level = LogLevel.Error, Message = "{Commands} command(s) do not return; they are left behind")]
    private static partial void LogLeftBehind(ILogger logger, int commands);
}
