using TgtModular.Core.Configuration;

namespace TgtModular.TgtSocket.Model;

/// <summary>A target that has a number on the socket.</summary>
internal sealed class TgtTarget(int id, string key, string name, string driver)
{
    /// <summary>Its number.</summary>
    public int Id => id;

    /// <summary>What the engine knows it by.</summary>
    public string Key => key;

    /// <summary>Its name, as it was given.</summary>
    public string Name => name;

    /// <summary>The transport it is seen through.</summary>
    public string Driver => driver;

    /// <summary>True for a target that did not come over the socket: it is shown, and changed where it came from.</summary>
    public bool IsForeign { get; init; }

    /// <summary>Offline was asked for.</summary>
    public bool Offline { get; set; }

    /// <summary>Addresses that were bound, as they were given.</summary>
    public List<string> Addresses { get; } = [];

    /// <summary>Initiator names that were bound.</summary>
    public List<string> Initiators { get; } = [];

    /// <summary>Accounts of initiators.</summary>
    public List<string> Incoming { get; } = [];

    /// <summary>The account towards initiators.</summary>
    public string? Outgoing { get; set; }

    /// <summary>Session parameters that differ from their defaults.</summary>
    public TargetParameters Parameters { get; set; } = new();

    /// <summary>Its logical units but the controller.</summary>
    public SortedDictionary<ulong, TgtUnit> Units { get; } = [];

    /// <summary>
    /// Who may log in: whoever one of the addresses or one of the names admits. Nobody while nothing is bound.
    /// </summary>
    public AccessRules Access
    {
        get
        {
            List<AccessRule> rules = [];
            AddressPattern[] addresses = [.. Addresses.Select(TgtAddress.Parse).OfType<AddressPattern>()];
            if (addresses.Length > 0) rules.Add(new AccessRule([.. addresses], []));
            if (Initiators.Count > 0) rules.Add(new AccessRule([], [.. Initiators.Select(text => new NamePattern(text))]));
            return new AccessRules([.. rules]);
        }
    }
}

/// <summary>Addresses as tgtadm has them.</summary>
internal static class TgtAddress
{
    private const string All = "ALL";

    /// <summary>The set of addresses; null for a text that could never match an initiator.</summary>
    public static AddressPattern? Parse(string text)
    {
        if (text == All) return AddressPattern.All;
        if (text.Equals(All, StringComparison.OrdinalIgnoreCase)) return null;
        if (text.StartsWith('[') && text.EndsWith(']')) text = text[1..^1];
        return AddressPattern.TryParse(text, out AddressPattern? pattern, out _) ? pattern : null;
    }
}
