using System.Numerics;
using System.Runtime.InteropServices;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>Finds out what an open file or device can do.</summary>
internal static class FileProbe
{
    private const int CommonBlockLength = 4096;
    private const int SeekData = 3;

    /// <summary>Describes it; null when direct I/O is asked for and there is none.</summary>
    public static OpenedFile? Describe(int descriptor, FileStoreOptions options, FileStatus status, long length)
    {
        bool direct = options.Cache == CacheMode.Direct;
        int alignment = direct ? GetDirectAlignment(descriptor, status) : 1;
        if (alignment == 0) return null;
        // Direct I/O reaches whole units only: what is left behind the last one is not part of the disk.
        length -= length % alignment;
        int blockLength = status.IsBlockDevice ? BlockDevice.GetPhysicalBlockLength(descriptor) : RoundToPowerOfTwo((int)status.BlockSize);
        int granularity = status.IsBlockDevice ? BlockDevice.GetDiscardGranularity(status.DeviceMajor, status.DeviceMinor) : blockLength;
        StoreCapabilities capabilities = GetCapabilities(descriptor, options, status, granularity);
        StoreInfo info = new(capabilities, StoreExecution.Blocking)
        {
            Alignment = alignment,
            MemoryAlignment = alignment,
            PhysicalBlockLength = blockLength,
            DiscardGranularity = (capabilities & StoreCapabilities.Discard) != 0 ? granularity : 0,
            RotationRate = status.IsBlockDevice && BlockDevice.IsSolidState(descriptor) ? 1 : 0,
        };
        int sector = status.IsBlockDevice ? BlockDevice.GetLogicalBlockLength(descriptor) : 1;
        return new OpenedFile(descriptor, options.Path, length, status.IsBlockDevice, sector, IsInMemory(descriptor), options.Cache, options.Preallocate, info);
    }

    private static unsafe bool IsInMemory(int descriptor)
    {
        FileSystemStatus status = default;
        return Libc.GetFileSystemStatus(descriptor, &status) == 0 && status.IsMemory;
    }

    private static StoreCapabilities GetCapabilities(int descriptor, FileStoreOptions options, FileStatus status, int granularity)
    {
        StoreCapabilities capabilities = StoreCapabilities.None;
        if (!options.Preallocate && Libc.Seek(descriptor, 0, SeekData) is var data && (data >= 0 || Marshal.GetLastPInvokeError() == ErrorNumber.NoSuchAddress))
            capabilities |= StoreCapabilities.AllocationMap;
        if (options.ReadOnly) return capabilities;
        capabilities |= StoreCapabilities.Write | StoreCapabilities.WriteZeroes | StoreCapabilities.Resize;
        if (options.Cache != CacheMode.Sync) capabilities |= StoreCapabilities.VolatileCache;
        if (options.Preallocate) return capabilities;
        if (status.IsBlockDevice) return granularity > 0 ? capabilities | StoreCapabilities.Discard : capabilities;
        return PunchesHoles(descriptor, status.Size) ? capabilities | StoreCapabilities.Discard | StoreCapabilities.DiscardReadsZero : capabilities;
    }

    /// <summary>Punches where nothing is, behind the end of the file: the answer tells whether the file system can.</summary>
    private static bool PunchesHoles(int descriptor, long fileLength) =>
        Libc.Allocate(descriptor, (int)(AllocateModes.PunchHole | AllocateModes.KeepSize), fileLength, CommonBlockLength) == 0;

    /// <summary>Alignment of offsets, lengths and addresses for direct I/O; 0 when there is none.</summary>
    private static int GetDirectAlignment(int descriptor, FileStatus status)
    {
        if (status.TellsDirectAlignment) return (int)Math.Max(status.DirectMemoryAlignment, status.DirectOffsetAlignment);
        return status.IsBlockDevice ? BlockDevice.GetLogicalBlockLength(descriptor) : CommonBlockLength;
    }

    private static int RoundToPowerOfTwo(int blockSize) =>
        blockSize is < 512 or > 1 << 20 ? CommonBlockLength : (int)BitOperations.RoundUpToPowerOf2((uint)blockSize);
}
