using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>Vital product data that every unit has: 80h, 83h, 86h.</summary>
public static class IdentificationPages
{
    /// <summary>Code of the unit serial number page (SPC-4 section 7.8.15).</summary>
    public const byte SerialNumberCode = 0x80;

    /// <summary>Code of the device identification page (SPC-4 section 7.8.6).</summary>
    public const byte DeviceIdentificationCode = 0x83;

    /// <summary>Code of the extended INQUIRY data page (SPC-4 section 7.8.7).</summary>
    public const byte ExtendedInquiryCode = 0x86;

    private const int DesignatorHeaderLength = 4;

    private enum CodeSet : byte
    {
        Binary = 1,
        Ascii = 2,
        Utf8 = 3,
    }

    private enum Association : byte
    {
        LogicalUnit = 0,
        TargetPort = 1,
        TargetDevice = 2,
    }

    private enum Designator : byte
    {
        T10Vendor = 1,
        Naa = 3,
        RelativeTargetPort = 4,
        ScsiName = 8,
    }

    /// <summary>Adds the three pages.</summary>
    /// <param name="pages">Where to.</param>
    /// <param name="identity">Who the unit is.</param>
    /// <param name="volatileCache">V_SUP: the unit has a volatile cache.</param>
    public static VpdPageSet AddIdentification(this VpdPageSet pages, UnitIdentity identity, bool volatileCache)
    {
        ArgumentNullException.ThrowIfNull(pages);
        return pages
            .Add(SerialNumberCode, _ => BuildSerialNumber(identity))
            .Add(DeviceIdentificationCode, nexus => BuildDeviceIdentification(identity, nexus.TargetPort))
            .Add(ExtendedInquiryCode, _ => BuildExtendedInquiry(volatileCache));
    }

    private static byte[] BuildSerialNumber(UnitIdentity identity)
    {
        byte[] body = new byte[identity.Serial.Length];
        AsciiField.Write(body, identity.Serial);
        return body;
    }

    private static byte[] BuildDeviceIdentification(UnitIdentity identity, TargetPortIdentity port)
    {
        List<byte> body = [];
        Append(body, null, Association.LogicalUnit, Designator.T10Vendor, CodeSet.Ascii, T10VendorIdentifier(identity));
        if (identity.Naa is { } naa)
        {
            byte[] number = new byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(number, naa);
            // NAA 6h has 16 bytes, every other format 8 (SPC-4 section 7.8.6.6).
            Append(body, null, Association.LogicalUnit, Designator.Naa, CodeSet.Binary, naa > ulong.MaxValue ? number : number[8..]);
        }

        byte[] relative = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(relative.AsSpan(2), port.RelativePortIdentifier);
        Append(body, port, Association.TargetPort, Designator.RelativeTargetPort, CodeSet.Binary, relative);
        AppendPortNames(body, port);
        return [.. body];
    }

    private static void AppendPortNames(List<byte> body, TargetPortIdentity port)
    {
        switch (port.Protocol)
        {
            case ProtocolIdentifier.Iscsi:
                Append(body, port, Association.TargetPort, Designator.ScsiName, CodeSet.Utf8, ScsiName(port.PortName));
                Append(body, port, Association.TargetDevice, Designator.ScsiName, CodeSet.Utf8, ScsiName(port.TargetName));
                break;
            case ProtocolIdentifier.FibreChannel or ProtocolIdentifier.Sas when ulong.TryParse(port.PortName, NumberStyles.AllowHexSpecifier, null, out ulong worldWideName):
                byte[] name = new byte[8];
                BinaryPrimitives.WriteUInt64BigEndian(name, worldWideName);
                Append(body, port, Association.TargetPort, Designator.Naa, CodeSet.Binary, name);
                break;
        }
    }

    private static byte[] T10VendorIdentifier(UnitIdentity identity)
    {
        // SCSI ids of tgt's tools begin with the padded vendor already; it must stand there once.
        string vendor = identity.Vendor.PadRight(8)[..8];
        string text = identity.ScsiId.StartsWith(vendor, StringComparison.Ordinal) ? identity.ScsiId : vendor + identity.ScsiId;
        byte[] bytes = new byte[Math.Min(text.Length, byte.MaxValue)];
        AsciiField.Write(bytes, text);
        return bytes;
    }

    private static byte[] ScsiName(string name)
    {
        int length = Encoding.UTF8.GetByteCount(name) + 1; // NUL terminated and padded (SPC-4 section 7.8.6.11)
        byte[] bytes = new byte[(length + 3) / 4 * 4];
        Encoding.UTF8.GetBytes(name, bytes);
        return bytes;
    }

    private static void Append(List<byte> body, TargetPortIdentity? port, Association association, Designator type, CodeSet codeSet, byte[] value)
    {
        if (value.Length > byte.MaxValue) return; // a name too long for its length field cannot be shown
        byte protocol = port is null ? (byte)0 : (byte)((byte)port.Protocol << 4);
        byte identified = port is null ? (byte)0 : (byte)0x80; // PIV
        ReadOnlySpan<byte> header =
            [(byte)(protocol | (byte)codeSet), (byte)(identified | ((byte)association << 4) | (byte)type), 0, (byte)value.Length];
        body.EnsureCapacity(body.Count + DesignatorHeaderLength + value.Length);
        body.AddRange(header);
        body.AddRange(value);
    }

    private static byte[] BuildExtendedInquiry(bool volatileCache)
    {
        byte[] body = new byte[60];
        body[1] = 0x07; // HEADSUP, ORDSUP, SIMPSUP
        body[2] = (byte)(volatileCache ? 0x01 : 0); // V_SUP
        return body;
    }
}
