using Microsoft.CodeAnalysis;

namespace TgtModular.Analyzers;

/// <summary>The rules. sdk/docs/analyzers.md explains each; a test compares the two.</summary>
public static class Rules
{
    private const string Category = "TgtModular";

    /// <summary>An additional sense code written as a number.</summary>
    public static readonly DiagnosticDescriptor SenseCode = Rule(
        "TGT0001", "Additional sense codes have names",
        "The additional sense code is written as a number; use a factory of TgtModular.Scsi.Sense or a name of AdditionalSense");

    /// <summary>A thread, timer or pool item of one's own.</summary>
    public static readonly DiagnosticDescriptor RawThread = Rule(
        "TGT0002", "Work runs on the host's threads",
        "{0} runs where the host cannot see it; use IPluginHost.Workers for work and IPluginHost.Clock.CreateTimer for timers");

    /// <summary>A callback that lets exceptions out.</summary>
    public static readonly DiagnosticDescriptor UnguardedCallback = Rule(
        "TGT0003", "Callbacks catch what they throw",
        "Nobody awaits this {0}: an exception in it fences the plugin; put its body into a try with a catch of every exception");

    /// <summary>Static state that changes.</summary>
    public static readonly DiagnosticDescriptor StaticState = Rule(
        "TGT0004", "State belongs to instances",
        "'{0}' is static and can change: it is shared by all instances of the plugin and outlives them; make it a member of the instance, or immutable");

    /// <summary>A blocking wait in an asynchronous path.</summary>
    public static readonly DiagnosticDescriptor Blocking = Rule(
        "TGT0005", "Asynchronous paths do not block",
        "{0} blocks a thread that the host needs; await instead");

    /// <summary>A command without its clause.</summary>
    public static readonly DiagnosticDescriptor Citation = Rule(
        "TGT0006", "Commands cite the clause that defines them",
        "The row of a command is made here and no comment says which clause defines it; name the standard and its section, as in 'SPC-4 section 6.6'");

    private static DiagnosticDescriptor Rule(string id, string title, string message) => new(
        id, title, message, Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, description: $"See {id} in sdk/docs/analyzers.md.");
}
