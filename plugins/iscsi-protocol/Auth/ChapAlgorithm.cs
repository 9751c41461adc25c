using System.Security.Cryptography;

namespace TgtModular.Iscsi.Protocol.Auth;

/// <summary>CHAP_A: hash algorithms by their registered PPP numbers (RFC 7143 section 12.1.3; IANA "PPP Authentication Algorithms").</summary>
public enum ChapAlgorithm : byte
{
    /// <summary>MD5, 16 bytes.</summary>
    Md5 = 5,

    /// <summary>SHA-1, 20 bytes.</summary>
    Sha1 = 6,

    /// <summary>SHA-256, 32 bytes.</summary>
    Sha256 = 7,

    /// <summary>SHA3-256, 32 bytes; where the platform's OpenSSL has it.</summary>
    Sha3256 = 8,
}

/// <summary>The hash functions of CHAP.</summary>
public static class ChapAlgorithms
{
    /// <summary>Longest hash in bytes.</summary>
    public const int MaxHashLength = 32;

    /// <summary>Strongest first, as far as this platform has them.</summary>
    public static IReadOnlyList<ChapAlgorithm> Supported { get; } =
        [.. new[] { ChapAlgorithm.Sha3256, ChapAlgorithm.Sha256, ChapAlgorithm.Sha1, ChapAlgorithm.Md5 }.Where(IsSupported)];

    /// <summary>Whether this platform has the algorithm.</summary>
    /// <param name="algorithm">A number, known or not.</param>
    public static bool IsSupported(ChapAlgorithm algorithm) => algorithm switch
    {
        ChapAlgorithm.Md5 or ChapAlgorithm.Sha1 or ChapAlgorithm.Sha256 => true,
        ChapAlgorithm.Sha3256 => SHA3_256.IsSupported,
        _ => false,
    };

    /// <summary>Length of the hash, and of the challenges this library makes, in bytes.</summary>
    /// <param name="algorithm">A supported algorithm.</param>
    public static int GetHashLength(ChapAlgorithm algorithm) => algorithm switch
    {
        ChapAlgorithm.Md5 => MD5.HashSizeInBytes,
        ChapAlgorithm.Sha1 => SHA1.HashSizeInBytes,
        _ => SHA256.HashSizeInBytes,
    };

    /// <summary>The response to a challenge (RFC 1994 section 4.1): hash(identifier, secret, challenge). Returns the hash length.</summary>
    /// <param name="algorithm">A supported algorithm.</param>
    /// <param name="identifier">CHAP_I.</param>
    /// <param name="secret">The shared secret.</param>
    /// <param name="challenge">CHAP_C.</param>
    /// <param name="destination">At least <see cref="MaxHashLength"/> bytes.</param>
    public static int ComputeResponse(
        ChapAlgorithm algorithm, byte identifier, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge, Span<byte> destination)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(ToName(algorithm));
        hash.AppendData([identifier]);
        hash.AppendData(secret);
        hash.AppendData(challenge);
        return hash.GetHashAndReset(destination);
    }

    private static HashAlgorithmName ToName(ChapAlgorithm algorithm) => algorithm switch
    {
        ChapAlgorithm.Md5 => HashAlgorithmName.MD5,
        ChapAlgorithm.Sha1 => HashAlgorithmName.SHA1,
        ChapAlgorithm.Sha256 => HashAlgorithmName.SHA256,
        ChapAlgorithm.Sha3256 => HashAlgorithmName.SHA3_256,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };
}
