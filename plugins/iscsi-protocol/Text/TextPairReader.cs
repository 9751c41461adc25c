using System.Buffers;

namespace TgtModular.Iscsi.Protocol.Text;

/// <summary>One key=value pair: views into the text.</summary>
public readonly ref struct TextPair
{
    internal TextPair(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Key = key;
        Value = value;
    }

    /// <summary>Key name, 1 to 63 bytes of ASCII.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>Value; may be empty.</summary>
    public ReadOnlySpan<byte> Value { get; }
}

/// <summary>
/// Walks the pairs of a complete text (RFC 7143 section 6.1): <c>key=value NUL</c>, again and again. Empty pairs (runs of NUL) are
/// passed over, as initiators are known to send padding as data.
/// </summary>
public ref struct TextPairReader
{
    private static readonly SearchValues<byte> KeyBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-+@_#"u8);

    private readonly int _maxValueLength;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Begins at the first pair.</summary>
    /// <param name="text">Without padding; all PDUs of the request together.</param>
    /// <param name="limits">Bounds.</param>
    public TextPairReader(ReadOnlySpan<byte> text, in TextLimits limits)
    {
        _rest = text;
        _maxValueLength = limits.MaxValueLength;
        Error = text.Length > limits.MaxTextLength ? TextError.TooLong : TextError.None;
    }

    /// <summary>Why <see cref="TryRead"/> stopped; none at the end of the text.</summary>
    public TextError Error { get; private set; }

    /// <summary>Reads the next pair. False at the end and on an error.</summary>
    /// <param name="pair">The pair.</param>
    public bool TryRead(out TextPair pair)
    {
        pair = default;
        if (Error != TextError.None)
            return false;
        _rest = _rest.TrimStart((byte)0);
        if (_rest.IsEmpty)
            return false;
        int end = _rest.IndexOf((byte)0);
        if (end < 0)
            return Fail(TextError.NotTerminated);
        ReadOnlySpan<byte> both = _rest[..end];
        _rest = _rest[(end + 1)..];
        int equals = both.IndexOf((byte)'=');
        if (equals < 0)
            return Fail(TextError.NoEqualsSign);
        ReadOnlySpan<byte> key = both[..equals];
        if (key.Length is 0 or > TextLimits.MaxKeyLength || key.ContainsAnyExcept(KeyBytes))
            return Fail(TextError.BadKey);
        ReadOnlySpan<byte> value = both[(equals + 1)..];
        if (!IsValueAcceptable(value))
            return Fail(TextError.BadValue);
        pair = new TextPair(key, value);
        return true;
    }

    private readonly bool IsValueAcceptable(ReadOnlySpan<byte> value)
    {
        if (value.Length > _maxValueLength || value.ContainsAnyInRange((byte)0x00, (byte)0x1f) || value.Contains((byte)0x7f))
            return false;
        foreach (Range range in value.Split((byte)','))
        {
            ReadOnlySpan<byte> element = value[range];
            if (element.Length > TextLimits.MaxSimpleValueLength && !TextValue.IsEncodedBinary(element))
                return false;
        }

        return true;
    }

    private bool Fail(TextError error)
    {
        Error = error;
        return false;
    }
}
