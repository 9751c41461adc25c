using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TgtModular.Stores;

/// <summary>What a filter's header begins and ends with: a name of 16 bytes, the version of the format, and behind everything else a checksum of it.</summary>
internal static class HeaderSeal
{
    /// <summary>Bytes that the name and the version take at the start.</summary>
    public const int Length = VersionOffset + sizeof(int);

    private const int Version = 1;
    private const int VersionOffset = 16;

    /// <summary>Puts name, version and checksum to a header that is otherwise filled in.</summary>
    public static void Put(Span<byte> bytes, ReadOnlySpan<byte> name, int checksumOffset)
    {
        name.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[VersionOffset..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[checksumOffset..], Checksum(bytes, checksumOffset));
    }

    /// <summary>Says why this is no such header; empty when it is one.</summary>
    public static string FindProblem(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name, int checksumOffset)
    {
        if (!bytes.StartsWith(name)) return "it holds something else";
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[checksumOffset..]) != Checksum(bytes, checksumOffset)) return "its header is damaged";
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[VersionOffset..]);
        return version == Version ? "" : $"it is of format {version}, and this plugin knows format {Version}";
    }

    private static ulong Checksum(ReadOnlySpan<byte> bytes, int length) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(bytes[..length]));
}
