using System.Buffers.Binary;
using System.Globalization;

namespace TgtModular.Scsi;

/// <summary>An eight byte logical unit number (SAM-5 section 4.7).</summary>
/// <param name="Value">The eight bytes, big endian.</param>
public readonly record struct Lun(ulong Value) : IComparable<Lun>
{
    /// <summary>Bytes of a LUN on the wire.</summary>
    public const int Length = 8;

    /// <summary>The largest number that single level addressing holds.</summary>
    public const int MaxNumber = 16383;

    /// <summary>The well known logical unit REPORT LUNS (SAM-5 section 4.7.11).</summary>
    public static Lun ReportLunsWellKnown => new(0xC101_0000_0000_0000);

    /// <summary>A single level LUN: peripheral addressing below 256, flat space addressing above.</summary>
    /// <param name="number">0 to <see cref="MaxNumber"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number does not fit.</exception>
    public static Lun FromNumber(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, MaxNumber);
        ulong first = (ulong)(number < 256 ? number : 0x4000 | number);
        return new Lun(first << 48);
    }

    /// <summary>Reads the eight bytes of a LUN field.</summary>
    public static Lun Read(ReadOnlySpan<byte> field) => new(BinaryPrimitives.ReadUInt64BigEndian(field));

    /// <summary>Writes the eight bytes of a LUN field.</summary>
    public void Write(Span<byte> field) => BinaryPrimitives.WriteUInt64BigEndian(field, Value);

    /// <summary>True, with the number, for a single level LUN in peripheral (bus 0) or flat space addressing.</summary>
    public bool TryGetNumber(out int number)
    {
        number = -1;
        if ((Value & 0x0000_FFFF_FFFF_FFFF) != 0) return false;
        int first = (int)(Value >> 48);
        switch (first >> 14)
        {
            case 0 when first < 256: // peripheral device addressing, bus 0
                number = first;
                return true;
            case 1: // flat space addressing
                number = first & 0x3FFF;
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public int CompareTo(Lun other) => Value.CompareTo(other.Value);

    /// <summary>The number when there is one, else sixteen hexadecimal digits.</summary>
    public override string ToString() =>
        TryGetNumber(out int number) ? number.ToString(CultureInfo.InvariantCulture) : Value.ToString("x16", CultureInfo.InvariantCulture);

#pragma warning disable CS1591 // ordering operators
    public static bool operator <(Lun left, Lun right) => left.Value < right.Value;
    public static bool operator >(Lun left, Lun right) => left.Value > right.Value;
    public static bool operator <=(Lun left, Lun right) => left.Value <= right.Value;
    public static bool operator >=(Lun left, Lun right) => left.Value >= right.Value;
#pragma warning restore CS1591
}
