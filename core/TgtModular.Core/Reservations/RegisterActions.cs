using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>REGISTER, REGISTER AND IGNORE EXISTING KEY (SPC-4 section 5.13.7) and REGISTER AND MOVE (section 5.13.8): pure functions of the state.</summary>
internal static class RegisterActions
{
    /// <summary>REGISTER and REGISTER AND IGNORE EXISTING KEY.</summary>
    /// <param name="state">State before.</param>
    /// <param name="sender">The nexus of the command.</param>
    /// <param name="parameters">Its parameter list.</param>
    /// <param name="ignoreKey">Take the command whatever the reservation key field says.</param>
    /// <param name="others">Initiator ports named by SPEC_I_PT.</param>
    public static Transition Register(
        PersistentState state, NexusName sender, ReserveOutParameters parameters, bool ignoreKey, IReadOnlyCollection<TransportId> others)
    {
        if (!ignoreKey && !MatchesKeys(state, sender, parameters)) return Transition.Conflict;
        if (parameters.SpecifiesInitiators && state.Find(sender) is not null)
            return Transition.Refused(Sense.InvalidFieldInParameterList(ReserveOutParameters.FlagsOffset, ReserveOutParameters.SpecifiesInitiatorsBit));

        PersistentStateBuilder next = state.Edit();
        next.SurvivesPowerLoss = parameters.SurvivesPowerLoss;
        if (parameters.ServiceActionKey == 0)
        {
            if (!IsConcerned(next, sender, parameters.AllTargetPorts)) return Transition.None;
            if (parameters.AllTargetPorts) next.RemoveFromAllPorts(sender.Initiator);
            else next.Remove(sender);
        }
        else
        {
            Set(next, sender, parameters);
            foreach (TransportId other in others)
            {
                NexusName nexus = sender with { Initiator = other };
                if (!IsConcerned(next, nexus, parameters.AllTargetPorts)) Set(next, nexus, parameters);
                if (next.Count > PersistentState.MaximumRegistrations) break;
            }
        }

        return Finish(state, next);
    }

    /// <summary>REGISTER AND MOVE.</summary>
    /// <param name="state">State before.</param>
    /// <param name="sender">The nexus of the command.</param>
    /// <param name="parameters">Its parameter list.</param>
    /// <param name="port">Name of the target port that the list names; null when there is none.</param>
    public static Transition Move(PersistentState state, NexusName sender, ReserveOutParameters parameters, string? port)
    {
        if (state.Find(sender)?.Key != parameters.Key) return Transition.Conflict;
        if (state.Reservation is not { } reservation) return Transition.Refused(Sense.Illegal(AdditionalSense.InvalidFieldInCdb));
        if (reservation.Type.IsAllRegistrants() || !state.IsHolder(sender)) return Transition.Conflict;
        if (parameters.ServiceActionKey == 0) return Refused(ReserveOutParameters.ServiceActionKeyOffset);
        if (port is null) return Refused(ReserveOutParameters.RelativePortOffset);
        TransportId target = parameters.Initiators[0].Name;
        if (target.Equals(sender.Initiator)) return Refused(ReserveOutParameters.BasicLength);

        PersistentStateBuilder next = state.Edit();
        NexusName holder = new(target, port);
        next.SurvivesPowerLoss = parameters.SurvivesPowerLoss;
        next.SetKey(holder, parameters.ServiceActionKey);
        next.Reservation = reservation with { Holder = holder };
        if (parameters.Unregister) next.Remove(sender);
        return Transition.To(next.Build(registrationsChanged: true));
    }

    private static Transition Refused(int offset) => Transition.Refused(Sense.InvalidFieldInParameterList(offset));

    /// <summary>The key field must be the registered key, or zero for a nexus that is not registered; by ALL_TG_PT also the one of every other port.</summary>
    private static bool MatchesKeys(PersistentState state, NexusName sender, ReserveOutParameters parameters)
    {
        if (parameters.Key != (state.Find(sender)?.Key ?? 0)) return false;
        return !parameters.AllTargetPorts ||
            state.Registrations.All(registration => !registration.Name.Initiator.Equals(sender.Initiator) || registration.Key == parameters.Key);
    }

    private static bool IsConcerned(PersistentStateBuilder state, NexusName nexus, bool allPorts) =>
        allPorts ? state.IsRegisteredAnywhere(nexus.Initiator) : state.IsRegistered(nexus);

    private static void Set(PersistentStateBuilder next, NexusName nexus, ReserveOutParameters parameters)
    {
        if (parameters.AllTargetPorts) next.SetKeyOnAllPorts(nexus.Initiator, parameters.ServiceActionKey);
        else next.SetKey(nexus, parameters.ServiceActionKey);
    }

    /// <summary>A reservation that goes with its holder's registration is told to the registrants it was made for (SPC-4 section 5.13.11.2.3).</summary>
    private static Transition Finish(PersistentState state, PersistentStateBuilder next)
    {
        PersistentState changed = next.Build(registrationsChanged: true);
        bool released = state.Reservation is { } reservation && reservation.Type.IsForRegistrants() && changed.Reservation is null;
        return Transition.To(changed, kept: released ? AdditionalSense.ReservationsReleased : null);
    }
}
