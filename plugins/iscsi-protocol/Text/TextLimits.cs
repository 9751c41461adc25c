namespace TgtModular.Iscsi.Protocol.Text;

/// <summary>Bounds on received text (RFC 7143 section 6.1).</summary>
/// <param name="MaxTextLength">All pairs of one request, over all its PDUs, in bytes; the RFC asks for 64 KiB where long authentication items may come.</param>
/// <param name="MaxValueLength">One value in bytes, encoded.</param>
public readonly record struct TextLimits(int MaxTextLength, int MaxValueLength)
{
    /// <summary>Longest key name in bytes.</summary>
    public const int MaxKeyLength = 63;

    /// <summary>Longest single value, or element of a list, that is not hexadecimal or base64, in bytes.</summary>
    public const int MaxSimpleValueLength = 255;

    /// <summary>64 KiB of text, 8 KiB of a value.</summary>
    public static TextLimits Default => new(65536, 8192);
}

/// <summary>Why text cannot be taken.</summary>
public enum TextError
{
    /// <summary>No error.</summary>
    None,

    /// <summary>More than <see cref="TextLimits.MaxTextLength"/> bytes.</summary>
    TooLong,

    /// <summary>The last pair has no NUL behind it.</summary>
    NotTerminated,

    /// <summary>A pair without an equals sign.</summary>
    NoEqualsSign,

    /// <summary>A key name that is empty, too long or has characters outside the standard-label set.</summary>
    BadKey,

    /// <summary>A value that is too long or has control characters.</summary>
    BadValue,
}
