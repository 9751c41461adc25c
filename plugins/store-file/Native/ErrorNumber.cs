using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>errno values of Linux (asm-generic/errno.h) that the store treats by name.</summary>
internal static class ErrorNumber
{
    public const int NotPermitted = 1; // EPERM
    public const int NoEntry = 2; // ENOENT
    public const int Interrupted = 4; // EINTR
    public const int NoSuchAddress = 6; // ENXIO
    public const int BadDescriptor = 9; // EBADF
    public const int WouldBlock = 11; // EAGAIN
    public const int NoMemory = 12; // ENOMEM
    public const int NoAccess = 13; // EACCES
    public const int BadAddress = 14; // EFAULT
    public const int Busy = 16; // EBUSY
    public const int Exists = 17; // EEXIST
    public const int InvalidArgument = 22; // EINVAL
    public const int NotATypewriter = 25; // ENOTTY
    public const int FileTooBig = 27; // EFBIG
    public const int NoSpace = 28; // ENOSPC
    public const int ReadOnlyFileSystem = 30; // EROFS
    public const int NoSystemCall = 38; // ENOSYS
    public const int NotSupported = 95; // EOPNOTSUPP
    public const int QuotaExceeded = 122; // EDQUOT

    /// <summary>The system's text for people.</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    /// <summary>True when the kernel or the file system has no such operation.</summary>
    public static bool MeansUnsupported(int error) => error is NotSupported or NoSystemCall or NotATypewriter;
}
