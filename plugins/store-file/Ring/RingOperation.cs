using System.Buffers;
using System.Threading.Tasks.Sources;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores.Ring;

/// <summary>What a caller wants.</summary>
internal enum RingWork
{
    Read,
    Write,

    /// <summary>A write that is stable when it is answered.</summary>
    DurableWrite,

    /// <summary>Everything that has been written is stable when it is answered.</summary>
    Flush,
}

/// <summary>
/// One call of the store on its way through the ring, and the task that the caller waits for. Used again and again. From <see cref="RingInbox"/> on it belongs to
/// the ring's thread.
/// </summary>
internal sealed class RingOperation(OperationPool pool) : IValueTaskSource<StorageResult>
{
    private ManualResetValueTaskSourceCore<StorageResult> _source;
    private MemoryHandle[]? _pins;
    private int _pinned;

    /// <summary>The next in the list that it is in: the pool's or the inbox'.</summary>
    public RingOperation? Next { get; set; }

    public RingWork Work { get; private set; }

    /// <summary>First byte of the whole call in the file.</summary>
    public long Offset { get; private set; }

    public DataSlice Slice { get; private set; }

    public CancellationToken Cancellation { get; private set; }

    /// <summary>The store stays open for this call.</summary>
    public bool HoldsGate { get; private set; }

    /// <summary>Bytes done.</summary>
    public int Moved { get; set; }

    /// <summary>What the kernel is asked for.</summary>
    public RingCall Call { get; set; }

    /// <summary>The descriptor it is done on.</summary>
    public int Descriptor { get; set; }

    /// <summary>A descriptor for durable writes has been looked for, and <see cref="Descriptor"/> is what was found.</summary>
    public bool LookedForDescriptor { get; set; }

    /// <summary>It has a turn of <see cref="RingDurability{TSystem}"/> for itself.</summary>
    public bool HasTurn { get; set; }

    /// <summary>The kernel could not do it at once: one of its threads does it.</summary>
    public bool OnKernelThread { get; set; }

    /// <summary>The answer if the flush that it waits for succeeds.</summary>
    public StorageResult Outcome { get; set; }

    /// <summary>Aligned memory in place of the slice's; 0 for none.</summary>
    public nint Bounce { get; set; }

    /// <summary>The task that the caller waits for.</summary>
    public ValueTask<StorageResult> Task => new(this, _source.Version);

    /// <summary>Begins a new life.</summary>
    public void Begin(RingWork work, long offset, DataSlice slice, bool holdsGate, CancellationToken cancellationToken)
    {
        (Work, Offset, Slice, HoldsGate, Cancellation) = (work, offset, slice, holdsGate, cancellationToken);
        (Moved, Outcome, LookedForDescriptor, HasTurn, OnKernelThread) = (0, StorageResult.Ok, false, false, false);
    }

    /// <summary>Keeps what holds the segments in place until <see cref="Unpin"/>.</summary>
    public void TakePins(ref SegmentVectors vectors) => _pinned = vectors.MovePins(ref _pins);

    /// <summary>The kernel does not touch the segments any more.</summary>
    public void Unpin()
    {
        for (int i = 0; i < _pinned; i++) _pins![i].Dispose();
        _pinned = 0;
    }

    /// <summary>Answers; whatever waits for the answer runs before this method returns.</summary>
    public void SetResult(StorageResult result)
    {
        Slice = default;
        _source.SetResult(result);
    }

    StorageResult IValueTaskSource<StorageResult>.GetResult(short token)
    {
        StorageResult result = _source.GetResult(token);
        _source.Reset();
        pool.Return(this);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<StorageResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<StorageResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}

/// <summary>Operations that are not in use. As many are made as calls are under way at once.</summary>
internal sealed class OperationPool
{
    private readonly Lock _gate = new();
    private RingOperation? _first;

    public RingOperation Rent()
    {
        lock (_gate)
        {
            if (_first is { } operation)
            {
                _first = operation.Next;
                operation.Next = null;
                return operation;
            }
        }

        return new RingOperation(this);
    }

    public void Return(RingOperation operation)
    {
        lock (_gate)
        {
            operation.Next = _first;
            _first = operation;
        }
    }
}

/// <summary>Operations on their way to the ring's thread: everybody puts in, that thread takes all.</summary>
internal sealed class RingInbox
{
    private RingOperation? _last;

    public bool IsEmpty => Volatile.Read(ref _last) is null;

    public void Put(RingOperation operation)
    {
        RingOperation? before = Volatile.Read(ref _last);
        while (true)
        {
            operation.Next = before;
            RingOperation? seen = Interlocked.CompareExchange(ref _last, operation, before);
            if (seen == before) return;
            before = seen;
        }
    }

    /// <summary>Takes all, oldest first.</summary>
    public void MoveTo(Queue<RingOperation> queue)
    {
        RingOperation? newest = Interlocked.Exchange(ref _last, null);
        RingOperation? oldest = null;
        while (newest is not null)
        {
            (newest.Next, oldest, newest) = (oldest, newest, newest.Next);
        }

        while (oldest is not null)
        {
            queue.Enqueue(oldest);
            (oldest.Next, oldest) = (null, oldest.Next);
        }
    }
}
