using System.Text;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;

namespace TgtModular.Daemon;

/// <summary><c>tgtd --hints</c>: what to type to reach what is served, for who tries something out.</summary>
internal static class Hints
{
    private const string Iscsi = "iscsi";

    /// <summary>A line or more for each target and each portal it is seen through.</summary>
    /// <param name="now">What is served; portals with the port they really have.</param>
    /// <param name="controlSocket">Where tgtctl finds the daemon.</param>
    public static string For(EngineSnapshot now, string controlSocket)
    {
        StringBuilder text = new("From a second terminal:\n\n");
        foreach (TargetStatus target in now.Targets)
        {
            foreach (TargetTransportSpec seen in target.Spec.Transports) Describe(text, target.Spec, seen, now.Transports);
        }

        text.Append("  tgtctl --socket ").Append(controlSocket).Append(" plugin list\n\nCtrl-C ends the daemon.");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, TargetSpec target, TargetTransportSpec seen, IReadOnlyList<TransportStatus> transports)
    {
        if (transports.FirstOrDefault(transport => transport.Spec.Name == seen.Transport) is not { } transport) return;
        foreach (string portal in transport.Portals.Select(portal => portal.Address))
        {
            if (seen.Transport == Iscsi) DescribeIscsi(text, target, seen.TargetName, portal);
            else text.Append($"  {seen.TargetName} by {seen.Transport} at {portal}: {Luns(target)}\n");
        }
    }

    private static void DescribeIscsi(StringBuilder text, TargetSpec target, string name, string portal)
    {
        text.Append($"  iscsi-ls -s iscsi://{portal}\n");
        foreach (int number in target.Luns.Select(lun => lun.Number).Distinct()) text.Append($"  iscsi-inq iscsi://{portal}/{name}/{number}\n");
    }

    private static string Luns(TargetSpec target) => string.Join(", ", target.Luns.Select(lun => $"LUN {lun.Number} is {lun.Unit}"));
}
