using TgtModular.Buffers;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>
/// Reads and writes that wait for no device. A file in memory has no device; of others the kernel is asked for what the page cache holds (RWF_NOWAIT), until it
/// says that it cannot do that for this file: not every file system can, and some can read so but not write.
/// </summary>
internal sealed class ImmediateTransfer<TSystem>(OpenedFile file, FileTransfer<TSystem> transfer)
    where TSystem : struct, ISystemCalls
{
    // Direct I/O is for the device by its nature; and a write that must be stable waits for it.
    // A longer copy holds up the other commands of the loop longer than a worker thread takes to wake, and workers copy side by side: but not on one processor.
    private static readonly int Longest = Environment.ProcessorCount > 1 ? 64 * 1024 : 1024 * 1024;

    private volatile bool _reads = file.Cache != CacheMode.Direct;
    private volatile bool _writes = file is { Cache: CacheMode.Buffered, Writable: true };

    public bool TryRead(long offset, DataSlice destination)
    {
        if (!_reads || destination.Length > Longest) return false;
        int error = transfer.Move(file.Descriptor, file.InMemory ? TransferKind.Read : TransferKind.CachedRead, offset, destination, out int moved);
        if (ErrorNumber.MeansUnsupported(error)) _reads = false;
        return error == 0 && moved == destination.Length;
    }

    public bool TryWrite(long offset, DataSlice source)
    {
        if (!_writes || source.Length > Longest) return false;
        int error = transfer.Move(file.Descriptor, file.InMemory ? TransferKind.Write : TransferKind.CachedWrite, offset, source, out int moved);
        if (ErrorNumber.MeansUnsupported(error)) _writes = false;
        return error == 0 && moved == source.Length;
    }
}
