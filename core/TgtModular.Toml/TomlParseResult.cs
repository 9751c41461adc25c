using System.Diagnostics.CodeAnalysis;

namespace TgtModular.Toml;

/// <summary>What reading a document gave: its root table, or what is wrong with it.</summary>
public sealed class TomlParseResult
{
    internal TomlParseResult(TomlTable root)
    {
        Root = root;
        Diagnostics = [];
    }

    internal TomlParseResult(IReadOnlyList<TomlDiagnostic> diagnostics) => Diagnostics = diagnostics;

    /// <summary>The document; null when anything is wrong with it.</summary>
    public TomlTable? Root { get; }

    /// <summary>Everything found wrong, in the order of the document; empty when <see cref="Root"/> is there.</summary>
    public IReadOnlyList<TomlDiagnostic> Diagnostics { get; }

    /// <summary>True when the document is valid TOML 1.0 within the limits.</summary>
    [MemberNotNullWhen(true, nameof(Root))]
    public bool Success => Root is not null;
}
