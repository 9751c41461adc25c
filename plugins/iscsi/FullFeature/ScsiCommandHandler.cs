using TgtModular.Devices;
using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tasks;
using TgtModular.Scsi;
using TgtModular.Transports;
using ScsiTaskAttribute = TgtModular.Scsi.TaskAttribute;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>SCSI Command (RFC 7143 section 11.3): makes a command of the engine, submits it, and sees its immediate data to where it belongs.</summary>
internal sealed class ScsiCommandHandler(FullFeatureContext context, PduDispatcher dispatcher, BodyReceiver body, Rejector rejector) : IBodyOwner
{
    private readonly CommandPath _path = context.Path!;
    private readonly TaskTable _tasks = context.Tasks!;
    private CommandTask? _receiving; // its immediate data is on its way
    private int _receivingLength;
    private bool _receivingFinal;

    /// <summary>Treats a command whose immediate data may not be whole.</summary>
    public void Handle(in IncomingPdu pdu)
    {
        ScsiCommandHeader header = new(pdu.Bhs);
        bool numbered = !pdu.Basic.IsImmediate;
        if (!ScsiCommandAhs.TryRead(pdu.Ahs, out ScsiCommandAhs ahs) || !IsWellFormed(header, ahs, pdu.DataLength))
        {
            rejector.Reject(pdu.Bhs, RejectReason.InvalidPduField, numbered);
            return;
        }

        if (_tasks.Find(header.InitiatorTaskTag) is not null)
        {
            rejector.Reject(pdu.Bhs, RejectReason.TaskInProgress, numbered);
            return;
        }

        CommandTask? task = _tasks.TryRent();
        if (task is null || _path.Nexus.TryRentCommand() is not { } command)
        {
            if (task is not null) _tasks.Return(task);
            RefuseForRoom(header, pdu.Bhs);
            return;
        }

        Fill(command, task, header, ahs);
        task.Begin(header, command);
        _tasks.Add(task);
        BeginDataOut(task, header, pdu);
        context.Session.CountCommand();
        Log.Command(context.Logger, context.Session, command);
        _path.Nexus.Submit(command);
        if (pdu.DataLength > 0) PlaceImmediate(task, header, pdu);
    }

    public void BodyReceived(bool intact)
    {
        CommandTask task = _receiving!;
        _receiving = null;
        task.DataOut.Close(_receivingLength, isSolicited: false, _receivingFinal, intact);
    }

    private static bool IsWellFormed(in ScsiCommandHeader header, in ScsiCommandAhs ahs, int dataLength)
    {
        bool writes = (header.Flags & ScsiCommandFlags.Write) != 0;
        bool bidirectional = writes && (header.Flags & ScsiCommandFlags.Read) != 0;
        return header.InitiatorTaskTag != BasicHeader.ReservedTag
            && header.Attribute <= Protocol.Pdus.TaskAttribute.Aca
            && ahs.CdbTail.Length <= ScsiCommand.MaxCdbLength - ScsiCommandHeader.CdbLength
            && (writes || (dataLength == 0 && (header.Flags & ScsiCommandFlags.Final) != 0))
            && bidirectional == ahs.BidirectionalReadExpectedDataTransferLength.HasValue;
    }

    private void Fill(ScsiCommand command, CommandTask task, in ScsiCommandHeader header, in ScsiCommandAhs ahs)
    {
        bool reads = (header.Flags & ScsiCommandFlags.Read) != 0;
        bool writes = (header.Flags & ScsiCommandFlags.Write) != 0;
        if (ahs.CdbTail.IsEmpty)
        {
            command.SetCdb(header.Cdb);
        }
        else
        {
            Span<byte> cdb = stackalloc byte[ScsiCommand.MaxCdbLength];
            header.Cdb.CopyTo(cdb);
            ahs.CdbTail.CopyTo(cdb[ScsiCommandHeader.CdbLength..]);
            command.SetCdb(cdb[..(ScsiCommandHeader.CdbLength + ahs.CdbTail.Length)]);
        }

        command.Lun = new Lun(header.Lun);
        command.Tag = header.InitiatorTaskTag;
        command.Attribute = (ScsiTaskAttribute)header.Attribute;
        command.ExpectedDataOut = writes ? header.ExpectedDataTransferLength : 0;
        command.ExpectedDataIn = reads ? ahs.BidirectionalReadExpectedDataTransferLength ?? header.ExpectedDataTransferLength : 0;
        command.Transport = _path;
        command.TransportState = task;
    }

    private void BeginDataOut(CommandTask task, in ScsiCommandHeader header, in IncomingPdu pdu)
    {
        if ((header.Flags & ScsiCommandFlags.Write) == 0)
        {
            task.DataOut.BeginUnused();
            return;
        }

        bool more = (header.Flags & ScsiCommandFlags.Final) == 0;
        bool unexpected = (more && context.Parameters.InitialR2T)
            || (pdu.DataLength > 0 && !context.Parameters.ImmediateData)
            || pdu.DataLength > context.Parameters.FirstBurstLength
            || pdu.DataLength > header.ExpectedDataTransferLength;
        DataOutResult fault = unexpected ? DataOutResult.UnexpectedUnsolicited : DataOutResult.Arrived;
        task.DataOut.Begin(header.Lun, header.ExpectedDataTransferLength, pdu.DataLength, more, fault);
        if (pdu.DataLength > 0 && pdu.IsWhole) task.DataOut.Offer(pdu.Data);
    }

    private void PlaceImmediate(CommandTask task, in ScsiCommandHeader header, in IncomingPdu pdu)
    {
        if (pdu.IsWhole)
        {
            task.DataOut.EndOffer();
            return;
        }

        _receiving = task;
        _receivingLength = pdu.DataLength;
        _receivingFinal = (header.Flags & ScsiCommandFlags.Final) != 0;
        body.Begin(dispatcher.Layout, task.DataOut.OpenImmediate(pdu.DataLength).Destination, this);
    }

    /// <summary>More commands than agreed. Unsolicited data that follows belongs to no command and is thrown away.</summary>
    private void RefuseForRoom(in ScsiCommandHeader header, ReadOnlySpan<byte> bhs)
    {
        if (header.Basic.IsImmediate)
        {
            rejector.Reject(bhs, RejectReason.TooManyImmediateCommands, tookCmdSN: false);
            return;
        }

        ControlPdu response = new(context.Pump, ControlEffect.TakesStatSN | ControlEffect.OpensWindow);
        ScsiResponseFlags residual = header.ExpectedDataTransferLength > 0 ? ScsiResponseFlags.Underflow : ScsiResponseFlags.None;
        ScsiResponseWriter.Write(
            response.Header, residual, ScsiServiceResponse.CommandCompleted, (byte)ScsiStatus.TaskSetFull, header.InitiatorTaskTag, default,
            residualCount: header.ExpectedDataTransferLength);
        context.Pump.AddControl(response);
    }
}
