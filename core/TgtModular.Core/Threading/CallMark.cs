namespace TgtModular.Core.Threading;

/// <summary>
/// Says, until it ends, whose promise to return at once the thread relies on: a receive loop calls into a plugin. Marks nest; the innermost counts, for it is that code
/// which runs. Costs one thread-static look-up and a few writes, nothing on the heap, and no guarded region:
/// whoever makes one ends it on the way of an exception, too.
/// </summary>
internal readonly ref struct CallMark
{
    private readonly CallSlot _slot;
    private readonly object? _outer;

    /// <summary>Begins a call. <see cref="End"/> must follow, on the same thread.</summary>
    /// <param name="promise">Who said that it returns at once; null where the call may block.</param>
    public CallMark(object? promise)
    {
        _slot = CallSlot.Current;
        _outer = _slot.Exchange(promise);
    }

    /// <summary>The call has returned. To say it again changes nothing, as long as no other call has begun around this one.</summary>
    public void End() => _slot.Exchange(_outer);
}
