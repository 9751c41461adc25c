using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Core.Threading;

namespace TgtModular.Core.Tests;

[TestClass]
public sealed class WorkerPoolTests
{
    [TestMethod]
    public void Queue_OneWorkItemHangs_OthersRun()
    {
        using WorkerPool pool = new(4, NullLogger.Instance);
        using ManualResetEventSlim hang = new();
        using CountdownEvent done = new(100);
        pool.Queue(new Work(() => hang.Wait()));
        for (int i = 0; i < 100; i++) pool.Queue(new Work(() => done.Signal()));
        Assert.IsTrue(done.Wait(TimeSpan.FromSeconds(30)));
        hang.Set();
    }

    [TestMethod]
    public void Queue_MoreThanItHasThreads_BoundIsKept()
    {
        using WorkerPool pool = new(2, NullLogger.Instance);
        int running = 0, most = 0;
        using CountdownEvent done = new(200);
        for (int i = 0; i < 200; i++)
        {
            pool.Queue(new Work(() =>
            {
                int now = Interlocked.Increment(ref running);
                if (now > Volatile.Read(ref most)) Volatile.Write(ref most, now);
                Thread.Yield();
                Interlocked.Decrement(ref running);
                done.Signal();
            }));
        }

        Assert.IsTrue(done.Wait(TimeSpan.FromSeconds(30)));
        Assert.IsTrue(most <= 2, $"{most} ran at once");
    }

    [TestMethod]
    public void Queue_WorkThrows_ThreadLivesOn()
    {
        using WorkerPool pool = new(1, NullLogger.Instance);
        using ManualResetEventSlim ran = new();
        pool.Queue(new Work(() => throw new InvalidOperationException("test")));
        pool.Queue(new Work(ran.Set));
        Assert.IsTrue(ran.Wait(TimeSpan.FromSeconds(30)));
    }

    private sealed class Work(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
