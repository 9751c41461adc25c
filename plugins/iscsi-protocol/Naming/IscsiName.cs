using System.Globalization;
using System.Text;

namespace TgtModular.Iscsi.Protocol.Naming;

/// <summary>Why a name is none.</summary>
public enum IscsiNameError
{
    /// <summary>No error.</summary>
    None,

    /// <summary>Empty, or more than <see cref="IscsiName.MaxLength"/> bytes of UTF-8.</summary>
    BadLength,

    /// <summary>Does not begin with <c>iqn.</c>, <c>eui.</c> or <c>naa.</c>.</summary>
    UnknownType,

    /// <summary>Malformed UTF-8, or a character that names may not have (RFC 3722).</summary>
    ProhibitedCharacter,

    /// <summary>The part behind the type designator is not of that type's form.</summary>
    Malformed,
}

/// <summary>iSCSI names (RFC 7143 section 4.2.7, RFC 3722).</summary>
/// <remarks>
/// Names are compared in normalised form. Lower-casing is done here; characters beyond ASCII are expected in normalisation form KC,
/// as RFC 3722 has software send them. The underscore, not in RFC 3722's set, is accepted from the wire because it is in wide use,
/// but is not well formed for a name that is given out anew.
/// </remarks>
public static class IscsiName
{
    /// <summary>Longest name in bytes of UTF-8.</summary>
    public const int MaxLength = 223;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Normalises a name from the wire: known type, permitted characters, bounded length. Its inner form is not examined.</summary>
    /// <param name="utf8">The value of InitiatorName or TargetName.</param>
    /// <param name="name">The normalised name, or an empty string.</param>
    /// <param name="error">Why it is none.</param>
    public static bool TryNormalize(ReadOnlySpan<byte> utf8, out string name, out IscsiNameError error)
    {
        name = string.Empty;
        if (utf8.Length is 0 or > MaxLength)
        {
            error = IscsiNameError.BadLength;
            return false;
        }

        if (!System.Text.Unicode.Utf8.IsValid(utf8))
        {
            error = IscsiNameError.ProhibitedCharacter;
            return false;
        }

        return TryNormalize(StrictUtf8.GetString(utf8), out name, out error);
    }

    /// <summary>As the other overload, for a name from a file or a command line.</summary>
    /// <param name="text">A name.</param>
    /// <param name="name">The normalised name, or an empty string.</param>
    /// <param name="error">Why it is none.</param>
    public static bool TryNormalize(string text, out string name, out IscsiNameError error)
    {
        name = string.Empty;
        string lower = text.ToLowerInvariant();
        error = Examine(text, lower);
        if (error != IscsiNameError.None)
            return false;
        name = lower;
        return true;
    }

    /// <summary>
    /// Whether a normalised name has its type's form: <c>iqn.yyyy-mm.authority[:string]</c>, <c>eui.</c> with 16 hexadecimal digits,
    /// <c>naa.</c> with 16 or 32; and no underscore.
    /// </summary>
    /// <param name="name">A normalised name.</param>
    /// <param name="error">Why it has not.</param>
    public static bool IsWellFormed(string name, out IscsiNameError error)
    {
        error = Examine(name, name);
        if (error == IscsiNameError.None && name.Contains('_', StringComparison.Ordinal))
            error = IscsiNameError.ProhibitedCharacter;
        if (error == IscsiNameError.None && !HasForm(name))
            error = IscsiNameError.Malformed;
        return error == IscsiNameError.None;
    }

    private static IscsiNameError Examine(string text, string lower)
    {
        if (lower.Length == 0 || Encoding.UTF8.GetByteCount(text) > MaxLength || Encoding.UTF8.GetByteCount(lower) > MaxLength)
            return IscsiNameError.BadLength;
        bool known = lower.StartsWith("iqn.", StringComparison.Ordinal)
            || lower.StartsWith("eui.", StringComparison.Ordinal)
            || lower.StartsWith("naa.", StringComparison.Ordinal);
        if (!known)
            return IscsiNameError.UnknownType;
        foreach (Rune rune in lower.EnumerateRunes())
        {
            if (!IsPermitted(rune))
                return IscsiNameError.ProhibitedCharacter;
        }

        return IscsiNameError.None;
    }

    private static bool IsPermitted(Rune rune)
    {
        if (rune.IsAscii)
            return char.IsAsciiLetterLower((char)rune.Value) || char.IsAsciiDigit((char)rune.Value) || rune.Value is '-' or '.' or ':' or '_';
        if (rune == Rune.ReplacementChar)
            return false;
        return Rune.IsLetterOrDigit(rune)
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
    }

    private static bool HasForm(string name)
    {
        string rest = name[4..];
        return name[0] switch
        {
            'i' => HasQualifiedForm(rest),
            'e' => rest.Length == 16 && rest.All(char.IsAsciiHexDigitLower),
            _ => rest.Length is 16 or 32 && rest.All(char.IsAsciiHexDigitLower),
        };
    }

    /// <summary>yyyy-mm.authority[:string]: a month in which the naming authority owned its domain, and the domain reversed.</summary>
    private static bool HasQualifiedForm(string rest)
    {
        if (rest.Length < 9 || rest[4] != '-' || rest[7] != '.' || !rest.AsSpan(0, 4).ContainsOnlyDigits() || !rest.AsSpan(5, 2).ContainsOnlyDigits())
            return false;
        int month = int.Parse(rest.AsSpan(5, 2), CultureInfo.InvariantCulture);
        string authority = rest[8..].Split(':', 2)[0];
        return month is >= 1 and <= 12 && authority.Length > 0 && authority[0] != '.' && authority[^1] != '.';
    }

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
