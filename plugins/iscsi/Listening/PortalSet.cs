using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using TgtModular.Iscsi.Connections;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Listening;

/// <summary>
/// The portals of a transport. A portal that cannot be had when the transport starts (its interface is not up yet, another program has the port) does
/// not keep the others from serving: it is tried again until it can be had.
/// </summary>
internal sealed class PortalSet(Action<Socket, Portal> accepted, ILogger logger, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile IReadOnlyList<Portal> _portals = [];
    private List<PortalAddress> _missing = [];

    /// <summary>Where connections are taken now.</summary>
    public IReadOnlyList<ListeningPortal> Listening =>
        [.. _portals.Select(portal => new ListeningPortal(portal.EndPoint, portal.Configured.PortalGroupTag))];

    /// <summary>Takes what can be had of <paramref name="wanted"/>.</summary>
    /// <exception cref="TransportException">None of them can be had.</exception>
    public async Task StartAsync(IReadOnlyList<PortalAddress> wanted)
    {
        await _gate.WaitAsync();
        try
        {
            List<Portal> bound = [];
            List<TransportException> failures = [];
            foreach (PortalAddress address in wanted)
            {
                if (TryBind(address, out TransportException? failure) is { } portal) bound.Add(portal);
                else failures.Add(failure!);
                if (failure is not null) _missing.Add(address);
            }

            if (bound.Count == 0 && failures.Count > 0) throw failures.Count == 1 ? failures[0] : Summarise(failures);
            foreach (TransportException failure in failures) Log.PortalMissing(logger, failure.Message);
            Begin(bound);
            _portals = bound;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes the set be <paramref name="wanted"/>: what stays is not touched.</summary>
    /// <exception cref="TransportException">A new address cannot be had; the set is as before.</exception>
    public async Task ChangeAsync(IReadOnlyList<PortalAddress> wanted)
    {
        await _gate.WaitAsync();
        try
        {
            await ChangeCoreAsync(wanted);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Tries again what could not be had; returns at once while the set is being changed.</summary>
    public void RetryMissing()
    {
        if (!_gate.Wait(0)) return;
        try
        {
            List<Portal> bound = [.. _missing.Select(address => TryBind(address, out _)).OfType<Portal>()];
            if (bound.Count == 0) return;
            _missing.RemoveAll(address => bound.Exists(portal => portal.Configured == address));
            Begin(bound);
            _portals = [.. _portals, .. bound];
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private static TransportException Summarise(List<TransportException> failures) => new(string.Join("; ", failures.Select(failure => failure.Message)));

    private async Task ChangeCoreAsync(IReadOnlyList<PortalAddress> wanted)
    {
        List<Portal> kept = [];
        List<PortalAddress> added = [.. wanted];
        List<PortalAddress> stillMissing = [.. _missing.Where(added.Remove)];
        List<Portal> removed = [];
        foreach (Portal portal in _portals)
        {
            if (added.Remove(portal.Configured)) kept.Add(portal);
            else removed.Add(portal);
        }

        // First the old ones go: a new address may be in their way (0.0.0.0 and 10.0.0.1 on one port).
        foreach (Portal portal in removed) await portal.DisposeAsync();
        try
        {
            kept.AddRange(BindAll(added));
        }
        catch (TransportException)
        {
            kept.AddRange(BindAll([.. removed.Select(portal => portal.Configured)]));
            _portals = kept;
            throw;
        }

        _portals = kept;
        _missing = stillMissing;
        foreach (Portal portal in removed) Log.NotListening(logger, portal.EndPoint.ToString());
    }

    private Portal? TryBind(PortalAddress address, out TransportException? failure)
    {
        failure = null;
        try
        {
            return Portal.Bind(address, accepted, logger, clock);
        }
        catch (TransportException refused)
        {
            failure = refused;
            return null;
        }
    }

    private List<Portal> BindAll(IReadOnlyList<PortalAddress> addresses)
    {
        List<Portal> bound = [];
        try
        {
            foreach (PortalAddress address in addresses) bound.Add(Portal.Bind(address, accepted, logger, clock));
        }
        catch (TransportException)
        {
            foreach (Portal portal in bound) portal.Abandon();
            throw;
        }

        Begin(bound);
        return bound;
    }

    private void Begin(IEnumerable<Portal> bound)
    {
        foreach (Portal portal in bound)
        {
            portal.Start();
            Log.Listening(logger, portal.EndPoint.ToString(), portal.Configured.PortalGroupTag);
        }
    }
}
