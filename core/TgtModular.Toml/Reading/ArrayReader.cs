namespace TgtModular.Toml.Reading;

/// <summary>Reads one array (TOML 1.0.0, "Array").</summary>
internal sealed class ArrayReader(TokenStream tokens, DiagnosticSink sink, TomlPosition begin, int depth) : NestedReader
{
    private readonly TomlArray _array = new(begin);
    private bool _whole = true;

    public override int ItemDepth => depth;

    public override TomlValue? Value => _whole ? _array : null;

    public override NestedStep Begin(ref Token token)
    {
        token = NextPastLineEnds();
        return ItemOrEnd(token);
    }

    public override NestedStep Take(TomlValue? item, ref Token token)
    {
        if (item is null)
            _whole = false;
        else
            _array.Add(item);

        token = NextPastLineEnds();
        if (token.Type == TokenType.Comma)
            token = NextPastLineEnds();
        else if (token.Type != TokenType.CloseBracket)
            return Lose(token, item);
        return ItemOrEnd(token);
    }

    private NestedStep ItemOrEnd(Token token)
    {
        if (token.Type == TokenType.CloseBracket)
            return NestedStep.Ended;
        return IsInside(token) ? NestedStep.Item : NestedStep.Lost;
    }

    private NestedStep Lose(Token token, TomlValue? item)
    {
        if (IsInside(token) && item is not null && token.Type != TokenType.Malformed)
            sink.Add(token.Position, $"',' or ']' is expected in the array that begins at {begin}, not {tokens.Describe(token)}");
        return NestedStep.Lost;
    }

    private bool IsInside(Token token)
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
}
