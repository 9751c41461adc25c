using System.Buffers.Binary;

namespace TgtModular.Iscsi.Protocol.Digests;

/// <summary>
/// CRC32C, the digest of RFC 7143 section 13.1: polynomial 0x11edc6f41, reflected, initial value and final complement all ones.
/// Incremental, allocation free; uses the processor's instructions where there are any.
/// </summary>
/// <remarks>The value keeps its running form (not complemented), so that <see cref="Append"/> can go on at any time.</remarks>
public struct Crc32C
{
    /// <summary>Bytes of a digest on the wire.</summary>
    public const int Length = 4;

    private uint _complement;

    /// <summary>The CRC of everything appended so far; 0 for nothing.</summary>
    public readonly uint Value => _complement;

    /// <summary>The CRC of <paramref name="data"/>.</summary>
    /// <param name="data">Any length.</param>
    public static uint Compute(ReadOnlySpan<byte> data) => ~Crc32CEngine.Append(uint.MaxValue, data);

    /// <summary>Takes further bytes in.</summary>
    /// <param name="data">Any length.</param>
    public void Append(ReadOnlySpan<byte> data) => _complement = ~Crc32CEngine.Append(~_complement, data);

    /// <summary>Writes a CRC as it stands on the wire (RFC 3720 section B.4: least significant byte first).</summary>
    /// <param name="destination">At least four bytes.</param>
    /// <param name="crc">As from <see cref="Compute"/> or <see cref="Value"/>.</param>
    public static void Write(Span<byte> destination, uint crc) => BinaryPrimitives.WriteUInt32LittleEndian(destination, crc);

    /// <summary>Reads a CRC from the wire.</summary>
    /// <param name="source">At least four bytes.</param>
    public static uint Read(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadUInt32LittleEndian(source);
}
