namespace TgtModular.Toml.Reading;

/// <summary>Line and column of an offset that only moves forward, so that all moves together cost one pass.</summary>
internal struct PositionTracker
{
    private int _offset;
    private int _line;
    private int _column;

    public PositionTracker(int offset, TomlPosition position)
    {
        _offset = offset;
        _line = position.Line;
        _column = position.Column;
    }

    public readonly TomlPosition Position => new(_line, _column);

    /// <summary>Moves to <paramref name="offset"/>, which must not lie behind.</summary>
    public TomlPosition MoveTo(ReadOnlySpan<char> text, int offset)
    {
        ReadOnlySpan<char> passed = text[_offset..offset];
        int lastLineFeed = passed.LastIndexOf('\n');
        if (lastLineFeed >= 0)
        {
            _line += passed.Count('\n');
            _column = 1;
            passed = passed[(lastLineFeed + 1)..];
        }

        _column += passed.Length - CountLowSurrogates(passed);
        _offset = offset;
        return Position;
    }

    private static int CountLowSurrogates(ReadOnlySpan<char> text)
    {
        int count = 0;
        while (text.IndexOfAnyInRange('\uDC00', '\uDFFF') is int found and >= 0)
        {
            count++;
            text = text[(found + 1)..];
        }

        return count;
    }
}
