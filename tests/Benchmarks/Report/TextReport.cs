using System.Text;
using TgtModular.Benchmarks.Compare;

namespace TgtModular.Benchmarks.Report;

/// <summary>The table for a terminal.</summary>
internal static class TextReport
{
    private const int WordColumns = 2; // to the left; numbers to the right

    public static string Write(Comparison comparison)
    {
        List<IReadOnlyList<string>> rows = [ReportTable.Head, .. ReportTable.Rows(comparison)];
        int[] widths = [.. Enumerable.Range(0, ReportTable.Head.Count).Select(column => rows.Max(row => row[column].Length))];
        StringBuilder text = new();
        foreach (IReadOnlyList<string> row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) => column < WordColumns ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }

        if (ReportTable.Logins(comparison) is { Length: > 0 } logins) text.AppendLine(logins);
        return text.AppendLine(ReportTable.Method(comparison)).ToString();
    }
}
