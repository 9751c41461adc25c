using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores.Ring;

/// <summary>
/// What makes data stable, through the ring: the rules of <see cref="Durability{TSystem}"/> without a lock, as all of it belongs to the ring's thread. Flushes take
/// turns, one fdatasync at a time, and those who asked before it began share its result.
/// </summary>
internal sealed class RingDurability<TSystem> : IDisposable
    where TSystem : struct, ISystemCalls
{
    private readonly RingEngine<TSystem> _engine;
    private readonly RingContext _context;
    private readonly SyncDescriptors<TSystem> _descriptors;
    private readonly RingOperation _sync = new(new OperationPool());
    private readonly Queue<RingOperation> _waitForDescriptor = new();
    private readonly Queue<RingOperation> _waitForTurn = new();
    private List<RingOperation> _waitForFlush = [];
    private List<RingOperation> _flushing = [];
    private bool _turnTaken;
    private bool _writesDurably = true;
    private int _underWay;

    public RingDurability(TSystem system, RingEngine<TSystem> engine, RingContext context)
    {
        (_engine, _context) = (engine, context);
        _descriptors = new SyncDescriptors<TSystem>(system, context.File);
    }

    /// <summary>Begins a flush or a durable write.</summary>
    public void Start(RingOperation operation)
    {
        if (operation.Work == RingWork.Flush)
        {
            _waitForFlush.Add(operation);
            BeginTurn();
        }
        else if (!_writesDurably)
        {
            Forget(operation);
            WriteInTurn(operation);
        }
        else if (operation.LookedForDescriptor && operation.Descriptor >= 0)
        {
            WriteDurably(operation, operation.Descriptor);
        }
        else if (_descriptors.TryRentOpen(out int descriptor))
        {
            WriteDurably(operation, descriptor);
        }
        else if (!operation.LookedForDescriptor && _descriptors.MayOpen)
        {
            _context.Host.Workers.Queue(new DescriptorSearch(operation, _descriptors, _engine)); // opening may wait
        }
        else if (_underWay > 0)
        {
            _waitForDescriptor.Enqueue(operation);
        }
        else
        {
            WriteInTurn(operation);
        }
    }

    /// <summary>Takes back what an operation has been given and will not use.</summary>
    public void Forget(RingOperation operation)
    {
        if (operation.LookedForDescriptor && operation.Descriptor >= 0) _descriptors.Return(operation.Descriptor);
    }

    /// <summary>The kernel has done with an operation that it was given from here.</summary>
    public void Complete(RingOperation operation, int error)
    {
        if (operation == _sync) EndFlush(error);
        else if (operation.HasTurn) EndWriteInTurn(operation, error);
        else EndDurableWrite(operation, error);
    }

    public void Dispose() => _descriptors.Dispose();

    private void WriteDurably(RingOperation operation, int descriptor)
    {
        _underWay++;
        operation.Descriptor = descriptor;
        operation.Call = _context.File.Cache == CacheMode.Sync ? RingCall.Write : RingCall.WriteDurably;
        _engine.Submit(operation);
    }

    private void EndDurableWrite(RingOperation operation, int error)
    {
        _underWay--;
        PassOn(operation.Descriptor);
        StorageResult failure = new(StorageStatus.WriteError, operation.Offset + operation.Moved);
        if (error == 0)
        {
            _engine.Finish(operation, operation.Moved == operation.Slice.Length ? StorageResult.Ok : failure);
        }
        else if (ErrorNumber.MeansUnsupported(error))
        {
            _writesDurably = false;
            operation.Moved = 0;
            WriteInTurn(operation);
        }
        else
        {
            // For want of space or of a medium. The flush tells whether older data are lost, too: its descriptor has its own report.
            operation.Outcome = StorageErrors.ToResult(error, failure.Status, failure.Position);
            _waitForFlush.Add(operation);
            BeginTurn();
        }
    }

    /// <summary>Gives a descriptor to who has waited longest for one.</summary>
    private void PassOn(int descriptor)
    {
        while (_waitForDescriptor.TryDequeue(out RingOperation? next))
        {
            if (!next.Cancellation.IsCancellationRequested)
            {
                WriteDurably(next, descriptor);
                return;
            }

            _engine.Finish(next, StorageStatus.Cancelled);
        }

        _descriptors.Return(descriptor);
    }

    /// <summary>
    /// A write and a flush that nothing comes between: on the descriptor of the flush, as what the write could take from its report, the flush that follows would
    /// have got.
    /// </summary>
    private void WriteInTurn(RingOperation operation)
    {
        _waitForTurn.Enqueue(operation);
        BeginTurn();
    }

    private void BeginTurn()
    {
        if (_turnTaken) return;
        if (_waitForTurn.TryDequeue(out RingOperation? write))
        {
            _turnTaken = write.HasTurn = true;
            (write.Descriptor, write.Call) = (_context.File.Descriptor, RingCall.Write);
            _engine.Submit(write);
        }
        else if (_waitForFlush.Count > 0)
        {
            Synchronize();
        }
    }

    private void EndWriteInTurn(RingOperation operation, int error)
    {
        StorageResult failure = new(StorageStatus.WriteError, operation.Offset + operation.Moved);
        if (error == 0 && operation.Moved == operation.Slice.Length)
        {
            _waitForFlush.Add(operation);
            Synchronize();
            return;
        }

        if (error != 0 && _context.File.Cache == CacheMode.Sync) _context.Loss.Lose(error);
        _turnTaken = false;
        BeginTurn();
        _engine.Finish(operation, error == 0 ? failure : StorageErrors.ToResult(error, failure.Status, failure.Position));
    }

    private void Synchronize()
    {
        _turnTaken = true;
        (_flushing, _waitForFlush) = (_waitForFlush, _flushing);
        _sync.Begin(RingWork.Flush, 0, default, holdsGate: false, CancellationToken.None);
        (_sync.Descriptor, _sync.Call) = (_context.File.Descriptor, RingCall.DataSync);
        _engine.Submit(_sync);
    }

    private void EndFlush(int error)
    {
        if (error != 0) _context.Loss.Lose(error);
        foreach (RingOperation operation in _flushing) _engine.Finish(operation, _context.Loss.IsLost ? StorageStatus.WriteError : operation.Outcome);
        _flushing.Clear();
        _turnTaken = false;
        BeginTurn();
    }

    /// <summary>Opens another descriptor where that may wait.</summary>
    private sealed class DescriptorSearch(RingOperation operation, SyncDescriptors<TSystem> descriptors, RingEngine<TSystem> engine) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            operation.Descriptor = descriptors.Rent();
            operation.LookedForDescriptor = true;
            engine.Post(operation);
        }
    }
}
