using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>Allocation of a file's or a device's space: holes, zeroes, extents, size.</summary>
internal sealed class FileSpace<TSystem>(TSystem system, OpenedFile file, FileTransfer<TSystem> transfer)
    where TSystem : struct, ISystemCalls
{
    private volatile bool _zeroesRanges = true;
    private volatile bool _punchesHoles = true;

    /// <summary>Gives space back. A device gives back whole sectors only and promises nothing about their content.</summary>
    public StorageResult Discard(long offset, long length)
    {
        if (!file.IsBlockDevice) return ToResult(Allocate(AllocateModes.PunchHole | AllocateModes.KeepSize, offset, length), offset);
        int sector = file.SectorLength;
        long start = (offset + sector - 1) / sector * sector;
        long end = (offset + length) / sector * sector;
        if (end <= start) return StorageResult.Ok;
        int error;
        do error = -system.DiscardBlocks(file.Descriptor, start, end - start);
        while (error == ErrorNumber.Interrupted);
        return ToResult(error, offset);
    }

    /// <summary>Makes a range read as zero, in the cheapest way there is: a hole where that is allowed, zeroed extents, zeroes.</summary>
    public StorageResult WriteZeroes(long offset, long length, bool mayDeallocate)
    {
        int error = ErrorNumber.NotSupported;
        bool sectors = StoreRange.IsAligned(offset, length, file.SectorLength);
        if (sectors && mayDeallocate && !file.Preallocate && _punchesHoles)
        {
            error = Allocate(AllocateModes.PunchHole | AllocateModes.KeepSize, offset, length);
            _punchesHoles = !ErrorNumber.MeansUnsupported(error);
        }

        if (sectors && ErrorNumber.MeansUnsupported(error) && _zeroesRanges)
        {
            error = file.IsBlockDevice ? ZeroBlocks(offset, length) : Allocate(AllocateModes.ZeroRange | AllocateModes.KeepSize, offset, length);
            _zeroesRanges = !ErrorNumber.MeansUnsupported(error);
        }

        return ErrorNumber.MeansUnsupported(error) ? WriteZeroBytes(offset, length) : ToResult(error, offset);
    }

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        long data = system.Seek(file.Descriptor, offset, data: true);
        if (data == -ErrorNumber.NoSuchAddress)
        {
            extent = extent with { Allocated = false };
            return StorageResult.Ok;
        }

        if (data < 0) return StorageErrors.ToResult((int)-data, StorageStatus.ReadError, offset);
        if (data > offset)
        {
            extent = new StoreExtent(offset, Math.Min(data - offset, length), Allocated: false);
            return StorageResult.Ok;
        }

        long hole = system.Seek(file.Descriptor, offset, data: false);
        // A hole punched between the two questions: what was asked for stays "allocated", which is never wrong to assume.
        if (hole > offset) extent = extent with { Length = Math.Min(hole - offset, length) };
        return StorageResult.Ok;
    }

    /// <summary>Bytes of the file or device as it is now; below 0 if that cannot be said.</summary>
    public long GetLength() =>
        file.IsBlockDevice ? system.GetDeviceLength(file.Descriptor) : FileStatus.Get(file.Descriptor, out FileStatus status) < 0 ? -1 : status.Size;

    /// <summary>Extends or cuts a file; space for an extension is allocated first where all space is.</summary>
    public StorageResult SetLength(long old, long length)
    {
        if (file.Preallocate && length > old)
        {
            int error = Allocate(AllocateModes.None, old, length - old);
            if (error != 0)
            {
                // fallocate may have extended the file before it failed.
                _ = Truncate(old);
                return ToResult(error, old);
            }
        }

        return ToResult(Truncate(length), length);
    }

    private StorageResult WriteZeroBytes(long offset, long length)
    {
        ZeroBuffer zeroes = ZeroBuffer.Instance;
        while (length > 0)
        {
            int count = (int)Math.Min(length, zeroes.Length);
            int error = transfer.Move(file.Descriptor, TransferKind.Write, offset, zeroes.Slice(0, count), out int moved);
            if (error != 0) return ToResult(error, offset + moved);
            if (moved < count) return new StorageResult(StorageStatus.WriteError, offset + moved);
            offset += count;
            length -= count;
        }

        return StorageResult.Ok;
    }

    private int Allocate(AllocateModes modes, long offset, long length)
    {
        int error;
        do error = -system.Allocate(file.Descriptor, modes, offset, length);
        while (error == ErrorNumber.Interrupted);
        return error;
    }

    private int ZeroBlocks(long offset, long length)
    {
        int error;
        do error = -system.ZeroBlocks(file.Descriptor, offset, length);
        while (error == ErrorNumber.Interrupted);
        return error;
    }

    private int Truncate(long length)
    {
        int error;
        do error = -system.Truncate(file.Descriptor, length);
        while (error == ErrorNumber.Interrupted);
        return error;
    }

    private static StorageResult ToResult(int error, long position) =>
        error == 0 ? StorageResult.Ok : StorageErrors.ToResult(error, StorageStatus.WriteError, position);
}
