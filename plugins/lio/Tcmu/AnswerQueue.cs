namespace TgtModular.Lio.Tcmu;

/// <summary>
/// Brings answers into the ring, from whatever thread they come: one thread at a time writes, and takes along what others have left for it meanwhile, so that
/// many answers cost one call of the kernel.
/// </summary>
/// <param name="ring">The ring.</param>
/// <param name="doorbell">The kernel.</param>
/// <param name="answered">Called for each command when it is answered, or when the ring is not to be touched any more.</param>
/// <param name="inOrder">Commands are answered in the order in which they were asked.</param>
internal sealed class AnswerQueue(TcmuRing ring, IDoorbell doorbell, Action<RingCommand> answered, bool inOrder)
{
    private readonly Queue<RingCommand> _order = new();
    private RingCommand? _done; // any thread
    private int _flushing;
    private int _taken;
    private volatile bool _gone;

    /// <summary>True when the kernel has no such device any more.</summary>
    public bool IsGone => _gone;

    /// <summary>Nothing is written any more: answers only end their commands.</summary>
    public void Close() => _gone = true;

    /// <summary>A command was taken from the ring.</summary>
    public void Asked(RingCommand command)
    {
        if (!inOrder) return;
        lock (_order) _order.Enqueue(command);
    }

    /// <summary>Leaves an answer for the next flush.</summary>
    public void Add(RingCommand command) => RingCommandPool.Push(ref _done, command);

    /// <summary>Entries were taken that need no answer: the next flush gives them back when it can.</summary>
    public void Taken() => Volatile.Write(ref _taken, 1);

    /// <summary>Writes what there is, or leaves it to the thread that is writing.</summary>
    public void Flush()
    {
        while (Volatile.Read(ref _done) is not null || Volatile.Read(ref _taken) != 0)
        {
            if (Interlocked.CompareExchange(ref _flushing, 1, 0) != 0) return; // it looks again when it is through
            try
            {
                WriteAll();
            }
            finally
            {
                Interlocked.Exchange(ref _flushing, 0);
            }
        }
    }

    private void WriteAll()
    {
        bool written = false;
        Volatile.Write(ref _taken, 0);
        RingCommand? next = RingCommandPool.TakeAll(ref _done);
        while (next is { } command)
        {
            next = command.Next;
            command.Next = null;
            written |= inOrder ? WriteInOrder(command) : Write(command);
        }

        if (_gone) return;
        written |= ring.Settle();
        if (written && !doorbell.Ring()) _gone = true;
    }

    private bool WriteInOrder(RingCommand command)
    {
        bool written = false;
        command.IsAnswered = true;
        while (true)
        {
            RingCommand? oldest;
            lock (_order)
            {
                if (!_order.TryPeek(out oldest) || !oldest.IsAnswered) return written;
                _order.Dequeue();
            }

            written |= Write(oldest);
        }
    }

    private bool Write(RingCommand command)
    {
        bool written = !_gone && ring.TryAnswer(new RingAnswer
        {
            Identifier = command.Identifier,
            Status = (byte)command.Status,
            ReadLength = command.ReadLength,
            Sense = command.Status != Scsi.ScsiStatus.CheckCondition ? default : command.Command is { } asked ? asked.SenseBytes : command.OwnSense,
        });
        answered(command);
        return written;
    }
}
