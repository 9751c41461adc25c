using System.Buffers.Binary;

namespace TgtModular.Stores;

/// <summary>The first block of a delta: whose it is. Written once.</summary>
/// <param name="Layout">Sizes.</param>
/// <param name="Fingerprint">Of the base, 32 bytes: <see cref="BaseFingerprint"/>.</param>
internal sealed record CowHeader(CowLayout Layout, byte[] Fingerprint)
{
    private const int ClusterOffset = HeaderSeal.Length;
    private const int BaseOffset = 24;
    private const int FingerprintOffset = 32;
    private const int FingerprintLength = 32;
    private const int ChecksumOffset = 64;

    private static ReadOnlySpan<byte> Magic => "TgtModular cow\0\0"u8;

    /// <summary>The header as it is kept: all in the first sector, so that it is there whole or not at all.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[CowLayout.BlockLength];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(ClusterOffset), Layout.ClusterLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(BaseOffset), Layout.BaseLength);
        Fingerprint.CopyTo(bytes, FingerprintOffset);
        HeaderSeal.Put(bytes, Magic, ChecksumOffset);
        return bytes;
    }

    /// <summary>Reads a header.</summary>
    /// <returns>Null when this is none; <paramref name="problem"/> says why.</returns>
    public static CowHeader? Read(ReadOnlySpan<byte> bytes, out string problem)
    {
        problem = HeaderSeal.FindProblem(bytes, Magic, ChecksumOffset);
        if (problem.Length > 0) return null;
        CowLayout layout = new(BinaryPrimitives.ReadInt64LittleEndian(bytes[BaseOffset..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[ClusterOffset..]));
        return new CowHeader(layout, bytes.Slice(FingerprintOffset, FingerprintLength).ToArray());
    }
}
