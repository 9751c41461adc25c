using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TgtModular.Stores;

/// <summary>The first block of a delta: whose it is. Written once.</summary>
/// <param name="Layout">Sizes.</param>
/// <param name="Fingerprint">Of the base, 32 bytes: <see cref="BaseFingerprint"/>.</param>
internal sealed record CowHeader(CowLayout Layout, byte[] Fingerprint)
{
    private const int Version = 1;
    private const int VersionOffset = 16;
    private const int ClusterOffset = 20;
    private const int BaseOffset = 24;
    private const int FingerprintOffset = 32;
    private const int FingerprintLength = 32;
    private const int ChecksumOffset = 64;

    private static ReadOnlySpan<byte> Magic => "TgtModular cow\0\0"u8;

    /// <summary>The header as it is kept: all in the first sector, so that it is there whole or not at all.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[CowLayout.BlockLength];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(VersionOffset), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(ClusterOffset), Layout.ClusterLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(BaseOffset), Layout.BaseLength);
        Fingerprint.CopyTo(bytes, FingerprintOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ChecksumOffset), Checksum(bytes));
        return bytes;
    }

    /// <summary>Reads a header.</summary>
    /// <returns>Null when this is none; <paramref name="problem"/> says why.</returns>
    public static CowHeader? Read(ReadOnlySpan<byte> bytes, out string problem)
    {
        problem = "";
        if (!bytes.StartsWith(Magic))
            problem = "it holds something else";
        else if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[ChecksumOffset..]) != Checksum(bytes))
            problem = "its header is damaged";
        else if (BinaryPrimitives.ReadInt32LittleEndian(bytes[VersionOffset..]) is not Version and int version)
            problem = $"it is of format {version}, and this plugin knows format {Version}";
        if (problem.Length > 0) return null;
        CowLayout layout = new(BinaryPrimitives.ReadInt64LittleEndian(bytes[BaseOffset..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[ClusterOffset..]));
        return new CowHeader(layout, bytes.Slice(FingerprintOffset, FingerprintLength).ToArray());
    }

    private static ulong Checksum(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(bytes[..ChecksumOffset]));
}
