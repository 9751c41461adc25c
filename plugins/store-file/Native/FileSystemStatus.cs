using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>struct statfs (statfs(2)) of 64-bit Linux, of which only the type is looked at.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileSystemStatus
{
    private const uint Tmpfs = 0x0102_1994; // TMPFS_MAGIC of linux/magic.h
    private const uint Ramfs = 0x8584_58F6; // RAMFS_MAGIC

    [FieldOffset(0)]
    public uint Type; // a long, or 32 bits on s390x: little endian and s390x read the same magic here; big endian long does not, and is taken for a disk

    /// <summary>Its files have no other place than memory.</summary>
    public readonly bool IsMemory => Type is Tmpfs or Ramfs;
}
