using System.Globalization;

namespace TgtModular.Toml.Reading;

/// <summary>Reads numbers (TOML 1.0.0, "Integer" and "Float"): underscores between digits only, no leading zeros, 64 bits.</summary>
internal static class NumberReader
{
    public static bool LooksLikeOne(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> unsigned = WithoutSign(text);
        return unsigned is "inf" or "nan" || (unsigned.Length > 0 && (char.IsAsciiDigit(unsigned[0]) || unsigned[0] == '.')) || unsigned.Length == 0;
    }

    /// <summary>The number, or null with the reason in <paramref name="error"/>.</summary>
    public static TomlValue? Read(ReadOnlySpan<char> text, TomlPosition position, out string error)
    {
        error = string.Empty;
        bool negative = text.StartsWith("-");
        ReadOnlySpan<char> unsigned = WithoutSign(text);
        if (unsigned is "inf")
            return new TomlFloat(negative ? double.NegativeInfinity : double.PositiveInfinity, position);
        if (unsigned is "nan")
            return new TomlFloat(double.NaN, position);
        if (unsigned.Length > 1 && unsigned[0] == '0' && char.ToLowerInvariant(unsigned[1]) is 'x' or 'o' or 'b')
            return ReadPrefixed(text, unsigned, position, out error);
        return ReadDecimal(text, unsigned, position, out error);
    }

    private static ReadOnlySpan<char> WithoutSign(ReadOnlySpan<char> text) => text is ['+' or '-', ..] ? text[1..] : text;

    private static TomlInteger? ReadPrefixed(ReadOnlySpan<char> text, ReadOnlySpan<char> unsigned, TomlPosition position, out string error)
    {
        string shown = Printable.Show(text);
        (uint radix, string name) = unsigned[1] switch
        {
            'x' => (16u, "hexadecimal"),
            'o' => (8u, "octal"),
            'b' => (2u, "binary"),
            _ => (0u, string.Empty),
        };
        error = radix == 0 ? $"'{shown}' is no number: the prefixes 0x, 0o and 0b are written in lower case"
            : unsigned.Length != text.Length ? $"'{shown}' is no number: {name} numbers have no sign"
            : DigitsError(unsigned[2..], radix, shown);
        if (error.Length > 0)
            return null;

        ulong value = 0;
        foreach (char c in unsigned[2..])
        {
            if (c == '_')
                continue;
            if (value > ((ulong)long.MaxValue - DigitValue(c)) / radix)
            {
                error = OutOfRange(shown);
                return null;
            }

            value = (value * radix) + DigitValue(c);
        }

        return new TomlInteger((long)value, position);
    }

    private static TomlValue? ReadDecimal(ReadOnlySpan<char> text, ReadOnlySpan<char> unsigned, TomlPosition position, out string error)
    {
        string shown = Printable.Show(text);
        int exponentAt = unsigned.IndexOfAny('e', 'E');
        ReadOnlySpan<char> mantissa = exponentAt < 0 ? unsigned : unsigned[..exponentAt];
        int pointAt = mantissa.IndexOf('.');
        ReadOnlySpan<char> whole = pointAt < 0 ? mantissa : mantissa[..pointAt];

        error = whole.IsEmpty && pointAt >= 0 ? $"'{shown}' is no number: a digit is needed before the point" : DigitsError(whole, 10, shown);
        if (error.Length == 0 && whole.Length > 1 && whole[0] == '0')
            error = $"'{shown}' is no number: leading zeros are not allowed";
        if (error.Length == 0 && pointAt >= 0)
            error = pointAt + 1 == mantissa.Length ? $"'{shown}' is no number: a digit is needed behind the point" : DigitsError(mantissa[(pointAt + 1)..], 10, shown);
        if (error.Length == 0 && exponentAt >= 0)
            error = DigitsError(WithoutSign(unsigned[(exponentAt + 1)..]), 10, shown);
        if (error.Length > 0)
            return null;

        Span<char> buffer = text.Length <= 128 ? stackalloc char[text.Length] : new char[text.Length];
        ReadOnlySpan<char> digits = buffer[..CopyWithoutUnderscores(text, buffer)];
        if (exponentAt >= 0 || pointAt >= 0)
            return new TomlFloat(double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture), position);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer))
            return new TomlInteger(integer, position);
        error = OutOfRange(shown);
        return null;
    }

    private static string OutOfRange(string shown) => $"{shown} does not fit: an integer has 64 bits, from {long.MinValue} to {long.MaxValue}";

    /// <summary>Digits with single underscores between them, or what is wrong.</summary>
    private static string DigitsError(ReadOnlySpan<char> digits, uint radix, string shown)
    {
        bool digitBefore = false;
        foreach (char c in digits)
        {
            if (c == '_' ? !digitBefore : DigitValue(c) >= radix)
            {
                return c == '_' ? UnderscoreError(shown)
                    : char.IsAsciiLetter(c) && radix == 10 ? $"'{shown}' is no number; a value with a unit, as any string, needs quotes"
                    : $"'{shown}' is no number: '{c}' is out of place";
            }

            digitBefore = c != '_';
        }

        return digitBefore ? string.Empty : digits.IsEmpty ? $"'{shown}' is no number: a digit is missing" : UnderscoreError(shown);
    }

    private static string UnderscoreError(string shown) => $"'{shown}' is no number: an underscore must stand between two digits";

    private static uint DigitValue(char c) => c switch
    {
        >= '0' and <= '9' => (uint)(c - '0'),
        >= 'a' and <= 'f' => (uint)(c - 'a' + 10),
        >= 'A' and <= 'F' => (uint)(c - 'A' + 10),
        _ => uint.MaxValue,
    };

    private static int CopyWithoutUnderscores(ReadOnlySpan<char> text, Span<char> destination)
    {
        int count = 0;
        foreach (char c in text)
        {
            if (c != '_')
                destination[count++] = c;
        }

        return count;
    }
}
