using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TgtModular.Analyzers;

/// <summary>TGT0001: an AdditionalSense made of constants, unless one of them is vendor specific (80h and above), for which there is no name.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SenseCodeAnalyzer : DiagnosticAnalyzer
{
    private const int FirstVendorCode = 0x80;

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.SenseCode);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            // The contract itself is where the names are made.
            if (start.Compilation.GetTypeByMetadataName("TgtModular.Scsi.AdditionalSense") is not { } type) return;
            if (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, start.Compilation.Assembly)) return;
            start.RegisterOperationAction(operation => Look(operation, type), OperationKind.ObjectCreation);
        });
    }

    private static void Look(OperationAnalysisContext context, INamedTypeSymbol type)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (!SymbolEqualityComparer.Default.Equals(creation.Type, type) || creation.Arguments.IsEmpty) return;
        foreach (IArgumentOperation argument in creation.Arguments)
        {
            if (argument.Value.ConstantValue is not { HasValue: true, Value: { } value }) return;
            if (Convert.ToInt32(value, null) >= FirstVendorCode) return;
        }

        context.ReportDiagnostic(Diagnostic.Create(Rules.SenseCode, creation.Syntax.GetLocation()));
    }
}
