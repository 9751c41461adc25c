using System.Globalization;
using System.Security.Cryptography;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Auth;

/// <summary>
/// The initiator's side of a CHAP exchange (RFC 7143 section 12.1.3), one-way or mutual. <see cref="Begin"/> once AuthMethod=CHAP
/// was agreed, then each text of the target.
/// </summary>
/// <param name="own">What this side shows.</param>
/// <param name="target">What the target must show, or null for one-way CHAP.</param>
/// <param name="policy">Rules.</param>
public sealed class ChapInitiatorExchange(ChapCredential own, ChapCredential? target, ChapPolicy policy) : IAuthenticationExchange
{
    private ChapKeys _keys = new();
    private ChapAlgorithm _algorithm;
    private byte _identifier;
    private byte[]? _challenge;

    /// <inheritdoc/>
    public AuthenticationFailure Failure { get; private set; }

    /// <inheritdoc/>
    public string? PeerName { get; private set; }

    /// <summary>Whether the response to the target's challenge has been written; from then on this side is ready to leave the stage.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Writes CHAP_A.</summary>
    /// <param name="text">Where it goes.</param>
    public void Begin(TextBuffer text)
    {
        IEnumerable<string> numbers = policy.Algorithms.Where(ChapAlgorithms.IsSupported).Select(a => ((int)a).ToString(CultureInfo.InvariantCulture));
        text.Add(ChapKeys.AlgorithmKey, string.Join(',', numbers));
    }

    /// <inheritdoc/>
    public bool TryTake(scoped TextPair pair) => _keys.TryTake(pair);

    /// <inheritdoc/>
    public AuthenticationProgress EndText(TextBuffer answers)
    {
        ChapKeys keys = _keys;
        _keys = new ChapKeys();
        if (keys.IsMalformed)
            return Fail(AuthenticationFailure.MalformedExchange);
        if (!HasAnswered)
            return Answer(keys, answers);
        return target is null ? Finish(keys) : CheckTarget(keys, target);
    }

    private AuthenticationProgress Answer(ChapKeys keys, TextBuffer answers)
    {
        if (keys.Algorithms is null || keys.Identifier is not byte identifier || keys.Challenge is null || keys.Name is not null || keys.Response is not null)
            return Fail(AuthenticationFailure.MalformedExchange);
        if (!TextValue.TryParseNumber(keys.Algorithms, out ulong number) || number > byte.MaxValue)
            return Fail(AuthenticationFailure.MalformedExchange);
        _algorithm = (ChapAlgorithm)number;
        if (!policy.Algorithms.Contains(_algorithm) || !ChapAlgorithms.IsSupported(_algorithm))
            return Fail(AuthenticationFailure.NothingInCommon);
        if (!policy.IsLongEnough(own) || (target is not null && !policy.IsLongEnough(target)))
            return Fail(AuthenticationFailure.SecretTooShort);
        byte[] response = new byte[ChapAlgorithms.GetHashLength(_algorithm)];
        ChapAlgorithms.ComputeResponse(_algorithm, identifier, own.Secret.Span, keys.Challenge, response);
        answers.Add(ChapKeys.NameKey, own.Name);
        answers.Add(ChapKeys.ResponseKey, TextValue.EncodeHex(response));
        HasAnswered = true;
        if (target is null)
            return AuthenticationProgress.Continue;
        _identifier = RandomNumberGenerator.GetBytes(1)[0];
        _challenge = RandomNumberGenerator.GetBytes(ChapAlgorithms.GetHashLength(_algorithm));
        answers.Add(ChapKeys.IdentifierKey, (long)_identifier);
        answers.Add(ChapKeys.ChallengeKey, TextValue.EncodeHex(_challenge));
        return AuthenticationProgress.Continue;
    }

    private AuthenticationProgress Finish(ChapKeys keys) => keys.IsEmpty ? AuthenticationProgress.Succeeded : Fail(AuthenticationFailure.MalformedExchange);

    private AuthenticationProgress CheckTarget(ChapKeys keys, ChapCredential expectedPeer)
    {
        if (keys.Name is null || keys.Response is null || keys.Algorithms is not null || keys.Identifier is not null || keys.Challenge is not null)
            return Fail(AuthenticationFailure.MalformedExchange);
        if (keys.Name != expectedPeer.Name)
            return Fail(AuthenticationFailure.UnknownName);
        byte[] expected = new byte[ChapAlgorithms.GetHashLength(_algorithm)];
        ChapAlgorithms.ComputeResponse(_algorithm, _identifier, expectedPeer.Secret.Span, _challenge, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, keys.Response))
            return Fail(AuthenticationFailure.WrongResponse);
        PeerName = keys.Name;
        return AuthenticationProgress.Succeeded;
    }

    private AuthenticationProgress Fail(AuthenticationFailure failure)
    {
        Failure = failure;
        return AuthenticationProgress.Failed;
    }
}
