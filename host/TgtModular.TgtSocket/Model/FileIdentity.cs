using System.Runtime.InteropServices;

namespace TgtModular.TgtSocket.Model;

/// <summary>Which file a path means, whatever names it has: a device by its number, a file by its file system and inode.</summary>
internal readonly partial record struct FileIdentity(bool IsDevice, ulong Place, ulong Inode)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint WantTypeAndInode = 0x101; // STATX_TYPE, STATX_INO
    private const int StatusLength = 256;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int DeviceOffset = 128;
    private const int FileSystemOffset = 136;
    private const ushort TypeMask = 0xF000;
    private const ushort BlockDevice = 0x6000;

    /// <summary>The file of a path; null when there is none.</summary>
    public static FileIdentity? Of(string path)
    {
        Span<byte> status = stackalloc byte[StatusLength];
        if (Status(CurrentDirectory, path, 0, WantTypeAndInode, ref MemoryMarshal.GetReference(status)) < 0) return null;
        return (MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask) == BlockDevice
            ? new FileIdentity(IsDevice: true, MemoryMarshal.Read<ulong>(status[DeviceOffset..]), 0)
            : new FileIdentity(IsDevice: false, MemoryMarshal.Read<ulong>(status[FileSystemOffset..]), MemoryMarshal.Read<ulong>(status[InodeOffset..]));
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, ref byte status);
}
