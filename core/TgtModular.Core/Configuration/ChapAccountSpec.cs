using System.Security.Cryptography;
using TgtModular.Transports;

namespace TgtModular.Core.Configuration;

/// <summary>A secret that compares by its bytes and never prints itself.</summary>
public sealed class Secret : IEquatable<Secret>
{
    private readonly byte[] _bytes;

    /// <summary>A copy of the bytes.</summary>
    public Secret(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null && CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => _bytes.Length;

    /// <summary>Never the secret.</summary>
    public override string ToString() => "(secret)";
}

/// <summary>A CHAP account.</summary>
/// <param name="User">User name.</param>
/// <param name="Secret">Its secret.</param>
/// <param name="SecretFile">The file it was read from, as an absolute path; null for accounts made at run time.</param>
public sealed record ChapAccountSpec(string User, Secret Secret, string? SecretFile = null)
{
    /// <summary>The account as transports get it.</summary>
    public ChapCredential ToCredential() => new(User, Secret.Bytes);
}

/// <summary>The accounts of a target, or of a transport's discovery.</summary>
/// <param name="Incoming">Accounts of initiators; none: no authentication is asked for.</param>
/// <param name="Outgoing">Account towards initiators that ask for it; null for none.</param>
public sealed record ChapSpec(ValueList<ChapAccountSpec> Incoming, ChapAccountSpec? Outgoing)
{
    /// <summary>No authentication.</summary>
    public static ChapSpec None { get; } = new([], null);

    /// <summary>The accounts as transports get them.</summary>
    public Authentication ToAuthentication() => new([.. Incoming.Select(account => account.ToCredential())], Outgoing?.ToCredential());
}
