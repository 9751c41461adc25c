using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Login;

/// <summary>
/// The login phase of one connection at the target (RFC 7143 sections 6.3 and 11.12 to 11.13). Pure: request headers and text go in,
/// a state comes out that says what the caller has to do; nothing is sent or waited for here. Not thread safe.
/// </summary>
/// <remarks>
/// <code>
/// AwaitingRequest  --Receive--> AwaitingResponse | AwaitingAdmission (first text complete) | AwaitingSession (all agreed)
/// AwaitingAdmission --Admit---> AwaitingResponse | AwaitingSession
/// AwaitingSession --Complete--> AwaitingResponse
/// AwaitingResponse --WriteResponse--> AwaitingRequest | Succeeded | Failed
/// </code>
/// A session is asked for only after authentication, so that a stranger cannot displace one.
/// </remarks>
public sealed class TargetLogin
{
    /// <summary>The default of MaxRecvDataSegmentLength, which holds until the Full Feature Phase.</summary>
    private const int MaxSegmentLength = 8192;

    private readonly LoginSettings _settings;
    private readonly TextAssembler _assembler;
    private readonly TextBuffer _answers = new();
    private readonly LoginConversation _conversation = new();
    private Negotiator? _negotiator;
    private LoginSecurity? _security;
    private TextSegmenter _segmenter;
    private LoginStage _plannedStage;
    private bool _isTransitPlanned;
    private bool _isAnswerUnfinished;
    private ushort _responseTsih;

    /// <summary>Begins a login.</summary>
    /// <param name="settings">Bounds.</param>
    public TargetLogin(LoginSettings settings)
    {
        _settings = settings;
        _assembler = new TextAssembler(settings.Text);
    }

    /// <summary>Where the login stands.</summary>
    public LoginState State { get; private set; }

    /// <summary>Who logs in; from <see cref="LoginState.AwaitingAdmission"/> on.</summary>
    public LoginIdentity? Identity { get; private set; }

    /// <summary>The status of the next or last response.</summary>
    public LoginStatus Status { get; private set; }

    /// <summary>Why the login was refused.</summary>
    public LoginFault Fault { get; private set; }

    /// <summary>Why authentication failed.</summary>
    public AuthenticationFailure AuthenticationFailure => _security?.Failure ?? AuthenticationFailure.None;

    /// <summary>The name the initiator was authenticated by, or null.</summary>
    public string? AuthenticatedName => _security?.PeerName;

    /// <summary>Why the negotiation failed.</summary>
    public NegotiationError NegotiationError => _negotiator?.Error ?? NegotiationError.None;

    /// <summary>The key by which the negotiation failed.</summary>
    public string? FaultyKey => _negotiator?.FaultyKey;

    /// <summary>The negotiation, to be gone on with in the Full Feature Phase; null before admission.</summary>
    public Negotiator? Negotiator => _negotiator;

    /// <summary>Treats a PDU of the initiator.</summary>
    /// <param name="bhs">Its 48 header bytes, whatever the opcode.</param>
    /// <param name="text">Its data segment without padding.</param>
    /// <returns>The new state.</returns>
    /// <exception cref="InvalidOperationException">No request is awaited.</exception>
    public LoginState Receive(ReadOnlySpan<byte> bhs, ReadOnlySpan<byte> text)
    {
        Demand(LoginState.AwaitingRequest);
        LoginRequestHeader header = new(bhs);
        (LoginStatus status, LoginFault fault) = _conversation.Accept(header, _settings.MaxRequests);
        if (fault != LoginFault.None)
            return Refuse(status, fault);
        bool continues = (header.Flags & LoginFlags.Continue) != 0;
        if (_isAnswerUnfinished)
            return text.IsEmpty && !continues ? Enter(LoginState.AwaitingResponse) : Refuse(LoginStatus.InitiatorError, LoginFault.UnexpectedText);
        if (!_assembler.TryAppend(text))
            return Refuse(LoginStatus.InitiatorError, LoginFault.Text);
        if (continues)
            return Answer();
        if (_negotiator is not null)
            return ProcessText(_negotiator, _security!);
        status = LoginIdentity.TryRead(header, new TextPairReader(_assembler.Text, _settings.Text), out LoginIdentity? identity);
        if (status != LoginStatus.Success)
            return Refuse(status, LoginFault.Identity);
        Identity = identity;
        return Enter(LoginState.AwaitingAdmission);
    }

    /// <summary>Goes on, or ends the login, as the caller has decided on <see cref="Identity"/>.</summary>
    /// <param name="admission">The decision.</param>
    /// <returns>The new state.</returns>
    /// <exception cref="InvalidOperationException">No decision is awaited.</exception>
    public LoginState Admit(LoginAdmission admission)
    {
        Demand(LoginState.AwaitingAdmission);
        if (!admission.IsAccepted)
        {
            _ = Refuse(admission.Status, LoginFault.Caller);
            if (admission.MovedTo is not null)
                _answers.Add(KeyTable.Get(KeyId.TargetAddress).Name, admission.MovedTo.ToString());
            return Answer();
        }

        _security = new LoginSecurity(admission.Authentication);
        _negotiator = new Negotiator(IscsiRole.Target, Identity!.SessionType, admission.Negotiation, Identity.IsLeading);
        if (admission.PortalGroupTag is ushort tag)
            _negotiator.DeclareText(KeyId.TargetPortalGroupTag, tag.ToString(System.Globalization.CultureInfo.InvariantCulture), _answers);
        if (admission.TargetAlias is not null)
            _negotiator.DeclareText(KeyId.TargetAlias, admission.TargetAlias, _answers);
        return ProcessText(_negotiator, _security);
    }

    /// <summary>Ends the login successfully.</summary>
    /// <param name="tsih">The session's handle, not 0; a new one for a leading login.</param>
    /// <returns>The new state.</returns>
    /// <exception cref="InvalidOperationException">No session is awaited.</exception>
    public LoginState Complete(ushort tsih)
    {
        Demand(LoginState.AwaitingSession);
        ArgumentOutOfRangeException.ThrowIfZero(tsih);
        _responseTsih = tsih;
        return Answer();
    }

    /// <summary>Ends the login with a refusal, whatever state it is in; a response not yet written is replaced.</summary>
    /// <param name="status">Of class initiator error or target error.</param>
    /// <returns>The new state.</returns>
    public LoginState Fail(LoginStatus status)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((int)status, (int)LoginStatus.InitiatorError, nameof(status));
        return Refuse(status, LoginFault.Caller);
    }

    /// <summary>Writes the response that is ready.</summary>
    /// <param name="bhs">At least 48 bytes for the header.</param>
    /// <param name="sequence">StatSN, which each login response takes; ExpCmdSN; MaxCmdSN.</param>
    /// <returns>The data segment without padding; valid until the next call of any method.</returns>
    /// <exception cref="InvalidOperationException">No response is ready.</exception>
    public ReadOnlyMemory<byte> WriteResponse(Span<byte> bhs, in TargetSequence sequence)
    {
        Demand(LoginState.AwaitingResponse);
        bool isFailure = Status != LoginStatus.Success;
        int maxLength = Math.Min(MaxSegmentLength, _negotiator?.ToConnectionParameters().MaxSendDataSegmentLength ?? MaxSegmentLength);
        ReadOnlyMemory<byte> text = _segmenter.Next(maxLength, out bool continues);
        bool transits = _isTransitPlanned && !continues && _conversation.WantsTransit && !isFailure;
        LoginFlags flags = transits ? LoginFlags.Transit : continues ? LoginFlags.Continue : LoginFlags.None;
        bool isFinal = transits && _plannedStage == LoginStage.FullFeaturePhase;
        LoginResponseWriter.Write(
            bhs,
            isFailure ? LoginFlags.None : flags,
            _conversation.Stage,
            _plannedStage,
            _conversation.Isid,
            isFinal ? _responseTsih : _conversation.Tsih,
            _conversation.InitiatorTaskTag,
            sequence,
            Status,
            text.Length);
        _isAnswerUnfinished = continues || (_isTransitPlanned && !transits);
        if (transits)
            _conversation.EnterStage(_plannedStage);
        if (!_isAnswerUnfinished)
            _isTransitPlanned = false;
        _ = Enter(isFailure ? LoginState.Failed : isFinal ? LoginState.Succeeded : LoginState.AwaitingRequest);
        return text;
    }

    private LoginState ProcessText(Negotiator negotiator, LoginSecurity security)
    {
        NegotiationPhase phase = _conversation.Stage == LoginStage.SecurityNegotiation ? NegotiationPhase.Security : NegotiationPhase.Operational;
        if (phase == NegotiationPhase.Operational && !security.IsSatisfied)
            return Refuse(LoginStatus.AuthenticationFailure, LoginFault.AuthenticationSequence);
        TextPairReader pairs = new(_assembler.Text, _settings.Text);
        while (pairs.TryRead(out TextPair pair))
        {
            if (phase == NegotiationPhase.Security && LoginSecurity.IsSecurityKey(pair.Key))
            {
                if (!security.TryTake(pair, _answers))
                    return RefuseSecurity(security, LoginStatus.InitiatorError);
            }
            else if (!negotiator.Receive(pair, phase, _answers))
            {
                return Refuse(LoginStatus.InitiatorError, LoginFault.Negotiation);
            }
        }

        if (pairs.Error != TextError.None)
            return Refuse(LoginStatus.InitiatorError, LoginFault.Text);
        if (!negotiator.EndText(_answers))
            return Refuse(LoginStatus.InitiatorError, LoginFault.Negotiation);
        _assembler.Clear();
        return phase == NegotiationPhase.Security ? EndSecurityText(negotiator, security) : EndOperationalText(negotiator);
    }

    private LoginState EndSecurityText(Negotiator negotiator, LoginSecurity security)
    {
        if (!security.EndText(_answers))
            return RefuseSecurity(security, LoginStatus.AuthenticationFailure);
        if (!_conversation.WantsTransit)
            return Answer();
        if (!security.IsSatisfied)
            return security.HasBegun ? Answer() : Refuse(LoginStatus.AuthenticationFailure, LoginFault.AuthenticationSequence);
        if (_conversation.NextStage == LoginStage.FullFeaturePhase && !negotiator.TryConclude())
            return Refuse(LoginStatus.InitiatorError, LoginFault.Negotiation);
        return Transit();
    }

    private LoginState EndOperationalText(Negotiator negotiator)
    {
        negotiator.Declare(_answers);
        if (!_conversation.WantsTransit || negotiator.ProposeWhereDefaultIsRefused(_answers))
            return Answer();
        return negotiator.TryConclude() ? Transit() : Refuse(LoginStatus.InitiatorError, LoginFault.Negotiation);
    }

    private LoginState Transit()
    {
        _isTransitPlanned = true;
        _plannedStage = _conversation.NextStage;
        return _plannedStage == LoginStage.FullFeaturePhase ? Enter(LoginState.AwaitingSession) : Answer();
    }

    private LoginState Answer()
    {
        _segmenter = new TextSegmenter(_answers.WrittenMemory);
        _answers.Clear();
        return Enter(LoginState.AwaitingResponse);
    }

    private LoginState RefuseSecurity(LoginSecurity security, LoginStatus otherwise) => security.Failure != AuthenticationFailure.None
        ? Refuse(LoginStatus.AuthenticationFailure, LoginFault.Authentication)
        : Refuse(otherwise, LoginFault.AuthenticationSequence);

    private LoginState Refuse(LoginStatus status, LoginFault fault)
    {
        Status = status;
        Fault = fault;
        _isTransitPlanned = false;
        _answers.Clear();
        return Answer();
    }

    private LoginState Enter(LoginState state) => State = state;

    private void Demand(LoginState state)
    {
        if (State != state)
            throw new InvalidOperationException($"The login is in state {State}, not {state}.");
    }
}
