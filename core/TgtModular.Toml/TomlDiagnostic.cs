namespace TgtModular.Toml;

/// <summary>One thing wrong with a document.</summary>
/// <param name="FileName">The file as the caller named it.</param>
/// <param name="Position">Where.</param>
/// <param name="Message">What is wrong, and where possible what to write instead; one line, control characters made visible.</param>
public sealed record TomlDiagnostic(string FileName, TomlPosition Position, string Message)
{
    /// <summary>The message as <c>file:line:column: message</c>.</summary>
    public override string ToString() => $"{FileName}:{Position.Line}:{Position.Column}: {Message}";
}
