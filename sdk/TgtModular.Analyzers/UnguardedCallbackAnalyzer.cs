using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TgtModular.Analyzers;

/// <summary>TGT0003: an async function that returns void, and a lambda that handles an event, whose body is not wholly within try and catch of everything.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnguardedCallbackAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.UnguardedCallback);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSyntaxNodeAction(LookAtMethod, SyntaxKind.MethodDeclaration);
        context.RegisterSyntaxNodeAction(LookAtLocalFunction, SyntaxKind.LocalFunctionStatement);
        context.RegisterSyntaxNodeAction(
            LookAtLambda, SyntaxKind.SimpleLambdaExpression, SyntaxKind.ParenthesizedLambdaExpression, SyntaxKind.AnonymousMethodExpression);
    }

    private static void LookAtMethod(SyntaxNodeAnalysisContext context)
    {
        var method = (MethodDeclarationSyntax)context.Node;
        if (!method.Modifiers.Any(SyntaxKind.AsyncKeyword) || !IsVoid(method.ReturnType) || IsGuarded(method.Body)) return;
        Report(context, method.Identifier.GetLocation(), "async void method");
    }

    private static void LookAtLocalFunction(SyntaxNodeAnalysisContext context)
    {
        var function = (LocalFunctionStatementSyntax)context.Node;
        if (!function.Modifiers.Any(SyntaxKind.AsyncKeyword) || !IsVoid(function.ReturnType) || IsGuarded(function.Body)) return;
        Report(context, function.Identifier.GetLocation(), "async void function");
    }

    private static void LookAtLambda(SyntaxNodeAnalysisContext context)
    {
        var lambda = (AnonymousFunctionExpressionSyntax)context.Node;
        if (IsGuarded(lambda.Block)) return;
        if (IsEventHandler(context, lambda)) Report(context, lambda.GetLocation(), "event handler");
        else if (lambda.AsyncKeyword != default && context.SemanticModel.GetSymbolInfo(lambda).Symbol is IMethodSymbol { ReturnsVoid: true })
            Report(context, lambda.GetLocation(), "async void lambda");
    }

    private static bool IsEventHandler(SyntaxNodeAnalysisContext context, AnonymousFunctionExpressionSyntax lambda) =>
        lambda.Parent is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.AddAssignmentExpression } subscription
        && context.SemanticModel.GetSymbolInfo(subscription.Left).Symbol is IEventSymbol;

    private static bool IsVoid(TypeSyntax type) => type is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword };

    private static bool IsGuarded(BlockSyntax? body) => body is not null && body.Statements.All(
        static statement => statement is LocalFunctionStatementSyntax || (statement is TryStatementSyntax attempt && attempt.Catches.Any(CatchesAll)));

    private static bool CatchesAll(CatchClauseSyntax clause) =>
        clause.Filter is null && (clause.Declaration is null || clause.Declaration.Type.ToString() is "Exception" or "System.Exception");

    private static void Report(SyntaxNodeAnalysisContext context, Location location, string what) =>
        context.ReportDiagnostic(Diagnostic.Create(Rules.UnguardedCallback, location, what));
}
