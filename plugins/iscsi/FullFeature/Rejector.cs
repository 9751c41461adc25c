using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>Sends Reject PDUs (RFC 7143 section 11.17).</summary>
internal sealed class Rejector(FullFeatureContext context)
{
    /// <summary>Rejects a PDU.</summary>
    /// <param name="header">Its 48 bytes, which go back in the data segment.</param>
    /// <param name="reason">Why.</param>
    /// <param name="tookCmdSN">It took a CmdSN that nothing else will answer.</param>
    public void Reject(ReadOnlySpan<byte> header, RejectReason reason, bool tookCmdSN)
    {
        byte[] data = header[..BasicHeader.Length].ToArray();
        ControlEffect effect = ControlEffect.TakesStatSN | (tookCmdSN ? ControlEffect.OpensWindow : ControlEffect.None);
        ControlPdu pdu = new(context.Pump, effect, data);
        RejectWriter.Write(pdu.Header, reason, default, dataSegmentLength: data.Length);
        Log.Rejected(context.Logger, context.Session.InitiatorName, new BasicHeader(header).Opcode, reason);
        context.Pump.AddControl(pdu);
    }
}
