using TgtModular.Scsi;

namespace TgtModular.Core.Targets;

/// <summary>
/// Relative target port identifiers (SPC-4 section 3.1.128): one for each target port of the daemon, whatever its target and transport, and the same for as
/// long as the daemon runs.
/// </summary>
internal sealed class TargetPorts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ProtocolIdentifier Protocol, string Name), ushort> _identifiers = [];
    private readonly List<(ProtocolIdentifier Protocol, string Name)> _ports = [];

    /// <summary>The identifier of a port; 0, which names none, when all 65535 are taken.</summary>
    public ushort IdentifierOf(ProtocolIdentifier protocol, string name)
    {
        lock (_gate)
        {
            if (_identifiers.TryGetValue((protocol, name), out ushort known)) return known;
            if (_ports.Count == ushort.MaxValue) return 0;
            _ports.Add((protocol, name));
            return _identifiers[(protocol, name)] = (ushort)_ports.Count;
        }
    }

    /// <summary>The name of a port; null when no port of that protocol has the identifier.</summary>
    public string? Find(ProtocolIdentifier protocol, ushort identifier)
    {
        lock (_gate)
        {
            return identifier != 0 && identifier <= _ports.Count && _ports[identifier - 1] is var port && port.Protocol == protocol ? port.Name : null;
        }
    }
}
