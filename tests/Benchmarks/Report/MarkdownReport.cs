using System.Text;
using TgtModular.Benchmarks.Compare;

namespace TgtModular.Benchmarks.Report;

/// <summary>The table as Markdown.</summary>
internal static class MarkdownReport
{
    public static string Write(Comparison comparison)
    {
        StringBuilder text = new();
        Append(ReportTable.Head);
        Append([.. ReportTable.Head.Select((_, column) => column < 2 ? "---" : "---:")]);
        foreach (IReadOnlyList<string> row in ReportTable.Rows(comparison)) Append(row);
        if (ReportTable.Logins(comparison) is { Length: > 0 } logins) text.Append('\n').Append(logins).Append('\n');
        return text.Append('\n').Append(ReportTable.Method(comparison)).Append('\n').ToString();

        void Append(IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }
}
