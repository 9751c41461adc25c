using System.Globalization;
using System.Text;
using TgtModular.Core.Control;
using TgtModular.TgtSocket.Model;
using TgtModular.Transports;

namespace TgtModular.TgtSocket.Rendering;

/// <summary>The tables of <c>--op stat</c>.</summary>
internal static class StatText
{
    private const string UnitHeader = "tgt lun sid rd_subm(bytes,cmds) rd_done(bytes,cmds) wr_subm(bytes,cmds) wr_done(bytes,cmds) errs\n";
    private const string ConnectionHeader = "sid cid rxdata_octets txdata_octets dataout_pdus datain_pdus cmd_pdus rsp_pdus\n";

    /// <summary>What each session did with each unit.</summary>
    /// <param name="call">The request.</param>
    /// <param name="targets">Targets to show.</param>
    /// <param name="lun">Only this unit; null for all.</param>
    /// <param name="sessionId">Only this session; null for all.</param>
    /// <param name="descending">The highest LUN first, as tgt shows a session.</param>
    public static string Rows(Call call, IEnumerable<TgtTarget> targets, ulong? lun = null, ulong? sessionId = null, bool descending = false)
    {
        var text = new StringBuilder(UnitHeader);
        foreach (TgtTarget target in targets)
        {
            IEnumerable<(ulong Number, UnitNexusStatus Status)> rows = call.Now.Nexuses
                .Where(status => status.Target == target.Key && (sessionId is null || status.SessionId == sessionId))
                .Select(status => (status.Lun.TryGetNumber(out int number) ? (ulong)number : status.Lun.Value, status))
                .Where(row => lun is null || row.Item1 == lun)
                .OrderBy(row => row.Item1).ThenBy(row => row.status.SessionId);
            foreach ((ulong number, UnitNexusStatus status) in descending ? rows.Reverse() : rows) AppendRow(text, target.Id, number, status);
        }

        return text.ToString();
    }

    /// <summary>What went over the connections of a session. PDUs of data and responses are not counted, as tgt does not count them either.</summary>
    public static string Connections(SessionDescription session)
    {
        var text = new StringBuilder(ConnectionHeader);
        foreach (ConnectionDescription connection in session.Connections)
        {
            ConnectionTraffic traffic = connection.Traffic ?? default;
            _ = text.Append(CultureInfo.InvariantCulture, $"{session.SessionId,3} {connection.ConnectionId,3} {traffic.ReceivedBytes,13} {traffic.SentBytes,13} ")
                .Append(CultureInfo.InvariantCulture, $"{0,12} {0,11} {traffic.Commands,8} {0,8}\n");
        }

        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, int target, ulong lun, UnitNexusStatus status)
    {
        TransferStatistics counted = status.Transfers;
        _ = text.Append(CultureInfo.InvariantCulture, $"{target,3} {lun,3} {status.SessionId,3} {counted.InRequestedBytes,12} {counted.InCommands,6} ")
            .Append(CultureInfo.InvariantCulture, $"{counted.InBytes,12} {counted.InCommands,6} {counted.OutRequestedBytes,12} {counted.OutCommands,6} ")
            .Append(CultureInfo.InvariantCulture, $"{counted.OutBytes,12} {counted.OutCommands,6} {counted.Failures,4}\n");
    }
}
