namespace TgtModular.Toml.Reading;

/// <summary>Reads a document line by line; after an error it goes on at the next line that can begin something.</summary>
internal sealed class DocumentReader
{
    private readonly TokenStream _tokens;
    private readonly DiagnosticSink _sink;
    private readonly TableBuilder _builder;
    private readonly KeyReader _keys;
    private readonly ValueReader _values;

    /// <summary>Where keys go now; behind a header that conflicts, a table nobody sees, so that its keys cause no further messages.</summary>
    private PlacedTable _current;

    public DocumentReader(SourceText source, DiagnosticSink sink)
    {
        _sink = sink;
        _tokens = new TokenStream(source, sink);
        _builder = new TableBuilder(sink);
        _keys = new KeyReader(_tokens, sink);
        _values = new ValueReader(_tokens, sink, _builder);
        _current = new PlacedTable(_builder.Root, 0);
    }

    /// <summary>Reads all; the table is of use only when nothing was reported.</summary>
    public TomlTable Read()
    {
        Token token = _tokens.NextInKey();
        while (token.Type != TokenType.EndOfFile)
        {
            if (token.Type != TokenType.NewLine)
            {
                Token last = token;
                bool read = token.Type is TokenType.OpenBracket or TokenType.OpenDoubleBracket ? ReadHeader(ref last) : ReadPair(ref last);
                if (!read)
                    Recover(token, last);
            }

            token = _tokens.NextInKey();
        }

        return _builder.Root;
    }

    private bool ReadHeader(ref Token token)
    {
        Token open = token;
        _values.OpenBrackets = 0;
        bool isArray = open.Type == TokenType.OpenDoubleBracket;
        TokenType close = isArray ? TokenType.CloseDoubleBracket : TokenType.CloseBracket;
        _current = new PlacedTable(new TomlTable(), 0);
        token = _tokens.NextInKey();
        if (_keys.Read(ref token, isArray ? "the name of an array of tables" : "the name of a table") is not { } path)
            return false;
        if (token.Type != close)
        {
            if (token.Type != TokenType.Malformed)
                _sink.Add(token.Position, $"'{(isArray ? "]]" : "]")}' is expected behind the name '{path}', not {_tokens.Describe(token)}");
            return false;
        }

        if (_builder.OpenHeader(path, isArray, open.Position) is { } place)
            _current = place;
        return ReadLineEnd(ref token, "header");
    }

    private bool ReadPair(ref Token token)
    {
        _values.OpenBrackets = 0;
        if (_keys.Read(ref token, "a key or a [table]") is not { } path || !_keys.ExpectEqual(token, path))
            return false;
        PlacedTable? place = _builder.OpenDotted(_current, path);
        token = _tokens.NextInValue();
        if (!_values.Read(ref token, place?.Depth ?? 0, out TomlValue? value) || value is null)
            return false;
        if (place is not null)
            _builder.Add(place.Value.Table, path, value);
        return ReadLineEnd(ref token, "value");
    }

    private bool ReadLineEnd(ref Token token, string behind)
    {
        token = _tokens.NextInKey();
        if (token.Type is TokenType.NewLine or TokenType.EndOfFile)
            return true;
        if (token.Type != TokenType.Malformed)
            _sink.Add(token.Position, $"the line must end behind the {behind}; {_tokens.Describe(token)} is out of place");
        return false;
    }

    /// <summary>
    /// Goes on behind what could not be read: at the next line, or, where a bracket is still open, at the first line that looks like a key with a value
    /// or a header (the line of the error included, unless the statement began on it).
    /// </summary>
    private void Recover(Token statement, Token wrong)
    {
        string text = _tokens.Text;
        if (wrong.Position.Line > statement.Position.Line && _values.OpenBrackets > 0)
        {
            int errorLine = text.LastIndexOf('\n', wrong.Start - 1) + 1;
            if (StatementScan.LooksLikeOne(text, errorLine))
            {
                _tokens.ResumeAt(errorLine, new TomlPosition(wrong.Position.Line, 1));
                return;
            }
        }

        int next = NextLine(text, wrong.Type == TokenType.NewLine ? wrong.Start : wrong.End);
        while (_values.OpenBrackets > 0 && next < text.Length && !StatementScan.LooksLikeOne(text, next))
            next = NextLine(text, next);
        var tracker = new PositionTracker(wrong.Start, wrong.Position);
        _tokens.ResumeAt(next, tracker.MoveTo(text, next));
    }

    private static int NextLine(string text, int offset)
    {
        int lineFeed = text.IndexOf('\n', offset);
        return lineFeed < 0 ? text.Length : lineFeed + 1;
    }
}
