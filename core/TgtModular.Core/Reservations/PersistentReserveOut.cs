using System.Buffers.Binary;
using System.Collections.Immutable;
using TgtModular.Core.Commands;
using TgtModular.Core.Targets;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>PERSISTENT RESERVE OUT (SPC-4 section 6.16): one row for each service action.</summary>
internal sealed class PersistentReserveOut(LogicalUnit unit, ReservationSeat seat, TargetPorts ports)
{
    private const int ScopeAndType = 2;
    private const int ListLength = 5;
    private const int ShortestMove = ReserveOutParameters.BasicLength + 24; // with the shortest TransportID

    private delegate Transition BasicAction(PersistentState state, NexusName sender, ReserveOutParameters parameters, byte scopeAndType);

    public IEnumerable<CommandDescriptor> Rows =>
    [
        RegisterRow(0x00, "REGISTER", ignoreKey: false),
        Row(0x01, "RESERVE", looksAtType: true, CheckReserve, command => RunAsync(command, ReserveActions.Reserve)),
        Row(0x02, "RELEASE", looksAtType: true, CheckBasicLength, command => RunAsync(command, ReserveActions.Release)),
        Row(0x03, "CLEAR", looksAtType: false, CheckBasicLength,
            command => RunAsync(command, (state, sender, parameters, _) => ReserveActions.Clear(state, sender, parameters))),
        Row(0x04, "PREEMPT", looksAtType: true, CheckBasicLength, command => RunAsync(command, ReserveActions.Preempt)),
        Row(0x05, "PREEMPT AND ABORT", looksAtType: true, CheckBasicLength, command => RunAsync(command, ReserveActions.Preempt, abort: true)),
        RegisterRow(0x06, "REGISTER AND IGNORE EXISTING KEY", ignoreKey: true),
        Row(0x07, "REGISTER AND MOVE", looksAtType: false, CheckMoveLength, MoveAsync),
    ];

    private static CommandDescriptor Row(int action, string name, bool looksAtType, CommandCheck check, CommandHandler handler)
    {
        byte[] type = [0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0];
        return new CommandDescriptor
        {
            OperationCode = OpCode.PersistentReserveOut,
            ServiceAction = action,
            Name = $"PERSISTENT RESERVE OUT {name}",
            UsageMask = new byte[] { 0, 0, looksAtType ? (byte)0xFF : (byte)0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0 },
            IgnoredMask = looksAtType ? default : type,
            Direction = DataDirection.Out,
            DataLength = cdb => new DataLengths(ReadListLength(cdb), 0),
            Reservation = ReservationRule.Managed,
            Check = check,
            Handler = handler,
        };
    }

    private static uint ReadListLength(ReadOnlySpan<byte> cdb) => BinaryPrimitives.ReadUInt32BigEndian(cdb[ListLength..]);

    private static bool CheckReserve(ScsiCommand command, out ScsiOutcome refusal)
    {
        if (!CheckBasicLength(command, out refusal)) return false;
        bool reservable = ReserveActions.IsReservable(command.Cdb[ScopeAndType], out SenseData illegal);
        if (!reservable) refusal = illegal;
        return reservable;
    }

    private static bool CheckBasicLength(ScsiCommand command, out ScsiOutcome refusal) =>
        CheckLength(command, ReserveOutParameters.BasicLength, ReserveOutParameters.BasicLength, out refusal);

    private static bool CheckRegisterLength(ScsiCommand command, out ScsiOutcome refusal) =>
        CheckLength(command, ReserveOutParameters.BasicLength, ReserveOutParameters.MaximumLength, out refusal);

    private static bool CheckMoveLength(ScsiCommand command, out ScsiOutcome refusal) =>
        CheckLength(command, ShortestMove, ReserveOutParameters.MaximumLength, out refusal);

    /// <summary>The list must be as long as it claims, in the CDB and on the wire.</summary>
    private static bool CheckLength(ScsiCommand command, int minimum, int maximum, out ScsiOutcome refusal)
    {
        uint length = ReadListLength(command.Cdb);
        bool acceptable = length >= minimum && length <= maximum && command.ExpectedDataOut >= length;
        refusal = acceptable ? ScsiOutcome.Good : Sense.ParameterListLengthError;
        return acceptable;
    }

    private CommandDescriptor RegisterRow(int action, string name, bool ignoreKey) =>
        Row(action, name, looksAtType: false, ignoreKey ? CheckBasicLength : CheckRegisterLength, command => RegisterAsync(command, ignoreKey));

    private ValueTask<ScsiOutcome> RunAsync(ScsiCommand command, BasicAction action, bool abort = false)
    {
        if (ReserveOutParameters.TryRead(command.DataOut.ToArray(), takesInitiators: false, out SenseData refusal) is not { } parameters)
            return ScsiOutcome.Check(refusal).AsTask();
        CoreCommand core = (CoreCommand)command;
        NexusName sender = core.UnitNexus!.Name;
        byte scopeAndType = command.Cdb[ScopeAndType];
        return seat.ChangeAsync(core, state => action(state, sender, parameters, scopeAndType), abort);
    }

    private ValueTask<ScsiOutcome> RegisterAsync(ScsiCommand command, bool ignoreKey)
    {
        CoreCommand core = (CoreCommand)command;
        NexusName sender = core.UnitNexus!.Name;
        if (ReserveOutParameters.TryRead(command.DataOut.ToArray(), takesInitiators: !ignoreKey, out SenseData refusal) is not { } parameters ||
            FindInitiators(sender, parameters, out refusal) is not { } others)
            return ScsiOutcome.Check(refusal).AsTask();
        return seat.ChangeAsync(core, state => RegisterActions.Register(state, sender, parameters, ignoreKey, others), abort: false);
    }

    private ValueTask<ScsiOutcome> MoveAsync(ScsiCommand command)
    {
        CoreCommand core = (CoreCommand)command;
        NexusName sender = core.UnitNexus!.Name;
        if (ReserveOutParameters.TryReadMove(command.DataOut.ToArray(), out SenseData refusal) is not { } parameters)
            return ScsiOutcome.Check(refusal).AsTask();
        NamedInitiator initiator = parameters.Initiators[0];
        string? port = ports.Find(initiator.Name.Protocol, parameters.RelativePort);
        return seat.ChangeAsync(core, state => RegisterActions.Move(state, sender, parameters, port), abort: false);
    }

    /// <summary>
    /// The initiator ports that SPEC_I_PT names. They speak the protocol of the target port; an iSCSI name without a session means every port of that
    /// initiator that the unit knows, and one of which it knows none is refused rather than registered to nobody.
    /// </summary>
    private HashSet<TransportId>? FindInitiators(NexusName sender, ReserveOutParameters parameters, out SenseData refusal)
    {
        refusal = default;
        HashSet<TransportId> found = [];
        ImmutableArray<UnitNexus> nexuses = unit.Nexuses;
        foreach (NamedInitiator initiator in parameters.Initiators)
        {
            refusal = Sense.InvalidFieldInParameterList(initiator.Offset);
            if (initiator.Name.Protocol != sender.Initiator.Protocol) return null;
            if (!initiator.IsNodeName)
            {
                found.Add(initiator.Name);
                continue;
            }

            IEnumerable<TransportId> known =
                [.. nexuses.Select(nexus => nexus.Nexus.Initiator), .. seat.State.Registrations.Select(registration => registration.Name.Initiator)];
            TransportId[] itsPorts = [.. known.Where(port => InitiatorNames.IsPortOf(initiator.Name, port)).Distinct()];
            if (itsPorts.Length == 0) return null;
            found.UnionWith(itsPorts);
        }

        return found;
    }
}
