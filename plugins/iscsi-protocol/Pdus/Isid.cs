using System.Globalization;

namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>ISID, the six-byte initiator part of a session identifier (RFC 7143 section 11.12.5).</summary>
/// <remarks>
/// <code>
///    8| T |    A      |              B                |      C        |
///   12|               D               |
/// T: 00b OUI, 01b IANA enterprise number, 10b random, 11b reserved
/// </code>
/// </remarks>
/// <param name="Value">The 48 bits, the first byte on the wire being the most significant.</param>
public readonly record struct Isid(ulong Value)
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 6;

    private const ulong Mask = 0xffff_ffff_ffff;

    /// <summary>Reads the six bytes at the start of <paramref name="source"/>.</summary>
    /// <param name="source">At least six bytes.</param>
    public static Isid Read(ReadOnlySpan<byte> source) => new(((ulong)BhsField.ReadUInt32(source, 0) << 16) | BhsField.ReadUInt16(source, 4));

    /// <summary>Writes the six bytes.</summary>
    /// <param name="destination">At least six bytes.</param>
    public void Write(Span<byte> destination)
    {
        BhsField.WriteUInt32(destination, 0, (uint)((Value & Mask) >> 16));
        BhsField.WriteUInt16(destination, 4, (ushort)Value);
    }

    /// <summary>Twelve lower-case hexadecimal digits, as in an iSCSI initiator port name after <c>,i,0x</c>.</summary>
    public override string ToString() => (Value & Mask).ToString("x12", CultureInfo.InvariantCulture);
}
