using TgtModular.Buffers;
using TgtModular.Iscsi.Protocol.Framing;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>Told when a data segment that went past the receive buffer is complete.</summary>
internal interface IBodyOwner
{
    /// <summary>The data segment was received.</summary>
    /// <param name="intact">Its digest was right.</param>
    void BodyReceived(bool intact);
}

/// <summary>
/// A data segment on its way to its destination: bytes that are in the receive buffer already are copied, the rest is received in place. What does not
/// fit the destination is thrown away. Owned by the receive loop.
/// </summary>
internal sealed class BodyReceiver
{
    /// <summary>Shorter remainders come through the receive buffer, together with what follows them.</summary>
    private const int DirectFrom = 4096;

    private DataSegmentReceiver _segment;
    private DataSlice _destination;
    private IBodyOwner? _owner;
    private int _received;

    /// <summary>True while a data segment, its padding or its digest is missing.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Begins a data segment.</summary>
    /// <param name="layout">Of the PDU.</param>
    /// <param name="destination">Where its first bytes go.</param>
    /// <param name="owner">Told of its end; null when nobody cares.</param>
    public void Begin(in PduLayout layout, DataSlice destination, IBodyOwner? owner)
    {
        _segment = new DataSegmentReceiver(layout);
        _destination = destination;
        _owner = owner;
        _received = 0;
        IsActive = true;
    }

    /// <summary>Takes what the receive buffer has.</summary>
    /// <returns>False when bytes are missing.</returns>
    public bool TryContinue(ReceiveBuffer buffer)
    {
        int available = Math.Min(buffer.Length, _segment.RemainingDataBytes);
        if (available > 0)
        {
            ReadOnlySpan<byte> bytes = buffer.Bytes[..available];
            int wanted = Math.Clamp(_destination.Length - _received, 0, available);
            if (wanted > 0) _destination.Slice(_received, wanted).CopyFrom(bytes[..wanted]);
            _segment.Append(bytes);
            _received += available;
            buffer.Consume(available);
        }

        if (_segment.RemainingDataBytes > 0 || buffer.Length < _segment.TrailerLength) return false;
        bool intact = _segment.TryFinish(buffer.Bytes[.._segment.TrailerLength]);
        buffer.Consume(_segment.TrailerLength);
        IsActive = false;
        _destination = default;
        _owner?.BodyReceived(intact);
        return true;
    }

    /// <summary>Memory to receive in place; the receive buffer is empty.</summary>
    public bool TryGetDirect(out Memory<byte> memory)
    {
        memory = default;
        if (!IsActive || _destination.Length - _received < DirectFrom) return false;
        DataSlice.Enumerator segments = _destination.Slice(_received).GetEnumerator();
        _ = segments.MoveNext();
        memory = segments.Current.Memory;
        return true;
    }

    /// <summary>Bytes were received in place.</summary>
    public void AddDirect(ReadOnlySpan<byte> bytes)
    {
        _segment.Append(bytes);
        _received += bytes.Length;
    }
}
