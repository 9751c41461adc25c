namespace TgtModular.Core.Commands;

/// <summary>
/// The task set of one logical unit. Commands that need no order enter and leave by one atomic step on a counter; a barrier (ordered, or exclusive)
/// closes the set, waits until it is empty, runs alone and opens it again.
/// </summary>
internal sealed class TaskSet
{
    private const long Closed = 1L << 62;

    private readonly Lock _gate = new();
    private readonly LinkedList<CoreCommand> _parked = new();
    private long _state; // number of entered commands, and the Closed bit
    private int _ordered; // ordered commands that wait or run: commands that are free of any class must then wait as well
    private bool _barrierRuns;
    private bool _pumping;

    /// <summary>Commands that have entered.</summary>
    public int ActiveCount => (int)(Volatile.Read(ref _state) & ~Closed);

    /// <summary>Takes a command in: starts it now, or when its turn comes.</summary>
    public void Enter(CoreCommand command)
    {
        switch (command.Order)
        {
            case CommandOrder.Outside:
            case CommandOrder.Free when TryEnterOpen():
                command.Start();
                return;
            case CommandOrder.Free when command.IsConcurrent && Volatile.Read(ref _ordered) == 0:
            case CommandOrder.Front:
                Interlocked.Increment(ref _state);
                command.Start();
                return;
            default:
                Park(command);
                Pump();
                return;
        }
    }

    /// <summary>A command that had entered has ended.</summary>
    public void Exit(CommandOrder order, bool ordered)
    {
        if (order == CommandOrder.Outside) return;
        if (order.IsBarrier())
        {
            lock (_gate)
            {
                _barrierRuns = false;
                if (ordered) _ordered--;
            }
        }

        if ((Interlocked.Decrement(ref _state) & Closed) != 0) Pump();
    }

    /// <summary>Takes a parked command out again.</summary>
    /// <returns>False when it is not parked.</returns>
    public bool TryRemove(CoreCommand command)
    {
        lock (_gate)
        {
            LinkedListNode<CoreCommand> node = command.TaskSetNode;
            if (node.List != _parked) return false;
            _parked.Remove(node);
            if (command.IsOrdered) _ordered--;
        }

        Pump();
        return true;
    }

    private bool TryEnterOpen()
    {
        long state = Volatile.Read(ref _state);
        while ((state & Closed) == 0)
        {
            long seen = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (seen == state) return true;
            state = seen;
        }

        return false;
    }

    private void Park(CoreCommand command)
    {
        lock (_gate)
        {
            Interlocked.Or(ref _state, Closed);
            if (command.Order == CommandOrder.FrontBarrier) _parked.AddFirst(command.TaskSetNode);
            else _parked.AddLast(command.TaskSetNode);
            if (command.IsOrdered) _ordered++;
        }
    }

    /// <summary>Starts what may start. One thread at a time; it looks again after each start, so nobody else needs to wait for it.</summary>
    private void Pump()
    {
        lock (_gate)
        {
            if (_pumping) return;
            _pumping = true;
        }

        while (true)
        {
            CoreCommand? next;
            lock (_gate)
            {
                next = TryAdmit();
                if (next is null)
                {
                    _pumping = false;
                    return;
                }
            }

            next.Start();
        }
    }

    private CoreCommand? TryAdmit()
    {
        if (_barrierRuns) return null;
        if (_parked.First is not { } first)
        {
            Interlocked.And(ref _state, ~Closed);
            return null;
        }

        CoreCommand command = first.Value;
        if (command.Order.IsBarrier())
        {
            if (ActiveCount != 0) return null;
            _barrierRuns = true;
        }

        _parked.RemoveFirst();
        Interlocked.Increment(ref _state);
        return command;
    }
}
