using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TgtModular.Analyzers;

/// <summary>TGT0002: a thread or timer is made, or work is given to the thread pool.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class RawThreadAnalyzer : DiagnosticAnalyzer
{
    private static readonly ImmutableHashSet<string> Types = ImmutableHashSet.Create(
        "System.Threading.Thread", "System.Threading.Timer", "System.Timers.Timer", "System.Threading.PeriodicTimer");

    private static readonly ImmutableHashSet<string> Methods = ImmutableHashSet.Create(
        "System.Threading.ThreadPool.QueueUserWorkItem", "System.Threading.ThreadPool.UnsafeQueueUserWorkItem", "System.Threading.Tasks.Task.Run",
        "System.Threading.Tasks.TaskFactory.StartNew");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.RawThread);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(LookAtCreation, OperationKind.ObjectCreation);
        context.RegisterOperationAction(LookAtCall, OperationKind.Invocation);
    }

    private static void LookAtCreation(OperationAnalysisContext context)
    {
        if (context.Operation.Type?.ToDisplayString() is { } type && Types.Contains(type)) Report(context, type);
    }

    private static void LookAtCall(OperationAnalysisContext context)
    {
        IMethodSymbol method = ((IInvocationOperation)context.Operation).TargetMethod;
        string name = $"{method.ContainingType.OriginalDefinition.ToDisplayString()}.{method.Name}";
        if (Methods.Contains(name)) Report(context, name);
    }

    private static void Report(OperationAnalysisContext context, string what) =>
        context.ReportDiagnostic(Diagnostic.Create(Rules.RawThread, context.Operation.Syntax.GetLocation(), what));
}
