namespace TgtModular.Lio.Tcmu;

/// <summary>Spare records of a ring: one thread takes, any thread gives back.</summary>
internal sealed class RingCommandPool
{
    private RingCommand? _free;
    private RingCommand? _returned;

    /// <summary>Takes a record.</summary>
    public RingCommand Rent()
    {
        if (_free is null) _free = Interlocked.Exchange(ref _returned, null);
        if (_free is not { } command) return new RingCommand();
        _free = command.Next;
        command.Next = null;
        return command;
    }

    /// <summary>Gives a record back.</summary>
    public void Return(RingCommand command) => Push(ref _returned, command);

    /// <summary>Puts a record on a list that any thread may push to.</summary>
    public static void Push(ref RingCommand? list, RingCommand command)
    {
        RingCommand? head = Volatile.Read(ref list);
        while (true)
        {
            command.Next = head;
            RingCommand? seen = Interlocked.CompareExchange(ref list, command, head);
            if (seen == head) return;
            head = seen;
        }
    }

    /// <summary>Takes all of such a list, oldest first.</summary>
    public static RingCommand? TakeAll(ref RingCommand? list)
    {
        RingCommand? newest = Interlocked.Exchange(ref list, null);
        RingCommand? oldest = null;
        while (newest is { } command)
        {
            newest = command.Next;
            command.Next = oldest;
            oldest = command;
        }

        return oldest;
    }
}
