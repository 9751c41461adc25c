using System.Buffers.Binary;

namespace TgtModular.Scsi;

/// <summary>Sense data as a value, independent of its format on the wire (SPC-5 section 4.4). Made by the factories of <see cref="Sense"/>.</summary>
public readonly record struct SenseData
{
    /// <summary>Bytes of fixed format sense data.</summary>
    public const int FixedLength = 18;

    /// <summary>The most bytes <see cref="Write"/> produces.</summary>
    public const int MaxLength = 252;

    private const byte DescriptorHeaderLength = 8;

    /// <summary>The sense key.</summary>
    public SenseKey Key { get; init; }

    /// <summary>Additional sense code and qualifier.</summary>
    public AdditionalSense Additional { get; init; }

    /// <summary>True: the error belongs to an earlier command.</summary>
    public bool Deferred { get; init; }

    /// <summary>FILEMARK bit of sequential access devices.</summary>
    public bool Filemark { get; init; }

    /// <summary>EOM bit.</summary>
    public bool EndOfMedium { get; init; }

    /// <summary>ILI bit: the requested and the actual block length differ.</summary>
    public bool IncorrectLength { get; init; }

    /// <summary>INFORMATION field: an LBA, or a residual as two's complement; null when not valid.</summary>
    public long? Information { get; init; }

    /// <summary>COMMAND-SPECIFIC INFORMATION field; null when absent.</summary>
    public ulong? CommandSpecific { get; init; }

    /// <summary>Sense key specific data without the SKSV bit, 23 bits; null when absent.</summary>
    public uint? KeySpecific { get; init; }

    /// <summary>Writes the sense data.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="descriptorFormat">D_SENSE of the control mode page.</param>
    /// <returns>The number of bytes written.</returns>
    public int Write(Span<byte> destination, bool descriptorFormat) =>
        descriptorFormat ? WriteDescriptor(destination) : WriteFixed(destination);

    private int WriteFixed(Span<byte> destination)
    {
        Span<byte> sense = destination[..FixedLength];
        sense.Clear();
        sense[0] = (byte)(Deferred ? 0x71 : 0x70);
        sense[2] = (byte)((byte)Key | Marks());
        // Fixed format has 32 bits: a larger LBA is left out, a negative residual keeps its low half (SPC-5 section 4.4.3).
        if (Information is { } information && information is >= int.MinValue and <= uint.MaxValue)
        {
            sense[0] |= 0x80;
            BinaryPrimitives.WriteUInt32BigEndian(sense[3..], (uint)information);
        }

        sense[7] = FixedLength - 8;
        if (CommandSpecific is <= uint.MaxValue)
            BinaryPrimitives.WriteUInt32BigEndian(sense[8..], (uint)CommandSpecific.Value);
        sense[12] = Additional.Code;
        sense[13] = Additional.Qualifier;
        if (KeySpecific is { } specific) WriteKeySpecific(sense[15..], specific);
        return FixedLength;
    }

    private int WriteDescriptor(Span<byte> destination)
    {
        Span<byte> sense = destination[..64];
        sense.Clear();
        sense[0] = (byte)(Deferred ? 0x73 : 0x72);
        sense[1] = (byte)Key;
        sense[2] = Additional.Code;
        sense[3] = Additional.Qualifier;
        int length = DescriptorHeaderLength;
        if (Information is { } information)
        {
            Span<byte> descriptor = sense.Slice(length, 12);
            descriptor[1] = 0x0A;
            descriptor[2] = 0x80;
            BinaryPrimitives.WriteInt64BigEndian(descriptor[4..], information);
            length += 12;
        }

        if (CommandSpecific is { } commandSpecific)
        {
            Span<byte> descriptor = sense.Slice(length, 12);
            descriptor[0] = 0x01;
            descriptor[1] = 0x0A;
            BinaryPrimitives.WriteUInt64BigEndian(descriptor[4..], commandSpecific);
            length += 12;
        }

        if (KeySpecific is { } specific)
        {
            Span<byte> descriptor = sense.Slice(length, 8);
            descriptor[0] = 0x02;
            descriptor[1] = 0x06;
            WriteKeySpecific(descriptor[4..], specific);
            length += 8;
        }

        if (Marks() != 0)
        {
            // Stream commands descriptor (SSC-4 section 4.2.14).
            Span<byte> descriptor = sense.Slice(length, 4);
            descriptor[0] = 0x04;
            descriptor[1] = 0x02;
            descriptor[3] = Marks();
            length += 4;
        }

        sense[7] = (byte)(length - DescriptorHeaderLength);
        return length;
    }

    private static void WriteKeySpecific(Span<byte> destination, uint specific)
    {
        destination[0] = (byte)(0x80 | (specific >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)specific);
    }

    private byte Marks() => (byte)((Filemark ? 0x80 : 0) | (EndOfMedium ? 0x40 : 0) | (IncorrectLength ? 0x20 : 0));

    /// <summary>Key and code, for logs.</summary>
    public override string ToString() => $"{Key} {Additional}";
}
