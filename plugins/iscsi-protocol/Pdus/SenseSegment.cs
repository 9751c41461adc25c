using System.Buffers.Binary;

namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>
/// The data segment of a SCSI Response with CHECK CONDITION and of a SCSI asynchronous event: SenseLength (two bytes), sense data,
/// then response or event data (RFC 7143 sections 11.4.7 and 11.9.4).
/// </summary>
public static class SenseSegment
{
    /// <summary>Bytes of the SenseLength field.</summary>
    public const int PrefixLength = 2;

    /// <summary>Splits a data segment. False if SenseLength runs past its end.</summary>
    /// <param name="dataSegment">Without padding.</param>
    /// <param name="sense">The sense data; empty for an empty segment.</param>
    /// <param name="rest">What follows it.</param>
    public static bool TryRead(ReadOnlySpan<byte> dataSegment, out ReadOnlySpan<byte> sense, out ReadOnlySpan<byte> rest)
    {
        sense = default;
        rest = default;
        if (dataSegment.IsEmpty)
            return true;
        if (dataSegment.Length < PrefixLength)
            return false;
        int senseLength = BinaryPrimitives.ReadUInt16BigEndian(dataSegment);
        if (senseLength > dataSegment.Length - PrefixLength)
            return false;
        sense = dataSegment.Slice(PrefixLength, senseLength);
        rest = dataSegment[(PrefixLength + senseLength)..];
        return true;
    }

    /// <summary>Writes SenseLength and sense data; returns the bytes written.</summary>
    /// <param name="destination">At least <paramref name="sense"/> and two bytes.</param>
    /// <param name="sense">Up to 65,535 bytes.</param>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> sense)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, checked((ushort)sense.Length));
        sense.CopyTo(destination[PrefixLength..]);
        return PrefixLength + sense.Length;
    }
}
