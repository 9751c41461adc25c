using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>struct io_uring_params (linux/io_uring.h): what a ring is asked to be, and where the kernel has put its parts.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringParameters
{
    public uint SubmissionEntries;
    public uint CompletionEntries;
    public uint Flags;
    public uint ThreadProcessor;
    public uint ThreadIdle;
    public uint Features;
    public uint WorkerRing;
    private readonly uint _reserved0;
    private readonly uint _reserved1;
    private readonly uint _reserved2;
    public SubmissionOffsets Submission;
    public CompletionOffsets Completion;
}

/// <summary>struct io_sqring_offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SubmissionOffsets
{
    public uint Head;
    public uint Tail;
    public uint Mask;
    public uint Entries;
    public uint Flags;
    public uint Dropped;
    public uint Array;
    private readonly uint _reserved;
    private readonly ulong _userAddress;
}

/// <summary>struct io_cqring_offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CompletionOffsets
{
    public uint Head;
    public uint Tail;
    public uint Mask;
    public uint Entries;
    public uint Overflow;
    public uint Queue;
    public uint Flags;
    private readonly uint _reserved;
    private readonly ulong _userAddress;
}

/// <summary>struct io_uring_sqe: one request, 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct SubmissionEntry
{
    [FieldOffset(0)]
    public byte Operation;

    [FieldOffset(1)]
    public byte Flags;

    [FieldOffset(4)]
    public int Descriptor;

    [FieldOffset(8)]
    public long Offset;

    [FieldOffset(16)]
    public nint Address;

    /// <summary>Bytes, or vectors.</summary>
    [FieldOffset(24)]
    public uint Length;

    /// <summary>RWF_ flags, or those of fsync.</summary>
    [FieldOffset(28)]
    public uint Traits;

    [FieldOffset(32)]
    public ulong UserData;
}

/// <summary>struct io_uring_cqe: one answer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CompletionEntry
{
    public ulong UserData;
    public int Result;
    public uint Flags;
}
