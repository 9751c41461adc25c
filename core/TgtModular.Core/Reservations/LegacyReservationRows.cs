using TgtModular.Core.Commands;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>
/// RESERVE and RELEASE (SPC-2 sections 7.17 and 7.21) of the whole unit for the nexus that asks: third parties and extents, obsolete since, are refused
/// at their bits.
/// </summary>
internal sealed class LegacyReservationRows(ReservationSeat seat)
{
    public IEnumerable<CommandDescriptor> Rows =>
    [
        Row(OpCode.Reserve6, "RESERVE(6)", 6, ReservationRule.Managed, Reserve),
        Row(OpCode.Release6, "RELEASE(6)", 6, ReservationRule.Allowed, Release),
        Row(OpCode.Reserve10, "RESERVE(10)", 10, ReservationRule.Managed, Reserve),
        Row(OpCode.Release10, "RELEASE(10)", 10, ReservationRule.Allowed, Release),
    ];

    private static CommandDescriptor Row(byte code, string name, int length, ReservationRule rule, CommandHandler handler) => new()
    {
        OperationCode = code,
        Name = name,
        UsageMask = new byte[length],
        Reservation = rule,
        Handler = handler,
    };

    private ValueTask<ScsiOutcome> Reserve(ScsiCommand command) => seat.ReserveAsync((CoreCommand)command);

    private ValueTask<ScsiOutcome> Release(ScsiCommand command) => seat.ReleaseAsync((CoreCommand)command);
}
