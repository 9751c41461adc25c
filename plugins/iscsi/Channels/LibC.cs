using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TgtModular.Iscsi.Channels;

/// <summary>
/// <c>sendmsg</c> of Linux. The framework's vectored send takes only arrays, pins each with a handle and allocates beyond eight of them; our segments are
/// pinned or native already.
/// </summary>
internal static partial class LibC
{
    /// <summary>errno: the socket's buffer is full.</summary>
    public const int Again = 11;

    /// <summary>errno: a signal came first.</summary>
    public const int Interrupted = 4;

    /// <summary>The call never waits and raises no SIGPIPE.</summary>
    public const int DontWaitNoSignal = 0x40 | 0x4000;

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static unsafe partial nint SendMessage(SafeSocketHandle socket, MessageHeader* message, int flags);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public nint Base;
        public nint Length;
    }

    /// <summary>struct msghdr of 64-bit Linux; musl's differs only in what is zero here.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public nint Name;
        public nint NameLength;
        public nint Vectors;
        public nint VectorCount;
        public nint Control;
        public nint ControlLength;
        public nint Flags;
    }
}
