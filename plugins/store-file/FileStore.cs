using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Stores.Native;
using TgtModular.Stores.Ring;

namespace TgtModular.Stores;

/// <summary>
/// A disk in a file or on a block device. Calls block in the kernel, or go to a ring, which does not block; reads and writes hold no lock and are ordered by the
/// kernel alone.
/// </summary>
internal sealed class FileStore<TSystem> : IImmediateBlockStore
    where TSystem : struct, ISystemCalls
{
    private readonly TSystem _system;
    private readonly LossMemory _loss;
    private readonly Durability<TSystem> _durability;
    private readonly RingEngine<TSystem>? _ring;
    private readonly OpenedFile _file;
    private readonly FileTransfer<TSystem> _transfer;
    private readonly ImmediateTransfer<TSystem> _immediate;
    private readonly FileSpace<TSystem> _space;
    private readonly StoreOpenContext _context;
    private readonly OperationGate _gate = new();
    private readonly Lock _resizing = new();
    private long _length;
    private long _resizes; // odd while one is under way
    private int _cutOffReported;

    /// <param name="system">System calls.</param>
    /// <param name="file">The file, which is the store's from here on.</param>
    /// <param name="context">Who it is for.</param>
    /// <param name="ring">Where calls go that would wait; null to make them on the caller's thread.</param>
    public FileStore(TSystem system, OpenedFile file, StoreOpenContext context, IRing? ring = null)
    {
        _system = system;
        _file = ring is null ? file : file with { Info = file.Info with { Execution = StoreExecution.Asynchronous } };
        _context = context;
        _length = file.Length;
        _transfer = new FileTransfer<TSystem>(system, file.Info.Alignment);
        _immediate = new ImmediateTransfer<TSystem>(file, _transfer);
        _loss = new LossMemory(error => FileStoreLog.DurabilityLost(Logger, context.Name, file.Path, ErrorNumber.Describe(error)));
        _durability = new Durability<TSystem>(system, file, _transfer, _loss);
        _space = new FileSpace<TSystem>(system, file, _transfer);
        if (ring is not null) _ring = new RingEngine<TSystem>(system, ring, new RingContext(_file, context.Host, _loss, _gate, ReportCutOff));
        FileStoreLog.Opened(Logger, context.Name, file.Path, file.Length, file.Cache, ring is null ? IoMode.Threads : IoMode.Ring);
    }

    public StoreInfo Info => _file.Info;

    public long Length => Volatile.Read(ref _length);

    private ILogger Logger => _context.Host.Logger;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, destination.Length, writing: false, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        if (_ring is not null && !destination.IsEmpty) return ReadByRing(offset, destination, cancellationToken);
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
        if (_ring is not null && !source.IsEmpty) return WriteByRing(offset, source, IsDurable(options), cancellationToken);
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
        if (_ring is not null && _file.Writable) return _ring.CallAsync(RingWork.Flush, 0, default, holdsGate: true, cancellationToken);
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
        return _ring is null ? Leaving(() => Discard(offset, length)).AsTask() : OnWorkerAsync(() => Discard(offset, length));
    }

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, length, writing: true, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        return _ring is null ? Leaving(() => WriteZeroes(offset, length, options)).AsTask() : OnWorkerAsync(() => WriteZeroes(offset, length, options));
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
        return _ring is null ? Leaving(() => ResizeAndTell(length)).AsTask() : OnWorkerAsync(() => ResizeAndTell(length));
    }

    public async ValueTask DisposeAsync()
    {
        if (!await _gate.CloseAsync()) return;
        if (_ring is not null) await _ring.DisposeAsync();
        _durability.Dispose();
        FileOpener.ReleaseLock(_file.Descriptor);
        _ = Libc.Close(_file.Descriptor);
        _transfer.Dispose();
    }

    private ValueTask<StorageResult> ReadByRing(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (!_immediate.TryRead(offset, destination)) return _ring!.CallAsync(RingWork.Read, offset, destination, holdsGate: true, cancellationToken);
        _gate.Leave();
        return StorageResult.Ok.AsTask();
    }

    private ValueTask<StorageResult> WriteByRing(long offset, DataSlice source, bool durable, CancellationToken cancellationToken)
    {
        if (durable) return _ring!.CallAsync(RingWork.DurableWrite, offset, source, holdsGate: true, cancellationToken);
        if (!_immediate.TryWrite(offset, source)) return _ring!.CallAsync(RingWork.Write, offset, source, holdsGate: true, cancellationToken);
        _gate.Leave();
        return StorageResult.Ok.AsTask();
    }

    /// <summary>What the ring has no request for, or is rare, waits on a worker thread.</summary>
    private ValueTask<StorageResult> OnWorkerAsync(Func<StorageResult> call)
    {
        WorkerCall work = new(() => Leaving(call));
        _context.Host.Workers.Queue(work);
        return new ValueTask<StorageResult>(work.Task);
    }

    private StorageResult Leaving(Func<StorageResult> call)
    {
        try
        {
            return call();
        }
        finally
        {
            _gate.Leave();
        }
    }

    private StorageResult Discard(long offset, long length)
    {
        if (!Info.Has(StoreCapabilities.Discard)) return StorageStatus.NotSupported;
        if (length == 0) return StorageResult.Ok;
        StorageResult result = _space.Discard(offset, length);
        return result.IsOk && _file.Cache == CacheMode.Sync ? Flush() : result;
    }

    private StorageResult WriteZeroes(long offset, long length, WriteOptions options)
    {
        if (length == 0) return StorageResult.Ok;
        StorageResult result = _space.WriteZeroes(offset, length, mayDeallocate: (options & WriteOptions.MayDeallocate) != 0);
        return result.IsOk && IsDurable(options) ? Flush() : result;
    }

    private StorageResult ResizeAndTell(long length)
    {
        StorageResult result = Resize(length);
        if (result.IsOk) _context.Observer.Resized(length);
        return result;
    }

    /// <summary>Makes everything stable, on a thread that may wait. One fdatasync at a time: where there is a ring, it goes there like all others.</summary>
    private StorageResult Flush() =>
        _ring is null ? _durability.Flush() : _ring.CallAsync(RingWork.Flush, 0, default, holdsGate: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();

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
            Interlocked.Increment(ref _resizes);
            if (length < old) Volatile.Write(ref _length, length);
            StorageResult result = _space.SetLength(old, length);
            if (result.IsOk) result = Flush();
            Volatile.Write(ref _length, result.IsOk ? length : old);
            Interlocked.Increment(ref _resizes);
            return result;
        }
    }

    /// <summary>A read came to the end of the file.</summary>
    private StorageResult ReportCutOff(long position)
    {
        if (HasItsLength()) return StorageStatus.OutOfRange;
        // From here on nothing is written: a write behind the end would make zeroes of what is gone, and nobody would notice.
        if (Interlocked.Exchange(ref _cutOffReported, 1) == 0) FileStoreLog.CutOff(Logger, _context.Name, _file.Path, position, Length);
        return new StorageResult(StorageStatus.ReadError, position);
    }

    /// <summary>Then a resize, which may be over, has met a read that was under way: it is answered as one that came when the disk was shorter.</summary>
    private bool HasItsLength()
    {
        long before = Interlocked.Read(ref _resizes);
        return _space.GetLength() >= Length || (before & 1) != 0 || Interlocked.Read(ref _resizes) != before;
    }

    private bool TryEnter(long offset, long length, bool writing, CancellationToken cancellationToken, out StorageResult refusal)
    {
        if (!_gate.TryEnter(offset, length, Length, Info.Alignment, cancellationToken, out refusal)) return false;
        if (writing && !_file.Writable) refusal = StorageStatus.ReadOnly;
        else if (writing && (_loss.IsLost || Volatile.Read(ref _cutOffReported) != 0)) refusal = StorageStatus.WriteError;
        else return true;
        _gate.Leave();
        return false;
    }
}
