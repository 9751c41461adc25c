using System.Collections.Immutable;
using TgtModular.Core.Commands;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>
/// Where a unit's reservations live: one state for all targets and transports the unit is seen through. RESERVE and persistent reservations exclude each
/// other: the first ends with its nexus or a reset, the second with nothing but a command.
/// </summary>
/// <remarks>All changes but the end of a RESERVE take turns, so that a change which waits for the journal is one step to everybody else.</remarks>
internal sealed class ReservationSeat(LogicalUnit unit, ReservationJournal journal)
{
    private readonly Turns _turns = new();
    private Restriction? _restriction;
    private PersistentState _state = PersistentState.Empty;
    private ImmutableHashSet<PortName> _ports = [];

    /// <summary>Registrations and persistent reservation now.</summary>
    public PersistentState State => Volatile.Read(ref _state);

    /// <summary>True while any nexus holds a RESERVE: persistent reservations are then out of reach for all (SPC-2 section 5.5.1).</summary>
    public bool IsReservedByNexus => Volatile.Read(ref _restriction) is LegacyRestriction;

    /// <summary>Does a reservation of another nexus forbid the command?</summary>
    public bool Conflicts(UnitNexus nexus, CommandDescriptor descriptor, ReadOnlySpan<byte> cdb)
    {
        Restriction? restriction = Volatile.Read(ref _restriction);
        return restriction is not null && restriction.Forbids(nexus, descriptor.Reservation) &&
            (descriptor.ReservationExemption is null || !descriptor.ReservationExemption(cdb));
    }

    /// <summary>Sets what the journal had kept; before the first nexus.</summary>
    public void Restore(PersistentState state)
    {
        _ports = state.Ports;
        Publish(state);
    }

    /// <summary>The unit is seen through a target port.</summary>
    public void PortSeen(UnitNexus nexus) => ImmutableInterlocked.Update(
        ref _ports, static (ports, port) => ports.Add(port), new PortName(nexus.Name.Initiator.Protocol, nexus.Name.Port!));

    /// <summary>
    /// RESERVE of the whole unit. While a nexus is registered it conflicts, but for nexuses that a persistent reservation gives access anyway: to them it
    /// says GOOD and does nothing (SPC-4 section 5.13.3, CRH).
    /// </summary>
    public ValueTask<ScsiOutcome> ReserveAsync(CoreCommand command) => _turns.RunAsync(() => ValueTask.FromResult(Reserve(command)));

    /// <summary>RELEASE: of no effect for others than the holder.</summary>
    public ValueTask<ScsiOutcome> ReleaseAsync(CoreCommand command) => _turns.RunAsync(() => ValueTask.FromResult(Release(command.UnitNexus!)));

    /// <summary>The nexus is gone, and its RESERVE with it.</summary>
    public void NexusLost(UnitNexus nexus)
    {
        if (Volatile.Read(ref _restriction) is LegacyRestriction held && held.Holder == nexus.Nexus) End(held);
    }

    /// <summary>A reset ends RESERVE.</summary>
    public void Reset()
    {
        if (Volatile.Read(ref _restriction) is LegacyRestriction held) End(held);
    }

    /// <summary>Carries out a service action of PERSISTENT RESERVE OUT.</summary>
    /// <param name="command">The command.</param>
    /// <param name="action">Makes the next state.</param>
    /// <param name="abort">Abort the commands of nexuses that lose their registration, and wait until they can no longer touch the medium.</param>
    public async ValueTask<ScsiOutcome> ChangeAsync(CoreCommand command, Func<PersistentState, Transition> action, bool abort)
    {
        (ScsiOutcome outcome, UnitNexus[] lost) = await _turns.RunAsync(() => StepAsync(command, action));
        if (!abort || lost.Length == 0) return outcome;

        // Out of turn: a command that is aborted here may itself be waiting for its turn. And no longer than this command lives: of two that abort each
        // other, neither would end.
        AbortOperation operation = new();
        bool answers = unit.TaskAbortedStatus;
        foreach (UnitNexus nexus in lost)
        {
            CommandFilter filter = new(unit, Except: command);
            bool other = nexus.Nexus != command.UnitNexus!.Nexus;
            if (other && !answers && nexus.Nexus.HasInFlight(filter)) nexus.Establish(AdditionalSense.CommandsClearedByAnotherInitiator);
            nexus.Nexus.Abort(filter, operation, other && answers);
        }

        await operation.WaitAsync().WaitAsync(command.Aborted);
        return outcome;
    }

    private async ValueTask<(ScsiOutcome Outcome, UnitNexus[] Lost)> StepAsync(CoreCommand command, Func<PersistentState, Transition> action)
    {
        if (command.IsAborted) return (ScsiOutcome.Of(ScsiStatus.TaskAborted), []);
        if (IsReservedByNexus) return (ScsiOutcome.Of(ScsiStatus.ReservationConflict), []);
        PersistentState before = State.With(Volatile.Read(ref _ports));
        Transition transition = action(before);
        if (transition.Next is not { } next) return (transition.Outcome, []);
        ScsiOutcome saved = await journal.SaveAsync(next);
        if (!saved.IsGood) return (saved, []);
        Publish(next);
        return (transition.Outcome, Announce(command.UnitNexus!, before, transition));
    }

    private ScsiOutcome Reserve(CoreCommand command)
    {
        UnitNexus nexus = command.UnitNexus!;
        if (State.Registrations.Count > 0) return AnswerRegistered(nexus);
        if (command.IsAborted) return ScsiOutcome.Of(ScsiStatus.TaskAborted);
        LegacyRestriction wanted = new(nexus.Nexus);
        bool free = Interlocked.CompareExchange(ref _restriction, wanted, null) is not LegacyRestriction held || held.Holder == nexus.Nexus;
        return ScsiOutcome.Of(free ? ScsiStatus.Good : ScsiStatus.ReservationConflict);
    }

    private ScsiOutcome Release(UnitNexus nexus)
    {
        if (State.Registrations.Count > 0) return AnswerRegistered(nexus);
        NexusLost(nexus);
        return ScsiOutcome.Good;
    }

    /// <summary>RESERVE and RELEASE while nexuses are registered.</summary>
    private ScsiOutcome AnswerRegistered(UnitNexus nexus)
    {
        PersistentState state = State;
        return ScsiOutcome.Of(state.Reservation is not null && state.HasAccess(nexus.Name) ? ScsiStatus.Good : ScsiStatus.ReservationConflict);
    }

    private void End(LegacyRestriction held) => Interlocked.CompareExchange(ref _restriction, null, held);

    /// <summary>Puts a state in force. The exchange is a full fence: an abort that follows finds every command that was let through before.</summary>
    private void Publish(PersistentState state)
    {
        Volatile.Write(ref _state, state);
        Interlocked.Exchange(ref _restriction, state.Reservation is null ? null : new PersistentRestriction(state));
    }

    /// <summary>Tells the other nexuses.</summary>
    /// <returns>All nexuses that were registered and are not any more.</returns>
    private UnitNexus[] Announce(UnitNexus sender, PersistentState before, Transition transition)
    {
        List<UnitNexus> lost = [];
        foreach (UnitNexus nexus in unit.Nexuses)
        {
            bool kept = transition.Next!.Find(nexus.Name) is not null;
            if (!kept && before.Find(nexus.Name) is null) continue;
            if (!kept) lost.Add(nexus);
            if (nexus.Name != sender.Name && (kept ? transition.Kept : transition.Lost) is { } attention) nexus.Establish(attention);
        }

        return [.. lost];
    }
}
