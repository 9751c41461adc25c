using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>NOP-Out and NOP-In (RFC 7143 sections 11.18 and 11.19): answers pings, and pings the initiator when it is silent.</summary>
internal sealed class NopHandler(FullFeatureContext context, Rejector rejector)
{
    private uint _lastPing;

    /// <summary>Treats a NOP-Out.</summary>
    public void Handle(in IncomingPdu pdu)
    {
        NopOutHeader header = new(pdu.Bhs);
        bool numbered = !pdu.Basic.IsImmediate;
        if (header.InitiatorTaskTag == BasicHeader.ReservedTag)
        {
            // The answer to a NOP-In, or news of ExpStatSN; that it came is all that counts. It must not take a CmdSN.
            if (numbered) rejector.Reject(pdu.Bhs, RejectReason.InvalidPduField, tookCmdSN: true);
            return;
        }

        byte[] data = pdu.Data.Span[..Math.Min(pdu.DataLength, context.Parameters.SendLimit)].ToArray();
        ControlPdu answer = new(context.Pump, ControlEffect.TakesStatSN | (numbered ? ControlEffect.OpensWindow : ControlEffect.None), data);
        NopInWriter.Write(answer.Header, 0, header.InitiatorTaskTag, BasicHeader.ReservedTag, default, data.Length);
        context.Pump.AddControl(answer);
    }

    /// <summary>Asks the initiator for a sign of life. Called by the transport's clock.</summary>
    public void Ping()
    {
        uint tag = ++_lastPing;
        ControlPdu ping = new(context.Pump, ControlEffect.None);
        NopInWriter.Write(ping.Header, 0, BasicHeader.ReservedTag, tag, default);
        context.Pump.AddControl(ping);
    }
}
