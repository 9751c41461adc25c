using System.Collections.Concurrent;
using TgtModular.Plugins;

namespace TgtModular.TestKit;

/// <summary>Runs work on the runtime's threads and keeps what it threw.</summary>
public sealed class TestWorkerPool : IWorkerPool
{
    private readonly ConcurrentQueue<Exception> _faults = new();
    private int _queued;

    /// <summary>Work items so far.</summary>
    public int Queued => _queued;

    /// <inheritdoc/>
    public void Queue(IThreadPoolWorkItem work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Interlocked.Increment(ref _queued);
        ThreadPool.UnsafeQueueUserWorkItem(Run, work, preferLocal: false);
    }

    /// <summary>Throws when work threw.</summary>
    public void Verify()
    {
        if (!_faults.IsEmpty) throw new AggregateException("work on the pool threw", _faults);
    }

    private void Run(IThreadPoolWorkItem work)
    {
        try
        {
            work.Execute();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Kept for Verify: thrown on from here it would end the test process without a name.
            _faults.Enqueue(fault);
        }
    }
}
