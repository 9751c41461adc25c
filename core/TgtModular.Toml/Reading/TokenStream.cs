using System.Buffers;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace TgtModular.Toml.Reading;

/// <summary>
/// The tokens of a document, from Tomlyn's lexer; the only place that knows Tomlyn. Tomlyn accepts TOML 1.1 and records one error object per
/// bad character, so strings are judged before it sees them, and runs of characters are bounded: it can then fail on a bounded run only.
/// </summary>
internal sealed class TokenStream
{
    /// <summary>The longest bare key part, number or date-time, in characters.</summary>
    public const int MaximumRun = 64 * 1024;

    private static readonly SearchValues<char> KeyRun = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly SearchValues<char> ValueRun = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+.:");

    private readonly SourceText _source;
    private readonly DiagnosticSink _sink;
    private TomlLexer _lexer;

    /// <summary>Where in the document the lexer's own text begins: offset, lines and (on its first line) columns to add.</summary>
    private int _baseOffset;
    private TomlPosition _base = new(1, 1);

    private int _next;
    private TomlPosition _nextPosition = new(1, 1);

    public TokenStream(SourceText source, DiagnosticSink sink)
    {
        _source = source;
        _sink = sink;
        _lexer = TomlLexer.Create(source.Lexed);
        SkipByteOrderMark();
    }

    public string Text => _source.Text;

    /// <summary>Offset of the first character not yet taken.</summary>
    public int Offset => _next;

    /// <summary>Position of the first character not yet taken.</summary>
    public TomlPosition Position => _nextPosition;

    /// <summary>The next token where a key or the end of a line is expected; blanks and comments are skipped.</summary>
    public Token NextInKey() => Next(keyMode: true);

    /// <summary>The next token where a value is expected; blanks and comments are skipped.</summary>
    public Token NextInValue() => Next(keyMode: false);

    /// <summary>The token as a message would put it.</summary>
    public string Describe(Token token) => token.Type switch
    {
        TokenType.EndOfFile => "the end of the file",
        TokenType.NewLine => "the end of the line",
        TokenType.String => "a string",
        _ => $"'{Printable.Show(Text.AsSpan(token.Start, token.End - token.Start))}'",
    };

    /// <summary>
    /// Goes on at <paramref name="offset"/>. Copies the rest of the text: for recovery only, whose number the limit on diagnostics bounds.
    /// </summary>
    public void ResumeAt(int offset, TomlPosition position)
    {
        if (offset == _next)
            return;
        _nextPosition = position;
        _next = offset;
        _base = position;
        _baseOffset = offset;
        _lexer = TomlLexer.Create(_source.Lexed[offset..]);
        SkipByteOrderMark();
    }

    /// <summary>Goes on at <paramref name="offset"/>, passing over what lies between.</summary>
    private void SkipTo(int offset)
    {
        var tracker = new PositionTracker(_next, _nextPosition);
        ResumeAt(offset, tracker.MoveTo(_source.Text, offset));
    }

    private Token Next(bool keyMode)
    {
        _lexer.Mode = keyMode ? TomlLexerMode.Key : TomlLexerMode.Value;
        while (_next < _source.Text.Length && !_sink.IsFull)
        {
            char c = _source.Text[_next];
            if (c is '"' or '\'')
                return TakeString(allowMultiline: !keyMode);
            int run = RunLength(keyMode ? KeyRun : ValueRun);
            if (run > MaximumRun)
                return RefuseRun(run);
            if (!_lexer.MoveNext())
                break;
            Token token = Accept(_lexer.Current);
            if (_lexer.Current.Kind is not (TokenKind.Whitespaces or TokenKind.Comment))
                return keyMode || run == 0 ? token : TakeScalar(token, run);
        }

        return new Token(TokenType.EndOfFile, _next, _next, _nextPosition);
    }

    /// <summary>Translates a token into the document's offsets and positions and moves behind it.</summary>
    private Token Accept(in TomlToken token)
    {
        int start = _baseOffset + token.Start.Offset;
        TomlPosition position = Translate(token.Start.Line, token.Start.Column);
        int last = _baseOffset + token.End.Offset;
        _next = Math.Min(_source.Text.Length, last + (last < _source.Text.Length && char.IsHighSurrogate(_source.Text[last]) ? 2 : 1));
        _nextPosition = token.Kind == TokenKind.NewLine
            ? new TomlPosition(position.Line + 1, 1)
            : Translate(token.End.Line, token.End.Column + 1);
        return new Token(TypeOf(token.Kind), start, _next, position);
    }

    private TomlPosition Translate(int line, int column) =>
        new(_base.Line + line, line == 0 ? _base.Column + column : column + 1);

    /// <summary>Reads a string ourselves (Tomlyn's escapes are those of TOML 1.1) and lets the lexer pass over it only when it is well formed.</summary>
    private Token TakeString(bool allowMultiline)
    {
        int start = _next;
        TomlPosition position = _nextPosition;
        var reader = new StringReader(_source.Text, start, position, allowMultiline, _sink);
        string? content = reader.Read();
        if (content is null)
        {
            SkipTo(reader.End);
            return new Token(TokenType.Malformed, start, reader.End, position);
        }

        _ = _lexer.MoveNext();
        _ = Accept(_lexer.Current);
        if (_next != reader.End)
        {
            _sink.Add(position, "this string cannot be read");
            SkipTo(reader.End);
        }

        return new Token(TokenType.String, start, _next, position, content);
    }

    /// <summary>The run of characters that a number, boolean or date-time may have; a date with a blank before its time is longer than its run.</summary>
    private Token TakeScalar(Token token, int run)
    {
        int end = Math.Max(token.End, token.Start + run);
        if (end != token.End)
        {
            _sink.Add(token.Position, ScalarReader.Explain(_source.Text.AsSpan(token.Start, run)));
            SkipTo(end);
            return new Token(TokenType.Malformed, token.Start, end, token.Position);
        }

        return token with { Type = TokenType.Scalar };
    }

    private int RunLength(SearchValues<char> characters)
    {
        ReadOnlySpan<char> rest = _source.Text.AsSpan(_next);
        int length = rest.IndexOfAnyExcept(characters);
        return length < 0 ? rest.Length : length;
    }

    private Token RefuseRun(int run)
    {
        var token = new Token(TokenType.Malformed, _next, _next + run, _nextPosition);
        _sink.Add(_nextPosition, $"{run} characters without a quote or a blank: a key or value may have at most {MaximumRun}");
        SkipTo(token.End);
        return token;
    }

    /// <summary>The lexer passes over a byte order mark at the begin of its text in silence; the document's own is gone already.</summary>
    private void SkipByteOrderMark()
    {
        if (_next >= _source.Text.Length || _source.Text[_next] != '\uFEFF')
            return;
        _sink.Add(_nextPosition, "a byte order mark (U+FEFF) may only be the first character of a file");
        _next++;
        _baseOffset++;
        _base = _nextPosition = new TomlPosition(_nextPosition.Line, _nextPosition.Column + 1);
    }

    private static TokenType TypeOf(TokenKind kind) => kind switch
    {
        TokenKind.Eof => TokenType.EndOfFile,
        TokenKind.NewLine => TokenType.NewLine,
        TokenKind.Dot => TokenType.Dot,
        TokenKind.Equal => TokenType.Equal,
        TokenKind.Comma => TokenType.Comma,
        TokenKind.OpenBracket => TokenType.OpenBracket,
        TokenKind.OpenBracketDouble => TokenType.OpenDoubleBracket,
        TokenKind.CloseBracket => TokenType.CloseBracket,
        TokenKind.CloseBracketDouble => TokenType.CloseDoubleBracket,
        TokenKind.OpenBrace => TokenType.OpenBrace,
        TokenKind.CloseBrace => TokenType.CloseBrace,
        TokenKind.BasicKey => TokenType.BareKey,
        _ => TokenType.Stray,
    };
}
