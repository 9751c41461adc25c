using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>What a service action of PERSISTENT RESERVE OUT comes to.</summary>
/// <param name="Outcome">Answer.</param>
/// <param name="Next">The new state; null when nothing changes.</param>
/// <param name="Lost">Unit attention for other nexuses that lost their registration; null for none.</param>
/// <param name="Kept">Unit attention for other nexuses that are still registered; null for none.</param>
internal readonly record struct Transition(ScsiOutcome Outcome, PersistentState? Next, AdditionalSense? Lost, AdditionalSense? Kept)
{
    /// <summary>GOOD, and nothing changes.</summary>
    public static Transition None => default;

    public static Transition Conflict => Refused(ScsiOutcome.Of(ScsiStatus.ReservationConflict));

    public static Transition Refused(ScsiOutcome outcome) => new(outcome, null, null, null);

    public static Transition To(PersistentState next, AdditionalSense? lost = null, AdditionalSense? kept = null) =>
        next.Registrations.Count > PersistentState.MaximumRegistrations
            ? Refused(Sense.InsufficientRegistrationResources)
            : new Transition(ScsiOutcome.Good, next, lost, kept);
}
