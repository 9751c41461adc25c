using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Negotiation;

/// <summary>What the caller has to do after a Text Request.</summary>
public enum TextExchangeAction
{
    /// <summary>A response is ready: <see cref="TargetTextExchange.WriteResponse"/>.</summary>
    Respond,

    /// <summary>
    /// The targets in <see cref="TargetTextExchange.SendTargets"/> are asked for: add them to <see cref="TargetTextExchange.Answers"/>, then write
    /// the response.
    /// </summary>
    ListTargets,

    /// <summary>The request is to be rejected as <see cref="RejectReason.ProtocolError"/>; the exchange is over.</summary>
    Reject,
}

/// <summary>
/// Text requests and responses of one connection in the Full Feature Phase, at the target (RFC 7143 sections 6.4, 11.10 and 11.11):
/// requests in pieces, answers in pieces, one exchange at a time. Pure. Not thread safe.
/// </summary>
public sealed class TargetTextExchange
{
    private readonly Negotiator _negotiator;
    private readonly TextLimits _limits;
    private readonly TextAssembler _assembler;
    private TextSegmenter _segmenter;
    private uint _initiatorTaskTag;
    private uint _targetTransferTag = BasicHeader.ReservedTag;
    private uint _lastTag;
    private bool _isAnswering;
    private bool _isFinal;

    /// <summary>Begins with no exchange under way.</summary>
    /// <param name="negotiator">The login's.</param>
    /// <param name="limits">Bounds on the request.</param>
    public TargetTextExchange(Negotiator negotiator, in TextLimits limits)
    {
        _negotiator = negotiator;
        _limits = limits;
        _assembler = new TextAssembler(limits);
    }

    /// <summary>Where answers are collected.</summary>
    public TextBuffer Answers { get; } = new();

    /// <summary>The value of SendTargets, with <see cref="TextExchangeAction.ListTargets"/>.</summary>
    public string? SendTargets => _negotiator.SendTargets;

    /// <summary>Treats a Text Request.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="text">Its data segment without padding.</param>
    public TextExchangeAction Receive(scoped in TextRequestHeader header, ReadOnlySpan<byte> text)
    {
        bool continues = (header.Flags & TextFlags.Continue) != 0;
        _isFinal = (header.Flags & TextFlags.Final) != 0;
        if (header.TargetTransferTag == BasicHeader.ReservedTag)
            Reset(header.InitiatorTaskTag);
        else if (header.TargetTransferTag != _targetTransferTag || header.InitiatorTaskTag != _initiatorTaskTag)
            return Reject();
        if (continues && _isFinal)
            return Reject();
        if (_isAnswering)
            return text.IsEmpty && !continues ? TextExchangeAction.Respond : Reject();
        if (!_assembler.TryAppend(text))
            return Reject();
        return continues ? TextExchangeAction.Respond : Process();
    }

    /// <summary>Writes the response, or its next piece.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    /// <param name="sequence">StatSN, ExpCmdSN, MaxCmdSN.</param>
    /// <returns>The data segment without padding; valid until the next call.</returns>
    public ReadOnlyMemory<byte> WriteResponse(Span<byte> bhs, in TargetSequence sequence)
    {
        if (!_isAnswering && Answers.Length != 0)
        {
            _isAnswering = true;
            _segmenter = new TextSegmenter(Answers.WrittenMemory);
        }

        bool continues = false;
        ReadOnlyMemory<byte> text = default;
        if (_isAnswering)
            text = _segmenter.Next(_negotiator.ToConnectionParameters().MaxSendDataSegmentLength, out continues);
        bool isFinal = _isFinal && !continues;
        if (_isAnswering && !continues)
            EndAnswer();
        _targetTransferTag = isFinal ? BasicHeader.ReservedTag : NextTag();
        TextFlags flags = continues ? TextFlags.Continue : isFinal ? TextFlags.Final : TextFlags.None;
        TextResponseWriter.Write(bhs, flags, _initiatorTaskTag, _targetTransferTag, sequence, text.Length);
        return text;
    }

    private TextExchangeAction Process()
    {
        bool isListed = SendTargets is not null;
        TextPairReader pairs = new(_assembler.Text, _limits);
        while (pairs.TryRead(out TextPair pair))
        {
            if (!_negotiator.Receive(pair, NegotiationPhase.FullFeature, Answers))
                return Reject();
        }

        if (pairs.Error != TextError.None || !_negotiator.EndText(Answers))
            return Reject();
        _assembler.Clear();
        return !isListed && SendTargets is not null ? TextExchangeAction.ListTargets : TextExchangeAction.Respond;
    }

    /// <summary>The reserved tag starts anew, whatever was under way (section 11.10.4).</summary>
    private void Reset(uint initiatorTaskTag)
    {
        _initiatorTaskTag = initiatorTaskTag;
        _targetTransferTag = BasicHeader.ReservedTag;
        _assembler.Clear();
        EndAnswer();
        _negotiator.BeginText();
    }

    private void EndAnswer()
    {
        _isAnswering = false;
        Answers.Clear();
    }

    private TextExchangeAction Reject()
    {
        Reset(_initiatorTaskTag);
        return TextExchangeAction.Reject;
    }

    private uint NextTag()
    {
        _lastTag = unchecked(_lastTag + 1);
        if (_lastTag == BasicHeader.ReservedTag)
            _lastTag = 0;
        return _lastTag;
    }
}
