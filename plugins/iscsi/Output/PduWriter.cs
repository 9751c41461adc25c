using System.Buffers.Binary;
using TgtModular.Buffers;
using TgtModular.Iscsi.FullFeature;
using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Output;

/// <summary>
/// Puts PDUs with their digests into a <see cref="SendBuffer"/>. Owns StatSN: PDUs are numbered in the order in which they are written here, which is the
/// order on the wire. Only the pump uses it.
/// </summary>
internal sealed class PduWriter(SendBuffer buffer, CommandWindow window, NegotiatedParameters parameters, uint firstStatSN)
{
    /// <summary>Data up to this length is copied beside its header: cheaper than a segment of its own.</summary>
    public const int InlineLimit = 256;

    /// <summary>Bytes of the block that one PDU takes at most, its inline data included.</summary>
    public const int MaxOverhead = BasicHeader.Length + Crc32C.Length + InlineLimit + 3 + Crc32C.Length;

    private uint _statSN = firstStatSN;

    /// <summary>What was negotiated.</summary>
    public NegotiatedParameters Parameters => parameters;

    /// <summary>The command window, whose bounds every PDU shows.</summary>
    public CommandWindow Window => window;

    /// <summary>Segments of data that still fit.</summary>
    public int FreeSegments => buffer.FreeSegments;

    /// <summary>True when a PDU with so many segments of data fits.</summary>
    public bool HasRoom(int segments) => buffer.HasRoom(MaxOverhead, segments);

    /// <summary>The numbers of a PDU that carries a status: takes the next StatSN.</summary>
    public TargetSequence TakeStatus() => new(_statSN++, window.ExpCmdSN, window.MaxCmdSN);

    /// <summary>The numbers of a PDU that shows the next StatSN without taking it.</summary>
    public TargetSequence Peek() => new(_statSN, window.ExpCmdSN, window.MaxCmdSN);

    /// <summary>Fills in StatSN, ExpCmdSN and MaxCmdSN of a header made elsewhere; every target PDU has them at the same place.</summary>
    public static void Stamp(Span<byte> bhs, in TargetSequence sequence)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bhs[24..], sequence.StatSN);
        BinaryPrimitives.WriteUInt32BigEndian(bhs[28..], sequence.ExpCmdSN);
        BinaryPrimitives.WriteUInt32BigEndian(bhs[32..], sequence.MaxCmdSN);
    }

    /// <summary>Appends room for a header and its digest; fill the first 48 bytes, then call <see cref="EndHeader"/>.</summary>
    public Span<byte> BeginHeader() => buffer.Append(BasicHeader.Length + (parameters.HeaderDigest ? Crc32C.Length : 0));

    /// <summary>Completes a header.</summary>
    /// <param name="header">As given by <see cref="BeginHeader"/>.</param>
    public void EndHeader(Span<byte> header)
    {
        if (parameters.HeaderDigest) PduFramer.WriteHeaderDigest(header);
    }

    /// <summary>Appends a data segment as a copy, with padding and digest.</summary>
    public void AppendCopy(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        data.CopyTo(buffer.Append(data.Length));
        Crc32C crc = default;
        if (parameters.DataDigest) crc.Append(data);
        AppendTrailer(data.Length, crc);
    }

    /// <summary>Appends a data segment by reference, or as a copy when it is short, with padding and digest.</summary>
    public void Append(DataSlice data)
    {
        if (data.IsEmpty) return;
        Crc32C crc = default;
        bool inline = data.Length <= InlineLimit;
        foreach (DataSegment segment in data)
        {
            if (parameters.DataDigest) crc.Append(segment.Span);
            if (inline) segment.Span.CopyTo(buffer.Append(segment.Length));
            else buffer.Append(segment);
        }

        AppendTrailer(data.Length, crc);
    }

    private void AppendTrailer(int length, Crc32C crc)
    {
        PduLayout layout = PduLayout.Create(0, length, parameters.HeaderDigest, parameters.DataDigest);
        if (layout.TrailerLength != 0) PduFramer.WriteTrailer(buffer.Append(layout.TrailerLength), layout, crc);
    }
}
