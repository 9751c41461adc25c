namespace TgtModular.Toml.Reading;

/// <summary>Reads values (TOML 1.0.0, "Key/Value Pair" to "Inline Table").</summary>
internal sealed class ValueReader(TokenStream tokens, DiagnosticSink sink, TableBuilder builder)
{
    /// <summary>Reads keys of inline tables.</summary>
    public KeyReader Keys { get; } = new(tokens, sink);

    /// <summary>How many brackets and braces are open: after a failure, those of the value that could not be read. The caller sets it to 0 before a statement.</summary>
    public int OpenBrackets { get; set; }

    /// <summary>Reads the value that begins with <paramref name="token"/>.</summary>
    /// <param name="token">Its first token; on failure the one that is wrong.</param>
    /// <param name="depth">How many tables and arrays it stands in.</param>
    /// <param name="value">The value; null when it is bad, which is reported.</param>
    /// <returns>False when it is not known where the value ends.</returns>
    public bool Read(ref Token token, int depth, out TomlValue? value)
    {
        value = null;
        if (!builder.Count(token.Position))
            return false;
        switch (token.Type)
        {
            case TokenType.String:
                value = new TomlString(token.Content!, token.Position);
                return true;
            case TokenType.Scalar:
                value = ScalarReader.Read(tokens.Text.AsSpan(token.Start, token.End - token.Start), token.Position, out string error);
                if (value is null)
                    sink.Add(token.Position, error);
                return true;
            case TokenType.Malformed:
                return !IsCutOffString(token);
            case TokenType.OpenBracket:
            case TokenType.OpenBrace:
                OpenBrackets++;
                if (!builder.CheckDepth(depth + 1, token.Position)
                    || !(token.Type == TokenType.OpenBrace ? ReadInlineTable(ref token, depth + 1, out value) : ReadArray(ref token, depth + 1, out value)))
                {
                    return false;
                }

                OpenBrackets--;
                return true;
            default:
                sink.Add(token.Position, $"a value is expected, not {tokens.Describe(token)}");
                return false;
        }
    }

    /// <summary>A string without its closing quote swallowed what stood behind it on the line, brackets too.</summary>
    private bool IsCutOffString(Token token) =>
        tokens.Text[token.Start] is '"' or '\'' && (token.End == tokens.Text.Length || tokens.Text[token.End] is '\r' or '\n');

    private bool ReadArray(ref Token token, int depth, out TomlValue? value)
    {
        var array = new TomlArray(token.Position);
        bool whole = true;
        value = null;
        token = NextPastLineEnds();
        while (token.Type != TokenType.CloseBracket)
        {
            if (!IsInsideArray(token, array.Position) || !Read(ref token, depth, out TomlValue? item))
                return false;
            if (item is null)
                whole = false;
            else
                array.Add(item);

            token = NextPastLineEnds();
            if (token.Type == TokenType.Comma)
            {
                token = NextPastLineEnds();
            }
            else if (token.Type != TokenType.CloseBracket)
            {
                if (IsInsideArray(token, array.Position) && item is not null && token.Type != TokenType.Malformed)
                    sink.Add(token.Position, $"',' or ']' is expected in the array that begins at {array.Position}, not {tokens.Describe(token)}");
                return false;
            }
        }

        value = whole ? array : null;
        return true;
    }

    private bool IsInsideArray(Token token, TomlPosition begin)
    {
        if (token.Type == TokenType.EndOfFile)
            sink.Add(begin, "this array is not closed: ']' is missing before the end of the file");
        return token.Type != TokenType.EndOfFile;
    }

    private Token NextPastLineEnds()
    {
        Token token = tokens.NextInValue();
        while (token.Type == TokenType.NewLine)
            token = tokens.NextInValue();
        return token;
    }

    private bool ReadInlineTable(ref Token token, int depth, out TomlValue? value)
    {
        var reader = new InlineTableReader(this, tokens, sink, builder, token.Position, depth);
        bool ended = reader.Read(ref token);
        value = reader.IsWhole ? reader.Table : null;
        return ended;
    }
}
