namespace TgtModular.Iscsi.Conformance;

/// <summary>The matrix names tests that exist, and leaves no clause without one or a reason.</summary>
[TestClass]
public sealed class MatrixTests
{
    private const string File = "rfc7143.md";

    [TestMethod]
    public void Matrix_NamedTests_Exist()
    {
        IReadOnlySet<string> tests = Matrix.ReadTests();
        Assert.IsTrue(tests.Count > 200, $"only {tests.Count} tests were found in the sources");

        string[] missing = [.. Matrix.Read(File).SelectMany(row => row.Tests).Where(test => !tests.Contains(test)).Distinct()];

        Assert.IsEmpty(missing, $"no such tests: {string.Join(", ", missing)}");
    }

    [TestMethod]
    public void Matrix_Rows_NameATestOrSayWhyNot()
    {
        IReadOnlyList<MatrixRow> rows = Matrix.Read(File);
        Assert.IsTrue(rows.Count > 60, $"the matrix has only {rows.Count} rows");

        string[] empty = [.. rows.Where(row => row.Tests.Count == 0 && !row.Requirement.StartsWith("Not implemented",
            StringComparison.Ordinal)).Select(row => row.Clause)];

        Assert.IsEmpty(empty, $"rows without a test: {string.Join(", ", empty)}");
    }

    [TestMethod]
    public void Matrix_Rows_AreInTheOrderOfTheirClauses()
    {
        string[] clauses = [.. Matrix.Read(File).Select(row => row.Clause)];

        CollectionAssert.AreEqual(clauses.OrderBy(SortKey, StringComparer.Ordinal).ToArray(), clauses);
    }

    private static string SortKey(string clause) => string.Concat(clause.Split('.').Select(part => part.PadLeft(3, '0')));
}
