namespace TgtModular.TgtSocket.Model;

/// <summary>Numbers as C's strtoull(3) with base 0 reads them: decimal, 0x hexadecimal, 0 octal; what follows the digits does not count.</summary>
internal static class CNumber
{
    /// <summary>The number at the start of a text; 0 where there is none.</summary>
    public static long Read(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart();
        bool negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+")) rest = rest[1..];
        int radix = 10;
        if (rest.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            radix = 16;
            rest = rest[2..];
        }
        else if (rest.StartsWith("0"))
        {
            radix = 8;
        }

        long value = 0;
        foreach (char digit in rest)
        {
            int number = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (number >= radix) break;
            if (value > (long.MaxValue - number) / radix) return negative ? long.MinValue : long.MaxValue;
            value = (value * radix) + number;
        }

        return negative ? -value : value;
    }
}
