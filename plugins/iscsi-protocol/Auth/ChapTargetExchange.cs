using System.Security.Cryptography;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Auth;

/// <summary>
/// The target's side of a CHAP exchange (RFC 1994; RFC 7143 section 12.1.3): CHAP_A in; CHAP_A, CHAP_I, CHAP_C out; CHAP_N, CHAP_R
/// and, for mutual CHAP, CHAP_I, CHAP_C in; then CHAP_N, CHAP_R out.
/// </summary>
internal sealed class ChapTargetExchange(IChapCredentials credentials, ChapPolicy policy) : IAuthenticationExchange
{
    private ChapKeys _keys = new();
    private ChapAlgorithm _algorithm;
    private byte _identifier;
    private byte[]? _challenge;
    private bool _isDone;

    /// <inheritdoc/>
    public AuthenticationFailure Failure { get; private set; }

    /// <inheritdoc/>
    public string? PeerName { get; private set; }

    /// <inheritdoc/>
    public bool TryTake(scoped TextPair pair) => _keys.TryTake(pair);

    /// <inheritdoc/>
    public AuthenticationProgress EndText(TextBuffer answers)
    {
        ChapKeys keys = _keys;
        _keys = new ChapKeys();
        if (_isDone)
            return keys.IsEmpty ? AuthenticationProgress.Succeeded : Fail(AuthenticationFailure.MalformedExchange);
        if (keys.IsEmpty)
            return AuthenticationProgress.Continue;
        if (keys.IsMalformed)
            return Fail(AuthenticationFailure.MalformedExchange);
        return _challenge is null ? ChooseAlgorithm(keys, answers) : CheckResponse(keys, _challenge, answers);
    }

    private AuthenticationProgress ChooseAlgorithm(ChapKeys keys, TextBuffer answers)
    {
        if (keys.Algorithms is null || keys.Name is not null || keys.Response is not null || keys.Identifier is not null || keys.Challenge is not null)
            return Fail(AuthenticationFailure.MalformedExchange);
        foreach (ChapAlgorithm candidate in policy.Algorithms)
        {
            if (!ChapAlgorithms.IsSupported(candidate) || !IsOffered(keys.Algorithms, candidate))
                continue;
            _algorithm = candidate;
            _challenge = RandomNumberGenerator.GetBytes(ChapAlgorithms.GetHashLength(candidate));
            _identifier = RandomNumberGenerator.GetBytes(1)[0];
            answers.Add(ChapKeys.AlgorithmKey, (long)candidate);
            answers.Add(ChapKeys.IdentifierKey, (long)_identifier);
            answers.Add(ChapKeys.ChallengeKey, TextValue.EncodeHex(_challenge));
            return AuthenticationProgress.Continue;
        }

        return Fail(AuthenticationFailure.NothingInCommon);
    }

    private AuthenticationProgress CheckResponse(ChapKeys keys, byte[] challenge, TextBuffer answers)
    {
        if (keys.Name is null || keys.Response is null || keys.Algorithms is not null || keys.Identifier.HasValue != keys.Challenge is not null)
            return Fail(AuthenticationFailure.MalformedExchange);
        bool isKnown = credentials.TryFind(keys.Name, out ChapCredential? peer);
        if (peer is not null && !policy.IsLongEnough(peer))
            return Fail(AuthenticationFailure.SecretTooShort);

        // An unknown name costs the same hash as a known one.
        ReadOnlyMemory<byte> secret = peer is null ? RandomNumberGenerator.GetBytes(16) : peer.Secret;
        byte[] expected = new byte[ChapAlgorithms.GetHashLength(_algorithm)];
        ChapAlgorithms.ComputeResponse(_algorithm, _identifier, secret.Span, challenge, expected);
        bool isRight = CryptographicOperations.FixedTimeEquals(expected, keys.Response);
        if (!isKnown)
            return Fail(AuthenticationFailure.UnknownName);
        if (!isRight)
            return Fail(AuthenticationFailure.WrongResponse);
        if (keys.Challenge is not null && !TryAnswer(keys, challenge, secret, answers))
            return AuthenticationProgress.Failed;
        PeerName = keys.Name;
        _isDone = true;
        return AuthenticationProgress.Succeeded;
    }

    /// <summary>Mutual CHAP: this side answers, unless the peer only holds up a mirror (RFC 7143 section 9.2.1).</summary>
    private bool TryAnswer(ChapKeys keys, byte[] challenge, ReadOnlyMemory<byte> peerSecret, TextBuffer answers)
    {
        byte[] theirs = keys.Challenge!;
        if (theirs.AsSpan().SequenceEqual(challenge))
            return FailAnswer(AuthenticationFailure.Reflection);
        if (credentials.Own is not ChapCredential own)
            return FailAnswer(AuthenticationFailure.NoCredentialsForPeer);
        if (!policy.IsLongEnough(own))
            return FailAnswer(AuthenticationFailure.SecretTooShort);
        if (!policy.AllowSameSecretBothWays && CryptographicOperations.FixedTimeEquals(own.Secret.Span, peerSecret.Span))
            return FailAnswer(AuthenticationFailure.SameSecretBothWays);
        byte[] response = new byte[ChapAlgorithms.GetHashLength(_algorithm)];
        ChapAlgorithms.ComputeResponse(_algorithm, keys.Identifier.GetValueOrDefault(), own.Secret.Span, theirs, response);
        if (CryptographicOperations.FixedTimeEquals(response, keys.Response))
            return FailAnswer(AuthenticationFailure.Reflection);
        answers.Add(ChapKeys.NameKey, own.Name);
        answers.Add(ChapKeys.ResponseKey, TextValue.EncodeHex(response));
        return true;
    }

    private static bool IsOffered(ReadOnlySpan<byte> list, ChapAlgorithm algorithm)
    {
        foreach (Range range in list.Split((byte)','))
        {
            if (TextValue.TryParseNumber(list[range], out ulong number) && number == (ulong)algorithm)
                return true;
        }

        return false;
    }

    private bool FailAnswer(AuthenticationFailure failure)
    {
        Fail(failure);
        return false;
    }

    private AuthenticationProgress Fail(AuthenticationFailure failure)
    {
        Failure = failure;
        return AuthenticationProgress.Failed;
    }
}
