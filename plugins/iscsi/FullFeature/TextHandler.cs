using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>Text Request and Response (RFC 7143 sections 11.10 and 11.11): SendTargets and the keys that may change in full feature phase.</summary>
internal sealed class TextHandler(FullFeatureContext context, Negotiator negotiator, Action<string, TextBuffer> listTargets, Rejector rejector)
{
    private readonly TargetTextExchange _exchange = new(negotiator, TextLimits.Default);

    /// <summary>Treats a Text Request.</summary>
    public void Handle(in IncomingPdu pdu)
    {
        TextRequestHeader header = new(pdu.Bhs);
        TextExchangeAction action = header.InitiatorTaskTag == BasicHeader.ReservedTag
            ? TextExchangeAction.Reject
            : _exchange.Receive(header, pdu.Data.Span);
        bool numbered = !pdu.Basic.IsImmediate;
        if (action == TextExchangeAction.Reject)
        {
            rejector.Reject(pdu.Bhs, RejectReason.ProtocolError, numbered);
            return;
        }

        if (action == TextExchangeAction.ListTargets) listTargets(_exchange.SendTargets!, _exchange.Answers);
        context.Parameters.SendLimit = negotiator.ToConnectionParameters().MaxSendDataSegmentLength;
        Respond(numbered);
    }

    private void Respond(bool numbered)
    {
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        byte[] text = _exchange.WriteResponse(bhs, default).ToArray();
        ControlPdu answer = new(context.Pump, ControlEffect.TakesStatSN | (numbered ? ControlEffect.OpensWindow : ControlEffect.None), text);
        bhs.CopyTo(answer.Header);
        context.Pump.AddControl(answer);
    }
}
