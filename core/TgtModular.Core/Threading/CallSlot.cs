namespace TgtModular.Core.Threading;

/// <summary>What a thread is in the middle of, readable by others.</summary>
internal sealed class CallSlot
{
    private static readonly Lock Gate = new();
    private static readonly List<CallSlot> All = [];

    [ThreadStatic]
    private static CallSlot? _current;

    private readonly Thread _thread = Thread.CurrentThread;
    private long _step;
    private object? _promise;

    /// <summary>The calling thread's own.</summary>
    public static CallSlot Current => _current ?? Register();

    /// <summary>Whose promise the thread relies on now; null when nobody's.</summary>
    public object? Promise => Volatile.Read(ref _promise);

    /// <summary>Moves with every call that begins or ends: equal steps at two looks are one and the same call.</summary>
    public long Step => Volatile.Read(ref _step);

    /// <summary>The threads that made calls, and live.</summary>
    public static CallSlot[] GetAll()
    {
        lock (Gate)
        {
            All.RemoveAll(slot => !slot._thread.IsAlive);
            return [.. All];
        }
    }

    /// <summary>By the thread itself.</summary>
    /// <returns>What it was in before.</returns>
    public object? Exchange(object? promise)
    {
        object? before = _promise;
        Volatile.Write(ref _step, _step + 1);
        Volatile.Write(ref _promise, promise);
        return before;
    }

    private static CallSlot Register()
    {
        CallSlot slot = new();
        lock (Gate) All.Add(slot);
        return _current = slot;
    }
}
