using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>
/// Text Request and Response (RFC 7143 sections 11.10 and 11.11): SendTargets and the keys that may change in full feature phase. One exchange at a time;
/// requests and answers longer than one PDU go on under a Target Transfer Tag.
/// </summary>
internal sealed class TextHandler(FullFeatureContext context, Negotiator negotiator, Action<string, TextBuffer> listTargets, Rejector rejector)
{
    private static readonly TextLimits Limits = TextLimits.Default;

    private readonly TextAssembler _request = new(Limits);
    private TextSegmenter _answer;
    private bool _answering;
    private uint _tag = BasicHeader.ReservedTag; // of the exchange under way
    private uint _initiatorTag;
    private uint _lastTag;

    /// <summary>Treats a Text Request.</summary>
    public void Handle(in IncomingPdu pdu)
    {
        TextRequestHeader header = new(pdu.Bhs);
        if (!TryContinue(header) || !TryTake(header, pdu.Data.Span))
        {
            Reset();
            rejector.Reject(pdu.Bhs, RejectReason.InvalidPduField, !pdu.Basic.IsImmediate);
            return;
        }

        bool continues = (header.Flags & TextFlags.Continue) != 0;
        if (!continues && !_answering && !TryAnswer())
        {
            Reset();
            rejector.Reject(pdu.Bhs, RejectReason.ProtocolError, !pdu.Basic.IsImmediate);
            return;
        }

        Send(header, awaitsMore: continues);
    }

    /// <summary>The header belongs to the exchange under way, or begins one.</summary>
    private bool TryContinue(in TextRequestHeader header)
    {
        if (header.Flags == (TextFlags.Final | TextFlags.Continue) || header.InitiatorTaskTag == BasicHeader.ReservedTag) return false;
        if (header.TargetTransferTag == BasicHeader.ReservedTag)
        {
            Reset();
            _initiatorTag = header.InitiatorTaskTag;
            return true;
        }

        return header.TargetTransferTag == _tag && header.InitiatorTaskTag == _initiatorTag;
    }

    /// <summary>Takes the text; while an answer is going out, none may come.</summary>
    private bool TryTake(in TextRequestHeader header, ReadOnlySpan<byte> text) =>
        _answering ? text.IsEmpty && (header.Flags & TextFlags.Continue) == 0 : _request.TryAppend(text);

    private bool TryAnswer()
    {
        TextBuffer answers = new();
        negotiator.BeginText();
        TextPairReader pairs = new(_request.Text, Limits);
        while (pairs.TryRead(out TextPair pair))
        {
            if (!negotiator.Receive(pair, NegotiationPhase.FullFeature, answers)) return false;
        }

        if (pairs.Error != TextError.None || !negotiator.EndText(answers)) return false;
        if (negotiator.SendTargets is { } wanted) listTargets(wanted, answers);
        context.Parameters.SendLimit = negotiator.ToConnectionParameters().MaxSendDataSegmentLength;
        _request.Clear();
        _answer = new TextSegmenter(answers.WrittenMemory);
        _answering = true;
        return true;
    }

    private void Send(in TextRequestHeader header, bool awaitsMore)
    {
        bool more = false;
        byte[] text = awaitsMore ? [] : _answer.Next(context.Parameters.SendLimit, out more).ToArray();
        bool final = !awaitsMore && !more && (header.Flags & TextFlags.Final) != 0;
        if (final) Reset();
        else _tag = NextTag();
        if (!awaitsMore && !more) _answering = false;

        TextFlags flags = final ? TextFlags.Final : more ? TextFlags.Continue : TextFlags.None;
        ControlEffect effect = ControlEffect.TakesStatSN | (header.Basic.IsImmediate ? ControlEffect.None : ControlEffect.OpensWindow);
        ControlPdu answer = new(context.Pump, effect, text);
        TextResponseWriter.Write(answer.Header, flags, header.InitiatorTaskTag, _tag, default, text.Length);
        context.Pump.AddControl(answer);
    }

    private void Reset()
    {
        _request.Clear();
        _answering = false;
        _tag = BasicHeader.ReservedTag;
    }

    private uint NextTag()
    {
        _lastTag++;
        if (_lastTag == BasicHeader.ReservedTag) _lastTag = 1;
        return _lastTag;
    }
}
