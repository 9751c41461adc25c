namespace TgtModular.Toml.Reading;

internal enum TokenType
{
    EndOfFile,
    NewLine,
    Dot,
    Equal,
    Comma,
    OpenBracket,
    OpenDoubleBracket,
    CloseBracket,
    CloseDoubleBracket,
    OpenBrace,
    CloseBrace,

    /// <summary>A bare part of a key.</summary>
    BareKey,

    /// <summary>A string; its characters are in <see cref="Token.Content"/>.</summary>
    String,

    /// <summary>The text of a number, boolean or date-time, not judged yet; or of something that is no value.</summary>
    Scalar,

    /// <summary>A key or value that is none; reported already.</summary>
    Malformed,

    /// <summary>A character that begins nothing.</summary>
    Stray,
}

/// <summary>A token of a document.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Start">Offset of its first UTF-16 code unit.</param>
/// <param name="End">Offset behind its last one.</param>
/// <param name="Position">Where it begins.</param>
/// <param name="Content">The characters of a string, escapes resolved.</param>
internal readonly record struct Token(TokenType Type, int Start, int End, TomlPosition Position, string? Content = null);
