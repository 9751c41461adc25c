using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>What makes data stable, by calls that block.</summary>
internal sealed class Durability<TSystem>(TSystem system, OpenedFile file, FileTransfer<TSystem> transfer, LossMemory loss) : IDisposable
    where TSystem : struct, ISystemCalls
{
    private readonly SyncDescriptors<TSystem> _descriptors = new(system, file);
    private readonly Lock _flushing = new();
    private long _requested;
    private long _covered;
    private volatile bool _writesDurably = true;

    /// <summary>
    /// Makes every completed write stable. One fdatasync at a time, so that nobody takes the report that another needs; those who asked before it began share
    /// its result.
    /// </summary>
    public StorageResult Flush()
    {
        long ticket = Interlocked.Increment(ref _requested);
        lock (_flushing)
        {
            if (_covered < ticket)
            {
                long covers = Volatile.Read(ref _requested);
                Synchronize();
                _covered = covers;
            }
        }

        return loss.IsLost ? StorageStatus.WriteError : StorageResult.Ok;
    }

    /// <summary>Writes data that are stable when it returns.</summary>
    public StorageResult Write(long offset, DataSlice source)
    {
        int descriptor = _writesDurably ? _descriptors.Rent() : -1;
        if (descriptor < 0) return WriteAndFlush(offset, source);
        try
        {
            TransferKind kind = file.Cache == CacheMode.Sync ? TransferKind.Write : TransferKind.DurableWrite;
            int error = transfer.Move(descriptor, kind, offset, source, out int moved);
            if (error == 0) return moved == source.Length ? StorageResult.Ok : new StorageResult(StorageStatus.WriteError, offset + moved);
            if (!ErrorNumber.MeansUnsupported(error)) return Fail(error, offset + moved);
            _writesDurably = false;
        }
        finally
        {
            _descriptors.Return(descriptor);
        }

        return WriteAndFlush(offset, source);
    }

    public void Dispose() => _descriptors.Dispose();

    /// <summary>The write failed, for want of space or of a medium. The flush tells whether older data are lost, too: its descriptor has its own report.</summary>
    private StorageResult Fail(int error, long position)
    {
        StorageResult flushed = Flush();
        return flushed.IsOk ? StorageErrors.ToResult(error, StorageStatus.WriteError, position) : flushed;
    }

    private StorageResult WriteAndFlush(long offset, DataSlice source)
    {
        lock (_flushing)
        {
            // The descriptor of the flush: what this write could take from its report, the flush that follows under the same lock would have got.
            int error = transfer.Move(file.Descriptor, TransferKind.Write, offset, source, out int moved);
            if (error != 0 && file.Cache == CacheMode.Sync) loss.Lose(error);
            if (error != 0) return StorageErrors.ToResult(error, StorageStatus.WriteError, offset + moved);
            if (moved < source.Length) return new StorageResult(StorageStatus.WriteError, offset + moved);
            Synchronize();
        }

        return loss.IsLost ? StorageStatus.WriteError : StorageResult.Ok;
    }

    private void Synchronize()
    {
        int error;
        do error = -system.DataSync(file.Descriptor);
        while (error == ErrorNumber.Interrupted);
        if (error != 0) loss.Lose(error);
    }
}
