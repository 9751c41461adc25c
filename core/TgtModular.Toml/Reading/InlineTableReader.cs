namespace TgtModular.Toml.Reading;

/// <summary>Reads one inline table (TOML 1.0.0, "Inline Table"); what only TOML 1.1 allows in it is read on after it was reported, once for each table.</summary>
internal sealed class InlineTableReader(ValueReader values, TokenStream tokens, DiagnosticSink sink, TableBuilder builder, TomlPosition begin, int depth)
{
    private bool _linesReported;

    public TomlTable Table { get; } = new(begin) { Inline = true };

    /// <summary>False when anything in the table is bad.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Reads from the opening brace to the closing one; false when that is not found.</summary>
    public bool Read(ref Token token)
    {
        token = NextOnLine();
        while (token.Type != TokenType.CloseBrace)
        {
            if (token.Type == TokenType.EndOfFile)
                return Fail(begin, "this inline table is not closed: '}' is missing");
            if ((_linesReported && token.Type is not (TokenType.BareKey or TokenType.String)) || !ReadPair(ref token))
                return false;
            token = NextOnLine();
            if (token.Type == TokenType.CloseBrace)
                return true;
            if (token.Type == TokenType.EndOfFile)
                continue;
            if (token.Type != TokenType.Comma)
                return token.Type != TokenType.Malformed && Fail(token.Position, $"',' or '}}' is expected in the inline table that begins at {begin}, not {tokens.Describe(token)}");
            Token comma = token;
            token = NextOnLine();
            if (token.Type == TokenType.CloseBrace)
                Report(comma.Position, "a comma before '}' is of TOML 1.1; TOML 1.0 has none behind the last key of an inline table");
        }

        return true;
    }

    private bool ReadPair(ref Token token)
    {
        if (values.Keys.Read(ref token, "a key") is not { } path || !values.Keys.ExpectEqual(token, path))
            return false;
        PlacedTable? place = builder.OpenDotted(new PlacedTable(Table, depth), path);
        token = tokens.NextInValue();
        if (!values.Read(ref token, place?.Depth ?? depth, out TomlValue? value))
            return false;
        if (place is null || value is null)
            IsWhole = false;
        else
            builder.Add(place.Value.Table, path, value);
        return true;
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

    private bool Fail(TomlPosition position, string message)
    {
        if (!_linesReported)
            Report(position, message);
        return false;
    }

    private void Report(TomlPosition position, string message)
    {
        IsWhole = false;
        sink.Add(position, message);
    }
}
