using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TgtModular.Core.State;

/// <summary>What kind of thing a path names.</summary>
internal enum PosixFileKind
{
    Other,
    Regular,
    Directory,
    SymbolicLink,
}

/// <summary>What statx(2) tells of a path, a symbolic link not followed.</summary>
internal readonly record struct PosixFileStatus(PosixFileKind Kind, UnixFileMode Mode, uint Owner, long Size)
{
    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>True when the group or everybody may write.</summary>
    public bool IsWritableByOthers => (Mode & OthersMayWrite) != 0;
}

/// <summary>The few system calls that .NET does not offer.</summary>
internal static partial class PosixFile
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS
    private const int KindMask = 0xF000;
    private const int KindBlockDevice = 0x6000;
    private const int ReadOnlyCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC
    private const int NoSuchEntry = 2; // ENOENT

    /// <summary>The effective user of this process.</summary>
    public static uint EffectiveUser => GetEffectiveUserId();

    /// <summary>Status of a path; null when there is nothing.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public static PosixFileStatus? GetStatus(string path)
    {
        if (StatX(CurrentDirectory, path, NoFollow, BasicStats, out StatXBuffer buffer) == 0)
        {
            PosixFileKind kind = (buffer.Mode & KindMask) switch
            {
                0x8000 => PosixFileKind.Regular,
                0x4000 => PosixFileKind.Directory,
                0xA000 => PosixFileKind.SymbolicLink,
                _ => PosixFileKind.Other,
            };
            return new PosixFileStatus(kind, (UnixFileMode)(buffer.Mode & 0xFFF), buffer.Owner, (long)buffer.Size);
        }

        int error = Marshal.GetLastPInvokeError();
        return error == NoSuchEntry ? null : throw Failure(path, error);
    }

    /// <summary>Which file a path means, symbolic links followed; null when there is none, or it cannot be reached.</summary>
    public static FileIdentity? GetIdentity(string path)
    {
        if (StatX(CurrentDirectory, path, 0, BasicStats, out StatXBuffer buffer) != 0) return null;
        return (buffer.Mode & KindMask) == KindBlockDevice
            ? new FileIdentity(IsDevice: true, buffer.Device, 0)
            : new FileIdentity(IsDevice: false, buffer.Home, buffer.Inode);
    }

    /// <summary>The path with every symbolic link on its way followed.</summary>
    /// <exception cref="IOException">There is no such file, or it cannot be reached.</exception>
    public static string GetRealPath(string path)
    {
        nint resolved = RealPath(path, 0);
        if (resolved == 0) throw Failure(path, Marshal.GetLastPInvokeError());
        try
        {
            return Marshal.PtrToStringUTF8(resolved)!;
        }
        finally
        {
            Free(resolved);
        }
    }

    /// <summary>Makes the entries of a directory durable (fsync(2) of the directory itself).</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void SyncDirectory(string path)
    {
        int descriptor = Open(path, ReadOnlyCloseOnExec);
        if (descriptor < 0) throw Failure(path, Marshal.GetLastPInvokeError());
        int error = FileSync(descriptor) == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (error != 0) throw Failure(path, error);
    }

    private static IOException Failure(string path, int error) => new($"{path}: {new Win32Exception(error).Message}");

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, out StatXBuffer buffer);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, nint buffer);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(nint memory);

    /// <summary>struct statx of linux/stat.h: the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatXBuffer
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(128)]
        public ulong Device; // major and minor number of a device

        [FieldOffset(136)]
        public ulong Home; // those of the file system that a file is in
    }
}
