using System.Text.RegularExpressions;
using TgtModular.Interop.Harness;
using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Tgt.Tools.Tests;

/// <summary>The manuals say what is so.</summary>
[TestClass]
public sealed partial class ManualTests
{
    [TestMethod]
    public void TgtAdminManual_NamesOfTheFile_AreAllThere()
    {
        string manual = File.ReadAllText(Path.Combine(Host(), "tgt-admin", "README.md"));

        foreach (string name in ConfigKeys.Global.Concat(ConfigKeys.TargetOptions).Concat(ConfigKeys.StoreOptions).Concat(ConfigKeys.StoreParameters).Where(name => name != "target"))
            StringAssert.Contains(manual, $"`{name}", StringComparison.Ordinal, name);
    }

    [TestMethod]
    public void TgtAdminManual_Example_IsRight()
    {
        string manual = File.ReadAllText(Path.Combine(Host(), "tgt-admin", "README.md"));
        using TempDirectory directory = new();
        ConfigFindings findings = new();

        TargetsConfiguration configuration = TargetsReader.Read(directory.Write("t.conf", Example().Match(manual).Groups["text"].Value), findings);

        Assert.IsEmpty(findings.Lines, string.Join('\n', findings.Lines));
        Assert.HasCount(2, configuration.Targets.Single().Value.Stores);
    }

    [TestMethod]
    public void Differences_EachRow_HasAnIdOfItsOwnAndAReason()
    {
        string[][] rows = [.. File.ReadLines(Path.Combine(Host(), "TgtModular.Tgt.Tools", "DIFFERENCES.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| id ", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split(" | "))];

        Assert.IsGreaterThan(30, rows.Length);
        Assert.AreEqual(rows.Length, rows.Select(row => row[0].Trim()).Distinct().Count());
        foreach (string[] row in rows)
        {
            Assert.HasCount(5, row, row[0]);
            Assert.AreNotEqual("", row[4].Trim(), row[0]);
        }
    }

    private static string Host()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory != null && !File.Exists(Path.Combine(directory.FullName, "TgtModular.sln"))) directory = directory.Parent;
        return Path.Combine(directory!.FullName, "host");
    }

    [GeneratedRegex("```apache\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Example();
}
