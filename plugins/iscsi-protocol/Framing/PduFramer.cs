using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Framing;

/// <summary>A header without its data segment: views into the receive buffer.</summary>
public readonly ref struct PduHeaderFrame
{
    internal PduHeaderFrame(ReadOnlySpan<byte> header, scoped in PduLayout layout)
    {
        Bhs = header[..BasicHeader.Length];
        Ahs = header.Slice(BasicHeader.Length, layout.AhsLength);
        Layout = layout;
    }

    /// <summary>The 48 bytes of the Basic Header Segment.</summary>
    public ReadOnlySpan<byte> Bhs { get; }

    /// <summary>The Additional Header Segments.</summary>
    public ReadOnlySpan<byte> Ahs { get; }

    /// <summary>The lengths of all parts.</summary>
    public PduLayout Layout { get; }

    /// <summary>The common fields.</summary>
    public BasicHeader Basic => new(Bhs);
}

/// <summary>A whole PDU: views into the receive buffer.</summary>
public readonly ref struct PduFrame
{
    internal PduFrame(scoped in PduHeaderFrame header, ReadOnlySpan<byte> data)
    {
        Bhs = header.Bhs;
        Ahs = header.Ahs;
        Data = data;
        Layout = header.Layout;
    }

    /// <summary>The 48 bytes of the Basic Header Segment.</summary>
    public ReadOnlySpan<byte> Bhs { get; }

    /// <summary>The Additional Header Segments.</summary>
    public ReadOnlySpan<byte> Ahs { get; }

    /// <summary>The data segment without padding; empty after a data digest error.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The lengths of all parts.</summary>
    public PduLayout Layout { get; }

    /// <summary>The common fields.</summary>
    public BasicHeader Basic => new(Bhs);
}

/// <summary>
/// Cuts PDUs out of received bytes (RFC 7143 section 11.2): Basic Header Segment, Additional Header Segments, header digest, data
/// segment, padding, data digest. Pure: keeps nothing, copies nothing, allocates nothing.
/// </summary>
/// <remarks>
/// Limits are applied from the header, before the body has arrived. With a header digest, only TotalAHSLength is used before the
/// digest was found right, because it says where the digest stands, and it is bounded first.
/// </remarks>
public static class PduFramer
{
    /// <summary>Reads a header alone, so that the data segment can be received elsewhere (see <see cref="DataSegmentReceiver"/>).</summary>
    /// <param name="buffer">Received bytes, beginning at a PDU.</param>
    /// <param name="limits">Limits and digests in force.</param>
    /// <param name="frame">The header; valid if true is returned.</param>
    /// <param name="outcome">Bytes taken, bytes missing, or the error.</param>
    /// <returns>True if a header was read; false if bytes are missing or on an error.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> buffer, in FramingLimits limits, out PduHeaderFrame frame, out FramingOutcome outcome)
    {
        frame = default;
        if (buffer.Length < BasicHeader.Length)
            return Missing(BasicHeader.Length - buffer.Length, out outcome);
        BasicHeader basic = new(buffer);
        PduLayout layout = PduLayout.Create(basic.TotalAhsLengthWords, basic.DataSegmentLength, limits.HeaderDigest, limits.DataDigest);
        if (layout.AhsLength > limits.MaxAhsLength)
            return Fail(FramingError.AhsTooLong, out outcome);
        if (!limits.HeaderDigest && layout.DataSegmentLength > limits.MaxDataSegmentLength)
            return Fail(FramingError.DataSegmentTooLong, out outcome);
        if (buffer.Length < layout.HeaderLength)
            return Missing(layout.HeaderLength - buffer.Length, out outcome);
        if (limits.HeaderDigest)
        {
            int digestOffset = BasicHeader.Length + layout.AhsLength;
            if (Crc32C.Compute(buffer[..digestOffset]) != Crc32C.Read(buffer[digestOffset..]))
                return Fail(FramingError.HeaderDigestMismatch, out outcome);
            if (layout.DataSegmentLength > limits.MaxDataSegmentLength)
                return Fail(FramingError.DataSegmentTooLong, out outcome);
        }

        frame = new PduHeaderFrame(buffer, layout);
        outcome = new FramingOutcome(layout.HeaderLength, 0, FramingError.None);
        return true;
    }

    /// <summary>Reads a whole PDU.</summary>
    /// <param name="buffer">Received bytes, beginning at a PDU.</param>
    /// <param name="limits">Limits and digests in force.</param>
    /// <param name="frame">
    /// The PDU; valid if true is returned. After <see cref="FramingError.DataDigestMismatch"/> its header is valid and
    /// <paramref name="outcome"/> says how many bytes to skip.
    /// </param>
    /// <param name="outcome">Bytes taken, bytes missing, or the error.</param>
    /// <returns>True if a PDU was read; false if bytes are missing or on an error.</returns>
    public static bool TryRead(ReadOnlySpan<byte> buffer, in FramingLimits limits, out PduFrame frame, out FramingOutcome outcome)
    {
        frame = default;
        if (!TryReadHeader(buffer, limits, out PduHeaderFrame header, out outcome))
            return false;
        PduLayout layout = header.Layout;
        if (buffer.Length < layout.TotalLength)
            return Missing(layout.TotalLength - buffer.Length, out outcome);
        ReadOnlySpan<byte> body = buffer.Slice(layout.HeaderLength, layout.BodyLength);
        int paddedLength = layout.DataSegmentLength + layout.PaddingLength;
        if (layout.DataDigestLength != 0 && Crc32C.Compute(body[..paddedLength]) != Crc32C.Read(body[paddedLength..]))
        {
            frame = new PduFrame(header, default);
            outcome = new FramingOutcome(layout.TotalLength, 0, FramingError.DataDigestMismatch);
            return false;
        }

        frame = new PduFrame(header, body[..layout.DataSegmentLength]);
        outcome = new FramingOutcome(layout.TotalLength, 0, FramingError.None);
        return true;
    }

    /// <summary>Writes the header digest behind the headers.</summary>
    /// <param name="header">Basic and additional headers, and four bytes more for the digest.</param>
    public static void WriteHeaderDigest(Span<byte> header)
    {
        Span<byte> covered = header[..^Crc32C.Length];
        Crc32C.Write(header[covered.Length..], Crc32C.Compute(covered));
    }

    /// <summary>Writes padding and data digest.</summary>
    /// <param name="trailer">At least <see cref="PduLayout.TrailerLength"/> bytes.</param>
    /// <param name="layout">Of the PDU.</param>
    /// <param name="data">The CRC over the data segment's bytes; ignored without a data digest.</param>
    public static void WriteTrailer(Span<byte> trailer, in PduLayout layout, Crc32C data)
    {
        Span<byte> padding = trailer[..layout.PaddingLength];
        padding.Clear();
        if (layout.DataDigestLength == 0)
            return;
        data.Append(padding);
        Crc32C.Write(trailer[layout.PaddingLength..], data.Value);
    }

    private static bool Missing(int bytes, out FramingOutcome outcome)
    {
        outcome = new FramingOutcome(0, bytes, FramingError.None);
        return false;
    }

    private static bool Fail(FramingError error, out FramingOutcome outcome)
    {
        outcome = new FramingOutcome(0, 0, error);
        return false;
    }
}
