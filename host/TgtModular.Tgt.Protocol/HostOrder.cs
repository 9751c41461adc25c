using System.Runtime.InteropServices;

namespace TgtModular.Tgt.Protocol;

/// <summary>Numbers in the byte order of this machine: both ends of the socket are on it.</summary>
internal static class HostOrder
{
    public static uint ReadUInt32(ReadOnlySpan<byte> from) => MemoryMarshal.Read<uint>(from);

    public static ulong ReadUInt64(ReadOnlySpan<byte> from) => MemoryMarshal.Read<ulong>(from);

    public static void WriteUInt32(Span<byte> to, uint value) => MemoryMarshal.Write(to, value);

    public static void WriteUInt64(Span<byte> to, ulong value) => MemoryMarshal.Write(to, value);
}
