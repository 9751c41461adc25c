using System.Globalization;
using System.Net;

namespace TgtModular.Tgt.Tools.Admin;

/// <summary>Takes targets away.</summary>
/// <param name="session">The daemon.</param>
/// <param name="force">Whether also those that are in use.</param>
internal sealed class TargetRemover(AdminSession session, bool force)
{
    /// <summary>Removes a target; one that is in use only by force.</summary>
    /// <param name="target">The target.</param>
    /// <param name="participle">What does not happen to it otherwise, for the message.</param>
    /// <returns>Whether it is gone.</returns>
    public bool Remove(ShownTarget target, string participle)
    {
        string id = target.Id.ToString(CultureInfo.InvariantCulture);
        if (target.Nexuses > 0 && !force)
        {
            session.Warn($"target {target.Id} ({target.Name}) is in use and not {participle}; --force does it all the same");
            return false;
        }

        session.Note($"Removing target: {target.Name}");
        string[] words = ["--mode", "target", "--op", "delete", $"--tid={id}"];
        if (target.Nexuses == 0) return session.Do(null, words);

        // Nobody may come back between the end of his connection and the end of the target.
        foreach (string rule in target.AccessRules)
            _ = session.Do(null, "--op", "unbind", "--mode", "target", "--tid", id, IsAddress(rule) ? "-I" : "-Q", rule);
        foreach (ShownConnection connection in target.Connections)
        {
            _ = session.Do(
                null, "--op", "delete", "--mode", "conn", "--tid", id, "--sid", connection.SessionId.ToString(CultureInfo.InvariantCulture),
                "--cid", connection.ConnectionId.ToString(CultureInfo.InvariantCulture));
        }

        return session.Do(null, [.. words, "--force"]);
    }

    /// <summary>Whether an access rule goes by address: the daemon shows addresses, networks and names in one list.</summary>
    public static bool IsAddress(string rule)
    {
        if (rule == "ALL") return true;
        int slash = rule.IndexOf('/', StringComparison.Ordinal);
        return IPAddress.TryParse(slash < 0 ? rule : rule.AsSpan(0, slash), out _);
    }
}
