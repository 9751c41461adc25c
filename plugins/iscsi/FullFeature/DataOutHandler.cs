using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tasks;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>SCSI Data-Out (RFC 7143 section 11.7): checked against what was granted before a byte of it is placed.</summary>
internal sealed class DataOutHandler(FullFeatureContext context, PduDispatcher dispatcher, BodyReceiver body, Rejector rejector) : IBodyOwner
{
    private readonly byte[] _header = new byte[BasicHeader.Length]; // of the PDU being received
    private CommandTask? _task;
    private volatile bool _progress;

    /// <summary>True when a Data-Out has come since the last call. For the one who watches for silence.</summary>
    public bool TakeProgress()
    {
        bool progress = _progress;
        _progress = false;
        return progress;
    }

    /// <summary>Treats a Data-Out whose data may not be whole.</summary>
    /// <exception cref="ConnectionException">It is not what was granted.</exception>
    public void Handle(in IncomingPdu pdu)
    {
        _progress = true;
        DataOutHeader header = new(pdu.Bhs);
        DataOutSink sink = DataOutSink.Discard;
        CommandTask? task = context.Tasks!.Find(header.InitiatorTaskTag);
        DataOutViolation violation = task is null ? CheckOrphan(header) : task.DataOut.TryOpen(header, out sink);
        if (violation == DataOutViolation.Stale) return; // of a command that was aborted or refused: the dispatcher throws the data away
        if (violation != DataOutViolation.None) throw Broken(violation, header);
        if (pdu.IsWhole)
        {
            sink.Destination.CopyFrom(pdu.Data.Span[..sink.Destination.Length]);
            task!.DataOut.Close(pdu.DataLength, !header.IsUnsolicited, header.IsFinal, isIntact: true);
            return;
        }

        pdu.Bhs.CopyTo(_header);
        _task = task;
        body.Begin(dispatcher.Layout, sink.Destination, this);
    }

    public void BodyReceived(bool intact)
    {
        _progress = true;
        DataOutHeader header = new(_header);
        CommandTask task = _task!;
        _task = null;
        if (!intact) rejector.Reject(_header, RejectReason.DataDigestError, tookCmdSN: false);
        task.DataOut.Close(header.Basic.DataSegmentLength, !header.IsUnsolicited, header.IsFinal, intact);
    }

    /// <summary>No such command: one that is over, unless the Target Transfer Tag was never given out.</summary>
    private DataOutViolation CheckOrphan(in DataOutHeader header) =>
        header.IsUnsolicited || context.Path!.Tags.WasIssued(header.TargetTransferTag) ? DataOutViolation.Stale : DataOutViolation.UnknownTransferTag;

    private static ConnectionException Broken(DataOutViolation violation, in DataOutHeader header)
    {
        EndReason reason = violation switch
        {
            DataOutViolation.UnknownTransferTag => EndReason.DataOutUnknownTag,
            DataOutViolation.Offset => EndReason.DataOutOffset,
            DataOutViolation.TooLong => EndReason.DataOutTooLong,
            DataOutViolation.FinalBit => EndReason.DataOutFinalBit,
            _ => EndReason.DataOutNotExpected,
        };
        string what = $"Data-Out of task {header.InitiatorTaskTag:x8}: {violation} (TTT {header.TargetTransferTag:x8}, DataSN {header.DataSN}, "
            + $"offset {header.BufferOffset}, length {header.Basic.DataSegmentLength})";
        return new ConnectionException(reason, what);
    }
}
