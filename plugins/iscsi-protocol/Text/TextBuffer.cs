using System.Globalization;
using System.Text;

namespace TgtModular.Iscsi.Protocol.Text;

/// <summary>Text under construction: key=value pairs, each with its NUL (RFC 7143 section 6.1). Grows as needed; reusable.</summary>
public sealed class TextBuffer
{
    private byte[] _bytes;

    /// <summary>An empty text.</summary>
    /// <param name="capacity">Bytes to begin with.</param>
    public TextBuffer(int capacity = 512) => _bytes = new byte[capacity];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>What was written, for sending.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Forgets everything.</summary>
    public void Clear() => Length = 0;

    /// <summary>Adds a pair.</summary>
    /// <param name="key">Key name.</param>
    /// <param name="value">Value, ASCII or UTF-8.</param>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Span<byte> pair = Take(key.Length + value.Length + 2);
        key.CopyTo(pair);
        pair[key.Length] = (byte)'=';
        value.CopyTo(pair[(key.Length + 1)..]);
        pair[^1] = 0;
    }

    /// <summary>Adds a pair.</summary>
    /// <param name="key">Key name.</param>
    /// <param name="value">Value.</param>
    public void Add(string key, string value)
    {
        int valueLength = Encoding.UTF8.GetByteCount(value);
        Span<byte> pair = Take(key.Length + valueLength + 2);
        Encoding.ASCII.GetBytes(key, pair);
        pair[key.Length] = (byte)'=';
        Encoding.UTF8.GetBytes(value, pair[(key.Length + 1)..]);
        pair[^1] = 0;
    }

    /// <summary>Adds a pair with one of the constant values of <see cref="TextValue"/>.</summary>
    /// <param name="key">Key name.</param>
    /// <param name="value">Value.</param>
    public void Add(string key, ReadOnlySpan<byte> value)
    {
        Span<byte> pair = Take(key.Length + value.Length + 2);
        Encoding.ASCII.GetBytes(key, pair);
        pair[key.Length] = (byte)'=';
        value.CopyTo(pair[(key.Length + 1)..]);
        pair[^1] = 0;
    }

    /// <summary>Adds a pair with a decimal number.</summary>
    /// <param name="key">Key name.</param>
    /// <param name="value">Value.</param>
    public void Add(string key, long value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds a pair with Yes or No.</summary>
    /// <param name="key">Key name.</param>
    /// <param name="value">Value.</param>
    public void Add(string key, bool value) => Add(key, value ? TextValue.Yes : TextValue.No);

    private Span<byte> Take(int length)
    {
        int needed = checked(Length + length);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        Span<byte> taken = _bytes.AsSpan(Length, length);
        Length = needed;
        return taken;
    }
}
