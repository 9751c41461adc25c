namespace TgtModular.Toml.Reading;

/// <summary>Reads one inline table (TOML 1.0.0, "Inline Table"); what only TOML 1.1 allows in it is read on after it was reported, once for each table.</summary>
internal sealed class InlineTableReader(ValueReader values, TokenStream tokens, DiagnosticSink sink, TableBuilder builder, TomlPosition begin, int depth) : NestedReader
{
    private readonly TomlTable _table = new(begin) { Inline = true };
    private bool _whole = true;
    private bool _linesReported;

    /// <summary>The key whose value is asked for.</summary>
    private KeyPath _path;

    /// <summary>The table it goes to; null when the key was refused.</summary>
    private PlacedTable? _place;

    public override int ItemDepth => _place?.Depth ?? depth;

    public override TomlValue? Value => _whole ? _table : null;

    public override NestedStep Begin(ref Token token)
    {
        token = NextOnLine();
        return PairOrEnd(ref token);
    }

    public override NestedStep Take(TomlValue? item, ref Token token)
    {
        if (_place is null || item is null)
            _whole = false;
        else
            builder.Add(_place.Value.Table, _path, item);

        token = NextOnLine();
        if (token.Type == TokenType.Comma)
            SkipComma(ref token);
        else if (token.Type is not (TokenType.CloseBrace or TokenType.EndOfFile))
            return token.Type == TokenType.Malformed ? NestedStep.Lost : Lose(token.Position, $"',' or '}}' is expected in the inline table that begins at {begin}, not {tokens.Describe(token)}");
        return PairOrEnd(ref token);
    }

    private void SkipComma(ref Token token)
    {
        Token comma = token;
        token = NextOnLine();
        if (token.Type == TokenType.CloseBrace)
            Report(comma.Position, "a comma before '}' is of TOML 1.1; TOML 1.0 has none behind the last key of an inline table");
    }

    /// <summary>Reads a key and its equals sign; the value is asked for.</summary>
    private NestedStep PairOrEnd(ref Token token)
    {
        if (token.Type == TokenType.CloseBrace)
            return NestedStep.Ended;
        if (token.Type == TokenType.EndOfFile)
            return Lose(begin, "this inline table is not closed: '}' is missing");
        if (_linesReported && token.Type is not (TokenType.BareKey or TokenType.String))
            return NestedStep.Lost;
        if (values.Keys.Read(ref token, "a key") is not { } path || !values.Keys.ExpectEqual(token, path))
            return NestedStep.Lost;
        _path = path;
        _place = builder.OpenDotted(new PlacedTable(_table, depth), _path);
        token = tokens.NextInValue();
        return NestedStep.Item;
    }

    /// <summary>The next token; line ends before it are reported.</summary>
    private Token NextOnLine()
    {
        Token token = tokens.NextInKey();
        while (token.Type == TokenType.NewLine)
        {
            if (!_linesReported)
                Report(token.Position, "an inline table must end on the line it began on (only TOML 1.1 allows more): close it with '}', or write a [table]");
            _linesReported = true;
            token = tokens.NextInKey();
        }

        return token;
    }

    private NestedStep Lose(TomlPosition position, string message)
    {
        if (!_linesReported)
            Report(position, message);
        return NestedStep.Lost;
    }

    private void Report(TomlPosition position, string message)
    {
        _whole = false;
        sink.Add(position, message);
    }
}
