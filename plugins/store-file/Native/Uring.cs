using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>The system calls and numbers of io_uring (linux/io_uring.h), which the C library has no functions for.</summary>
internal static unsafe partial class Uring
{
    // io_uring_setup flags
    public const uint StartsDisabled = 1 << 6; // IORING_SETUP_R_DISABLED
    public const uint SubmitsAll = 1 << 7; // IORING_SETUP_SUBMIT_ALL, Linux 5.18
    public const uint SingleIssuer = 1 << 12; // IORING_SETUP_SINGLE_ISSUER, Linux 6.0
    public const uint DefersTaskWork = 1 << 13; // IORING_SETUP_DEFER_TASKRUN, Linux 6.1

    // IORING_FEAT_
    public const uint SingleMap = 1 << 0;
    public const uint NeverDrops = 1 << 1;
    public const uint SubmitStable = 1 << 2;
    public const uint FastPoll = 1 << 5;

    public const uint GetEvents = 1; // IORING_ENTER_GETEVENTS

    // io_uring_register
    public const uint RegisterFiles = 2;
    public const uint UnregisterFiles = 3;
    public const uint RegisterProbe = 8;
    public const uint EnableRings = 12;

    // IORING_OP_
    public const byte ReadVectors = 1;
    public const byte WriteVectors = 2;
    public const byte Sync = 3;
    public const byte Read = 22;
    public const byte Write = 23;

    public const byte FixedFile = 1 << 0; // IOSQE_FIXED_FILE
    public const byte OnKernelThread = 1 << 4; // IOSQE_ASYNC
    public const uint DataSync = 1; // IORING_FSYNC_DATASYNC

    // Offsets of the maps.
    public const nint RingMap = 0; // IORING_OFF_SQ_RING
    public const nint EntryMap = 0x10000000; // IORING_OFF_SQES

    // The same on all architectures that .NET runs on.
    private const int SetupCall = 425;
    private const int EnterCall = 426;
    private const int RegisterCall = 427;

    /// <summary>io_uring_setup: a descriptor, or a negative errno.</summary>
    public static int Setup(uint entries, UringParameters* parameters) => (int)OrError(Call(SetupCall, entries, (nuint)parameters, 0, 0, 0, 0));

    /// <summary>io_uring_enter: requests taken, or a negative errno.</summary>
    public static int Enter(int ring, uint submit, uint atLeast, uint flags) => (int)OrError(Call(EnterCall, (nuint)ring, submit, atLeast, flags, 0, 0));

    /// <summary>io_uring_register: 0 or more, or a negative errno.</summary>
    public static int Register(int ring, uint operation, void* argument, uint count) =>
        (int)OrError(Call(RegisterCall, (nuint)ring, operation, (nuint)argument, count, 0, 0));

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nuint first, nuint second, nuint third, nuint fourth, nuint fifth, nuint sixth);

    private static nint OrError(nint result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;
}
