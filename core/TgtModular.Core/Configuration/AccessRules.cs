using TgtModular.Transports;

namespace TgtModular.Core.Configuration;

/// <summary>Who may use a target: an initiator that one of the rules admits. Without a rule, nobody.</summary>
/// <param name="Rules">The rules.</param>
public sealed record AccessRules(ValueList<AccessRule> Rules)
{
    /// <summary>Nobody is admitted.</summary>
    public static AccessRules Nobody { get; } = new([]);

    /// <summary>Every initiator is admitted.</summary>
    public static AccessRules Everybody { get; } = new([new AccessRule([AddressPattern.All], [])]);

    /// <summary>True when the initiator may log in.</summary>
    public bool Admits(InitiatorIdentity initiator)
    {
        ArgumentNullException.ThrowIfNull(initiator);
        foreach (AccessRule rule in Rules)
        {
            if (rule.Admits(initiator)) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Rules.Count == 0 ? "nobody" : string.Join(" or ", Rules);
}

/// <summary>One rule: what is named must match, addresses and initiators both where both are; a rule that names nothing admits nobody.</summary>
/// <param name="Addresses">Where initiators may connect from.</param>
/// <param name="Initiators">What initiators may be called.</param>
public sealed record AccessRule(ValueList<AddressPattern> Addresses, ValueList<NamePattern> Initiators)
{
    /// <summary>True when the rule lets the initiator in.</summary>
    public bool Admits(InitiatorIdentity initiator)
    {
        ArgumentNullException.ThrowIfNull(initiator);
        if (Addresses.Count == 0 && Initiators.Count == 0) return false;
        return (Addresses.Count == 0 || Addresses.Any(pattern => pattern.Matches(initiator.Address)))
            && (Initiators.Count == 0 || Initiators.Any(pattern => pattern.Matches(initiator.Name)));
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string addresses = Addresses.Count == 0 ? "" : $"addresses {string.Join(", ", Addresses)}";
        string initiators = Initiators.Count == 0 ? "" : $"initiators {string.Join(", ", Initiators)}";
        return addresses.Length > 0 && initiators.Length > 0 ? $"{addresses} with {initiators}" : addresses + initiators;
    }
}
