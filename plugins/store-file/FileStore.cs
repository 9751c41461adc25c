using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>
/// A disk in a file or on a block device. Calls block in the kernel and hold no lock: what overlaps in time is ordered by the kernel alone.
/// </summary>
/// <remarks>
/// After a failed fdatasync the kernel has marked the pages clean that it could not write, and the next fdatasync succeeds although their data
/// are lost. So the first failure stays: writes and flushes answer a write error until the store is opened anew. Reads go on.
/// </remarks>
internal sealed class FileStore<TSystem> : IBlockStore
    where TSystem : struct, ISystemCalls
{
    private readonly TSystem _system;
    private readonly OpenedFile _file;
    private readonly FileTransfer<TSystem> _transfer;
    private readonly FileSpace<TSystem> _space;
    private readonly StoreOpenContext _context;
    private readonly OperationGate _gate = new();
    private readonly Lock _resizing = new();
    private long _length;
    private volatile bool _durabilityLost;
    private volatile bool _writesDurably = true;
    private int _cutOffReported;

    public FileStore(TSystem system, OpenedFile file, StoreOpenContext context)
    {
        _system = system;
        _file = file;
        _context = context;
        _length = file.Length;
        _transfer = new FileTransfer<TSystem>(system, file.Descriptor, file.Info.Alignment);
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
            int error = _transfer.Move(TransferKind.Read, offset, destination, out int moved);
            if (error != 0) return StorageErrors.ToResult(error, StorageStatus.ReadError, offset + moved).AsTask();
            return (moved == destination.Length ? StorageResult.Ok : ReportCutOff(offset + moved)).AsTask();
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
            bool durable = (options & WriteOptions.ForceUnitAccess) != 0 && _file.Cache != CacheMode.Sync && !source.IsEmpty;
            return (durable ? WriteDurably(offset, source) : Write(offset, source)).AsTask();
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
            return (_file.Writable ? Flush() : StorageResult.Ok).AsTask();
        }
        finally
        {
            _gate.Leave();
        }
    }

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (!Info.Has(StoreCapabilities.Discard)) return StorageResult.FromStorageStatus(_file.Writable ? StorageStatus.NotSupported : StorageStatus.ReadOnly).AsTask();
        if (!TryEnter(offset, length, writing: true, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        try
        {
            if (length == 0) return StorageResult.Ok.AsTask();
            StorageResult result = _space.Discard(offset, length);
            return (result.IsOk && _file.Cache == CacheMode.Sync ? Flush() : result).AsTask();
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
            bool durable = _file.Cache == CacheMode.Sync || (options & WriteOptions.ForceUnitAccess) != 0;
            return (result.IsOk && durable ? Flush() : result).AsTask();
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
        _ = Libc.Close(_file.Descriptor);
        _transfer.Dispose();
    }

    private StorageResult Write(long offset, DataSlice source)
    {
        int error = _transfer.Move(TransferKind.Write, offset, source, out int moved);
        if (error != 0) return StorageErrors.ToResult(error, StorageStatus.WriteError, offset + moved);
        return moved == source.Length ? StorageResult.Ok : new StorageResult(StorageStatus.WriteError, offset + moved);
    }

    private StorageResult WriteDurably(long offset, DataSlice source)
    {
        if (_writesDurably)
        {
            int error = _transfer.Move(TransferKind.DurableWrite, offset, source, out int moved);
            if (error == 0) return moved == source.Length ? StorageResult.Ok : new StorageResult(StorageStatus.WriteError, offset + moved);
            if (!ErrorNumber.MeansUnsupported(error)) return FailDurableWrite(error, offset, source);
            _writesDurably = false;
        }

        StorageResult result = Write(offset, source);
        return result.IsOk ? Flush() : result;
    }

    /// <summary>
    /// The call failed while it took the data (no space: nothing else is lost) or while it made them durable, and then the kernel may have used
    /// up the report of older data that are lost. Taking the same data again, without the second step, tells which.
    /// </summary>
    private StorageResult FailDurableWrite(int error, long offset, DataSlice source)
    {
        StorageResult taken = Write(offset, source);
        return taken.IsOk ? LoseDurability(error) : taken;
    }

    private StorageResult Flush()
    {
        int error;
        do error = -_system.DataSync(_file.Descriptor);
        while (error == ErrorNumber.Interrupted);
        if (error == 0) return _durabilityLost ? StorageStatus.WriteError : StorageResult.Ok;
        return LoseDurability(error);
    }

    private StorageResult LoseDurability(int error)
    {
        _durabilityLost = true;
        FileStoreLog.DurabilityLost(Logger, _context.Name, _file.Path, ErrorNumber.Describe(error));
        return StorageStatus.WriteError;
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
            if (result.IsOk) result = Flush();
            Volatile.Write(ref _length, result.IsOk ? length : old);
            return result;
        }
    }

    private StorageResult ReportCutOff(long position)
    {
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
        else if (writing && _durabilityLost) refusal = StorageStatus.WriteError;
        else return true;
        _gate.Leave();
        return false;
    }
}
