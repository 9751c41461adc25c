using TgtModular.Core.Reservations;
using TgtModular.Core.Units;
using TgtModular.Devices;

namespace TgtModular.Core.Commands;

/// <summary>The rows that the core adds to a device server's own.</summary>
internal static class CoreCommandRows
{
    public static IEnumerable<CommandDescriptor> For(LogicalUnit unit, CoreCommands wanted)
    {
        List<CommandDescriptor> rows = [];
        if (wanted.HasFlag(CoreCommands.ReportLuns)) rows.Add(ReportLuns.Row);
        if (wanted.HasFlag(CoreCommands.ReportSupported)) rows.AddRange(new ReportSupported(unit).Rows);
        if (wanted.HasFlag(CoreCommands.LegacyReservations)) rows.AddRange(new LegacyReservationRows(unit.Reservations).Rows);
        if (wanted.HasFlag(CoreCommands.PersistentReservations))
        {
            rows.AddRange(new PersistentReserveIn(unit, unit.Reservations, unit.Ports).Rows);
            rows.AddRange(new PersistentReserveOut(unit, unit.Reservations, unit.Ports).Rows);
        }

        return rows;
    }
}
