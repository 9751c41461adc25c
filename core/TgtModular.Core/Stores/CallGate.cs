namespace TgtModular.Core.Stores;

/// <summary>
/// Counts calls that are under way, by one atomic step on the way in and one on the way out; can be closed, and then knows when the last of them has ended. One that comes to the
/// closed gate waits until it opens.
/// </summary>
internal sealed class CallGate
{
    private const long Closed = 1L << 62;

    private long _state; // calls, and the Closed bit; a call that is turned away is counted for a moment, too
    private TaskCompletionSource _opened = NewSource();
    private TaskCompletionSource? _drained;

    /// <summary>Calls that are under way.</summary>
    public long Count => Volatile.Read(ref _state) & ~Closed;

    /// <summary>True while calls are turned away.</summary>
    public bool IsClosed => (Volatile.Read(ref _state) & Closed) != 0;

    /// <summary>A call begins, unless the gate is closed. <see cref="Leave"/> must follow.</summary>
    public bool TryEnter()
    {
        if ((Interlocked.Increment(ref _state) & Closed) == 0) return true;
        Leave();
        return false;
    }

    /// <summary>A call begins as soon as the gate is open.</summary>
    /// <returns>False when it was cancelled before that.</returns>
    public async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task opened = Volatile.Read(ref _opened).Task; // before the attempt: it is this opening that ends a refusal
            if (cancellationToken.IsCancellationRequested) return false;
            if (TryEnter()) return true;
            await opened.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A call begins as soon as the gate is open; the thread waits. For calls that must have their answer when they return.</summary>
    public void Enter()
    {
        if (!TryEnter()) EnterAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    /// <summary>A call has ended.</summary>
    public void Leave()
    {
        // A call that is turned away may be the last to leave, too, and whoever finds nobody inside says so: nobody comes in again before the gate is opened.
        if (Interlocked.Decrement(ref _state) == Closed) Volatile.Read(ref _drained)?.TrySetResult();
    }

    /// <summary>Turns calls away from now on. By one thread at a time, as <see cref="Open"/>.</summary>
    /// <returns>Ends with the last call.</returns>
    public Task CloseAsync()
    {
        TaskCompletionSource drained = NewSource();
        Volatile.Write(ref _drained, drained);
        Volatile.Write(ref _opened, NewSource());
        if (Interlocked.Or(ref _state, Closed) == 0) drained.TrySetResult();
        return DrainAsync(drained);
    }

    /// <summary>
    /// Ends when nobody is inside. A word of it may be late: whoever gave it found the gate of an earlier closing empty, and was held up before it spoke. So it is looked at again.
    /// </summary>
    private async Task DrainAsync(TaskCompletionSource drained)
    {
        while (true)
        {
            await drained.Task;
            if (Volatile.Read(ref _state) == Closed) return;
            TaskCompletionSource next = NewSource();
            if (Interlocked.CompareExchange(ref _drained, next, drained) != drained) return; // open again: nobody waits for this any more
            if (Volatile.Read(ref _state) == Closed) return;
            drained = next;
        }
    }

    /// <summary>Lets calls in again, those that wait first.</summary>
    public void Open()
    {
        Volatile.Write(ref _drained, null);
        Interlocked.And(ref _state, ~Closed);
        _opened.TrySetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
