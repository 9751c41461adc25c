using System.Buffers;
using System.Globalization;
using System.Text;

namespace TgtModular.Toml.Reading;

/// <summary>
/// Reads one string (TOML 1.0.0, "String"): the four kinds, and only the escapes of 1.0. Control characters are reported before, by <see cref="SourceText"/>.
/// </summary>
internal ref struct StringReader
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789ABCDEFabcdef");

    private readonly ReadOnlySpan<char> _text;
    private readonly DiagnosticSink _sink;
    private readonly TomlPosition _start;
    private readonly char _quote;
    private readonly bool _multiline;
    private PositionTracker _tracker;
    private StringBuilder? _builder;
    private string? _content;
    private int _copied;
    private bool _failed;

    public StringReader(string text, int start, TomlPosition position, bool allowMultiline, DiagnosticSink sink)
    {
        _text = text;
        _sink = sink;
        _start = position;
        _tracker = new PositionTracker(start, position);
        _quote = text[start];
        _multiline = allowMultiline && QuotesAt(start) >= 3;
        End = start + (_multiline ? 3 : 1);
    }

    /// <summary>Offset behind the string; for a malformed one, where reading may go on.</summary>
    public int End { get; private set; }

    private readonly string Name => (_multiline, _quote) switch
    {
        (true, '"') => "multi-line string",
        (true, _) => "multi-line literal string",
        (false, '"') => "string",
        _ => "literal string",
    };

    /// <summary>The characters of the string, or null when it is malformed, which is reported then.</summary>
    public string? Read()
    {
        if (_multiline)
            SkipLineEnd();
        _copied = End;
        while (true)
        {
            int found = IndexOfInteresting();
            if (found < 0)
                return Unterminated(_text.Length, "end of the file");
            End += found;
            char c = _text[End];
            if (c == '\n')
            {
                int lineEnd = _text[End - 1] == '\r' ? End - 1 : End;
                return Unterminated(lineEnd, "end of the line");
            }

            if (c == '\\')
                ReadEscape();
            else if (TryClose())
                return _failed ? null : _content;
        }
    }

    private readonly int IndexOfInteresting()
    {
        ReadOnlySpan<char> rest = _text[End..];
        return (_multiline, _quote) switch
        {
            (true, '"') => rest.IndexOfAny('"', '\\'),
            (true, _) => rest.IndexOf('\''),
            (false, '"') => rest.IndexOfAny('"', '\\', '\n'),
            _ => rest.IndexOfAny('\'', '\n'),
        };
    }

    private string? Unterminated(int end, string where)
    {
        End = end;
        string close = new(_quote, _multiline ? 3 : 1);
        _sink.Add(_start, $"this {Name} is not closed: {close} is missing before the {where}");
        return null;
    }

    /// <summary>At a quote: true when it ends the string. A multi-line string may end in up to two quotes of its own.</summary>
    private bool TryClose()
    {
        if (!_multiline)
        {
            FinishAt(End, behind: 1);
            return true;
        }

        int quotes = Math.Min(QuotesAt(End), 5);
        if (quotes < 3)
        {
            End += quotes;
            return false;
        }

        FinishAt(End + quotes - 3, behind: 3);
        return true;
    }

    private void FinishAt(int contentEnd, int behind)
    {
        ReadOnlySpan<char> tail = _text[_copied..contentEnd];
        _content = _builder is null ? tail.ToString() : _builder.Append(tail).ToString();
        End = contentEnd + behind;
    }

    private void ReadEscape()
    {
        int start = End;
        _builder ??= new StringBuilder();
        _ = _builder.Append(_text[_copied..start]);
        char c = start + 1 < _text.Length ? _text[start + 1] : '\0';
        End = start + 2;
        switch (c)
        {
            case 'b': Append('\b'); break;
            case 't': Append('\t'); break;
            case 'n': Append('\n'); break;
            case 'f': Append('\f'); break;
            case 'r': Append('\r'); break;
            case '"': Append('"'); break;
            case '\\': Append('\\'); break;
            case 'u': ReadUnicode(start, 4); break;
            case 'U': ReadUnicode(start, 8); break;
            case ' ' or '\t' or '\r' or '\n' when _multiline: SkipLineContinuation(start); break;
            case '\0' or '\r' or '\n': End = start + 1; break; // the string ends unclosed behind it, which is reported
            default: RefuseEscape(start, c); break;
        }

        _copied = End;
    }

    private readonly void Append(char c) => _builder!.Append(c);

    private void ReadUnicode(int start, int count)
    {
        ReadOnlySpan<char> digits = _text[End..Math.Min(End + count, _text.Length)];
        int valid = digits.IndexOfAnyExcept(Digits);
        if (valid >= 0 || digits.Length < count)
        {
            End += valid >= 0 ? valid : digits.Length;
            Refuse(start, $"\\{_text[start + 1]} must be followed by {count} hexadecimal digits");
            return;
        }

        End += count;
        uint value = uint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (Rune.TryCreate(value, out Rune rune))
            _ = _builder!.Append(rune.ToString());
        else
            Refuse(start, value < 0x10000 ? $"U+{value:X4} is half a surrogate pair, not a character" : $"U+{value:X} is beyond Unicode");
    }

    /// <summary>A backslash that ends a line takes away all blanks and line ends up to the next other character.</summary>
    private void SkipLineContinuation(int start)
    {
        ReadOnlySpan<char> rest = _text[(start + 1)..];
        int blanks = rest.IndexOfAnyExcept(" \t\r\n");
        blanks = blanks < 0 ? rest.Length : blanks;
        if (rest[..blanks].Contains('\n'))
            End = start + 1 + blanks;
        else
            Refuse(start, "a backslash before blanks must be the last on its line; a backslash itself is written \\\\");
    }

    private void RefuseEscape(int start, char c)
    {
        if (char.IsHighSurrogate(c))
            End = start + 3;
        Refuse(start, c switch
        {
            'e' => "the escape \\e is of TOML 1.1; TOML 1.0 writes \\u001B",
            'x' => "the escape \\x is of TOML 1.1; TOML 1.0 writes \\u and four hexadecimal digits",
            _ => $"unknown escape \\{Printable.Show(_text[(start + 1)..End])}; "
                + "TOML 1.0 knows \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX; a backslash itself is written \\\\",
        });
    }

    private void Refuse(int at, string message)
    {
        _failed = true;
        if (!_sink.IsFull)
            _sink.Add(_tracker.MoveTo(_text, at), message);
    }

    private void SkipLineEnd()
    {
        if (_text[End..].StartsWith("\r\n"))
            End += 2;
        else if (_text[End..].StartsWith("\n"))
            End += 1;
    }

    private readonly int QuotesAt(int at)
    {
        ReadOnlySpan<char> rest = _text[at..Math.Min(at + 6, _text.Length)];
        int count = rest.IndexOfAnyExcept(_quote);
        return count < 0 ? rest.Length : count;
    }
}
