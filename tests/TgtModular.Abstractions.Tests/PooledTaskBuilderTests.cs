using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using TgtModular.Threading;

namespace TgtModular.Abstractions.Tests;

[TestClass]
public sealed class PooledTaskBuilderTests
{
    [TestMethod]
    public async Task Method_ThatNeedNotWait_ReturnsItsResult()
    {
        Signal done = new();
        done.Complete(7);
        Assert.AreEqual(8, await AddOneAsync(done));
    }

    [TestMethod]
    public async Task Method_ThatWaits_ReturnsItsResult()
    {
        Signal signal = new();
        ValueTask<int> task = AddOneAsync(signal);
        Assert.IsFalse(task.IsCompleted);
        signal.Complete(7);
        Assert.AreEqual(8, await task);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Method_ThatThrows_ThrowsWhereItIsAwaited(bool first)
    {
        Signal signal = new();
        if (first) signal.Complete(-1);
        ValueTask<int> task = AddOneAsync(signal);
        if (!first) signal.Complete(-1);
        await Assert.ThrowsExactlyAsync<ArgumentOutOfRangeException>(async () => await task);
    }

    [TestMethod]
    public async Task Task_AwaitedTwice_ThrowsAndDisturbsNoOtherCall()
    {
        Signal first = new(), second = new();
        ValueTask<int> early = AddOneAsync(first);
        first.Complete(1);
        Assert.AreEqual(2, await early);
        ValueTask<int> late = AddOneAsync(second);
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(async () => await early);
        second.Complete(2);
        Assert.AreEqual(3, await late);
    }

    [TestMethod]
    public void Method_ManyCallsAtOnce_AllocatesNothing()
    {
        const int Depth = 64, Rounds = 20_000;
        Signal[] signals = [.. Enumerable.Range(0, Depth).Select(_ => new Signal())];
        ValueTaskAwaiter<int>[] tasks = new ValueTaskAwaiter<int>[Depth];
        Run(Rounds / 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(Rounds);
        Assert.IsLessThan(Rounds * Depth / 10, GC.GetAllocatedBytesForCurrentThread() - before, "bytes");

        void Run(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
#pragma warning disable CA2012 // Each is consumed once, below.
                for (int i = 0; i < Depth; i++) tasks[i] = AddOneAsync(signals[i]).GetAwaiter();
#pragma warning restore CA2012
                for (int i = 0; i < Depth; i++) signals[i].Complete(i);
                for (int i = 0; i < Depth; i++) Assert.AreEqual(i + 1, tasks[i].GetResult());
            }
        }
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private static async ValueTask<int> AddOneAsync(Signal signal)
    {
        int value = await signal.AsTask();
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return value + 1;
    }

    /// <summary>Completes when told, again and again.</summary>
    private sealed class Signal : IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> _core;

        public ValueTask<int> AsTask() => new(this, _core.Version);

        public void Complete(int value) => _core.SetResult(value);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);

        public int GetResult(short token)
        {
            int value = _core.GetResult(token);
            _core.Reset();
            return value;
        }
    }
}
