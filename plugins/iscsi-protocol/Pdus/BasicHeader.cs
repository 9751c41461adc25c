namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>
/// The fields that every Basic Header Segment has at the same place (RFC 7143 section 11.2.1).
/// </summary>
/// <remarks>
/// <code>
/// Byte/     0       |       1       |       2       |       3       |
///     +---------------+---------------+---------------+---------------+
///    0|.|I| Opcode    |F|  Opcode-specific fields                     |
///     +---------------+---------------+---------------+---------------+
///    4|TotalAHSLength | DataSegmentLength                             |
///     +---------------+---------------+---------------+---------------+
///    8| LUN or opcode-specific fields (8 bytes)                       |
///     +---------------+---------------+---------------+---------------+
///   16| Initiator Task Tag                                            |
///     +---------------+---------------+---------------+---------------+
///   20| Opcode-specific fields (28 bytes)                             |
///     +---------------+---------------+---------------+---------------+
/// </code>
/// </remarks>
public readonly ref struct BasicHeader
{
    /// <summary>Length of a Basic Header Segment in bytes.</summary>
    public const int Length = 48;

    /// <summary>The reserved value of Initiator Task Tag and Target Transfer Tag (sections 11.2.1.8 and 11.7.4).</summary>
    public const uint ReservedTag = 0xffff_ffff;

    /// <summary>Largest value of the 24-bit DataSegmentLength field.</summary>
    public const int MaxDataSegmentLength = 0xff_ffff;

    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views the first 48 bytes of <paramref name="bhs"/>.</summary>
    /// <param name="bhs">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bhs"/> is shorter.</exception>
    public BasicHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..Length];

    /// <summary>The 48 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bhs;

    /// <summary>The six opcode bits; not necessarily a defined value.</summary>
    public Opcode Opcode => (Opcode)(_bhs[0] & 0x3f);

    /// <summary>I bit: immediate delivery, for initiator PDUs only.</summary>
    public bool IsImmediate => (_bhs[0] & 0x40) != 0;

    /// <summary>F bit of byte 1.</summary>
    public bool IsFinal => (_bhs[1] & 0x80) != 0;

    /// <summary>TotalAHSLength in four-byte words, padding included, digest excluded.</summary>
    public int TotalAhsLengthWords => _bhs[4];

    /// <summary>TotalAHSLength in bytes.</summary>
    public int TotalAhsLengthBytes => _bhs[4] * 4;

    /// <summary>DataSegmentLength in bytes, padding excluded.</summary>
    public int DataSegmentLength => BhsField.ReadUInt24(_bhs, 5);

    /// <summary>The eight LUN bytes as one big-endian number (SAM-5 logical unit number format).</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Initiator Task Tag.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);
}
