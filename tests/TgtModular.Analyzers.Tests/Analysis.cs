using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TgtModular.Analyzers.Tests;

/// <summary>Compiles a piece of a plugin and says what an analyzer finds in it.</summary>
internal static class Analysis
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using TgtModular.Devices;
        using TgtModular.Scsi;
        using TgtModular.Transports;

        """;

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The text that each finding points at, in the order of the source.</summary>
    public static async Task<string[]> FindAsync<TAnalyzer>(string source)
        where TAnalyzer : DiagnosticAnalyzer, new()
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(Usings + source);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Plugin", [tree], References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Diagnostic[] errors = [.. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
        Assert.IsEmpty(errors, string.Join("\n", errors.Select(error => error.ToString())));
        ImmutableArray<Diagnostic> found = await compilation.WithAnalyzers([new TAnalyzer()]).GetAnalyzerDiagnosticsAsync();
        Assert.IsFalse(found.Any(diagnostic => diagnostic.Id == "AD0001"), string.Join("\n", found));
        return [.. found.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start).Select(diagnostic => TextOf(tree, diagnostic))];
    }

    private static string TextOf(SyntaxTree tree, Diagnostic diagnostic) => tree.GetText().ToString(diagnostic.Location.SourceSpan);
}
