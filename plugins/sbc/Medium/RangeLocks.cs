using System.Diagnostics.CodeAnalysis;

namespace TgtModular.Sbc;

/// <summary>
/// Keeps writes away from ranges that COMPARE AND WRITE or ORWRITE holds. Shared holders (plain writes) may overlap each other; an exclusive one
/// overlaps nobody. First come, first served among those that conflict. Taking a free range allocates nothing.
/// </summary>
internal sealed class RangeLocks
{
    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];
    private Holder[] _holders = new Holder[64];
    private int _free = -1;
    private int _used;
    private int _exclusives;

    /// <summary>Ranges held now; for tests.</summary>
    public int HeldCount
    {
        get
        {
            lock (_gate) return _holders.Take(_used).Count(holder => holder.Held);
        }
    }

    /// <summary>Takes a range if nobody stands against it.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">Byte behind the last.</param>
    /// <param name="exclusive">Overlaps nobody.</param>
    /// <param name="ticket">For <see cref="Exit"/>.</param>
    public bool TryEnter(long start, long end, bool exclusive, out int ticket)
    {
        lock (_gate) return TryTake(start, end, exclusive, _waiters.Count, out ticket);
    }

    /// <summary>Takes a range as soon as nobody stands against it.</summary>
    /// <returns>The ticket; negative when <paramref name="cancellationToken"/> fired first.</returns>
    public async ValueTask<int> EnterAsync(long start, long end, bool exclusive, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (TryTake(start, end, exclusive, _waiters.Count, out int ticket)) return ticket;
            waiter = new Waiter(start, end, exclusive);
            _waiters.Add(waiter);
        }

        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => Cancel(waiter), null);
        return await waiter.Task;
    }

    /// <summary>Gives a range back.</summary>
    public void Exit(int ticket)
    {
        List<Waiter>? granted = null;
        lock (_gate)
        {
            ref Holder holder = ref _holders[ticket];
            if (holder.Exclusive) _exclusives--;
            holder = new Holder { NextFree = _free };
            _free = ticket;
            if (_waiters.Count > 0) granted = Grant();
        }

        Release(granted);
    }

    private void Cancel(Waiter waiter)
    {
        List<Waiter>? granted;
        lock (_gate)
        {
            if (!_waiters.Remove(waiter)) return;
            waiter.Ticket = -1;
            granted = Grant(); // somebody may have waited behind it
        }

        waiter.SetResult(-1);
        Release(granted);
    }

    private List<Waiter>? Grant()
    {
        List<Waiter>? granted = null;
        for (int i = 0; i < _waiters.Count;)
        {
            Waiter waiter = _waiters[i];
            if (TryTake(waiter.Start, waiter.End, waiter.Exclusive, i, out int ticket))
            {
                waiter.Ticket = ticket;
                _waiters.RemoveAt(i);
                (granted ??= []).Add(waiter);
            }
            else
            {
                i++;
            }
        }

        return granted;
    }

    private static void Release(List<Waiter>? granted)
    {
        if (granted is null) return;
        foreach (Waiter waiter in granted) waiter.SetResult(waiter.Ticket);
    }

    [SuppressMessage("Style", "IDE0032", Justification = "fields of a hot structure")]
    private bool TryTake(long start, long end, bool exclusive, int waitersBefore, out int ticket)
    {
        ticket = -1;
        if ((exclusive || _exclusives > 0) && ConflictsWithHolder(start, end, exclusive)) return false;
        for (int i = 0; i < waitersBefore; i++)
        {
            Waiter other = _waiters[i];
            if ((exclusive || other.Exclusive) && start < other.End && other.Start < end) return false;
        }

        ticket = _free;
        if (ticket >= 0) _free = _holders[ticket].NextFree;
        else ticket = Append();
        _holders[ticket] = new Holder { Start = start, End = end, Exclusive = exclusive, Held = true };
        if (exclusive) _exclusives++;
        return true;
    }

    private bool ConflictsWithHolder(long start, long end, bool exclusive)
    {
        for (int i = 0; i < _used; i++)
        {
            ref readonly Holder holder = ref _holders[i];
            if (holder.Held && (exclusive || holder.Exclusive) && start < holder.End && holder.Start < end) return true;
        }

        return false;
    }

    private int Append()
    {
        if (_used == _holders.Length) Array.Resize(ref _holders, _used * 2);
        return _used++;
    }

    private struct Holder
    {
        public long Start;
        public long End;
        public bool Exclusive;
        public bool Held;
        public int NextFree;
    }

    private sealed class Waiter(long start, long end, bool exclusive) : TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Start => start;

        public long End => end;

        public bool Exclusive => exclusive;

        public int Ticket { get; set; } = -1;
    }
}
