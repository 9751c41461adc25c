using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TgtModular.Lio.Native;

/// <summary>Calls of the C library that .NET has no equivalent of. All set errno.</summary>
internal static unsafe partial class LibC
{
    public const int Interrupted = 4; // EINTR
    public const int InputOutputError = 5; // EIO
    public const int WouldBlock = 11; // EAGAIN
    public const int Busy = 16; // EBUSY
    public const int NoBufferSpace = 105; // ENOBUFS

    public const int ReadWrite = 2; // O_RDWR
    public const int NonBlocking = 0x800; // O_NONBLOCK, SOCK_NONBLOCK, EFD_NONBLOCK
    public const int CloseOnExec = 0x80000; // O_CLOEXEC, SOCK_CLOEXEC, EPOLL_CLOEXEC, EFD_CLOEXEC

    public const int ProtectRead = 1;
    public const int ProtectWrite = 2;
    public const int MapShared = 1;
    public const int MapAnonymous = 0x20;

    private const string Library = "libc";

    /// <summary>What MAP_FAILED looks like.</summary>
    public static void* MapFailed => (void*)-1;

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle descriptor, void* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeHandle descriptor, void* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int CreatePoll(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int ControlPoll(SafeHandle poll, int operation, SafeHandle descriptor, void* happening);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int WaitPoll(SafeHandle poll, void* happenings, int count, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int CreateEvent(uint value, int flags);

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial int CreateSocket(int domain, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(SafeHandle socket, void* address, uint length);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(SafeHandle socket, int level, int name, void* value, uint length);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, void* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeHandle socket, void* buffer, nuint length, int flags);

    /// <summary>The system's text for an error number.</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    /// <summary>Owns a descriptor that a call returned.</summary>
    /// <exception cref="IOException">The call failed; the message begins with <paramref name="what"/>.</exception>
    public static SafeFileHandle Own(int descriptor, string what)
    {
        if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
        int error = Marshal.GetLastPInvokeError();
        throw new IOException($"{what}: {Describe(error)}", error);
    }
}
