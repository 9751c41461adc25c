using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TgtModular.Analyzers;

/// <summary>
/// TGT0006: a CommandDescriptor is made in a member, and neither a comment of the member nor one in front of the member's type names a section, clause, table
/// or annex.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CitationAnalyzer : DiagnosticAnalyzer
{
    private static readonly Regex Citation = new(@"\b(?:(?:sub)?clauses?|sections?|tables?|annex)\s+[0-9A-Z]|\bRFC\s*\d", RegexOptions.CultureInvariant);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.Citation);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(Look, OperationKind.ObjectCreation);
    }

    private static void Look(OperationAnalysisContext context)
    {
        if (context.Operation.Type?.ToDisplayString() != "TgtModular.Devices.CommandDescriptor") return;
        MemberDeclarationSyntax? member = context.Operation.Syntax.FirstAncestorOrSelf<MemberDeclarationSyntax>();
        for (; member is not null; member = member.Parent as MemberDeclarationSyntax)
        {
            bool isType = member is BaseTypeDeclarationSyntax or BaseNamespaceDeclarationSyntax;
            IEnumerable<SyntaxTrivia> comments = isType ? member.GetLeadingTrivia() : member.DescendantTrivia(descendIntoTrivia: false);
            if (comments.Any(static trivia => Citation.IsMatch(trivia.ToFullString()))) return;
        }

        context.ReportDiagnostic(Diagnostic.Create(Rules.Citation, context.Operation.Syntax.GetLocation()));
    }
}
