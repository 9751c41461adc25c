using TgtModular.Lio.Fabrics;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>A port that shall serve, with the initiators that shall find something there.</summary>
/// <param name="Target">The target.</param>
/// <param name="Row">Its fabric.</param>
/// <param name="Name">Its name in the kernel's form.</param>
/// <param name="Attributes">Attributes of its group.</param>
/// <param name="Nexus">The initiator of its one nexus where that is written; else null.</param>
/// <param name="Initiators">Who is to be let in.</param>
/// <param name="Problem">What is wrong with its configuration; null when nothing is.</param>
internal sealed record WantedPort(
    ITransportTarget Target, FabricRow Row, string Name, IReadOnlyList<GroupAttribute> Attributes, string? Nexus, IReadOnlyList<WantedInitiator> Initiators,
    string? Problem);

/// <summary>An initiator of a port: one I_T nexus.</summary>
/// <param name="Name">Its name in the kernel's form.</param>
/// <param name="Port">Its TransportID.</param>
/// <param name="HasAcl">It has an ACL of its own; else its LUNs are the group's.</param>
/// <param name="IsEverybody">It stands for all initiators of a port in demo mode.</param>
/// <param name="Units">What it shall find.</param>
/// <param name="Problem">Why it gets nothing, or not all; null when it does.</param>
internal sealed record WantedInitiator(
    string Name, TransportId Port, bool HasAcl, bool IsEverybody, IReadOnlyList<MappedUnit> Units, string? Problem);
