using System.Globalization;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.FullFeature;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Sessions;

/// <summary>Sessions as the control plane shows them; parameters under their names on the wire.</summary>
internal static class SessionReport
{
    /// <summary>Describes a session.</summary>
    public static SessionDescription Describe(Session session) => new(
        session.Tsih,
        session.TargetName,
        session.InitiatorName,
        session.InitiatorAlias,
        [Describe(session, session.Connection)],
        session.Parameters is { } parameters ? Describe(session, parameters) : new Dictionary<string, string>());

    private static ConnectionDescription Describe(Session session, Connection connection)
    {
        (long received, long sent) = connection.TransferredBytes;
        return new ConnectionDescription(session.ConnectionId, connection.Peer, connection.State)
        {
            Traffic = new ConnectionTraffic(received, sent, session.Commands),
        };
    }

    private static Dictionary<string, string> Describe(Session session, NegotiatedParameters parameters) => new()
    {
        ["ISID"] = session.Key.Isid.ToString(),
        ["TargetPortalGroupTag"] = Number(session.Key.PortalGroupTag),
        ["HeaderDigest"] = Digest(parameters.HeaderDigest),
        ["DataDigest"] = Digest(parameters.DataDigest),
        ["MaxRecvDataSegmentLength"] = Number(parameters.ReceiveLimit),
        ["MaxXmitDataSegmentLength"] = Number(parameters.SendLimit),
        ["InitialR2T"] = YesNo(parameters.InitialR2T),
        ["ImmediateData"] = YesNo(parameters.ImmediateData),
        ["FirstBurstLength"] = Number(parameters.FirstBurstLength),
        ["MaxBurstLength"] = Number(parameters.MaxBurstLength),
        ["MaxOutstandingR2T"] = Number(parameters.MaxOutstandingR2T),
        ["MaxConnections"] = "1",
        ["ErrorRecoveryLevel"] = "0",
        ["DefaultTime2Wait"] = Number(parameters.Time2Wait),
        ["DefaultTime2Retain"] = Number(parameters.Time2Retain),
        ["iSCSIProtocolLevel"] = Number(parameters.ProtocolLevel),
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string YesNo(bool value) => value ? "Yes" : "No";

    private static string Digest(bool value) => value ? "CRC32C" : "None";
}
