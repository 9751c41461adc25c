using TgtModular.Toml.Reading;

namespace TgtModular.Toml;

/// <summary>Reads documents of TOML 1.0.0 (what only TOML 1.1 allows is refused).</summary>
public static class TomlDocument
{
    /// <summary>Reads a document from its bytes. Bad input gives diagnostics, never an exception.</summary>
    /// <param name="utf8">The bytes of the file; a UTF-8 byte order mark is skipped.</param>
    /// <param name="fileName">The name put into diagnostics; no file is opened.</param>
    /// <param name="options">Limits; null for <see cref="TomlReadOptions.Default"/>.</param>
    public static TomlParseResult Parse(ReadOnlySpan<byte> utf8, string fileName, TomlReadOptions? options = null)
    {
        var sink = new DiagnosticSink(fileName, options ?? TomlReadOptions.Default);
        return SourceText.FromUtf8(utf8, sink) is { } source ? Read(source, sink) : sink.ToResult();
    }

    /// <summary>Reads a document from its text. Bad input gives diagnostics, never an exception.</summary>
    /// <param name="text">The document; a byte order mark is skipped.</param>
    /// <param name="fileName">The name put into diagnostics; no file is opened.</param>
    /// <param name="options">Limits; null for <see cref="TomlReadOptions.Default"/>.</param>
    public static TomlParseResult Parse(string text, string fileName, TomlReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sink = new DiagnosticSink(fileName, options ?? TomlReadOptions.Default);
        return SourceText.FromString(text, sink) is { } source ? Read(source, sink) : sink.ToResult();
    }

    private static TomlParseResult Read(SourceText source, DiagnosticSink sink)
    {
        TomlTable root = new DocumentReader(source, sink).Read();
        return sink.IsEmpty ? new TomlParseResult(root) : sink.ToResult();
    }
}
