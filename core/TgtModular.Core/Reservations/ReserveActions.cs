using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>RESERVE, RELEASE, CLEAR, PREEMPT and PREEMPT AND ABORT (SPC-4 sections 5.13.9 to 5.13.11): pure functions of the state.</summary>
internal static class ReserveActions
{
    private const int ScopeAndType = 2;
    private const int ScopeBit = 7;
    private const int TypeBit = 3;

    /// <summary>Are SCOPE and TYPE of a CDB such that a reservation can be made of them?</summary>
    public static bool IsReservable(byte scopeAndType, out SenseData refusal)
    {
        bool logicalUnitScope = scopeAndType >> 4 == 0;
        refusal = Sense.InvalidFieldInCdb(ScopeAndType, logicalUnitScope ? TypeBit : ScopeBit);
        return logicalUnitScope && ReservationTypes.IsKnown(scopeAndType);
    }

    public static Transition Reserve(PersistentState state, NexusName sender, ReserveOutParameters parameters, byte scopeAndType)
    {
        if (!IsOwnKey(state, sender, parameters)) return Transition.Conflict;
        ReservationType type = (ReservationType)scopeAndType;
        if (state.Reservation is { } reservation)
            return state.IsHolder(sender) && reservation.Type == type ? Transition.None : Transition.Conflict;
        return Transition.To(Hold(state.Edit(), sender, parameters.Key, type).Build(registrationsChanged: false));
    }

    public static Transition Release(PersistentState state, NexusName sender, ReserveOutParameters parameters, byte scopeAndType)
    {
        if (!IsOwnKey(state, sender, parameters)) return Transition.Conflict;
        if (state.Reservation is not { } reservation || !state.IsHolder(sender)) return Transition.None;
        if (scopeAndType != (byte)reservation.Type) return Transition.Refused(Sense.InvalidReleaseOfPersistentReservation);
        PersistentStateBuilder next = state.Edit();
        next.Reservation = null;
        return Transition.To(
            next.Build(registrationsChanged: false), kept: reservation.Type.IsForRegistrants() ? AdditionalSense.ReservationsReleased : null);
    }

    public static Transition Clear(PersistentState state, NexusName sender, ReserveOutParameters parameters)
    {
        if (!IsOwnKey(state, sender, parameters)) return Transition.Conflict;
        PersistentStateBuilder next = state.Edit();
        next.RemoveWithKey(null, except: null);
        return Transition.To(next.Build(registrationsChanged: true), lost: AdditionalSense.ReservationsPreempted);
    }

    /// <summary>PREEMPT; PREEMPT AND ABORT changes the state alike.</summary>
    public static Transition Preempt(PersistentState state, NexusName sender, ReserveOutParameters parameters, byte scopeAndType)
    {
        if (!IsOwnKey(state, sender, parameters)) return Transition.Conflict;
        ulong victim = parameters.ServiceActionKey;
        PersistentReservation? reservation = state.Reservation;
        bool allRegistrants = reservation is not null && reservation.Holder is null;
        if (victim == 0 && !allRegistrants) return Transition.Refused(Sense.InvalidFieldInParameterList(ReserveOutParameters.ServiceActionKeyOffset));

        bool takesReservation = reservation is not null && (reservation.Holder is { } holder ? state.Find(holder)!.Key == victim : victim == 0);
        PersistentStateBuilder next = state.Edit();
        if (!takesReservation)
        {
            if (next.RemoveWithKey(victim, except: null) == 0) return Transition.Conflict;
            return Transition.To(next.Build(registrationsChanged: true), lost: AdditionalSense.RegistrationsPreempted);
        }

        if (!IsReservable(scopeAndType, out SenseData refusal)) return Transition.Refused(refusal);
        ReservationType type = (ReservationType)scopeAndType;
        next.SetKey(sender, parameters.Key); // stays, also where the key that is removed by ALL_TG_PT is its own
        next.RemoveWithKey(victim == 0 ? null : victim, except: sender);
        Hold(next, sender, parameters.Key, type);
        return Transition.To(
            next.Build(registrationsChanged: true), lost: AdditionalSense.RegistrationsPreempted,
            kept: reservation!.Type == type ? null : AdditionalSense.ReservationsReleased);
    }

    private static bool IsOwnKey(PersistentState state, NexusName sender, ReserveOutParameters parameters) =>
        state.Find(sender) is { } own && own.Key == parameters.Key;

    /// <summary>Gives a nexus the reservation: one I_T nexus holds it, so that its registration must be its own.</summary>
    private static PersistentStateBuilder Hold(PersistentStateBuilder next, NexusName sender, ulong key, ReservationType type)
    {
        if (!type.IsAllRegistrants()) next.SetKey(sender, key);
        next.Reservation = new PersistentReservation(type, type.IsAllRegistrants() ? null : sender);
        return next;
    }
}
