using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Auth;

/// <summary>How an authentication exchange stands after a text.</summary>
public enum AuthenticationProgress
{
    /// <summary>The peer has to send more.</summary>
    Continue,

    /// <summary>The peer is authenticated.</summary>
    Succeeded,

    /// <summary>The login ends: <see cref="IAuthenticationExchange.Failure"/> says why.</summary>
    Failed,
}

/// <summary>Why an authentication failed; for the log, never for the peer.</summary>
public enum AuthenticationFailure
{
    /// <summary>Not failed.</summary>
    None,

    /// <summary>The peer offered no method, or no algorithm, that this side may use.</summary>
    NothingInCommon,

    /// <summary>A key is missing, repeated, unexpected or malformed.</summary>
    MalformedExchange,

    /// <summary>No credentials under the peer's name.</summary>
    UnknownName,

    /// <summary>The response is wrong.</summary>
    WrongResponse,

    /// <summary>The peer's challenge or response mirrors this side's.</summary>
    Reflection,

    /// <summary>The peer asks this side to authenticate, and no credentials are configured for that.</summary>
    NoCredentialsForPeer,

    /// <summary>A secret is shorter than the policy permits.</summary>
    SecretTooShort,

    /// <summary>The same secret is configured for both directions (RFC 7143 section 9.2.1).</summary>
    SameSecretBothWays,
}

/// <summary>What a target asks of initiators. Supplied at login, once the initiator and the target it wants are known.</summary>
public interface ITargetAuthentication
{
    /// <summary>Whether AuthMethod=None is refused.</summary>
    bool IsRequired { get; }

    /// <summary>Begins an exchange by a method of the initiator's list, or returns null for a method that is not offered.</summary>
    /// <param name="method">A value of AuthMethod, such as "CHAP"; never "None".</param>
    IAuthenticationExchange? TryBegin(ReadOnlySpan<byte> method);
}

/// <summary>One exchange on one connection.</summary>
public interface IAuthenticationExchange
{
    /// <summary>Why it failed.</summary>
    AuthenticationFailure Failure { get; }

    /// <summary>The peer's name, once it has succeeded.</summary>
    string? PeerName { get; }

    /// <summary>Takes one authentication key of the current text. Pairs are only collected here.</summary>
    /// <param name="pair">From the text reader.</param>
    /// <returns>False if the key does not belong to this method, or was sent before in this text.</returns>
    bool TryTake(scoped TextPair pair);

    /// <summary>Treats the keys taken since the last call.</summary>
    /// <param name="answers">Where the answer's keys go.</param>
    AuthenticationProgress EndText(TextBuffer answers);
}

/// <summary>No authentication: AuthMethod=None.</summary>
public sealed class NoAuthentication : ITargetAuthentication
{
    private NoAuthentication()
    {
    }

    /// <summary>The only one.</summary>
    public static NoAuthentication Instance { get; } = new();

    /// <inheritdoc/>
    public bool IsRequired => false;

    /// <inheritdoc/>
    public IAuthenticationExchange? TryBegin(ReadOnlySpan<byte> method) => null;
}
