namespace TgtModular.Iscsi.Protocol.Text;

/// <summary>
/// Joins the text of PDUs linked by the C bit (RFC 7143 sections 11.10.2 and 11.12.3); a pair may be cut anywhere. Holds at most
/// <see cref="TextLimits.MaxTextLength"/> bytes.
/// </summary>
public sealed class TextAssembler
{
    private readonly int _maxLength;
    private byte[] _bytes = [];

    /// <summary>An empty assembler.</summary>
    /// <param name="limits">Bounds.</param>
    public TextAssembler(in TextLimits limits) => _maxLength = limits.MaxTextLength;

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>The text so far.</summary>
    public ReadOnlySpan<byte> Text => _bytes.AsSpan(0, Length);

    /// <summary>Adds a data segment. False if the text would become too long; nothing is added then.</summary>
    /// <param name="segment">Without padding.</param>
    public bool TryAppend(ReadOnlySpan<byte> segment)
    {
        if (segment.Length > _maxLength - Length)
            return false;
        int needed = Length + segment.Length;
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Min(_maxLength, Math.Max(needed, _bytes.Length * 2)));
        segment.CopyTo(_bytes.AsSpan(Length));
        Length = needed;
        return true;
    }

    /// <summary>Begins anew.</summary>
    public void Clear() => Length = 0;
}
