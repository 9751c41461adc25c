using System.Numerics;
using TgtModular.Iscsi.Output;

namespace TgtModular.Iscsi.Tasks;

/// <summary>
/// The commands of a connection by Initiator Task Tag, and the pool of their records. The receive loop owns it; other threads only
/// <see cref="Retire"/>, and the loop takes the retired ones in when it looks.
/// </summary>
internal sealed class TaskTable
{
    private readonly Func<TaskTable, CommandTask> _create;
    private readonly CommandTask?[] _buckets;
    private readonly CommandTask[] _all;
    private CommandTask? _free;
    private Outbound? _retired; // any thread
    private int _created;

    /// <summary>An empty table.</summary>
    /// <param name="capacity">Most records.</param>
    /// <param name="create">Makes a record.</param>
    public TaskTable(int capacity, Func<TaskTable, CommandTask> create)
    {
        _all = new CommandTask[capacity];
        _create = create;
        _buckets = new CommandTask?[BitOperations.RoundUpToPowerOf2((uint)capacity * 2)];
    }

    /// <summary>Commands in the table; as the receive loop last saw it.</summary>
    public int Count { get; private set; }

    /// <summary>Finds the command that has the tag and is not answered.</summary>
    public CommandTask? Find(uint tag)
    {
        for (CommandTask? task = _buckets[Bucket(tag)]; task is not null; task = task.NextInBucket)
        {
            if (task.Tag == tag && !task.IsAnswered) return task;
        }

        return null;
    }

    /// <summary>Takes a free record; null when all are in use.</summary>
    public CommandTask? TryRent()
    {
        if (_free is null) TakeRetired();
        if (_free is { } task)
        {
            _free = (CommandTask?)task.Next;
            task.Next = null;
            return task;
        }

        if (_created == _all.Length) return null;
        task = _create(this);
        _all[_created] = task;
        Volatile.Write(ref _created, _created + 1);
        return task;
    }

    /// <summary>Puts back a record that was rented and not added.</summary>
    public void Return(CommandTask task)
    {
        task.Next = _free;
        _free = task;
    }

    /// <summary>Adds a command under its tag.</summary>
    public void Add(CommandTask task)
    {
        ref CommandTask? bucket = ref _buckets[Bucket(task.Tag)];
        task.NextInBucket = bucket;
        bucket = task;
        Count++;
    }

    /// <summary>The command has ended and nothing refers to it. Any thread.</summary>
    public void Retire(CommandTask task)
    {
        Outbound? head = Volatile.Read(ref _retired);
        while (true)
        {
            task.Next = head;
            Outbound? seen = Interlocked.CompareExchange(ref _retired, task, head);
            if (seen == head) return;
            head = seen;
        }
    }

    /// <summary>Takes retired records in.</summary>
    public void TakeRetired()
    {
        if (Volatile.Read(ref _retired) is null) return;
        Outbound? item = Interlocked.Exchange(ref _retired, null);
        while (item is CommandTask task)
        {
            item = task.Next;
            Remove(task);
            Return(task);
        }
    }

    /// <summary>True when a command waits for data that the initiator has been asked for, or has announced. Any thread.</summary>
    public bool AwaitsData()
    {
        foreach (CommandTask task in _all.AsSpan(0, Volatile.Read(ref _created)))
        {
            if (task.DataOut.AwaitsInitiator()) return true;
        }

        return false;
    }

    /// <summary>The commands now in the table, for the end of the connection.</summary>
    public IEnumerable<CommandTask> Snapshot()
    {
        List<CommandTask> tasks = [];
        foreach (CommandTask? first in _buckets)
        {
            for (CommandTask? task = first; task is not null; task = task.NextInBucket) tasks.Add(task);
        }

        return tasks;
    }

    private void Remove(CommandTask task)
    {
        ref CommandTask? bucket = ref _buckets[Bucket(task.Tag)];
        if (bucket == task)
        {
            bucket = task.NextInBucket;
        }
        else
        {
            CommandTask before = bucket!;
            while (before.NextInBucket != task) before = before.NextInBucket!;
            before.NextInBucket = task.NextInBucket;
        }

        task.NextInBucket = null;
        Count--;
    }

    private int Bucket(uint tag) => (int)((tag * 0x9E37_79B1u) >> (32 - BitOperations.Log2((uint)_buckets.Length)));
}
