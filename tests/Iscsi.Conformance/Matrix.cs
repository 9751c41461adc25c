using System.Text.RegularExpressions;

namespace TgtModular.Iscsi.Conformance;

/// <summary>One row of the matrix.</summary>
/// <param name="Clause">Section of the RFC.</param>
/// <param name="Requirement">What it asks for, in short.</param>
/// <param name="Tests">The tests that show it, as Class.Method; empty where the row says why there is none.</param>
internal sealed record MatrixRow(string Clause, string Requirement, IReadOnlyList<string> Tests);

/// <summary>The clause by test matrix and the tests it may name.</summary>
internal static partial class Matrix
{
    /// <summary>The rows of a matrix file: <c>| clause | requirement | `Class.Method`, ... |</c>.</summary>
    public static IReadOnlyList<MatrixRow> Read(string file) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, file))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
            .Select(line => line.Trim('|').Split('|'))
            .Select(cells => new MatrixRow(cells[0].Trim(), cells[1].Trim(), [.. Quoted().Matches(cells[2]).Select(match => match.Groups[1].Value)])),
    ];

    /// <summary>All tests of the iSCSI test projects, as Class.Method, from their sources.</summary>
    public static IReadOnlySet<string> ReadTests()
    {
        HashSet<string> tests = [];
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "sources"), "*.cs", SearchOption.AllDirectories))
        {
            string source = File.ReadAllText(file);
            string className = Path.GetFileNameWithoutExtension(file);
            foreach (Match match in TestMethod().Matches(source)) tests.Add($"{className}.{match.Groups[1].Value}");
        }

        return tests;
    }

    [GeneratedRegex("`([A-Za-z0-9]+\\.[A-Za-z0-9_]+)`")]
    private static partial Regex Quoted();

    /// <summary>A test attribute, further attributes, and the method's name.</summary>
    [GeneratedRegex(@"\[TestMethod\](?:\s*\[[^\n]*\])*\s*public\s+(?:async\s+)?(?:Task|void)\s+(\w+)\s*\(")]
    private static partial Regex TestMethod();
}
