using System.Net;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Naming;
using TgtModular.Iscsi.Protocol.Text;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Login;

/// <summary>SendTargets (RFC 7143 appendix C): targets that the initiator may log in to, with the portals it can reach them at.</summary>
internal sealed class TargetDirectory(TransportServices services, IPEndPoint? local)
{
    private const string AllTargets = "All";

    /// <summary>Answers a request.</summary>
    /// <param name="wanted"><c>All</c>, a name, or empty for the session's own target.</param>
    /// <param name="initiator">Who asks.</param>
    /// <param name="sessionTarget">The session's own target; null in a discovery session.</param>
    /// <param name="answers">Where the records go.</param>
    public void List(string wanted, InitiatorIdentity initiator, string? sessionTarget, TextBuffer answers)
    {
        string? name = wanted.Length == 0 ? sessionTarget : wanted;
        if (wanted == AllTargets)
        {
            // A normal session may ask for its own target only.
            if (sessionTarget is not null)
            {
                answers.Add("SendTargets", TextValue.Reject);
                return;
            }

            foreach (ITransportTarget target in services.Engine.Targets) ListTarget(target, initiator, answers);
            return;
        }

        if (name is null || (sessionTarget is not null && name != sessionTarget))
        {
            answers.Add("SendTargets", TextValue.Reject);
            return;
        }

        if (IscsiName.TryNormalize(name, out string normalized, out _) && services.Engine.FindTarget(normalized) is { } found)
            ListTarget(found, initiator, answers);
    }

    private void ListTarget(ITransportTarget target, InitiatorIdentity initiator, TextBuffer answers)
    {
        if (!target.Admits(initiator)) return;
        SendTargets.Write(answers, target.Name, services.Portals.Select(Reachable).OfType<TargetAddress>().Distinct());
    }

    /// <summary>The address of a portal as the initiator can use it: for a wildcard, the one it has come in at.</summary>
    private TargetAddress? Reachable(ListeningPortal portal)
    {
        IPAddress address = portal.EndPoint.Address;
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            if (local is null || local.AddressFamily != portal.EndPoint.AddressFamily) return null;
            address = local.Address;
        }

        return TargetAddress.FromPortal(new IPEndPoint(address, portal.EndPoint.Port), portal.PortalGroupTag);
    }
}
