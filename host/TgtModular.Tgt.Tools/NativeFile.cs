using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TgtModular.Tgt.Tools;

/// <summary>Opens files as the framework does not: without waiting for the other end of a pipe, and only if nobody else has a device.</summary>
internal static partial class NativeFile
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int Exclusive = 0x80;
    private const int Busy = 16;
    private const int CurrentDirectory = -100;
    private const uint WantBlocks = 0x400;
    private const int StatusLength = 256;
    private const int BlocksOffset = 48;
    private const long StatusBlock = 512;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="exclusive">For a block device: not while it is mounted, in use as swap or part of another device (open(2), O_EXCL).</param>
    /// <param name="why">Why not.</param>
    public static SafeFileHandle? OpenForReading(string path, bool exclusive, out string why)
    {
        int descriptor = Open(path, NonBlocking | CloseOnExec | (exclusive ? Exclusive : 0));
        why = descriptor < 0 ? Marshal.GetLastPInvokeErrorMessage() : "";
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Whether the system itself uses a device.</summary>
    public static bool IsBusy(string device)
    {
        using SafeFileHandle? handle = OpenForReading(device, exclusive: true, out _);
        return handle == null && Marshal.GetLastPInvokeError() == Busy;
    }

    /// <summary>Bytes that a file takes on its file system (statx(2), stx_blocks); 0 if that is not told.</summary>
    public static long AllocatedBytes(string path)
    {
        Span<byte> status = stackalloc byte[StatusLength];
        return Status(CurrentDirectory, path, 0, WantBlocks, ref MemoryMarshal.GetReference(status)) < 0
            ? 0
            : MemoryMarshal.Read<long>(status[BlocksOffset..]) * StatusBlock;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
