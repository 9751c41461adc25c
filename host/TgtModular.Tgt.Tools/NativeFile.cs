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
    private const int SeekHole = 4;

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

    /// <summary>Whether a part of a file takes no room (lseek(2), SEEK_HOLE).</summary>
    public static bool HasHole(SafeFileHandle handle, long length)
    {
        long hole = Seek(handle, 0, SeekHole);
        return hole >= 0 && hole < length;
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle handle, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
