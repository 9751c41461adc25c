using TgtModular.Lio.Configfs;
using TgtModular.Lio.Fabrics;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>How a transport of LIO was when its last pass ended.</summary>
/// <param name="Family">Its fabrics.</param>
/// <param name="Ports">Its ports.</param>
/// <param name="Problem">Why nothing can be done at all; null when something can.</param>
/// <param name="Pending">True when another pass is needed in any case.</param>
internal sealed record LioStatus(FabricFamily Family, IReadOnlyList<PortStatus> Ports, string? Problem, bool Pending)
{
    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<string> Problems => Problem is { } whole ? [whole] : [.. Ports.SelectMany(port => port.Problems)];

    /// <summary>For the control plane.</summary>
    public TransportCondition Condition
    {
        get
        {
            IReadOnlyList<string> problems = [.. Problems.Distinct()];
            bool serves = Problem is null && (Ports.Count == 0 || Ports.Any(port => port.IsUp));
            return new TransportCondition(serves, problems.Count == 0 ? null : string.Join("; ", problems));
        }
    }
}

/// <summary>How a port was.</summary>
/// <param name="Row">Its fabric.</param>
/// <param name="Name">Its name.</param>
/// <param name="Target">The target's name in the engine: the same.</param>
/// <param name="IsUp">It serves.</param>
/// <param name="Sessions">Its initiators.</param>
/// <param name="Problems">Everything that is wrong with it.</param>
internal sealed record PortStatus(FabricRow Row, string Name, string Target, bool IsUp, IReadOnlyList<NexusStatus> Sessions, IReadOnlyList<string> Problems)
{
    public static PortStatus Of(Port port) =>
        new(port.Row, port.Name, port.Name, port.IsEnabled, [.. port.Nexuses.Values.Select(NexusStatus.Of)], [.. port.AllProblems]);
}

/// <summary>How an initiator of a port was.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Initiator">Its name.</param>
/// <param name="Exports">Its units in the kernel.</param>
/// <param name="State">For people.</param>
internal sealed record NexusStatus(ulong Id, string Initiator, IReadOnlyList<(PortExport Place, Reservations Reservations)> Exports, string State)
{
    public static NexusStatus Of(PortNexus nexus)
    {
        string[] problems = [.. nexus.AllProblems];
        string state = problems.Length > 0 ? string.Join("; ", problems) : $"{nexus.Exports.Count} unit(s)";
        return new NexusStatus(nexus.Id, nexus.Initiator, [.. nexus.Exports.Values.Select(export => (export.Place, export.Reservations))], state);
    }
}
