using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Naming;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Login;

/// <summary>What an initiator logs in with.</summary>
public sealed record InitiatorLoginSettings
{
    /// <summary>Normalised name.</summary>
    public required string InitiatorName { get; init; }

    /// <summary>Normalised name; null in a discovery session.</summary>
    public string? TargetName { get; init; }

    /// <summary>Initiator part of the session identifier.</summary>
    public required Isid Isid { get; init; }

    /// <summary>0 for a new session, else the session to join.</summary>
    public ushort Tsih { get; init; }

    /// <summary>Connection ID.</summary>
    public ushort Cid { get; init; }

    /// <summary>What to propose.</summary>
    public NegotiationPolicy Negotiation { get; init; } = new();

    /// <summary>What to show for CHAP, or null to log in without authentication.</summary>
    public ChapCredential? Credential { get; init; }

    /// <summary>What the target must show (mutual CHAP), or null.</summary>
    public ChapCredential? TargetCredential { get; init; }

    /// <summary>Rules of CHAP.</summary>
    public ChapPolicy Chap { get; init; } = ChapPolicy.Default;

    /// <summary>Bounds.</summary>
    public LoginSettings Limits { get; init; } = new();

    /// <summary>Discovery if no target is named.</summary>
    public SessionType SessionType => TargetName is null ? SessionType.Discovery : SessionType.Normal;
}

/// <summary>
/// The login phase of one connection at the initiator (RFC 7143 section 6.3): alternately <see cref="WriteRequest"/> and
/// <see cref="Receive"/> until <see cref="State"/> is succeeded or failed. Pure. Not thread safe.
/// </summary>
public sealed class InitiatorLogin
{
    private readonly InitiatorLoginSettings _settings;
    private readonly TextBuffer _text = new();
    private readonly TextAssembler _assembler;
    private readonly Negotiator _negotiator;
    private readonly ChapInitiatorExchange? _chap;
    private LoginStage _stage;
    private bool _isMethodNew;
    private bool _isMethodAgreed;
    private bool _isAuthenticated;
    private bool _hasProposed;
    private bool _isSegmentRequest;
    private bool _wantsTransit;
    private int _requests;

    /// <summary>Begins a login.</summary>
    /// <param name="settings">What to log in with.</param>
    public InitiatorLogin(InitiatorLoginSettings settings)
    {
        _settings = settings;
        _assembler = new TextAssembler(settings.Limits.Text);
        _negotiator = new Negotiator(IscsiRole.Initiator, settings.SessionType, settings.Negotiation, settings.Tsih == 0);
        if (settings.Credential is not null)
            _chap = new ChapInitiatorExchange(settings.Credential, settings.TargetCredential, settings.Chap);
        _stage = _chap is null ? LoginStage.OperationalNegotiation : LoginStage.SecurityNegotiation;
        State = LoginState.AwaitingRequest;
        Identify();
    }

    /// <summary>Awaiting a request (to be written), a response (to be received), succeeded or failed.</summary>
    public LoginState State { get; private set; }

    /// <summary>Status of the last response.</summary>
    public LoginStatus Status { get; private set; }

    /// <summary>Why this side gave up; none if the target refused.</summary>
    public LoginFault Fault { get; private set; }

    /// <summary>Where the target has moved to, with a status of class redirection.</summary>
    public TargetAddress? MovedTo { get; private set; }

    /// <summary>The session's handle, once succeeded.</summary>
    public ushort Tsih { get; private set; }

    /// <summary>The negotiation and its results.</summary>
    public Negotiator Negotiator => _negotiator;

    /// <summary>Why authentication failed at this side.</summary>
    public AuthenticationFailure AuthenticationFailure => _chap?.Failure ?? AuthenticationFailure.None;

    /// <summary>Writes the next request.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    /// <param name="initiatorTaskTag">The same throughout the login.</param>
    /// <param name="sequence">CmdSN, the same throughout the login; ExpStatSN.</param>
    /// <returns>The data segment without padding; valid until the next call.</returns>
    public ReadOnlyMemory<byte> WriteRequest(Span<byte> bhs, uint initiatorTaskTag, in InitiatorSequence sequence)
    {
        Demand(LoginState.AwaitingRequest);
        if (!_isSegmentRequest && _stage == LoginStage.OperationalNegotiation && !_hasProposed)
        {
            _hasProposed = true;
            _negotiator.ProposeAll(_text);
            _negotiator.Declare(_text);
        }

        _wantsTransit = !_isSegmentRequest && (_stage == LoginStage.OperationalNegotiation || _chap is { HasAnswered: true });
        ReadOnlyMemory<byte> text = _text.WrittenMemory;
        _text.Clear();
        LoginRequestWriter.Write(
            bhs,
            _wantsTransit ? LoginFlags.Transit : LoginFlags.None,
            _stage,
            _stage == LoginStage.SecurityNegotiation ? LoginStage.OperationalNegotiation : LoginStage.FullFeaturePhase,
            _settings.Isid,
            _settings.Tsih,
            initiatorTaskTag,
            _settings.Cid,
            sequence,
            text.Length);
        _requests++;
        State = LoginState.AwaitingResponse;
        return text;
    }

    /// <summary>Treats a PDU of the target.</summary>
    /// <param name="bhs">Its 48 header bytes, whatever the opcode.</param>
    /// <param name="text">Its data segment without padding.</param>
    /// <returns>The new state.</returns>
    public LoginState Receive(ReadOnlySpan<byte> bhs, ReadOnlySpan<byte> text)
    {
        Demand(LoginState.AwaitingResponse);
        LoginResponseHeader header = new(bhs);
        if (header.Basic.Opcode != Opcode.LoginResponse)
            return Fail(LoginFault.NotALoginRequest);
        Status = header.Status;
        if (Status.Class() == LoginStatusClass.Redirection)
            return ReadRedirection(text);
        if (Status != LoginStatus.Success)
            return State = LoginState.Failed;
        if (header.VersionActive != 0)
            return Fail(LoginFault.Version);
        if (_requests >= _settings.Limits.MaxRequests)
            return Fail(LoginFault.TooManyRequests);
        if (!AreStagesInOrder(header))
            return Fail(LoginFault.StageBits);
        if (!_assembler.TryAppend(text))
            return Fail(LoginFault.Text);
        _isSegmentRequest = (header.Flags & LoginFlags.Continue) != 0;
        if (_isSegmentRequest)
            return State = LoginState.AwaitingRequest;
        bool isGood = ProcessText();
        _assembler.Clear();
        return isGood ? EndResponse(header) : State;
    }

    private LoginState EndResponse(scoped in LoginResponseHeader header)
    {
        if ((header.Flags & LoginFlags.Transit) == 0)
            return State = LoginState.AwaitingRequest;
        if (_stage == LoginStage.SecurityNegotiation && _isMethodAgreed && !_isAuthenticated)
            return Fail(LoginFault.Authentication);
        _stage = header.NextStage;
        if (_stage != LoginStage.FullFeaturePhase)
            return State = LoginState.AwaitingRequest;
        if (!_negotiator.TryConclude())
            return Fail(LoginFault.Negotiation);
        Tsih = header.Tsih;
        return State = LoginState.Succeeded;
    }

    private bool ProcessText()
    {
        TextPairReader pairs = new(_assembler.Text, _settings.Limits.Text);
        NegotiationPhase phase = _stage == LoginStage.SecurityNegotiation ? NegotiationPhase.Security : NegotiationPhase.Operational;
        while (pairs.TryRead(out TextPair pair))
        {
            bool isSecurity = phase == NegotiationPhase.Security && LoginSecurity.IsSecurityKey(pair.Key);
            if (isSecurity && !TryTakeSecurity(pair))
                return Give(LoginFault.AuthenticationSequence);
            if (!isSecurity && !_negotiator.Receive(pair, phase, _text))
                return Give(LoginFault.Negotiation);
        }

        if (pairs.Error != TextError.None)
            return Give(LoginFault.Text);
        if (!_negotiator.EndText(_text))
            return Give(LoginFault.Negotiation);
        return phase != NegotiationPhase.Security || EndSecurityText();
    }

    private bool TryTakeSecurity(scoped TextPair pair)
    {
        if (!pair.Key.SequenceEqual("AuthMethod"u8))
            return _isMethodAgreed && _chap!.TryTake(pair);
        _isMethodNew = !_isMethodAgreed && _chap is not null && pair.Value.SequenceEqual("CHAP"u8);
        return _isMethodNew;
    }

    private bool EndSecurityText()
    {
        if (_isMethodNew)
        {
            _isMethodNew = false;
            _isMethodAgreed = true;
            _chap!.Begin(_text);
            return true;
        }

        if (!_isMethodAgreed)
            return true;
        AuthenticationProgress progress = _chap!.EndText(_text);
        _isAuthenticated = progress == AuthenticationProgress.Succeeded;
        return progress != AuthenticationProgress.Failed || Give(LoginFault.Authentication);
    }

    private void Identify()
    {
        _negotiator.DeclareText(KeyId.InitiatorName, _settings.InitiatorName, _text);
        _negotiator.DeclareText(KeyId.SessionType, _settings.SessionType.ToString(), _text);
        if (_settings.TargetName is not null)
            _negotiator.DeclareText(KeyId.TargetName, _settings.TargetName, _text);
        if (_chap is not null)
            _text.Add("AuthMethod"u8, "CHAP"u8);
    }

    private LoginState ReadRedirection(ReadOnlySpan<byte> text)
    {
        TextPairReader pairs = new(text, _settings.Limits.Text);
        while (pairs.TryRead(out TextPair pair))
        {
            if (pair.Key.SequenceEqual("TargetAddress"u8) && TargetAddress.TryParse(TextValue.ToText(pair.Value), out TargetAddress? address))
                MovedTo = address;
        }

        return State = LoginState.Failed;
    }

    private bool AreStagesInOrder(scoped in LoginResponseHeader header)
    {
        if (header.CurrentStage != _stage)
            return false;
        if ((header.Flags & LoginFlags.Transit) == 0)
            return true;
        return _wantsTransit && (header.Flags & LoginFlags.Continue) == 0 && header.NextStage > _stage && (byte)header.NextStage != 2;
    }

    private bool Give(LoginFault fault)
    {
        _ = Fail(fault);
        return false;
    }

    private LoginState Fail(LoginFault fault)
    {
        Fault = fault;
        return State = LoginState.Failed;
    }

    private void Demand(LoginState state)
    {
        if (State != state)
            throw new InvalidOperationException($"The login is in state {State}, not {state}.");
    }
}
