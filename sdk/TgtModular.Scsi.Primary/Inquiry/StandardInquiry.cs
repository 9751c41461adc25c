using System.Buffers.Binary;
using System.Text;
using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>Standard INQUIRY data (SPC-4 section 6.6.2).</summary>
/// <param name="DeviceType">PERIPHERAL DEVICE TYPE.</param>
/// <param name="Identity">Whose vendor, product and revision are shown.</param>
/// <param name="DefaultProduct">PRODUCT IDENTIFICATION when the identity names none.</param>
public sealed record StandardInquiry(PeripheralDeviceType DeviceType, UnitIdentity Identity, string DefaultProduct)
{
    /// <summary>Bytes of the data.</summary>
    public const int Length = 96;

    private const byte VersionSpc4 = 0x06;
    private const int FirstVersionDescriptor = 58;

    /// <summary>RMB: the medium is removable.</summary>
    public bool Removable { get; init; }

    /// <summary>SCCS: there is an embedded storage array controller.</summary>
    public bool ArrayController { get; init; }

    /// <summary>Command standards of the device type; SAM-5, SPC-4 and the transport's are added.</summary>
    public IReadOnlyList<ushort> Standards { get; init; } = [];

    /// <summary>The data as one nexus sees it.</summary>
    public byte[] Build(INexusView nexus)
    {
        ArgumentNullException.ThrowIfNull(nexus);
        byte[] data = new byte[Length];
        data[0] = (byte)DeviceType;
        data[1] = (byte)(Removable ? 0x80 : 0);
        data[2] = VersionSpc4;
        data[3] = 0x02; // RESPONSE DATA FORMAT; NORMACA and HISUP zero
        data[4] = Length - 5;
        data[5] = (byte)(ArrayController ? 0x80 : 0);
        data[7] = 0x02; // CMDQUE
        AsciiField.Write(data.AsSpan(8, 8), Identity.Vendor);
        AsciiField.Write(data.AsSpan(16, 16), Identity.Product ?? DefaultProduct);
        AsciiField.Write(data.AsSpan(32, 4), Identity.Revision);
        WriteVersionDescriptors(data.AsSpan(FirstVersionDescriptor, 16), nexus.TargetPort.Protocol);
        return data;
    }

    private void WriteVersionDescriptors(Span<byte> destination, ProtocolIdentifier protocol)
    {
        List<ushort> descriptors = [VersionDescriptor.Sam5];
        if (VersionDescriptor.Of(protocol) is { } transport) descriptors.Add(transport);
        descriptors.Add(VersionDescriptor.Spc4);
        descriptors.AddRange(Standards);
        for (int i = 0; i < descriptors.Count; i++) BinaryPrimitives.WriteUInt16BigEndian(destination[(2 * i)..], descriptors[i]);
    }
}

/// <summary>Left-aligned ASCII fields (SPC-4 section 4.4.1).</summary>
public static class AsciiField
{
    /// <summary>Writes text and pads it with spaces; what does not fit is cut off, what is not printable becomes a space.</summary>
    public static void Write(Span<byte> field, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        field.Fill((byte)' ');
        int count = Math.Min(text.Length, field.Length);
        Encoding.ASCII.GetBytes(text.AsSpan(0, count), field);
        foreach (ref byte letter in field)
        {
            if (letter is < 0x20 or > 0x7E) letter = (byte)' ';
        }
    }
}
