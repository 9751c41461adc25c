namespace TgtModular.Lio.Tcmu;

/// <summary>
/// Where things stand in the memory that the kernel and a handler share (linux/target_core_user.h, mailbox version 2). Numbers are in the machine's own
/// byte order; all offsets that stand in the memory count from its start.
/// <code>
/// mailbox                         command entry                    task management entry
///   0 u16 version                   0 u32 length | operation         0 u32 length | operation
///   2 u16 flags                     4 u16 command identifier         8 u8  function
///   4 u32 ring offset               6 u8  kernel's flags            12 u32 number of identifiers
///   8 u32 ring size                 7 u8  handler's flags           32 u16 identifiers[]
///  12 u32 head (kernel)             8 u32 iovecs
///  64 u32 tail (handler)           12 u32 iovecs of Data-In of     response, in the place of the request
///                                         bidirectional commands     8 u8  status
///                                  16 u32 iovecs of protection      12 u32 bytes read
///                                  24 u64 CDB offset                16 u8  sense[96]
///                                  48 {u64 offset, u64 length}[]
/// </code>
/// </summary>
internal static class RingLayout
{
    public const ushort Version = 2;
    public const int MailboxLength = 68;
    public const int VersionOffset = 0;
    public const int FlagsOffset = 2;
    public const int RingOffsetOffset = 4;
    public const int RingSizeOffset = 8;
    public const int HeadOffset = 12;
    public const int TailOffset = 64;

    public const int EntryAlignment = 8;
    public const int HeaderLength = 8;
    public const uint OperationMask = 7;
    public const int IdentifierOffset = 4;
    public const int KernelFlagsOffset = 6;
    public const int HandlerFlagsOffset = 7;

    public const int VectorCountOffset = 8;
    public const int BidirectionalCountOffset = 12;
    public const int ProtectionCountOffset = 16;
    public const int CdbOffsetOffset = 24;
    public const int VectorsOffset = 48;
    public const int VectorLength = 16;

    public const int StatusOffset = 8;
    public const int ReadLengthOffset = 12;
    public const int SenseOffset = 16;
    public const int SenseLength = 96;

    /// <summary>A command's entry has at least room for its response.</summary>
    public const int MinCommandLength = SenseOffset + SenseLength;

    public const int FunctionOffset = 8;
    public const int IdentifierCountOffset = 12;
    public const int IdentifiersOffset = 32;
    public const int CommandIdentifierLength = 2;
}

/// <summary>Operation of an entry.</summary>
internal enum RingOperation : byte
{
    /// <summary>Nothing: fills the end of the ring.</summary>
    Pad = 0,

    /// <summary>A SCSI command.</summary>
    Command = 1,

    /// <summary>The kernel tells of a task management function.</summary>
    TaskManagement = 2,
}

/// <summary>What the kernel can do, in the mailbox.</summary>
[Flags]
internal enum MailboxFlags : ushort
{
    None = 0,

    /// <summary>Commands may be answered in any order.</summary>
    OutOfOrder = 1,

    /// <summary>It understands <see cref="HandlerFlags.ReadLength"/>.</summary>
    ReadLength = 2,

    /// <summary>It may tell of task management functions.</summary>
    TaskManagement = 4,

    /// <summary>It lets a handler keep the data of an answered command; not used here.</summary>
    KeepBuffer = 8,
}

/// <summary>What a handler says of an entry.</summary>
[Flags]
internal enum HandlerFlags : byte
{
    None = 0,

    /// <summary>The operation is not known.</summary>
    UnknownOperation = 1,

    /// <summary>The response tells how many bytes were read.</summary>
    ReadLength = 2,
}

/// <summary>Functions that the kernel tells of (enum tcmu_tmr_type).</summary>
internal enum RingFunction : byte
{
    Unknown = 0,
    AbortTask = 1,
    AbortTaskSet = 2,
    ClearAca = 3,
    ClearTaskSet = 4,
    LunReset = 5,
    TargetWarmReset = 6,
    TargetColdReset = 7,

    /// <summary>Commands that a PREEMPT AND ABORT of the kernel's own reservations ends.</summary>
    PreemptAndAbort = 128,
}
