namespace TgtModular.Core.Threading;

/// <summary>
/// Says, for as long as it lives, whose promise to return at once the thread relies on: a receive loop calls into a plugin. Marks nest; the innermost counts, for it is that code
/// which runs. Costs one thread-static look-up and two writes, and nothing on the heap.
/// </summary>
internal readonly ref struct CallMark
{
    private readonly CallSlot _slot;
    private readonly object? _outer;

    /// <summary>Begins a call. Dispose when it has returned, on the same thread.</summary>
    /// <param name="promise">Who said that it returns at once; null where the call may block.</param>
    public CallMark(object? promise)
    {
        _slot = CallSlot.Current;
        _outer = _slot.Exchange(promise);
    }

    /// <summary>The call has returned.</summary>
    public void Dispose() => _slot.Exchange(_outer);
}
