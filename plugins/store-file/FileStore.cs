using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>A disk in a file or on a block device. Calls block in the kernel; reads and writes hold no lock and are ordered by the kernel alone.</summary>
internal sealed class FileStore<TSystem> : IImmediateBlockStore
    where TSystem : struct, ISystemCalls
{
    private readonly TSystem _system;
    private readonly Durability<TSystem> _durability;
    private readonly OpenedFile _file;
    private readonly FileTransfer<TSystem> _transfer;
    private readonly ImmediateTransfer<TSystem> _immediate;
    private readonly FileSpace<TSystem> _space;
    private readonly StoreOpenContext _context;
    private readonly OperationGate _gate = new();
    private readonly Lock _resizing = new();
    private long _length;
    private int _cutOffReported;

    public FileStore(TSystem system, OpenedFile file, StoreOpenContext context)
    {
        _system = system;
        _file = file;
        _context = context;
        _length = file.Length;
        _transfer = new FileTransfer<TSystem>(system, file.Info.Alignment);
        _immediate = new ImmediateTransfer<TSystem>(file, _transfer);
        _durability = new Durability<TSystem>(
            system, file, _transfer, error => FileStoreLog.DurabilityLost(Logger, context.Name, file.Path, ErrorNumber.Describe(error)));
        _space = new FileSpace<TSystem>(system, file, _transfer);
        FileStoreLog.Opened(Logger, context.Name, file.Path, file.Length, file.Cache);
    }

    public StoreInfo Info => _file.Info;

    public long Length => Volatile.Read(ref _length);

    private ILogger Logger => _context.Host.Logger;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, destination.Length, writing: false, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        try
        {
            int error = _transfer.Move(_file.Descriptor, TransferKind.Read, offset, destination, out int moved);
            if (error != 0) return StorageErrors.ToResult(error, StorageStatus.ReadError, offset + moved).AsTask();
            return (moved == destination.Length ? StorageResult.Ok : ReportCutOff(offset + moved)).AsTask();
        }
        finally
        {
            _gate.Leave();
        }
    }

    public bool TryRead(long offset, DataSlice destination)
    {
        if (!TryEnter(offset, destination.Length, writing: false, CancellationToken.None, out _)) return false;
        try
        {
            return _immediate.TryRead(offset, destination);
        }
        finally
        {
            _gate.Leave();
        }
    }

    public bool TryWrite(long offset, DataSlice source)
    {
        if (!TryEnter(offset, source.Length, writing: true, CancellationToken.None, out _)) return false;
        try
        {
            return _immediate.TryWrite(offset, source);
        }
        finally
        {
            _gate.Leave();
        }
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, source.Length, writing: true, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        try
        {
            if (source.IsEmpty) return StorageResult.Ok.AsTask();
            return (IsDurable(options) ? _durability.Write(offset, source) : Write(offset, source)).AsTask();
        }
        finally
        {
            _gate.Leave();
        }
    }

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        if (!TryEnter(0, 0, writing: false, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        try
        {
            return (_file.Writable ? _durability.Flush() : StorageResult.Ok).AsTask();
        }
        finally
        {
            _gate.Leave();
        }
    }

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, length, writing: true, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        try
        {
            if (!Info.Has(StoreCapabilities.Discard)) return StorageResult.FromStorageStatus(StorageStatus.NotSupported).AsTask();
            if (length == 0) return StorageResult.Ok.AsTask();
            StorageResult result = _space.Discard(offset, length);
            return (result.IsOk && _file.Cache == CacheMode.Sync ? _durability.Flush() : result).AsTask();
        }
        finally
        {
            _gate.Leave();
        }
    }

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, length, writing: true, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        try
        {
            if (length == 0) return StorageResult.Ok.AsTask();
            StorageResult result = _space.WriteZeroes(offset, length, mayDeallocate: (options & WriteOptions.MayDeallocate) != 0);
            return (result.IsOk && IsDurable(options) ? _durability.Flush() : result).AsTask();
        }
        finally
        {
            _gate.Leave();
        }
    }

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        if (!TryEnter(offset, length, writing: false, CancellationToken.None, out StorageResult refusal)) return refusal;
        try
        {
            if (length == 0) return StorageStatus.OutOfRange;
            return Info.Has(StoreCapabilities.AllocationMap) ? _space.GetExtent(offset, length, out extent) : StorageResult.Ok;
        }
        finally
        {
            _gate.Leave();
        }
    }

    public ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken)
    {
        if (!TryEnter(0, 0, writing: true, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        try
        {
            StorageResult result = Resize(length);
            if (result.IsOk) _context.Observer.Resized(length);
            return result.AsTask();
        }
        finally
        {
            _gate.Leave();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!await _gate.CloseAsync()) return;
        _durability.Dispose();
        FileOpener.ReleaseLock(_file.Descriptor);
        _ = Libc.Close(_file.Descriptor);
        _transfer.Dispose();
    }

    private bool IsDurable(WriteOptions options) => _file.Cache == CacheMode.Sync || (options & WriteOptions.ForceUnitAccess) != 0;

    private StorageResult Write(long offset, DataSlice source)
    {
        int error = _transfer.Move(_file.Descriptor, TransferKind.Write, offset, source, out int moved);
        if (error != 0) return StorageErrors.ToResult(error, StorageStatus.WriteError, offset + moved);
        return moved == source.Length ? StorageResult.Ok : new StorageResult(StorageStatus.WriteError, offset + moved);
    }

    private StorageResult Resize(long length)
    {
        if (length < 1 || !StoreRange.IsAligned(length, 0, Info.Alignment)) return StorageStatus.OutOfRange;
        lock (_resizing)
        {
            long old = _length;
            if (_file.IsBlockDevice)
            {
                // The device's size is changed elsewhere: here it is taken over.
                if (_system.GetDeviceLength(_file.Descriptor) != length) return StorageStatus.OutOfRange;
                Volatile.Write(ref _length, length);
                return StorageResult.Ok;
            }

            // A shorter disk ends before its file does, a longer one after: nobody writes where the file is about to end.
            if (length < old) Volatile.Write(ref _length, length);
            StorageResult result = _space.SetLength(old, length);
            if (result.IsOk) result = _durability.Flush();
            Volatile.Write(ref _length, result.IsOk ? length : old);
            return result;
        }
    }

    /// <summary>From here on nothing is written: a write behind the end would make zeroes of what is gone, and nobody would notice.</summary>
    private StorageResult ReportCutOff(long position)
    {
        // A shorter disk ends before its file does: a read that was under way met the new end, and nothing is lost.
        if (position >= Length) return new StorageResult(StorageStatus.ReadError, position);
        if (Interlocked.Exchange(ref _cutOffReported, 1) == 0) FileStoreLog.CutOff(Logger, _context.Name, _file.Path, position, Length);
        return new StorageResult(StorageStatus.ReadError, position);
    }

    private bool TryEnter(long offset, long length, bool writing, CancellationToken cancellationToken, out StorageResult refusal)
    {
        refusal = default;
        if (!_gate.TryEnter())
        {
            refusal = StorageStatus.Unavailable;
            return false;
        }

        if (cancellationToken.IsCancellationRequested) refusal = StorageStatus.Cancelled;
        else if (!StoreRange.Fits(offset, length, Length)) refusal = StorageStatus.OutOfRange;
        else if (!StoreRange.IsAligned(offset, length, Info.Alignment)) refusal = StorageStatus.NotSupported;
        else if (writing && !_file.Writable) refusal = StorageStatus.ReadOnly;
        else if (writing && (_durability.IsLost || Volatile.Read(ref _cutOffReported) != 0)) refusal = StorageStatus.WriteError;
        else return true;
        _gate.Leave();
        return false;
    }
}
