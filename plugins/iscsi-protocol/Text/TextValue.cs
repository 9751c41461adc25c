using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace TgtModular.Iscsi.Protocol.Text;

/// <summary>The value forms of RFC 7143 section 6.1.</summary>
public static class TextValue
{
    /// <summary>"Yes".</summary>
    public static ReadOnlySpan<byte> Yes => "Yes"u8;

    /// <summary>"No".</summary>
    public static ReadOnlySpan<byte> No => "No"u8;

    /// <summary>"None".</summary>
    public static ReadOnlySpan<byte> None => "None"u8;

    /// <summary>"Reject": the value proposed is not admissible.</summary>
    public static ReadOnlySpan<byte> Reject => "Reject"u8;

    /// <summary>"Irrelevant": the key means nothing in this session.</summary>
    public static ReadOnlySpan<byte> Irrelevant => "Irrelevant"u8;

    /// <summary>"NotUnderstood": the key is unknown.</summary>
    public static ReadOnlySpan<byte> NotUnderstood => "NotUnderstood"u8;

    /// <summary>Whether a value is one of the three answers that replace a value.</summary>
    /// <param name="value">A value.</param>
    public static bool IsSpecialAnswer(ReadOnlySpan<byte> value) =>
        value.SequenceEqual(Reject) || value.SequenceEqual(Irrelevant) || value.SequenceEqual(NotUnderstood);

    /// <summary>Reads a boolean-value: exactly Yes or No.</summary>
    /// <param name="value">A value.</param>
    /// <param name="result">True for Yes.</param>
    public static bool TryParseBoolean(ReadOnlySpan<byte> value, out bool result)
    {
        result = value.SequenceEqual(Yes);
        return result || value.SequenceEqual(No);
    }

    /// <summary>Reads a numerical-value: a decimal-constant (no sign, no leading zeroes) or a hex-constant, below 2^64.</summary>
    /// <param name="value">A value.</param>
    /// <param name="number">The number.</param>
    public static bool TryParseNumber(ReadOnlySpan<byte> value, out ulong number)
    {
        if (HasPrefix(value, (byte)'x'))
            return ulong.TryParse(value[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        number = 0;
        return !(value.Length > 1 && value[0] == (byte)'0') && ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Reads a numeric-range: two numbers with a tilde between them, the first not above the second.</summary>
    /// <param name="value">A value.</param>
    /// <param name="low">First number.</param>
    /// <param name="high">Second number.</param>
    public static bool TryParseRange(ReadOnlySpan<byte> value, out ulong low, out ulong high)
    {
        high = 0;
        low = 0;
        int tilde = value.IndexOf((byte)'~');
        return tilde > 0 && TryParseNumber(value[..tilde], out low) && TryParseNumber(value[(tilde + 1)..], out high) && low <= high;
    }

    /// <summary>Whether a value has the prefix of a hex-constant or base64-constant.</summary>
    /// <param name="value">A value.</param>
    public static bool IsEncodedBinary(ReadOnlySpan<byte> value) => HasPrefix(value, (byte)'x') || HasPrefix(value, (byte)'b');

    /// <summary>
    /// Decodes a binary-value: a hex-constant of n digits is (n + 1) / 2 bytes, a base64-constant of n characters n * 3 / 4 bytes.
    /// False if it is neither, is malformed, is empty, or does not fit.
    /// </summary>
    /// <param name="value">A value.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="written">How many.</param>
    public static bool TryDecodeBinary(ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        written = 0;
        if (HasPrefix(value, (byte)'x'))
            return TryDecodeHex(value[2..], destination, out written);
        return HasPrefix(value, (byte)'b') && TryDecodeBase64(value[2..], destination, out written);
    }

    /// <summary>Encodes as a hex-constant, lower case.</summary>
    /// <param name="bytes">Any bytes.</param>
    public static string EncodeHex(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>Encodes as a base64-constant.</summary>
    /// <param name="bytes">Any bytes.</param>
    public static string EncodeBase64(ReadOnlySpan<byte> bytes) => "0b" + Convert.ToBase64String(bytes);

    /// <summary>The value as a string; bytes that are no UTF-8 become replacement characters.</summary>
    /// <param name="value">A value.</param>
    public static string ToText(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value);

    private static bool HasPrefix(ReadOnlySpan<byte> value, byte letter) => value.Length >= 2 && value[0] == (byte)'0' && (value[1] | 0x20) == letter;

    private static bool TryDecodeHex(ReadOnlySpan<byte> digits, Span<byte> destination, out int written)
    {
        written = 0;
        int length = (digits.Length + 1) / 2;
        if (length == 0 || length > destination.Length)
            return false;
        bool odd = (digits.Length & 1) != 0;
        if (odd)
        {
            if (!byte.TryParse(digits[..1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out destination[0]))
                return false;
            digits = digits[1..];
        }

        int offset = odd ? 1 : 0;
        if (Convert.FromHexString(digits, destination[offset..], out _, out int decoded) != System.Buffers.OperationStatus.Done)
            return false;
        written = offset + decoded;
        return written == length;
    }

    private static bool TryDecodeBase64(ReadOnlySpan<byte> text, Span<byte> destination, out int written)
    {
        written = 0;
        ReadOnlySpan<byte> characters = text.TrimEnd((byte)'=');
        int padding = text.Length - characters.Length;
        int needed = -characters.Length & 3;
        if (characters.IsEmpty || needed == 3 || (padding != 0 && padding != needed) || characters.IndexOfAny(" \t\r\n"u8) >= 0)
            return false;
        int whole = characters.Length & ~3;
        if (Base64.DecodeFromUtf8(characters[..whole], destination, out _, out written, isFinalBlock: true) != System.Buffers.OperationStatus.Done)
            return false;
        if (needed == 0)
            return true;
        Span<byte> last = [(byte)'=', (byte)'=', (byte)'=', (byte)'='];
        characters[whole..].CopyTo(last);
        bool done = Base64.DecodeFromUtf8(last, destination[written..], out _, out int tail, isFinalBlock: true) == System.Buffers.OperationStatus.Done;
        written += tail;
        return done;
    }
}
