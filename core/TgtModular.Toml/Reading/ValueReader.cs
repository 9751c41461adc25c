namespace TgtModular.Toml.Reading;

/// <summary>Reads values (TOML 1.0.0, "Key/Value Pair" to "Inline Table").</summary>
internal sealed class ValueReader(TokenStream tokens, DiagnosticSink sink, TableBuilder builder)
{
    /// <summary>Reads keys of inline tables.</summary>
    public KeyReader Keys { get; } = new(tokens, sink);

    /// <summary>How many brackets and braces are open: after a failure, those of the value that could not be read. The caller sets it to 0 before a statement.</summary>
    public int OpenBrackets { get; set; }

    /// <summary>The arrays and inline tables that are being read, the innermost last.</summary>
    private readonly Stack<NestedReader> _open = new();

    /// <summary>Reads the value that begins with <paramref name="token"/>. How deep it is nested costs no stack: a document is read on whatever thread its reader is.</summary>
    /// <param name="token">Its first token; on failure the one that is wrong.</param>
    /// <param name="depth">How many tables and arrays it stands in.</param>
    /// <param name="value">The value; null when it is bad, which is reported.</param>
    /// <returns>False when it is not known where the value ends.</returns>
    public bool Read(ref Token token, int depth, out TomlValue? value)
    {
        _open.Clear();
        while (Enter(ref token, depth, out value, out NestedReader? nested))
        {
            NestedStep step = NestedStep.Ended;
            if (nested is not null)
                step = nested.Begin(ref token);
            else if (_open.Count > 0)
                step = _open.Peek().Take(value, ref token);
            while (step == NestedStep.Ended && _open.Count > 0)
            {
                OpenBrackets--;
                value = _open.Pop().Value;
                if (_open.Count > 0)
                    step = _open.Peek().Take(value, ref token);
            }

            if (step != NestedStep.Item)
                return step == NestedStep.Ended;
            depth = _open.Peek().ItemDepth;
        }

        return false;
    }

    /// <summary>Reads a value that has none in it, or opens one that has.</summary>
    private bool Enter(ref Token token, int depth, out TomlValue? value, out NestedReader? nested)
    {
        value = null;
        nested = null;
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
                if (!builder.CheckDepth(depth + 1, token.Position))
                    return false;
                nested = token.Type == TokenType.OpenBracket
                    ? new ArrayReader(tokens, sink, token.Position, depth + 1)
                    : new InlineTableReader(this, tokens, sink, builder, token.Position, depth + 1);
                _open.Push(nested);
                return true;
            default:
                sink.Add(token.Position, $"a value is expected, not {tokens.Describe(token)}");
                return false;
        }
    }

    /// <summary>A string without its closing quote swallowed what stood behind it on the line, brackets too.</summary>
    private bool IsCutOffString(Token token) =>
        tokens.Text[token.Start] is '"' or '\'' && (token.End == tokens.Text.Length || tokens.Text[token.End] is '\r' or '\n');
}
