using TgtModular.Lio.Configfs;
using TgtModular.Lio.Fabrics;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>
/// Brings the kernel in line with what the targets ask for. One pass at a time; each looks at everything, so that none depends on what the last one reached.
/// </summary>
internal sealed class Pass : IAsyncDisposable
{
    private readonly LioServices _services;
    private readonly Action _request;
    private readonly BackendTree _backends;
    private readonly Leftovers _leftovers;
    private readonly Exporter _exporter;
    private readonly Ground _ground;
    private readonly OwnedPorts _owned;
    private readonly RdmaListener _listener;
    private readonly SortedDictionary<string, Port> _ports = new(StringComparer.Ordinal);
    private bool _stockTaken;
    private bool _leftoversOver;
    private ulong _lastId;

    public Pass(LioServices services, Action request)
    {
        _services = services;
        _request = request;
        _backends = new BackendTree(services.Tree, services.Report);
        _leftovers = new Leftovers(services, _backends);
        _exporter = new Exporter(services, _backends, _leftovers);
        _ground = new Ground(services);
        _owned = new OwnedPorts(services.Journal);
        _listener = new RdmaListener(services);
    }

    /// <summary>Looks at everything once. What goes wrong stays written down at its place.</summary>
    /// <param name="leftoversOver">True when what an earlier run left behind has waited long enough.</param>
    public async Task<LioStatus> RunAsync(bool leftoversOver, CancellationToken cancellationToken)
    {
        IReadOnlyList<WantedPort> wanted = WantedPorts.Read(_services.Family, _services.Engine.Targets);
        await _services.RunAsync(_ground.Lay);
        if (_ground.Problem is { } problem) return new LioStatus(_services.Family, [], problem, Pending: true);
        if (!_stockTaken) await TakeStockAsync(cancellationToken);
        await _listener.EnsureAsync(_services.Settings.RdmaPort);

        foreach (Port port in _ports.Values.Reverse().ToArray()) await RemoveUnwantedAsync(port, wanted.FirstOrDefault(item => PathOf(item) == port.Path));
        // Virtual ports need their physical one: those without a base come first, and go last.
        foreach (WantedPort port in wanted.OrderBy(item => item.Row.Base is not null)) await EnsureAsync(port, cancellationToken);
        if (leftoversOver && !_leftoversOver) await RemoveLeftoversAsync(wanted);
        return Describe();
    }

    /// <summary>Stops serving: takes everything out of the kernel, or leaves it there for the next start.</summary>
    public async Task<LioStatus> StopAsync(bool keep)
    {
        foreach (Port port in _ports.Values.Reverse().ToArray())
        {
            if (!keep && !await IsHeldAsync(port)) await RemoveAsync(port);
            foreach (PortNexus nexus in port.Nexuses.Values) await nexus.CloseAsync(NexusEnd.Administrative);
        }

        if (!keep && _stockTaken && _ground.Problem is null)
        {
            await _listener.EnsureAsync(null);
            await RemoveLeftoversAsync([]);
        }

        return Describe();
    }

    /// <summary>Has a session's initiator taken out of the kernel and put in anew by the next pass.</summary>
    /// <returns>False when there is none of that number.</returns>
    public bool Restart(ulong session)
    {
        if (_ports.Values.SelectMany(port => port.Nexuses.Values).FirstOrDefault(nexus => nexus.Id == session) is not { } found) return false;
        found.Restart = true;
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (PortNexus nexus in _ports.Values.SelectMany(port => port.Nexuses.Values)) await nexus.CloseAsync(NexusEnd.Administrative);
        _ground.Dispose();
    }

    private static string PathOf(WantedPort port) => $"{port.Row.Directory}/{port.Name}";

    private LioStatus Describe() =>
        new(_services.Family, [.. _ports.Values.Select(PortStatus.Of)], null, Pending: !_leftoversOver && !_leftovers.IsEmpty);

    private async Task TakeStockAsync(CancellationToken cancellationToken)
    {
        await _owned.LoadAsync(cancellationToken);
        await _listener.LoadAsync(cancellationToken);
        await _services.RunAsync(() => _leftovers.TakeStock(_ground.Fabrics.Values));
        _stockTaken = true;
    }

    private async Task EnsureAsync(WantedPort wanted, CancellationToken cancellationToken)
    {
        string path = PathOf(wanted);
        if (_ground.ProblemOf(wanted.Row) is { } hindrance)
        {
            _ports[path] = new Port(new PortTree(_services.Tree, wanted.Row, _services.Report), wanted.Name) { Problem = hindrance };
            return;
        }

        if (!_ports.TryGetValue(path, out Port? port) || (port.Tree != _ground.Fabrics[wanted.Row] && !port.IsMade))
            _ports[path] = port = new Port(_ground.Fabrics[wanted.Row], wanted.Name);
        try
        {
            port.Problem = wanted.Problem ?? _listener.Problem;
            if (!port.IsMade && !await MakeAsync(port, wanted)) return;
            foreach (WantedInitiator initiator in wanted.Initiators) await EnsureAsync(port, wanted, initiator, cancellationToken);
            if (port.IsEnabled) return;
            await _services.RunAsync(() => port.Tree.Enable(port.Name));
            port.IsEnabled = true;
            Log.PortUp(_services.Logger, port.Name, port.Row.Directory);
        }
        catch (ConfigfsException refused)
        {
            port.Problem = Problems.Explain(port.Row, refused, _services.Tree.Root);
        }
    }

    /// <summary>Makes a port's directory and group, or takes over those that are there.</summary>
    /// <returns>False when it cannot be made now.</returns>
    private async Task<bool> MakeAsync(Port port, WantedPort wanted)
    {
        string? hindrance = null;
        await _services.RunAsync(() => hindrance = _services.Inventory.FindHindrance(port.Row, port.Name) ?? FindForeign(port));
        hindrance ??= FindMissingBase(port);
        if (hindrance is not null)
        {
            port.Problem = hindrance;
            return false;
        }

        await _owned.AddAsync(port.Path);
        await _services.RunAsync(() =>
        {
            port.Tree.EnsurePort(port.Name, wanted.Attributes, wanted.Nexus);
            port.Tree.RemoveUnlinked(port.Name);
        });
        port.IsMade = true;
        port.Attributes = wanted.Attributes;
        port.NexusName = wanted.Nexus;
        return true;
    }

    private string? FindMissingBase(Port port)
    {
        if (port.Row.Base is not { } fabric) return null;
        string physical = port.Name.Split('@')[0];
        return _ports.Values.Any(other => other.Row.Directory == fabric && other.Name == physical && other.IsEnabled)
            ? null
            : $"its physical port {physical} must serve a target before it: make it a target of {fabric}, with or without units";
    }

    private string? FindForeign(Port port)
    {
        if (!port.Tree.Exists(port.Name)) return null;
        string? backend = port.Tree.ReadExports(port.Name).Select(place => place.Backend).FirstOrDefault(path => !_leftovers.IsOurs(path));
        bool isOurs = backend is null && (_owned.Contains(port.Path) || _leftovers.AnyAt(port.Tree, port.Name));
        return isOurs ? null : Problems.Foreign(port.Row, port.Name, backend);
    }

    private async Task EnsureAsync(Port port, WantedPort wanted, WantedInitiator initiator, CancellationToken cancellationToken)
    {
        if (!port.Nexuses.TryGetValue(initiator.Name, out PortNexus? nexus))
            port.Nexuses[initiator.Name] = nexus = new PortNexus(initiator.Name, ++_lastId, _request);
        nexus.Problem = initiator.Problem;
        if (nexus.Nexus is null && !Open(port, wanted, initiator, nexus)) return;
        if (initiator.HasAcl) await _services.RunAsync(() => port.Tree.EnsureAcl(port.Name, initiator.Name));
        await _exporter.RemoveFailedAsync(port, nexus);
        foreach (MappedUnit unit in initiator.Units) await _exporter.EnsureAsync(port, nexus, initiator, unit, cancellationToken);
    }

    private bool Open(Port port, WantedPort wanted, WantedInitiator initiator, PortNexus nexus)
    {
        nexus.Nexus = wanted.Target.OpenNexus(
            new NexusRequest(new InitiatorIdentity(initiator.Name), initiator.Port, 0, nexus, _services.Settings.MaxQueueDepth)
            {
                SessionId = nexus.Id,
                PortName = port.Row.Ports.PortName(port.Name),
            });
        if (nexus.Nexus is null) nexus.Problem = "it is not admitted any more";
        else nexus.Rings = _services.Kernel.Rings.Open(nexus.Nexus);
        return nexus.Nexus is not null;
    }

    /// <summary>Takes away what a port has and nobody wants there any more; the port too, when it is not wanted or must be made in another way.</summary>
    private async Task RemoveUnwantedAsync(Port port, WantedPort? wanted)
    {
        if (wanted is null || (port.IsMade && (!port.Attributes.SequenceEqual(wanted.Attributes) || port.NexusName != wanted.Nexus)))
        {
            await RemoveAsync(port);
            return;
        }

        foreach (PortNexus nexus in port.Nexuses.Values.ToArray())
        {
            WantedInitiator? initiator = wanted.Initiators.FirstOrDefault(item => item.Name == nexus.Initiator);
            if (initiator is null || nexus.Restart) await RemoveAsync(port, nexus);
            else await RemoveUnwantedAsync(port, nexus, initiator);
        }
    }

    private async Task RemoveUnwantedAsync(Port port, PortNexus nexus, WantedInitiator wanted)
    {
        Dictionary<Lun, string> units = wanted.Units.ToDictionary(unit => unit.Lun, unit => unit.Unit);
        foreach (Export export in nexus.Exports.Values.Where(export => units.GetValueOrDefault(export.Lun) != export.Unit).ToArray())
            _ = await _exporter.RemoveAsync(port, nexus, export);
        foreach (Lun gone in nexus.Refused.Keys.Where(lun => !units.ContainsKey(lun)).ToArray()) _ = nexus.Refused.Remove(gone);
        if (nexus.EndAsked) await nexus.CloseAsync(NexusEnd.Administrative); // it is opened anew
    }

    /// <summary>Takes an initiator out.</summary>
    /// <returns>False when something of it stays.</returns>
    private async Task<bool> RemoveAsync(Port port, PortNexus nexus)
    {
        foreach (Export export in nexus.Exports.Values.ToArray()) _ = await _exporter.RemoveAsync(port, nexus, export);
        if (nexus.Exports.Count > 0) return false;
        if (port.Row.Nexus == NexusRule.Acls && nexus.Initiator != WantedPorts.Everybody)
        {
            try
            {
                await _services.RunAsync(() => port.Tree.RemoveAcl(port.Name, nexus.Initiator));
            }
            catch (ConfigfsException refused)
            {
                nexus.Problem = Problems.Explain(port.Row, refused, _services.Tree.Root);
                return false;
            }
        }

        await nexus.CloseAsync(NexusEnd.Administrative);
        _ = port.Nexuses.Remove(nexus.Initiator);
        return true;
    }

    private async Task RemoveAsync(Port port)
    {
        bool all = await DisableAsync(port);
        foreach (PortNexus nexus in port.Nexuses.Values.ToArray()) all &= await RemoveAsync(port, nexus);
        if (!all) return;
        if (port.IsMade)
        {
            try
            {
                await _services.RunAsync(() => port.Tree.RemovePort(port.Name, _leftovers.IsOurs));
            }
            catch (ConfigfsException refused)
            {
                port.Problem = $"cannot be removed: {Problems.Explain(port.Row, refused, _services.Tree.Root)}";
                return;
            }

            await _owned.RemoveAsync(port.Path);
            Log.PortRemoved(_services.Logger, port.Name, port.Row.Directory);
        }

        _ = _ports.Remove(port.Path);
    }

    /// <summary>
    /// A port that a virtual machine holds stays there with its units, which wait for the next start: of a machine that has lost its LUN 0 the kernel
    /// answers reads without an error and without data (tpg_virt_lun0).
    /// </summary>
    private async Task<bool> IsHeldAsync(Port port)
    {
        bool held = false;
        if (port is { IsMade: true, Row.IsHeldByUser: true }) await _services.RunAsync(() => held = port.Tree.IsHeld(port.Name));
        if (held) port.Problem = "a virtual machine has it: its units stay in the kernel, wait for the next start, and fail after command_timeout";
        return held;
    }

    /// <summary>First the port goes away from its initiators, then what they had there: none is told of units that vanish one by one.</summary>
    private async Task<bool> DisableAsync(Port port)
    {
        if (!port.IsEnabled) return true;
        try
        {
            await _services.RunAsync(() => port.Tree.Disable(port.Name));
            port.IsEnabled = false;
            return true;
        }
        catch (ConfigfsException refused)
        {
            port.Problem = $"cannot be stopped: {Problems.Explain(port.Row, refused, _services.Tree.Root)}";
            return false;
        }
    }

    private async Task RemoveLeftoversAsync(IReadOnlyList<WantedPort> wanted)
    {
        try
        {
            await _services.RunAsync(_leftovers.RemoveRest);
            foreach (string path in _owned.Paths.Where(path => !_ports.ContainsKey(path) && wanted.All(port => PathOf(port) != path)))
            {
                PortTree? tree = _ground.Fabrics.Values.FirstOrDefault(fabric => path.StartsWith(fabric.Row.Directory + "/", StringComparison.Ordinal));
                if (tree is null) continue;
                string name = path[(tree.Row.Directory.Length + 1)..];
                await _services.RunAsync(() => tree.RemovePort(name, _leftovers.IsOurs));
                await _owned.RemoveAsync(path);
                Log.LeftoverRemoved(_services.Logger, path);
            }

            _leftoversOver = true;
        }
        catch (ConfigfsException refused)
        {
            _services.Report(refused); // the next pass tries again
        }
    }
}
