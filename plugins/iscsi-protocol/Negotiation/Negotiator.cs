using System.Text;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Negotiation;

/// <summary>
/// One side of the negotiation of operational keys on one connection (RFC 7143 sections 6.2, 6.3 and 13), target or initiator.
/// Pure: pairs come in, answers go into a <see cref="TextBuffer"/>. Not thread safe.
/// </summary>
/// <remarks>
/// Per text: <see cref="Receive"/> for each pair, then <see cref="EndText"/>, which treats the keys whose answer depends on others.
/// When both sides are ready, <see cref="TryConclude"/>. In the Full Feature Phase each text request begins with <see cref="BeginText"/>.
/// </remarks>
public sealed class Negotiator
{
    /// <summary>Unknown keys answered with NotUnderstood before the text is taken for an attack.</summary>
    public const int MaxUnknownKeys = 64;

    private readonly IscsiRole _self;
    private readonly NegotiationPolicy _policy;
    private readonly SessionType _sessionType;
    private readonly bool _isLeading;
    private readonly KeyState[] _states = new KeyState[KeyTable.All.Count];
    private readonly List<KeyDefinition> _deferred = [];
    private int _unknownKeys;

    /// <summary>Begins at the defaults.</summary>
    /// <param name="self">This side's role.</param>
    /// <param name="sessionType">Normal or discovery.</param>
    /// <param name="policy">What this side proposes or grants.</param>
    /// <param name="isLeading">Whether this is the session's first connection.</param>
    /// <exception cref="ArgumentException">The policy is not valid.</exception>
    public Negotiator(IscsiRole self, SessionType sessionType, NegotiationPolicy policy, bool isLeading = true)
    {
        if (!policy.TryValidate(out string? error))
            throw new ArgumentException(error, nameof(policy));
        _self = self;
        _sessionType = sessionType;
        _policy = policy;
        _isLeading = isLeading;
        foreach (KeyDefinition row in KeyTable.All)
        {
            _ = policy.TryGetNumber(row.Id, out long ours);
            _states[(int)row.Id] = new KeyState(ours, policy.GetChoices(row.Id)) { Value = row.Default };
        }
    }

    /// <summary>The error that made a method return false.</summary>
    public NegotiationError Error { get; private set; }

    /// <summary>The key of <see cref="Error"/>.</summary>
    public string? FaultyKey { get; private set; }

    /// <summary>The value of SendTargets in the current text, or null.</summary>
    public string? SendTargets => _states[(int)KeyId.SendTargets].Text;

    /// <summary>Whether a proposal of this side still waits for its answer.</summary>
    public bool HasPendingProposals => _states.Any(state => state.Progress == KeyProgress.Proposed);

    /// <summary>Begins a text of the Full Feature Phase: keys may be sent anew.</summary>
    public void BeginText()
    {
        _deferred.Clear();
        _unknownKeys = 0;
        _states[(int)KeyId.SendTargets].Text = null;
        foreach (KeyState state in _states)
            state.IsReceived = false;
    }

    /// <summary>Treats one pair. False on a protocol error.</summary>
    /// <param name="pair">From the text reader.</param>
    /// <param name="phase">Where the exchange stands.</param>
    /// <param name="answers">Where answers go.</param>
    public bool Receive(scoped TextPair pair, NegotiationPhase phase, TextBuffer answers)
    {
        bool isSpecial = TextValue.IsSpecialAnswer(pair.Value);
        if (!KeyTable.TryGet(Encoding.ASCII.GetString(pair.Key), out KeyDefinition? row))
            return ReceiveUnknown(pair.Key, isSpecial, answers);
        KeyState state = _states[(int)row.Id];
        if (isSpecial)
            return ReceiveSpecial(row, state);
        if (state.Progress is KeyProgress.Proposed or KeyProgress.Determined)
            return ReceiveAnswer(row, state, pair.Value);
        if ((row.Senders & ~_self) == 0)
            return Fail(NegotiationError.WrongSender, row.Name);
        if (IsForbidden(row, phase))
            return Fail(NegotiationError.WrongPhase, row.Name);
        if (IsTooLate(row, phase))
        {
            answers.Add(row.Name, TextValue.Reject);
            return true;
        }

        if (state.IsReceived)
            return ReceiveAgain(row, state, pair.Value);
        state.IsReceived = true;
        if (!row.IsDependent)
            return ReceiveProposal(row, state, pair.Value, answers);
        state.Deferred = pair.Value.ToArray();
        _deferred.Add(row);
        return true;
    }

    /// <summary>Treats the keys that depend on others of the same text. False on a protocol error.</summary>
    /// <param name="answers">Where answers go.</param>
    public bool EndText(TextBuffer answers)
    {
        foreach (KeyDefinition row in _deferred)
        {
            KeyState state = _states[(int)row.Id];
            ReadOnlySpan<byte> value = state.Deferred;
            state.Deferred = null;
            if (!ReceiveProposal(row, state, value, answers))
                return false;
        }

        _deferred.Clear();
        return true;
    }

    /// <summary>Writes what this side declares about itself, once: MaxRecvDataSegmentLength, and the iSER declarations if iSER was agreed.</summary>
    /// <param name="text">Where it goes.</param>
    public void Declare(TextBuffer text)
    {
        foreach (KeyDefinition row in KeyTable.All)
        {
            KeyState state = _states[(int)row.Id];
            bool isOwn = row.Kind == KeyKind.DeclaredNumber && row.Senders.HasFlag(_self) && !state.IsDeclared && !IsIrrelevant(row);
            if (!isOwn || !_policy.TryGetNumber(row.Id, out long ours))
                continue;
            if (row.Id == KeyId.MaxRecvDataSegmentLength || ours != row.Default)
                DeclareText(row.Id, ours.ToString(System.Globalization.CultureInfo.InvariantCulture), text);
        }
    }

    /// <summary>Writes one declaration of this side, such as an alias.</summary>
    /// <param name="id">The key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="text">Where it goes.</param>
    public void DeclareText(KeyId id, string value, TextBuffer text)
    {
        _states[(int)id].IsDeclared = true;
        text.Add(KeyTable.Get(id).Name, value);
    }

    /// <summary>Proposes every key that has a meaning here, as an initiator does.</summary>
    /// <param name="text">Where the proposals go.</param>
    public void ProposeAll(TextBuffer text)
    {
        foreach (KeyDefinition row in KeyTable.All)
        {
            KeyState state = _states[(int)row.Id];
            bool isExtension = row.Id is KeyId.TaskReporting or KeyId.ProtocolLevel or KeyId.RdmaExtensions;
            if (CanPropose(row, state) && !(isExtension && IsAcceptable(row, state) && IsDefaultPreferred(row, state)))
                Propose(row, state, text);
        }
    }

    /// <summary>Proposes the keys that nobody has brought up and whose default this side cannot accept.</summary>
    /// <param name="text">Where the proposals go.</param>
    /// <returns>Whether there were any.</returns>
    public bool ProposeWhereDefaultIsRefused(TextBuffer text)
    {
        bool any = false;
        foreach (KeyDefinition row in KeyTable.All)
        {
            KeyState state = _states[(int)row.Id];
            if (!CanPropose(row, state) || IsAcceptable(row, state))
                continue;
            Propose(row, state, text);
            any = true;
        }

        return any;
    }

    /// <summary>Ends the negotiation. False if a proposal was not answered or a result is not acceptable to this side.</summary>
    public bool TryConclude()
    {
        foreach (KeyDefinition row in KeyTable.All)
        {
            KeyState state = _states[(int)row.Id];
            if (state.Progress == KeyProgress.Proposed)
                return Fail(NegotiationError.NoAnswer, row.Name);
            if (row.IsNegotiated && !IsIrrelevant(row) && !IsElsewhere(row) && !IsAcceptable(row, state))
                return Fail(NegotiationError.PolicyViolated, row.Name);
        }

        return true;
    }

    /// <summary>What stands agreed for the session.</summary>
    public SessionParameters ToSessionParameters()
    {
        int maxBurst = Number(KeyId.MaxBurstLength);
        return new SessionParameters
        {
            SessionType = _sessionType,
            MaxConnections = Number(KeyId.MaxConnections),
            InitialR2T = Flag(KeyId.InitialR2T),
            ImmediateData = Flag(KeyId.ImmediateData),
            MaxBurstLength = maxBurst,
            FirstBurstLength = Math.Min(Number(KeyId.FirstBurstLength), maxBurst),
            DefaultTime2Wait = Number(KeyId.DefaultTime2Wait),
            DefaultTime2Retain = Number(KeyId.DefaultTime2Retain),
            MaxOutstandingR2T = Number(KeyId.MaxOutstandingR2T),
            DataPduInOrder = Flag(KeyId.DataPduInOrder),
            DataSequenceInOrder = Flag(KeyId.DataSequenceInOrder),
            ErrorRecoveryLevel = Number(KeyId.ErrorRecoveryLevel),
            TaskReporting = (TaskReporting)Number(KeyId.TaskReporting),
            ProtocolLevel = Number(KeyId.ProtocolLevel),
            RdmaExtensions = Flag(KeyId.RdmaExtensions),
            PeerMaxOutstandingUnexpectedPdus = (uint)_states[(int)KeyId.MaxOutstandingUnexpectedPdus].Value,
            PeerMaxAhsLength = (uint)_states[(int)KeyId.MaxAhsLength].Value,
            IserHelloRequired = Flag(KeyId.IserHelloRequired),
            PeerAlias = _states[(int)(_self == IscsiRole.Target ? KeyId.InitiatorAlias : KeyId.TargetAlias)].Text,
            TargetPortalGroupTag = _states[(int)KeyId.TargetPortalGroupTag].IsReceived ? Number(KeyId.TargetPortalGroupTag) : null,
        };
    }

    /// <summary>What stands agreed for the connection.</summary>
    public ConnectionParameters ToConnectionParameters() => new()
    {
        HeaderDigest = Flag(KeyId.HeaderDigest),
        DataDigest = Flag(KeyId.DataDigest),
        MaxRecvDataSegmentLength = _states[(int)KeyId.MaxRecvDataSegmentLength].IsDeclared
            ? _policy.MaxRecvDataSegmentLength
            : (int)KeyTable.Get(KeyId.MaxRecvDataSegmentLength).Default,
        MaxSendDataSegmentLength = Number(KeyId.MaxRecvDataSegmentLength),
        TargetRecvDataSegmentLength = Number(KeyId.TargetRecvDataSegmentLength),
        InitiatorRecvDataSegmentLength = Number(KeyId.InitiatorRecvDataSegmentLength),
    };

    private static bool IsAcceptable(KeyDefinition row, KeyState state) => KeyRules.IsAcceptable(row, state.Value, state.Ours, state.Choices);

    private static bool IsDefaultPreferred(KeyDefinition row, KeyState state) =>
        row.Kind == KeyKind.List ? state.Choices[0] == row.Default : state.Ours == row.Default;

    private static void Propose(KeyDefinition row, KeyState state, TextBuffer text)
    {
        bool determined = KeyRules.IsDetermined(row, state.Ours);
        state.Progress = determined ? KeyProgress.Determined : KeyProgress.Proposed;
        if (determined)
            state.Value = state.Ours;
        if (row.Kind == KeyKind.List)
            text.Add(row.Name, string.Join(',', state.Choices.Select(choice => row.Words[choice])));
        else
            KeyRules.Write(text, row, state.Ours);
    }

    private bool ReceiveUnknown(ReadOnlySpan<byte> key, bool isSpecial, TextBuffer answers)
    {
        if (isSpecial)
            return Fail(NegotiationError.UnexpectedAnswer, TextValue.ToText(key));
        if (++_unknownKeys > MaxUnknownKeys)
            return Fail(NegotiationError.TooManyUnknownKeys, TextValue.ToText(key));
        answers.Add(key, TextValue.NotUnderstood);
        return true;
    }

    /// <summary>Reject, Irrelevant or NotUnderstood: the default stands, if this side can live with it.</summary>
    private bool ReceiveSpecial(KeyDefinition row, KeyState state)
    {
        if (state.Progress is KeyProgress.Proposed or KeyProgress.Determined)
        {
            state.Value = row.Default;
            state.Progress = KeyProgress.Settled;
            state.IsReceived = true;
            return IsAcceptable(row, state) || Fail(NegotiationError.PolicyViolated, row.Name);
        }

        return state.IsDeclared || Fail(NegotiationError.UnexpectedAnswer, row.Name);
    }

    private bool ReceiveAnswer(KeyDefinition row, KeyState state, ReadOnlySpan<byte> value)
    {
        if (!KeyRules.TryReadAnswer(row, value, state.Ours, state.Choices, out long result))
            return Fail(NegotiationError.BadAnswer, row.Name);
        state.Value = result;
        state.Progress = KeyProgress.Settled;
        state.IsReceived = true;
        return true;
    }

    /// <summary>
    /// A second time: an error (section 6.3), except TargetAddress, and except identifying text repeated unchanged, which initiators
    /// in wide use do in each stage.
    /// </summary>
    private bool ReceiveAgain(KeyDefinition row, KeyState state, ReadOnlySpan<byte> value)
    {
        bool isSame = row.Kind is KeyKind.DeclaredText or KeyKind.DeclaredChoice && TextValue.ToText(value) == state.Text;
        return isSame || row.Id == KeyId.TargetAddress || Fail(NegotiationError.Duplicate, row.Name);
    }

    private bool ReceiveProposal(KeyDefinition row, KeyState state, ReadOnlySpan<byte> value, TextBuffer answers)
    {
        if (IsIrrelevant(row))
        {
            if (row.IsNegotiated)
                answers.Add(row.Name, TextValue.Irrelevant);
            return true;
        }

        switch (row.Kind)
        {
            case KeyKind.ObsoleteBoolean:
                answers.Add(row.Name, TextValue.No);
                return true;
            case KeyKind.ObsoleteRange:
                answers.Add(row.Name, TextValue.Reject);
                return true;
            case KeyKind.DeclaredNumber or KeyKind.DeclaredBoolean:
                if (!KeyRules.TryParse(row, value, out long declared))
                    return Fail(NegotiationError.BadDeclaration, row.Name);
                state.Value = declared;
                return true;
            case KeyKind.DeclaredText or KeyKind.DeclaredChoice or KeyKind.Request:
                state.Text = TextValue.ToText(value);
                return true;
            default:
                AnswerProposal(row, state, value, answers);
                return true;
        }
    }

    private void AnswerProposal(KeyDefinition row, KeyState state, ReadOnlySpan<byte> value, TextBuffer answers)
    {
        state.Progress = KeyProgress.Settled;
        long ours = row.Id == KeyId.FirstBurstLength ? Math.Min(state.Ours, _states[(int)KeyId.MaxBurstLength].Value) : state.Ours;
        if (!KeyRules.TryAnswer(row, value, ours, state.Choices, out long result))
        {
            answers.Add(row.Name, TextValue.Reject);
            return;
        }

        state.Value = result;
        KeyRules.Write(answers, row, result);
    }

    private static bool IsForbidden(KeyDefinition row, NegotiationPhase phase) => phase switch
    {
        NegotiationPhase.Security => !row.AllowedInSecurity,
        NegotiationPhase.Operational => row.Use == KeyUse.FullFeaturePhaseOnly,
        _ => false,
    };

    private bool IsTooLate(KeyDefinition row, NegotiationPhase phase) =>
        (phase == NegotiationPhase.FullFeature && row.Use is KeyUse.InitializeOnly or KeyUse.LeadingOnly) || (row.IsNegotiated && IsElsewhere(row));

    /// <summary>A leading-only key on a connection that is not the first.</summary>
    private bool IsElsewhere(KeyDefinition row) => !_isLeading && row.Use == KeyUse.LeadingOnly;

    private bool IsIrrelevant(KeyDefinition row) => row.Irrelevance switch
    {
        KeyIrrelevance.InDiscovery => _sessionType == SessionType.Discovery,
        KeyIrrelevance.WithoutRdma => _sessionType == SessionType.Discovery || !IsRdmaPossible,
        _ => false,
    };

    /// <summary>Agreed, or proposed by this side and not answered yet.</summary>
    private bool IsRdmaPossible
    {
        get
        {
            KeyState rdma = _states[(int)KeyId.RdmaExtensions];
            return rdma.Value != 0 || (rdma.Progress == KeyProgress.Proposed && rdma.Ours != 0);
        }
    }

    private bool CanPropose(KeyDefinition row, KeyState state) =>
        row.IsNegotiated && state.Progress == KeyProgress.Open && !state.IsReceived && !IsIrrelevant(row) && !IsElsewhere(row);

    private int Number(KeyId id) => (int)_states[(int)id].Value;

    private bool Flag(KeyId id) => _states[(int)id].Value != 0;

    private bool Fail(NegotiationError error, string key)
    {
        Error = error;
        FaultyKey = key;
        return false;
    }
}
