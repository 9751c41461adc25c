using System.Buffers.Binary;
using System.Text;

namespace TgtModular.Scsi;

/// <summary>PROTOCOL IDENTIFIER (SPC-5 section 7.6.1).</summary>
public enum ProtocolIdentifier : byte
{
    /// <summary>Fibre Channel (FCP-4), also over Ethernet.</summary>
    FibreChannel = 0,

    /// <summary>SCSI RDMA Protocol, also the virtual SCSI of IBM POWER.</summary>
    Srp = 4,

    /// <summary>Internet SCSI.</summary>
    Iscsi = 5,

    /// <summary>Serial attached SCSI.</summary>
    Sas = 6,

    /// <summary>No specific protocol.</summary>
    None = 15,
}

/// <summary>The TransportID of an initiator port (SPC-5 section 7.6.4): equal values name the same port.</summary>
public sealed class TransportId : IEquatable<TransportId>
{
    private readonly byte[] _bytes;

    private TransportId(byte[] bytes) => _bytes = bytes;

    /// <summary>The descriptor as it stands in parameter data.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The protocol.</summary>
    public ProtocolIdentifier Protocol => (ProtocolIdentifier)(_bytes[0] & 0x0F);

    /// <summary>An iSCSI initiator port: name, <c>,i,0x</c> and the ISID (SPC-5 section 7.6.4.6, format 01b).</summary>
    /// <param name="initiatorName">iSCSI name, already normalised.</param>
    /// <param name="isid">Six bytes.</param>
    public static TransportId ForIscsi(string initiatorName, ReadOnlySpan<byte> isid) =>
        FromIscsiText($"{initiatorName},i,0x{Convert.ToHexStringLower(isid)}", format: 0x40);

    /// <summary>An iSCSI initiator by name alone, without a session (format 00b).</summary>
    public static TransportId ForIscsi(string initiatorName) => FromIscsiText(initiatorName, format: 0);

    /// <summary>A Fibre Channel port by its N_Port_Name.</summary>
    public static TransportId ForFibreChannel(ulong portName)
    {
        byte[] bytes = new byte[24];
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), portName);
        return new TransportId(bytes);
    }

    /// <summary>An SRP initiator port.</summary>
    public static TransportId ForSrp(UInt128 portIdentifier)
    {
        byte[] bytes = new byte[24];
        bytes[0] = (byte)ProtocolIdentifier.Srp;
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(8), portIdentifier);
        return new TransportId(bytes);
    }

    /// <summary>A serial attached SCSI port (SPC-5 section 7.6.4.7).</summary>
    /// <param name="address">SAS address, an NAA 5h or 3h name.</param>
    public static TransportId ForSas(ulong address)
    {
        byte[] bytes = new byte[24];
        bytes[0] = (byte)ProtocolIdentifier.Sas;
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(4), address);
        return new TransportId(bytes);
    }

    /// <summary>Takes a TransportID out of parameter data.</summary>
    /// <param name="source">Starts at the descriptor; may go on behind it.</param>
    /// <param name="transportId">The value.</param>
    /// <returns>False when the descriptor is cut off or malformed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out TransportId? transportId)
    {
        transportId = null;
        if (source.Length < 24) return false;
        int length = 24;
        if ((source[0] & 0x0F) == (byte)ProtocolIdentifier.Iscsi)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(source[2..]) + 4;
            if (length < 24 || length % 4 != 0 || length > source.Length || (source[0] & 0x80) != 0) return false;
        }

        transportId = new TransportId(source[..length].ToArray());
        return true;
    }

    private static TransportId FromIscsiText(string text, byte format)
    {
        int textLength = Encoding.UTF8.GetByteCount(text) + 1; // NUL terminated
        int padded = Math.Max(20, (textLength + 3) / 4 * 4);
        byte[] bytes = new byte[4 + padded];
        bytes[0] = (byte)(format | (byte)ProtocolIdentifier.Iscsi);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)padded);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(4));
        return new TransportId(bytes);
    }

    /// <inheritdoc/>
    public bool Equals(TransportId? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TransportId);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The port's name as people write it.</summary>
    public override string ToString() => Protocol switch
    {
        ProtocolIdentifier.Iscsi => Encoding.UTF8.GetString(_bytes.AsSpan(4)).TrimEnd('\0'),
        ProtocolIdentifier.FibreChannel => Convert.ToHexStringLower(_bytes.AsSpan(8, 8)),
        ProtocolIdentifier.Sas => Convert.ToHexStringLower(_bytes.AsSpan(4, 8)),
        _ => Convert.ToHexStringLower(_bytes.AsSpan(8)),
    };
}
