using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>struct statx (statx(2)): the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int KindMask = 0xF000;
    private const int KindRegular = 0x8000;
    private const int KindBlock = 0x6000;
    private const int KindDirectory = 0x4000;
    private const uint HasDirectAlignment = 0x2000; // STATX_DIOALIGN

    /// <summary>STATX_BASIC_STATS and STATX_DIOALIGN.</summary>
    public const uint Wanted = 0x07FF | HasDirectAlignment;

    [FieldOffset(0)]
    public uint Mask;

    [FieldOffset(4)]
    public uint BlockSize;

    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public long Size;

    [FieldOffset(128)]
    public uint DeviceMajor;

    [FieldOffset(132)]
    public uint DeviceMinor;

    [FieldOffset(136)]
    public uint HomeMajor;

    [FieldOffset(140)]
    public uint HomeMinor;

    [FieldOffset(152)]
    public uint DirectMemoryAlignment;

    [FieldOffset(156)]
    public uint DirectOffsetAlignment;

    public readonly bool IsRegular => (Mode & KindMask) == KindRegular;

    public readonly bool IsBlockDevice => (Mode & KindMask) == KindBlock;

    public readonly bool IsDirectory => (Mode & KindMask) == KindDirectory;

    /// <summary>True when the kernel (6.1 and later) says how direct I/O must be aligned; zeroes then mean that there is no direct I/O.</summary>
    public readonly bool TellsDirectAlignment => (Mask & HasDirectAlignment) != 0;

    /// <summary>The status of an open file; below 0 if there is none, with the error as P/Invoke's last.</summary>
    public static unsafe int Get(int descriptor, out FileStatus status)
    {
        fixed (FileStatus* place = &status) return Libc.GetStatus(descriptor, "", EmptyPath, Wanted, place);
    }
}
