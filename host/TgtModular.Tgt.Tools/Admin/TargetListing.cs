using System.Globalization;

namespace TgtModular.Tgt.Tools.Admin;

/// <summary>A logical unit as the daemon shows it.</summary>
internal sealed class ShownUnit
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    /// <summary>Its number.</summary>
    public ulong Lun { get; init; }

    /// <summary>A field of the text; empty when there is none.</summary>
    public string this[string name]
    {
        get => _fields.GetValueOrDefault(name, "");
        set => _fields[name] = value;
    }
}

/// <summary>A connection of a target.</summary>
internal readonly record struct ShownConnection(ulong SessionId, uint ConnectionId);

/// <summary>A target as the daemon shows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name.</param>
internal sealed record ShownTarget(int Id, string Name)
{
    public string Driver { get; set; } = "";

    public string State { get; set; } = "";

    /// <summary>How many initiators use it.</summary>
    public int Nexuses { get; set; }

    public List<ShownConnection> Connections { get; } = [];

    public List<ShownUnit> Units { get; } = [];

    public List<string> IncomingAccounts { get; } = [];

    public List<string> OutgoingAccounts { get; } = [];

    public List<string> AccessRules { get; } = [];
}

/// <summary>Reads what the daemon answers to <c>--mode target --op show</c> and <c>--mode account --op show</c>.</summary>
internal static class TargetListing
{
    private const string Outgoing = " (outgoing)";

    public static List<ShownTarget> Targets(string text)
    {
        List<ShownTarget> targets = [];
        string section = "";
        ulong session = 0;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string content = line.Trim();
            int indent = line.Length - line.TrimStart().Length;
            (string name, string value) = Field(content);
            if (indent == 0)
            {
                if (TryTarget(name, value) is { } target) targets.Add(target);
                section = "";
            }
            else if (targets.Count == 0)
            {
                continue;
            }
            else if (indent == 4)
            {
                section = content;
            }
            else
            {
                Take(targets[^1], section, content, name, value, ref session);
            }
        }

        return targets;
    }

    public static List<string> Accounts(string text) =>
        [.. text.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Trim())];

    private static void Take(ShownTarget target, string section, string content, string name, string value, ref ulong session)
    {
        switch (section)
        {
            case "System information:":
                if (name == "Driver") target.Driver = value;
                else if (name == "State") target.State = value;
                break;
            case "I_T nexus information:":
                TakeNexus(target, name, value, ref session);
                break;
            case "LUN information:":
                if (name == "LUN" && ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong lun)) target.Units.Add(new ShownUnit { Lun = lun });
                else if (target.Units.Count > 0) target.Units[^1][name] = value;
                break;
            case "Account information:":
                if (content.EndsWith(Outgoing, StringComparison.Ordinal)) target.OutgoingAccounts.Add(content[..^Outgoing.Length]);
                else target.IncomingAccounts.Add(content);
                break;
            case "ACL information:":
                target.AccessRules.Add(content);
                break;
        }
    }

    private static void TakeNexus(ShownTarget target, string name, string value, ref ulong session)
    {
        if (name == "I_T nexus")
        {
            target.Nexuses++;
            _ = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out session);
        }
        else if (name == "Connection" && uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint connection))
        {
            target.Connections.Add(new ShownConnection(session, connection));
        }
    }

    private static ShownTarget? TryTarget(string name, string value)
    {
        const string prefix = "Target ";
        return name.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? new ShownTarget(id, value)
            : null;
    }

    private static (string Name, string Value) Field(string line)
    {
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        return colon < 0 ? (line.TrimEnd(':'), "") : (line[..colon], line[(colon + 2)..]);
    }
}
