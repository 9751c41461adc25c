using TgtModular.Buffers;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores.Ring;

/// <summary>What the engine needs of its store.</summary>
/// <param name="File">The file.</param>
/// <param name="Host">Threads for opening descriptors, and the log.</param>
/// <param name="Loss">The memory of data that are lost.</param>
/// <param name="Gate">Is left for each call that has entered it.</param>
/// <param name="CutOff">Told where the file ended within the store; gives the result.</param>
internal sealed record RingContext(OpenedFile File, IPluginHost Host, LossMemory Loss, OperationGate Gate, Func<long, StorageResult> CutOff);

/// <summary>
/// Carries calls of the store to an io_uring and back. One thread owns the ring and all that is under way: callers put operations into its inbox and wake it if
/// it sleeps, so they never wait, and what they put in while it works is handed to the kernel in one call. Answers run on that thread, too.
/// </summary>
internal sealed class RingEngine<TSystem> : IAsyncDisposable
    where TSystem : struct, ISystemCalls
{
    /// <summary>Operations within the kernel at once; the others wait in order.</summary>
    public const int Depth = 256;

    private readonly RingContext _context;
    /// <summary>The end of one operation frees a place, and may begin two others: one that waited for its descriptor, and the one flush.</summary>
    private const int SpareSlots = 1;

    private readonly IRing _ring;
    private readonly RingTransfer _transfer;
    private readonly RingDurability<TSystem> _durability;
    private readonly OperationPool _pool = new();
    private readonly RingInbox _inbox = new();
    private readonly Queue<RingOperation> _ready = new();
    private readonly RingOperation?[] _slots = new RingOperation?[Depth + SpareSlots];
    private readonly Stack<int> _freeSlots = new(Enumerable.Range(0, Depth + SpareSlots).Reverse());
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asleep;
    private volatile bool _stopping;

    public RingEngine(TSystem system, IRing ring, RingContext context)
    {
        (_ring, _context) = (ring, context);
        _transfer = new RingTransfer(context.File.Info.Alignment);
        _durability = new RingDurability<TSystem>(system, this, context);
#pragma warning disable TGT0002 // It owns the ring and waits in io_uring_enter for as long as the store is open: no item for a pool.
        new Thread(Run) { IsBackground = true, Name = "store-file ring" }.UnsafeStart();
#pragma warning restore TGT0002
    }

    /// <summary>Begins a call. The memory of <paramref name="slice"/> stays as it is until the task has ended.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="slice">The data; not empty for reads and writes.</param>
    /// <param name="holdsGate">The call has entered the store's gate, and leaves it at its end.</param>
    /// <param name="cancellationToken">Looked at before each request to the kernel.</param>
    public ValueTask<StorageResult> CallAsync(RingWork work, long offset, DataSlice slice, bool holdsGate, CancellationToken cancellationToken)
    {
        RingOperation operation = _pool.Rent();
        operation.Begin(work, offset, slice, holdsGate, cancellationToken);
        ValueTask<StorageResult> task = operation.Task;
        Post(operation);
        return task;
    }

    /// <summary>Ends the thread; all calls have ended before. May be called by what the thread itself runs.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        WakeUp();
        await _ended.Task;
        _durability.Dispose();
        _transfer.Dispose();
    }

    /// <summary>Hands an operation to the ring's thread.</summary>
    public void Post(RingOperation operation)
    {
        _inbox.Put(operation);
        WakeUp();
    }

    /// <summary>Asks the kernel for what is left of an operation; the ring's thread.</summary>
    public void Submit(RingOperation operation)
    {
        int slot = _freeSlots.Pop();
        _slots[slot] = operation;
        while (!_ring.HasRoom) _ring.Enter(wait: false);
        _transfer.Add(_ring, slot, operation);
    }

    /// <summary>Answers an operation; the ring's thread.</summary>
    public void Finish(RingOperation operation, StorageResult result)
    {
        if (operation.HoldsGate) _context.Gate.Leave();
        try
        {
            operation.SetResult(result);
        }
#pragma warning disable CA1031 // What follows from an answer is somebody else's: its fault must not end the thread that the other calls depend on.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            RingLog.AnswerFault(_context.Host.Logger, _context.File.Path, fault);
        }
    }

    private void WakeUp()
    {
        // The exchange orders the look at the flag behind what was put into the inbox.
        if (Interlocked.Exchange(ref _asleep, 0) == 1) _ring.Wake();
    }

    private void Run()
    {
        _ring.Enable();
        while (true)
        {
            while (_ring.TryTake(out RingCompletion completion)) Complete(completion);
            _inbox.MoveTo(_ready);
            while (_freeSlots.Count > SpareSlots && _ready.TryDequeue(out RingOperation? operation)) Start(operation);
            if (_stopping && _inbox.IsEmpty && _freeSlots.Count == _slots.Length) break;
            // With its fence: who puts something in after the look at the inbox finds the flag.
            Interlocked.Exchange(ref _asleep, 1);
            _ring.Enter(wait: _inbox.IsEmpty && !_stopping);
            Interlocked.Exchange(ref _asleep, 0);
        }

        _ring.Dispose();
        _ended.SetResult();
    }

    private void Start(RingOperation operation)
    {
        if (operation.Cancellation.IsCancellationRequested)
        {
            _durability.Forget(operation);
            Finish(operation, StorageStatus.Cancelled);
        }
        else if (operation.Work is RingWork.DurableWrite or RingWork.Flush)
        {
            _durability.Start(operation);
        }
        else
        {
            (operation.Descriptor, operation.Call) = (_context.File.Descriptor, operation.Work == RingWork.Read ? RingCall.Read : RingCall.Write);
            Submit(operation);
        }
    }

    private void Complete(RingCompletion completion)
    {
        RingOperation operation = _slots[completion.Key]!;
        _slots[completion.Key] = null;
        _freeSlots.Push(completion.Key);
        bool over = _transfer.IsOver(operation, completion.Result, out int error);
        bool simple = operation.Work is RingWork.Read or RingWork.Write;
        if (!over && simple && operation.Cancellation.IsCancellationRequested) Finish(operation, StorageStatus.Cancelled);
        else if (!over) Submit(operation);
        else if (simple) Finish(operation, ToResult(operation, error));
        else _durability.Complete(operation, error);
    }

    private StorageResult ToResult(RingOperation operation, int error)
    {
        long position = operation.Offset + operation.Moved;
        StorageStatus failure = operation.Work == RingWork.Read ? StorageStatus.ReadError : StorageStatus.WriteError;
        if (error != 0) return StorageErrors.ToResult(error, failure, position);
        if (operation.Moved == operation.Slice.Length) return StorageResult.Ok;
        return operation.Work == RingWork.Read ? _context.CutOff(position) : new StorageResult(failure, position);
    }
}
