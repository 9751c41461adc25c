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
        return rows;
    }
}
