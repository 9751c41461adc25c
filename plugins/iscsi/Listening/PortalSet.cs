using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using TgtModular.Iscsi.Connections;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Listening;

/// <summary>The portals of a transport.</summary>
internal sealed class PortalSet(Action<Socket, Portal> accepted, ILogger logger, TimeProvider clock)
{
    private volatile IReadOnlyList<Portal> _portals = [];

    /// <summary>Where connections are taken now.</summary>
    public IReadOnlyList<ListeningPortal> Listening =>
        [.. _portals.Select(portal => new ListeningPortal(portal.EndPoint, portal.Configured.PortalGroupTag))];

    /// <summary>Makes the set be <paramref name="wanted"/>: what stays is not touched. One call at a time.</summary>
    /// <exception cref="TransportException">An address cannot be had; the set is as before.</exception>
    public async Task ChangeAsync(IReadOnlyList<PortalAddress> wanted)
    {
        List<Portal> kept = [];
        List<PortalAddress> added = [.. wanted];
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
        foreach (Portal portal in removed) Log.NotListening(logger, portal.EndPoint.ToString());
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

        foreach (Portal portal in bound)
        {
            portal.Start();
            Log.Listening(logger, portal.EndPoint.ToString(), portal.Configured.PortalGroupTag);
        }

        return bound;
    }
}
