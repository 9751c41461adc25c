using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TgtModular.Analyzers.Tests;

/// <summary>The manual has a section for each rule, and each rule an analyzer.</summary>
[TestClass]
public sealed class ManualTests
{
    private static readonly DiagnosticDescriptor[] All =
        [.. typeof(Rules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (DiagnosticDescriptor)field.GetValue(null)!)];

    [TestMethod]
    public void Manual_EveryRule_HasItsSection()
    {
        string[] sections = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Manual.md")).Where(line => line.StartsWith("## TGT", StringComparison.Ordinal))];

        CollectionAssert.AreEqual(All.OrderBy(rule => rule.Id).Select(rule => $"## {rule.Id}: {rule.Title}").ToArray(), sections);
    }

    [TestMethod]
    public void Rules_EachOne_IsReportedByOneAnalyzer()
    {
        string[] reported = [.. typeof(Rules).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)))
            .SelectMany(type => ((DiagnosticAnalyzer)Activator.CreateInstance(type)!).SupportedDiagnostics).Select(rule => rule.Id).Order()];

        CollectionAssert.AreEqual(All.Select(rule => rule.Id).Order().ToArray(), reported);
    }
}
