using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TgtModular.Analyzers;

/// <summary>
/// TGT0005: Result, Wait, GetAwaiter().GetResult and Thread.Sleep in a function that is async or returns a task, and in a member that implements one of an
/// interface of TgtModular. A task of which the same function asks whether it is completed is not waited for.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BlockingAnalyzer : DiagnosticAnalyzer
{
    private const string Tasks = "System.Threading.Tasks";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.Blocking);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(LookAtProperty, OperationKind.PropertyReference);
        context.RegisterOperationAction(LookAtCall, OperationKind.Invocation);
    }

    private static void LookAtProperty(OperationAnalysisContext context)
    {
        var reference = (IPropertyReferenceOperation)context.Operation;
        if (reference.Property.Name == "Result" && IsTask(reference.Property.ContainingType)) Look(context, reference.Instance, "Result");
    }

    private static void LookAtCall(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        IMethodSymbol method = call.TargetMethod;
        if (method.Name is "Wait" or "WaitAll" or "WaitAny" && IsTask(method.ContainingType)) Look(context, call.Instance, method.Name);
        else if (method.Name == "Sleep" && method.ContainingType.ToDisplayString() == "System.Threading.Thread") Look(context, null, "Thread.Sleep");
        else if (method.Name == "GetResult" && call.Instance is IInvocationOperation { TargetMethod.Name: "GetAwaiter" } awaiter && IsTask(awaiter.TargetMethod.ContainingType))
            Look(context, awaiter.Instance, "GetAwaiter().GetResult");
    }

    private static void Look(OperationAnalysisContext context, IOperation? task, string what)
    {
        if (!MustNotBlock(context) || IsKnownToBeCompleted(context, task)) return;
        context.ReportDiagnostic(Diagnostic.Create(Rules.Blocking, context.Operation.Syntax.GetLocation(), what));
    }

    private static bool MustNotBlock(OperationAnalysisContext context)
    {
        for (IOperation? outer = context.Operation.Parent; outer is not null; outer = outer.Parent)
        {
            // A lambda is somebody else's call: what runs it decides, unless it is asynchronous itself.
            if (outer is IAnonymousFunctionOperation lambda) return lambda.Symbol.IsAsync;
            if (outer is ILocalFunctionOperation function) return IsAsynchronous(function.Symbol);
        }

        return context.ContainingSymbol is IMethodSymbol method && (IsAsynchronous(method) || ImplementsContract(method));
    }

    private static bool IsAsynchronous(IMethodSymbol method) => method.IsAsync || (method.ReturnType is INamedTypeSymbol type && IsTask(type));

    private static bool ImplementsContract(IMethodSymbol method)
    {
        foreach (INamedTypeSymbol contract in method.ContainingType.AllInterfaces)
        {
            if (contract.ContainingAssembly?.Name != "TgtModular.Abstractions") continue;
            foreach (ISymbol member in contract.GetMembers())
            {
                if (SymbolEqualityComparer.Default.Equals(method.ContainingType.FindImplementationForInterfaceMember(member), method)) return true;
            }
        }

        return false;
    }

    private static bool IsKnownToBeCompleted(OperationAnalysisContext context, IOperation? task)
    {
        if (task is null || Symbol(task) is not { } symbol) return false;
        IOperation root = context.Operation;
        while (root.Parent is not null) root = root.Parent;
        return root.Descendants().OfType<IPropertyReferenceOperation>().Any(reference =>
            reference.Property.Name is "IsCompleted" or "IsCompletedSuccessfully" && reference.Instance is { } instance
            && SymbolEqualityComparer.Default.Equals(Symbol(instance), symbol));
    }

    private static ISymbol? Symbol(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation field => field.Field,
        IPropertyReferenceOperation property => property.Property,
        _ => null,
    };

    private static bool IsTask(INamedTypeSymbol type) => type.Name is "Task" or "ValueTask" && type.ContainingNamespace.ToDisplayString() == Tasks;
}
