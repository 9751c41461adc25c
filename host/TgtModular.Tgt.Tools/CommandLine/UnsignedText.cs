namespace TgtModular.Tgt.Tools.CommandLine;

/// <summary>Numbers as C's strtoull reads them with base 0 (C17 7.22.1.4): tgtadm takes <c>0x10</c>, <c>010</c>, <c> 7</c> and <c>1x</c>.</summary>
internal static class UnsignedText
{
    /// <summary>Reads the number that a text begins with.</summary>
    /// <returns>False when there is none, and for the largest number, which strtoull also returns when the text is too large.</returns>
    public static bool TryRead(string text, out ulong value)
    {
        value = 0;
        int at = 0;
        while (at < text.Length && (text[at] == ' ' || text[at] is >= '\t' and <= '\r')) at++;
        bool negative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is '-' or '+') at++;
        uint radix = RadixAt(text, ref at);
        int first = at;
        bool tooLarge = false;
        for (; at < text.Length && DigitOf(text[at]) is uint digit && digit < radix; at++)
        {
            UInt128 larger = ((UInt128)value * radix) + digit;
            tooLarge |= larger > ulong.MaxValue;
            value = (ulong)larger;
        }

        if (at == first && radix == 10) return false;
        if (tooLarge) value = ulong.MaxValue;
        else if (negative) value = unchecked(0 - value);
        return value != ulong.MaxValue;
    }

    /// <summary>The base that the prefix tells; a lone 0 and a 0x without digits are the number 0.</summary>
    private static uint RadixAt(string text, ref int at)
    {
        if (at >= text.Length || text[at] != '0') return 10;
        if (at + 1 >= text.Length || text[at + 1] is not ('x' or 'X')) return 8;
        at += 2;
        return 16;
    }

    private static uint DigitOf(char character) => character switch
    {
        >= '0' and <= '9' => (uint)(character - '0'),
        >= 'a' and <= 'f' => (uint)(character - 'a' + 10),
        >= 'A' and <= 'F' => (uint)(character - 'A' + 10),
        _ => uint.MaxValue,
    };
}
