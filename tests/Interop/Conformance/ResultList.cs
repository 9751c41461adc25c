using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Conformance;

/// <summary>A checked-in list of results: a row for each test, a column for each kind of disk, and a remark. Lines that start with # are comments.</summary>
internal sealed class ResultList
{
    private const string NameColumn = "test";
    private const string RemarkColumn = "why";
    private readonly Dictionary<string, string[]> _rows = new(StringComparer.Ordinal);
    private readonly string[] _columns;

    private ResultList(string[] columns) => _columns = columns;

    /// <summary>What our daemon does.</summary>
    public static ResultList Ours { get; } = Read("iscsi-test-cu.tsv");

    /// <summary>What Debian's tgtd 1.0.85 does.</summary>
    public static ResultList CTgt { get; } = Read("iscsi-test-cu.tgt-1.0.85.tsv");

    public IReadOnlyCollection<string> Tests => _rows.Keys;

    public bool Has(string kind) => _columns.Contains(kind);

    /// <summary>The listed result, null when the test is not listed.</summary>
    public string? Find(string test, string kind) => _rows.TryGetValue(test, out string[]? row) ? row[Column(kind)] : null;

    public string Remark(string test) => _rows[test][Column(RemarkColumn)];

    public int Count(string kind, string result) => Tests.Count(test => Find(test, kind) == result);

    /// <summary>The line the list should have, from the tests' own results.</summary>
    public string Line(string test, string kind, ToolOutcome outcome)
    {
        string[] row = _rows.TryGetValue(test, out string[]? listed) ? [.. listed] : [test, .. Enumerable.Repeat("?", _columns.Length - 2), outcome.Reason];
        row[Column(kind)] = outcome.Result;
        return string.Join('\t', row);
    }

    private int Column(string name)
    {
        int column = Array.IndexOf(_columns, name);
        Assert.IsGreaterThanOrEqualTo(0, column, $"no column {name}");
        return column;
    }

    private static ResultList Read(string file)
    {
        string[][] lines = [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "Interop", "Conformance", file))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'))];
        Assert.AreEqual(NameColumn, lines[0][0], file);
        ResultList list = new(lines[0]);
        foreach (string[] row in lines.Skip(1))
        {
            Assert.HasCount(list._columns.Length, row, $"{file}: {row[0]}");
            Assert.IsTrue(list._rows.TryAdd(row[0], row), $"{file}: {row[0]} is there twice");
        }

        return list;
    }
}
