using System.Buffers.Binary;
using TgtModular.Core.Targets;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>PERSISTENT RESERVE IN (SPC-4 section 6.15): open to every nexus, unless one holds the unit by RESERVE.</summary>
internal sealed class PersistentReserveIn(LogicalUnit unit, ReservationSeat seat, TargetPorts ports)
{
    private const int HeaderLength = 8;
    private const int KeyLength = sizeof(ulong);
    private const int AllocationLength = 7;

    public IEnumerable<CommandDescriptor> Rows =>
    [
        Row(0x00, "READ KEYS", ReadKeys),
        Row(0x01, "READ RESERVATION", ReadReservation),
        Row(0x02, "REPORT CAPABILITIES", ReportCapabilities),
        Row(0x03, "READ FULL STATUS", ReadFullStatus),
    ];

    private CommandDescriptor Row(int action, string name, Func<PersistentState, byte[]> read) => new()
    {
        OperationCode = OpCode.PersistentReserveIn,
        ServiceAction = action,
        Name = $"PERSISTENT RESERVE IN {name}",
        UsageMask = new byte[] { 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0 },
        Direction = DataDirection.In,
        DataLength = cdb => new DataLengths(0, BinaryPrimitives.ReadUInt16BigEndian(cdb[AllocationLength..])),
        Reservation = ReservationRule.Managed,
        Handler = command => seat.IsReservedByNexus
            ? ScsiOutcome.Of(ScsiStatus.ReservationConflict).AsTask() // also by this nexus (SPC-2 section 5.5.1)
            : command.Reply(read(seat.State)),
    };

    private static byte[] ReadKeys(PersistentState state)
    {
        IReadOnlyList<Registration> registrations = state.Registrations;
        byte[] data = WithHeader(state, registrations.Count * KeyLength);
        for (int i = 0; i < registrations.Count; i++)
            BinaryPrimitives.WriteUInt64BigEndian(data.AsSpan(HeaderLength + (i * KeyLength)), registrations[i].Key);
        return data;
    }

    private static byte[] ReadReservation(PersistentState state)
    {
        const int DescriptorLength = 16, TypeOffset = 13;
        if (state.Reservation is not { } reservation) return WithHeader(state, 0);
        byte[] data = WithHeader(state, DescriptorLength);
        // No one's key where all registrants hold it.
        if (reservation.Holder is { } holder) BinaryPrimitives.WriteUInt64BigEndian(data.AsSpan(HeaderLength), state.Find(holder)!.Key);
        data[HeaderLength + TypeOffset] = (byte)reservation.Type;
        return data;
    }

    private byte[] ReportCapabilities(PersistentState state)
    {
        const byte CompatibleReservationHandling = 0x10, SpecifyInitiatorPorts = 0x08, AllTargetPorts = 0x04, PersistThroughPowerLoss = 0x01;
        const byte TypeMaskValid = 0x80, TestUnitReadyAllowed = 0x10, PersistsNow = 0x01;
        const byte WriteExclusiveAndRest = 0xEA, ExclusiveAccessAllRegistrants = 0x01;
        bool legacy = unit.Commands.Find(OpCode.Reserve6, null) is not null;
        bool readyAllowed = unit.Commands.Find(OpCode.TestUnitReady, null)?.Reservation is ReservationRule.Allowed or ReservationRule.Managed;
        return
        [
            0, 8,
            (byte)((legacy ? CompatibleReservationHandling : 0) | SpecifyInitiatorPorts | AllTargetPorts | PersistThroughPowerLoss),
            (byte)(TypeMaskValid | (readyAllowed ? TestUnitReadyAllowed : 0) | (state.SurvivesPowerLoss ? PersistsNow : 0)),
            WriteExclusiveAndRest, ExclusiveAccessAllRegistrants,
            0, 0,
        ];
    }

    private byte[] ReadFullStatus(PersistentState state)
    {
        const int DescriptorLength = 24, FlagsOffset = 12, TypeOffset = 13, PortOffset = 18, IdLengthOffset = 20;
        const byte AllTargetPorts = 0x02, Holder = 0x01;
        byte[] data = WithHeader(state, state.Registrations.Sum(registration => DescriptorLength + registration.Name.Initiator.Bytes.Length));
        Span<byte> rest = data.AsSpan(HeaderLength);
        foreach (Registration registration in state.Registrations)
        {
            NexusName name = registration.Name;
            ReadOnlySpan<byte> id = name.Initiator.Bytes;
            BinaryPrimitives.WriteUInt64BigEndian(rest, registration.Key);
            if (state.IsHolder(registration))
            {
                rest[FlagsOffset] |= Holder;
                rest[TypeOffset] = (byte)state.Reservation!.Type;
            }

            if (name.Port is { } port) BinaryPrimitives.WriteUInt16BigEndian(rest[PortOffset..], ports.IdentifierOf(name.Initiator.Protocol, port));
            else rest[FlagsOffset] |= AllTargetPorts;
            BinaryPrimitives.WriteInt32BigEndian(rest[IdLengthOffset..], id.Length);
            id.CopyTo(rest[DescriptorLength..]);
            rest = rest[(DescriptorLength + id.Length)..];
        }

        return data;
    }

    private static byte[] WithHeader(PersistentState state, int length)
    {
        byte[] data = new byte[HeaderLength + length];
        BinaryPrimitives.WriteUInt32BigEndian(data, state.Generation);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4), length);
        return data;
    }
}
