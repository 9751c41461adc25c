using System.Diagnostics.CodeAnalysis;

namespace TgtModular.Iscsi.Protocol.Auth;

/// <summary>A name and its secret.</summary>
/// <param name="Name">CHAP_N.</param>
/// <param name="Secret">The shared secret's bytes.</param>
public sealed record ChapCredential(string Name, ReadOnlyMemory<byte> Secret)
{
    /// <summary>The name only: secrets do not go into logs.</summary>
    public override string ToString() => Name;
}

/// <summary>Where the secrets come from.</summary>
public interface IChapCredentials
{
    /// <summary>The credential this side shows when the peer asks for it (mutual CHAP), or null.</summary>
    ChapCredential? Own { get; }

    /// <summary>Finds a peer's credential by the name it gives.</summary>
    /// <param name="name">CHAP_N, compared exactly.</param>
    /// <param name="credential">The credential.</param>
    bool TryFind(string name, [NotNullWhen(true)] out ChapCredential? credential);
}

/// <summary>Rules of CHAP that an administrator may change.</summary>
public sealed record ChapPolicy
{
    /// <summary>The defaults.</summary>
    public static ChapPolicy Default { get; } = new();

    /// <summary>Algorithms in order of preference; those that the platform lacks are passed over.</summary>
    public IReadOnlyList<ChapAlgorithm> Algorithms { get; init; } = ChapAlgorithms.Supported;

    /// <summary>Shortest secret accepted, in bytes. RFC 7143 section 9.2.1 asks for 96 bits; 0 accepts any.</summary>
    public int MinSecretLength { get; init; } = 12;

    /// <summary>Whether both directions may use one secret; RFC 7143 section 9.2.1 forbids it.</summary>
    public bool AllowSameSecretBothWays { get; init; }

    internal bool IsLongEnough(ChapCredential credential) => credential.Secret.Length >= MinSecretLength;
}

/// <summary>CHAP at a target (RFC 7143 section 12.1.3), required of every initiator.</summary>
/// <param name="credentials">Where the secrets come from.</param>
/// <param name="policy">Rules.</param>
public sealed class ChapAuthentication(IChapCredentials credentials, ChapPolicy policy) : ITargetAuthentication
{
    /// <inheritdoc/>
    public bool IsRequired => true;

    /// <inheritdoc/>
    public IAuthenticationExchange? TryBegin(ReadOnlySpan<byte> method) =>
        method.SequenceEqual("CHAP"u8) ? new ChapTargetExchange(credentials, policy) : null;
}
