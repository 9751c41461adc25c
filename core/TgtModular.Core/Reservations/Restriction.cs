using TgtModular.Core.Nexuses;
using TgtModular.Core.Units;
using TgtModular.Devices;

namespace TgtModular.Core.Reservations;

/// <summary>A reservation in force, as the check before each command sees it. While there is none, the check is one look at a null.</summary>
internal abstract class Restriction
{
    /// <summary>Does it forbid a command with this rule to a nexus?</summary>
    public abstract bool Forbids(UnitNexus nexus, ReservationRule rule);
}

/// <summary>RESERVE (SPC-2 section 7.21): everything conflicts that is not free of reservations at all.</summary>
internal sealed class LegacyRestriction(Nexus holder) : Restriction
{
    public Nexus Holder => holder;

    public override bool Forbids(UnitNexus nexus, ReservationRule rule) => nexus.Nexus != holder && rule != ReservationRule.Allowed;
}

/// <summary>A persistent reservation (SPC-4 section 5.13.1 and the same table of each command standard).</summary>
internal sealed class PersistentRestriction(PersistentState state) : Restriction
{
    private readonly bool _reading = state.Reservation!.Type.IsExclusiveAccess();

    public override bool Forbids(UnitNexus nexus, ReservationRule rule) => rule switch
    {
        ReservationRule.Write => !HasAccess(nexus),
        ReservationRule.Read => _reading && !HasAccess(nexus),
        _ => false,
    };

    /// <summary>What the state says of a nexus is looked up once and kept with the nexus until the state changes.</summary>
    private bool HasAccess(UnitNexus nexus)
    {
        AccessRight? right = nexus.AccessRight;
        if (right?.State != state) nexus.AccessRight = right = new AccessRight(state, state.HasAccess(nexus.Name));
        return right.HasAccess;
    }
}

/// <summary>What a state of the reservations says of one nexus.</summary>
internal sealed record AccessRight(PersistentState State, bool HasAccess);
