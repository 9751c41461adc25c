using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>A PDU being treated: views into the receive buffer, or into a copy kept because it came out of order.</summary>
internal readonly ref struct IncomingPdu(ReadOnlySpan<byte> bhs, ReadOnlySpan<byte> ahs, int dataLength, ReadOnlyMemory<byte> data)
{
    /// <summary>The 48 bytes of the header.</summary>
    public ReadOnlySpan<byte> Bhs { get; } = bhs;

    /// <summary>The additional headers.</summary>
    public ReadOnlySpan<byte> Ahs { get; } = ahs;

    /// <summary>Bytes of the data segment.</summary>
    public int DataLength { get; } = dataLength;

    /// <summary>The data segment; empty while it is not whole (<see cref="IsWhole"/>).</summary>
    public ReadOnlyMemory<byte> Data { get; } = data;

    /// <summary>True when the data segment is at hand, and its digest right.</summary>
    public bool IsWhole => Data.Length == DataLength;

    /// <summary>The common fields.</summary>
    public BasicHeader Basic => new(Bhs);
}

/// <summary>Treats the PDUs of one opcode.</summary>
internal delegate void PduHandler(in IncomingPdu pdu);
