using TgtModular.Iscsi.Protocol.Digests;

namespace TgtModular.Iscsi.Protocol.Framing;

/// <summary>
/// Follows a data segment that is received into the caller's own buffers after <see cref="PduFramer.TryReadHeader"/>: counts the
/// bytes and keeps the digest. A mutable struct; keep it in one place.
/// </summary>
public struct DataSegmentReceiver
{
    private readonly PduLayout _layout;
    private Crc32C _crc;

    /// <summary>Begins a data segment.</summary>
    /// <param name="layout">From the header frame.</param>
    public DataSegmentReceiver(in PduLayout layout)
    {
        _layout = layout;
        RemainingDataBytes = layout.DataSegmentLength;
    }

    /// <summary>Data bytes, without padding, that have not been seen yet.</summary>
    public int RemainingDataBytes { get; private set; }

    /// <summary>Bytes of padding and digest behind the data: what <see cref="TryFinish"/> takes.</summary>
    public readonly int TrailerLength => _layout.TrailerLength;

    /// <summary>Takes the next piece in.</summary>
    /// <param name="piece">At most <see cref="RemainingDataBytes"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The piece is longer than what remains.</exception>
    public void Append(ReadOnlySpan<byte> piece)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(piece.Length, RemainingDataBytes, nameof(piece));
        RemainingDataBytes -= piece.Length;
        if (_layout.DataDigestLength != 0)
            _crc.Append(piece);
    }

    /// <summary>Checks the digest once all data has been seen. False on a data digest error.</summary>
    /// <param name="trailer">At least <see cref="TrailerLength"/> bytes: padding, then digest.</param>
    /// <exception cref="InvalidOperationException">Data is still missing.</exception>
    public readonly bool TryFinish(ReadOnlySpan<byte> trailer)
    {
        if (RemainingDataBytes != 0)
            throw new InvalidOperationException("The data segment is not complete.");
        if (_layout.DataDigestLength == 0)
            return true;
        Crc32C crc = _crc;
        crc.Append(trailer[.._layout.PaddingLength]);
        return crc.Value == Crc32C.Read(trailer[_layout.PaddingLength..]);
    }
}
