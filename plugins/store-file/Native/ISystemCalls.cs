namespace TgtModular.Stores.Native;

/// <summary>
/// The system calls of an open store. A negative result is an errno. An interface so that tests count and fail them; implemented by structs, so
/// that the store's calls are direct.
/// </summary>
internal unsafe interface ISystemCalls
{
    /// <summary>preadv.</summary>
    nint Read(int descriptor, IoVector* vectors, int count, long offset);

    /// <summary>preadv2 with RWF_NOWAIT: only what is in the page cache, else EAGAIN or fewer bytes.</summary>
    nint ReadCached(int descriptor, IoVector* vectors, int count, long offset);

    /// <summary>pwritev2 with RWF_NOWAIT.</summary>
    nint WriteCached(int descriptor, IoVector* vectors, int count, long offset);

    /// <summary>pwritev.</summary>
    nint Write(int descriptor, IoVector* vectors, int count, long offset);

    /// <summary>pwritev2 with RWF_DSYNC: stable when it returns.</summary>
    nint WriteDurably(int descriptor, IoVector* vectors, int count, long offset);

    /// <summary>Opens the file of a descriptor once more, for reading and writing.</summary>
    int Reopen(int descriptor, CacheMode cache);

    /// <summary>fdatasync.</summary>
    int DataSync(int descriptor);

    /// <summary>ftruncate.</summary>
    int Truncate(int descriptor, long length);

    /// <summary>fallocate.</summary>
    int Allocate(int descriptor, AllocateModes modes, long offset, long length);

    /// <summary>lseek with SEEK_DATA, or else SEEK_HOLE.</summary>
    long Seek(int descriptor, long offset, bool data);

    /// <summary>ioctl BLKDISCARD.</summary>
    int DiscardBlocks(int descriptor, long offset, long length);

    /// <summary>ioctl BLKZEROOUT.</summary>
    int ZeroBlocks(int descriptor, long offset, long length);

    /// <summary>ioctl BLKGETSIZE64.</summary>
    long GetDeviceLength(int descriptor);
}

/// <summary>Modes of fallocate(2).</summary>
[Flags]
internal enum AllocateModes
{
    None = 0,
    KeepSize = 0x01,
    PunchHole = 0x02,
    ZeroRange = 0x10,
}
