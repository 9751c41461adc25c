using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>
/// TransportIDs that initiators write (SPC-4 section 7.6.4). Case, padding and reserved bytes may differ between two that name one port: what is read here is
/// in the one form that transports make, so that equal ports are equal values.
/// </summary>
internal static class InitiatorNames
{
    private const int FixedLength = 24;
    private const int NodeNameFormat = 0;
    private const int PortFormat = 1;
    private const int MaximumNameLength = 223; // RFC 7143 section 4.2.7.1
    private const int IsidLength = 6;
    private const string IsidSeparator = ",i,0x";

    private static readonly int MaximumTextLength = MaximumNameLength + IsidSeparator.Length + (2 * IsidLength);

    /// <summary>Takes a TransportID out of parameter data.</summary>
    /// <param name="source">Starts at the descriptor; may go on behind it.</param>
    /// <param name="name">The value.</param>
    /// <param name="length">Bytes of the descriptor.</param>
    /// <returns>False when it is cut off, malformed or of a protocol that no initiator port comes with.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out TransportId? name, out int length)
    {
        name = null;
        length = FixedLength;
        if (source.Length < FixedLength) return false;
        int format = source[0] >> 6;
        switch ((ProtocolIdentifier)(source[0] & 0x0F))
        {
            case ProtocolIdentifier.Iscsi:
                length = 4 + BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
                if (length < FixedLength || length % 4 != 0 || length > source.Length) return false;
                name = ReadIscsi(source[4..length], format);
                break;
            case ProtocolIdentifier.FibreChannel when format == 0:
                name = TransportId.ForFibreChannel(BinaryPrimitives.ReadUInt64BigEndian(source[8..]));
                break;
            case ProtocolIdentifier.Srp when format == 0:
                name = TransportId.ForSrp(BinaryPrimitives.ReadUInt128BigEndian(source[8..]));
                break;
            default:
                return false;
        }

        return name is not null;
    }

    /// <summary>True for the name of an iSCSI initiator without a session: format 00b.</summary>
    public static bool IsNodeName(TransportId name) => name.Protocol == ProtocolIdentifier.Iscsi && name.Bytes[0] >> 6 == NodeNameFormat;

    /// <summary>Does an iSCSI name without a session mean this initiator port?</summary>
    public static bool IsPortOf(TransportId nodeName, TransportId port) => port.Protocol == ProtocolIdentifier.Iscsi &&
        port.ToString() is { } text && text.LastIndexOf(IsidSeparator, StringComparison.Ordinal) is >= 0 and int end &&
        text.AsSpan(0, end).SequenceEqual(nodeName.ToString());

    private static TransportId? ReadIscsi(ReadOnlySpan<byte> field, int format)
    {
        int end = field.IndexOf((byte)0);
        if (end <= 0 || end > MaximumTextLength || format is not (NodeNameFormat or PortFormat)) return null;
        if (!Utf8.IsValid(field[..end])) return null;
        string text = Encoding.UTF8.GetString(field[..end]);
        int separator = text.LastIndexOf(IsidSeparator, StringComparison.OrdinalIgnoreCase);
        if (format == NodeNameFormat ? separator >= 0 : separator < 0) return null;
        string name = (format == NodeNameFormat ? text : text[..separator]).ToLowerInvariant();
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > MaximumNameLength || name.Any(c => char.IsControl(c) || c is ' ' or ',')) return null;
        if (format == NodeNameFormat) return TransportId.ForIscsi(name);

        ReadOnlySpan<char> digits = text.AsSpan(separator + IsidSeparator.Length);
        if (digits.Length is 0 or > 2 * IsidLength ||
            !ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong isid)) return null;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, isid);
        return TransportId.ForIscsi(name, bytes[^IsidLength..]);
    }
}
