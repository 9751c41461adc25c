using System.Text.Json;

namespace TgtModular.Toml.Tests;

/// <summary>Every case that the toml-test project lists for TOML 1.0.0.</summary>
[TestClass]
public sealed class TomlTestSuiteTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Suite_ValidCases_GiveTheTaggedValues()
    {
        IReadOnlyList<string> names = TomlTestFiles.Documents("valid");
        Judge(names, name =>
        {
            TomlParseResult result = TomlDocument.Parse(TomlTestFiles.Read(name), name);
            if (!result.Success)
                return string.Join("; ", result.Diagnostics);
            using JsonDocument expected = JsonDocument.Parse(TomlTestFiles.Read(Path.ChangeExtension(name, ".json")));
            return TaggedJson.Difference(expected.RootElement, result.Root);
        });
    }

    [TestMethod]
    public void Suite_ValidCasesWrittenAgain_ReadBackEqual()
    {
        Judge(TomlTestFiles.Documents("valid"), name =>
        {
            TomlTable root = TomlDocument.Parse(TomlTestFiles.Read(name), name).Root!;
            string written = TomlWriter.Write(root);
            TomlParseResult again = TomlDocument.Parse(written, name);
            return !again.Success ? string.Join("; ", again.Diagnostics) + "\n" + written : again.Root.Equals(root) ? null : "differs:\n" + written;
        });
    }

    [TestMethod]
    public void Suite_InvalidCases_AreRefusedInsideTheDocument()
    {
        Judge(TomlTestFiles.Documents("invalid"), name =>
        {
            byte[] bytes = TomlTestFiles.Read(name);
            TomlParseResult result = TomlDocument.Parse(bytes, name);
            if (result.Success)
                return "accepted";
            int lines = bytes.Count(b => b == '\n') + 1;
            TestContext.WriteLine(string.Join('\n', result.Diagnostics));
            return result.Diagnostics.FirstOrDefault(d => d.Position.Line < 1 || d.Position.Line > lines || d.Position.Column < 1)?.ToString();
        });
    }

    private void Judge(IReadOnlyList<string> names, Func<string, string?> judge)
    {
        Assert.IsNotEmpty(names);
        string[] failures = [.. names.Select(name => (name, problem: judge(name))).Where(r => r.problem is not null).Select(r => $"{r.name}: {r.problem}")];
        TestContext.WriteLine($"{names.Count - failures.Length} of {names.Count} cases agree");
        Assert.IsEmpty(failures, string.Join('\n', failures));
    }
}
