using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TgtModular.LoadGenerator.Wire;

/// <summary>The few calls of the C library that the load loop needs: vectors without allocation, one wait for many sockets.</summary>
internal static unsafe partial class Native
{
    public const short PollIn = 1;
    public const short PollOut = 4;
    public const int VectorLimit = 1024;

    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int Interrupted = 4;
    private const int WouldBlock = 11;

    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>Bytes received, 0 at the end of the stream, -1 if nothing is there (or the socket's receive timeout ran out).</summary>
    public static int Receive(int socket, byte* buffer, int length, bool wait)
    {
        while (true)
        {
            nint got = ReceiveRaw(socket, buffer, (nuint)length, wait ? 0 : DontWait);
            if (got >= 0)
                return (int)got;
            if (WouldHaveBlocked("recv"))
                return -1;
        }
    }

    /// <summary>Bytes sent, or -1 if the socket's buffer is full.</summary>
    public static long Send(int socket, Vector* vectors, int count)
    {
        MessageHeader message = new() { Vectors = vectors, VectorCount = (nuint)count };
        while (true)
        {
            nint sent = SendRaw(socket, &message, DontWait | NoSignal);
            if (sent >= 0)
                return sent;
            if (WouldHaveBlocked("sendmsg"))
                return -1;
        }
    }

    /// <summary>Descriptors that are ready; 0 when the time is over.</summary>
    public static int Poll(Span<PollDescriptor> descriptors, int timeoutMilliseconds)
    {
        fixed (PollDescriptor* first = descriptors)
        {
            while (true)
            {
                int count = PollRaw(first, (nuint)descriptors.Length, timeoutMilliseconds);
                if (count >= 0)
                    return count;
                if (WouldHaveBlocked("poll"))
                    return 0;
            }
        }
    }

    /// <summary>True if the call would have blocked, false if it is to be made again; throws on anything else.</summary>
    private static bool WouldHaveBlocked(string call)
    {
        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            WouldBlock => true,
            Interrupted => false,
            _ => throw new IOException($"{call}: {new Win32Exception(error).Message}"),
        };
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveRaw(int socket, void* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendRaw(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollRaw(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);
}
