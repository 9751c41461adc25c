using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Scsi;

namespace TgtModular.Iscsi.Tasks;

/// <summary>
/// Writes the answer of a command: Data-In in PDUs of the initiator's MaxRecvDataSegmentLength and sequences of MaxBurstLength, then the status, which
/// rides on the last Data-In where it may (RFC 7143 sections 11.4 and 11.7).
/// </summary>
internal static class CommandAnswer
{
    /// <summary>Data-In goes on only with so many free segments, so that scattered memory does not end in tiny PDUs.</summary>
    private const int MinSegments = 16;

    /// <summary>Writes as much as fits; true when all of it is written.</summary>
    public static bool TryWrite(CommandTask task, PduWriter writer)
    {
        ScsiCommand command = task.Command!;
        int total = command.SentDataIn;
        bool collapses = MayCollapse(task, command);
        while (task.SentBytes < total)
        {
            if (!writer.HasRoom(MinSegments)) return false;
            WriteDataIn(task, command, total, collapses, writer);
        }

        if (total > 0 && collapses) return true;
        if (!writer.HasRoom(segments: 0)) return false;
        WriteResponse(task, command, writer);
        return true;
    }

    /// <summary>The residual that a command shows in its U and O bits.</summary>
    /// <param name="direction">R and W of the PDU.</param>
    /// <param name="command">The command.</param>
    /// <returns>Positive for underflow, negative for overflow.</returns>
    public static long Residual(ScsiCommandFlags direction, ScsiCommand command) => direction switch
    {
        ScsiCommandFlags.Read => command.ResidualIn,
        ScsiCommandFlags.None => command.ResidualIn != 0 ? command.ResidualIn : command.ResidualOut,
        _ => command.ResidualOut,
    };

    /// <summary>A status that needs no sense data and no second residual may ride on the last Data-In (RFC 7143 section 11.7.3).</summary>
    private static bool MayCollapse(CommandTask task, ScsiCommand command) =>
        command.Outcome.IsGood && task.Direction == ScsiCommandFlags.Read;

    private static void WriteDataIn(CommandTask task, ScsiCommand command, int total, bool collapses, PduWriter writer)
    {
        int offset = task.SentBytes;
        int burst = writer.Parameters.MaxBurstLength;
        int length = Math.Min(Math.Min(writer.Parameters.SendLimit, burst - (offset % burst)), total - offset);
        DataSlice data = command.DataIn.Slice(offset, length);
        length = FitSegments(data, writer.FreeSegments);
        task.SentBytes = offset + length;

        bool last = task.SentBytes == total;
        DataInFlags flags = last || task.SentBytes % burst == 0 ? DataInFlags.Final : DataInFlags.None;
        uint residual = 0;
        TargetSequence sequence;
        if (last && collapses)
        {
            flags |= DataInFlags.Status | Flags(command.ResidualIn);
            residual = Magnitude(command.ResidualIn);
            if (!task.IsImmediate) writer.Window.Open();
            sequence = writer.TakeStatus();
        }
        else
        {
            // StatSN is reserved without the S bit (RFC 7143 section 11.7.4).
            sequence = writer.Peek() with { StatSN = 0 };
        }

        byte status = last && collapses ? (byte)command.Outcome.Status : (byte)0;
        Span<byte> header = writer.BeginHeader();
        DataInWriter.Write(header, flags, status, task.Tag, sequence, task.DataSN++, (uint)offset, length, residual);
        writer.EndHeader(header);
        writer.Append(data.Slice(0, length));
    }

    private static void WriteResponse(CommandTask task, ScsiCommand command, PduWriter writer)
    {
        ReadOnlySpan<byte> sense = command.SenseBytes;
        Span<byte> segment = stackalloc byte[SenseSegment.PrefixLength + SenseData.MaxLength];
        int length = sense.IsEmpty ? 0 : SenseSegment.Write(segment, sense);

        long residual = Residual(task.Direction, command);
        ScsiResponseFlags flags = (ScsiResponseFlags)Flags(residual);
        uint readResidual = 0;
        if (task.Direction == (ScsiCommandFlags.Read | ScsiCommandFlags.Write) && command.ResidualIn != 0)
        {
            flags |= command.ResidualIn > 0 ? ScsiResponseFlags.BidirectionalReadUnderflow : ScsiResponseFlags.BidirectionalReadOverflow;
            readResidual = Magnitude(command.ResidualIn);
        }

        if (!task.IsImmediate) writer.Window.Open();
        TargetSequence sequence = writer.TakeStatus();
        Span<byte> header = writer.BeginHeader();
        ScsiResponseWriter.Write(
            header, flags, ScsiServiceResponse.CommandCompleted, (byte)command.Outcome.Status, task.Tag, sequence, task.DataSN,
            Magnitude(residual), readResidual, length);
        writer.EndHeader(header);
        writer.AppendCopy(segment[..length]);
    }

    /// <summary>U or O; both PDUs have them at the same bits.</summary>
    private static DataInFlags Flags(long residual) => residual switch
    {
        > 0 => DataInFlags.Underflow,
        < 0 => DataInFlags.Overflow,
        _ => DataInFlags.None,
    };

    private static uint Magnitude(long residual) => (uint)Math.Min(Math.Abs(residual), uint.MaxValue);

    private static int FitSegments(DataSlice data, int segments)
    {
        int length = 0;
        foreach (DataSegment segment in data)
        {
            if (segments-- == 0) break;
            length += segment.Length;
        }

        return length;
    }
}
