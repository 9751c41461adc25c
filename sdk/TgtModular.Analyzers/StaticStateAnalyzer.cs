using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TgtModular.Analyzers;

/// <summary>TGT0004: a static field that can be assigned, a static property that can be set, a static collection that can be changed.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StaticStateAnalyzer : DiagnosticAnalyzer
{
    private static readonly ImmutableHashSet<string> Changing = ImmutableHashSet.Create(
        "List", "Dictionary", "HashSet", "Queue", "Stack", "LinkedList", "SortedDictionary", "SortedList", "SortedSet", "PriorityQueue", "OrderedDictionary",
        "ConcurrentDictionary", "ConcurrentQueue", "ConcurrentStack", "ConcurrentBag", "BlockingCollection", "ConditionalWeakTable");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.StaticState);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(LookAtField, SymbolKind.Field);
        context.RegisterSymbolAction(LookAtProperty, SymbolKind.Property);
    }

    private static void LookAtField(SymbolAnalysisContext context)
    {
        var field = (IFieldSymbol)context.Symbol;
        if (!field.IsStatic || field.IsConst || field.IsImplicitlyDeclared) return;
        if (!field.IsReadOnly || IsChangingCollection(field.Type)) Report(context);
    }

    private static void LookAtProperty(SymbolAnalysisContext context)
    {
        var property = (IPropertySymbol)context.Symbol;
        if (property is { IsStatic: true, SetMethod: not null }) Report(context);
    }

    private static bool IsChangingCollection(ITypeSymbol type) =>
        type.ContainingNamespace?.ToDisplayString() is "System.Collections.Generic" or "System.Collections.Concurrent" or "System.Runtime.CompilerServices"
        && Changing.Contains(type.Name);

    private static void Report(SymbolAnalysisContext context) =>
        context.ReportDiagnostic(Diagnostic.Create(Rules.StaticState, context.Symbol.Locations[0], context.Symbol.Name));
}
