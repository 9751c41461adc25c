namespace TgtModular.Iscsi.Output;

/// <summary>First in, first out; any thread adds, one thread at a time takes. Intrusive: neither side allocates.</summary>
internal sealed class OutboundQueue
{
    private Outbound? _added; // newest first; any thread
    private Outbound? _taken; // oldest first; the taker's

    /// <summary>True when there is nothing to take.</summary>
    public bool IsEmpty => _taken is null && Volatile.Read(ref _added) is null;

    /// <summary>Adds an item that is in no queue.</summary>
    public void Add(Outbound item)
    {
        Outbound? head = Volatile.Read(ref _added);
        while (true)
        {
            item.Next = head;
            Outbound? seen = Interlocked.CompareExchange(ref _added, item, head);
            if (seen == head) return;
            head = seen;
        }
    }

    /// <summary>Takes the oldest item; null when there is none.</summary>
    public Outbound? TryTake()
    {
        if (_taken is null) Reverse(Interlocked.Exchange(ref _added, null));
        Outbound? item = _taken;
        if (item is null) return null;
        _taken = item.Next;
        item.Next = null;
        return item;
    }

    private void Reverse(Outbound? newest)
    {
        while (newest is not null)
        {
            Outbound? older = newest.Next;
            newest.Next = _taken;
            _taken = newest;
            newest = older;
        }
    }
}
