using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Targets;
using TgtModular.Core.Units;
using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.Core.Engine;

/// <summary>The running transports. Changed by one control operation at a time.</summary>
internal sealed class TransportRegistry
{
    private readonly EngineServices _services;
    private readonly PluginHosts _hosts;
    private readonly TargetRegistry _targets;
    private readonly ILogger _logger;
    private volatile ImmutableSortedDictionary<string, TransportEntry> _all =
        ImmutableSortedDictionary<string, TransportEntry>.Empty.WithComparers(StringComparer.Ordinal);

    public TransportRegistry(EngineServices services, PluginHosts hosts, TargetRegistry targets, UnitRegistry units)
    {
        _services = services;
        _hosts = hosts;
        _targets = targets;
        _logger = services.Loggers.CreateLogger("tgt.transports");
        targets.Changed += FollowTargets;
        units.GeometryChanged += FollowGeometry;
    }

    public ImmutableSortedDictionary<string, TransportEntry> All => _all;

    public TransportEntry? Find(string name) => _all.GetValueOrDefault(name);

    public async ValueTask<ControlResult> StartAsync(TransportSpec spec, Owner owner, CancellationToken cancellationToken)
    {
        if (_all.ContainsKey(spec.Name)) return ControlResult.Exists("transport", spec.Name);
        if (_services.Plugins.Resolve<ITransportFactory>(PluginKind.Transport, spec.Plugin, out string problem) is not { } plugin)
            return new ControlResult(ControlError.NoPlugin, problem);
        PluginHost host = _hosts.Create("transport", spec.Name);
        TransportEntry entry = new(spec, owner, plugin.Version, host);
        try
        {
            using IDisposable? call = plugin.EnterCall();
            entry.Transport = plugin.Factory.Create(new TransportCreateContext(spec.Options, entry, host));
            entry.Follow(_targets.All.Values);
            await entry.Transport.StartAsync(cancellationToken);
        }
        catch (TransportException failure)
        {
            await DiscardAsync(entry);
            return ControlResult.Failed($"transport '{spec.Name}': {failure.Message}");
        }
#pragma warning disable CA1031 // A plugin may throw anything; it costs this transport and nothing else.
        catch (Exception fault) when (fault is not OperationCanceledException)
#pragma warning restore CA1031
        {
            await DiscardAsync(entry);
            return EngineFaults.Report(_logger, $"transport '{spec.Name}'", plugin.PluginName, fault);
        }

        _all = _all.Add(spec.Name, entry);
        return ControlResult.Ok;
    }

    public async ValueTask<ControlResult> ReconfigureAsync(TransportSpec spec, CancellationToken cancellationToken)
    {
        if (Find(spec.Name) is not { } entry) return ControlResult.NotFound("transport", spec.Name);
        if (entry.Spec.Plugin != spec.Plugin) return ControlResult.Invalid($"transport '{spec.Name}' cannot change its plugin while it runs");
        if (!SameOptions(entry.Spec.Options, spec.Options))
        {
            if (entry.Transport is not IReconfigurable reconfigurable)
                return new ControlResult(ControlError.NotSupported, $"transport '{spec.Name}' takes new options only at a restart");
            try
            {
                await reconfigurable.ReconfigureAsync(spec.Options, cancellationToken);
            }
            catch (TransportException failure)
            {
                return ControlResult.Failed($"transport '{spec.Name}': {failure.Message}");
            }
        }

        entry.Spec = spec;
        return ControlResult.Ok;
    }

    public async ValueTask<ControlResult> StopAsync(string name, bool force, CancellationToken cancellationToken)
    {
        if (Find(name) is not { } entry) return ControlResult.NotFound("transport", name);
        int sessions = _targets.All.Values.SelectMany(target => target.Nexuses).Count(nexus => nexus.Transport == name);
        if (sessions > 0 && !force) return ControlResult.InUse($"transport '{name}' has {sessions} session(s)");
        _all = _all.Remove(name);
        try
        {
            await entry.Transport.DrainAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The time to drain is over: what is left is cut off by the disposal.
        }

        await DiscardAsync(entry);
        return ControlResult.Ok;
    }

    private async ValueTask DiscardAsync(TransportEntry entry)
    {
        try
        {
            if (entry.Transport is not null) await entry.Transport.DisposeAsync();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            EngineFaults.Report(_logger, $"ending transport '{entry.Spec.Name}'", entry.Spec.Plugin.Name, fault);
        }

        entry.Host.Dispose();
    }

    private static bool SameOptions(OptionValues a, OptionValues b) => a.Equals(b);

    private void FollowTargets()
    {
        foreach (TransportEntry entry in _all.Values) entry.Follow(_targets.All.Values);
    }

    private void FollowGeometry(LogicalUnit unit)
    {
        if (unit.Geometry is not { } geometry) return;
        foreach (TransportEntry entry in _all.Values) entry.GeometryChanged(unit, geometry);
    }
}
