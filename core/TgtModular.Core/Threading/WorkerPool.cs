using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TgtModular.Plugins;

namespace TgtModular.Core.Threading;

/// <summary>
/// Threads for calls that block. A thread is made when work waits and nobody is idle, up to the bound, and ends after half a minute without work; so
/// one hanging store holds its own threads, not everybody's.
/// </summary>
public sealed partial class WorkerPool : IWorkerPool, IDisposable
{
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _queue = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly ILogger _logger;
    private readonly int _maximumThreads;
    private int _threads;
    private int _idle;
    private volatile bool _stopping;

    /// <summary>A pool of at most <paramref name="maximumThreads"/> threads.</summary>
    public WorkerPool(int maximumThreads, ILogger logger)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumThreads);
        _maximumThreads = maximumThreads;
        _logger = logger;
    }

    /// <summary>Threads now.</summary>
    public int ThreadCount => Volatile.Read(ref _threads);

    /// <inheritdoc/>
    public void Queue(IThreadPoolWorkItem work)
    {
        ArgumentNullException.ThrowIfNull(work);
        _queue.Enqueue(work);
        _available.Release();
        if (_queue.Count > Volatile.Read(ref _idle)) TryStartThread();
    }

    /// <summary>Lets idle threads end; threads inside a call end when it returns.</summary>
    public void Dispose()
    {
        _stopping = true;
        _available.Release(Math.Max(1, _threads));
    }

    private void TryStartThread()
    {
        int threads;
        do
        {
            threads = Volatile.Read(ref _threads);
            if (threads >= _maximumThreads || _stopping) return;
        }
        while (Interlocked.CompareExchange(ref _threads, threads + 1, threads) != threads);

        new Thread(Work) { IsBackground = true, Name = "tgt worker" }.UnsafeStart();
    }

    private void Work()
    {
        while (TryTake(out IThreadPoolWorkItem? work))
        {
            try
            {
                work.Execute();
            }
#pragma warning disable CA1031 // A worker outlives any plugin's fault; the work itself has already answered its command.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                LogFault(fault);
            }
        }

        Interlocked.Decrement(ref _threads);
        // Work may have been queued for this thread in the moment it gave up waiting.
        if (!_queue.IsEmpty) TryStartThread();
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IThreadPoolWorkItem? work)
    {
        work = null;
        Interlocked.Increment(ref _idle);
        bool signalled = _available.Wait(IdleLimit);
        Interlocked.Decrement(ref _idle);
        return signalled && !_stopping && _queue.TryDequeue(out work);
    }

    [LoggerMessage(EventId = 100, Level = LogLevel.Error, Message = "work on a worker thread threw")]
    private partial void LogFault(Exception fault);
}
