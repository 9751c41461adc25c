using System.Collections.Concurrent;
using Moq;
using TgtModular.Core.Stores;
using TgtModular.Core.Threading;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Core.Tests;

/// <summary>Calls that are to return at once, and one that does not.</summary>
[TestClass]
public sealed class HangWatchTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ManualClock _clock = new();
    private readonly ConcurrentQueue<object> _hanging = new();

    [TestMethod]
    public void CallThatHangs_IsToldOnceAfterFourLooks()
    {
        object promise = new();
        using HangWatch watch = Watch(promise);
        using Caller caller = new();
        caller.Begin(promise);

        for (int look = 1; look < HangWatch.Looks; look++) Look();
        Assert.IsEmpty(_hanging);
        for (int look = 0; look < 3; look++) Look();

        Assert.AreSame(promise, _hanging.Single());
    }

    [TestMethod]
    public void CallsOneAfterTheOther_AreNotOneThatHangs()
    {
        object promise = new();
        using HangWatch watch = Watch(promise);
        using Caller caller = new();
        for (int look = 0; look < 2 * HangWatch.Looks; look++)
        {
            caller.Begin(promise);
            Look();
            caller.End();
        }

        Assert.IsEmpty(_hanging);
    }

    /// <summary>A unit's command is in a store that may block, or in one that promised as well: the innermost is what runs.</summary>
    [TestMethod]
    public void CallWithinACall_TheInnermostIsMeant()
    {
        object unit = new();
        object store = new();
        using HangWatch watch = Watch(unit, store);
        using Caller blocking = new();
        blocking.Begin(unit);
        blocking.Begin(null);
        using Caller inline = new();
        inline.Begin(unit);
        inline.Begin(store);

        for (int look = 0; look < HangWatch.Looks; look++) Look();

        Assert.AreSame(store, _hanging.Single());
        blocking.End();
        inline.End();
        for (int look = 0; look < HangWatch.Looks; look++) Look();
        Assert.AreEqual(2, _hanging.Count(promise => promise == unit), "back in the unit's own code, both");
    }

    [TestMethod]
    public void Immediate_PromiseBroken_StoreIsNotAskedAnyMore()
    {
        Mock<IImmediateBlockStore> store = new();
        store.SetupGet(mock => mock.Info).Returns(new StoreInfo(StoreCapabilities.Write, StoreExecution.Blocking));
        store.Setup(mock => mock.TryRead(0, default)).Returns(true);
        var handle = (ImmediateBlockStoreHandle)StoreHandle.Over(store.Object, null)!;
        Assert.IsTrue(handle.TryRead(0, default));

        handle.Promise.IsBroken = true;

        Assert.IsFalse(handle.TryRead(0, default));
        Assert.IsFalse(handle.TryWrite(0, default));
        store.Verify(mock => mock.TryRead(0, default), Times.Once);
    }

    private void Look() => _clock.Advance(HangWatch.Interval);

    /// <summary>Other tests of this process make calls as well.</summary>
    private HangWatch Watch(params object[] mine) => new(_clock, promise =>
    {
        if (mine.Contains(promise)) _hanging.Enqueue(promise);
    });

    /// <summary>A thread that begins and ends calls when it is told to.</summary>
    private sealed class Caller : IDisposable
    {
        private readonly BlockingCollection<Action> _orders = [];
        private readonly Stack<object?> _outer = [];
        private readonly Thread _thread;

        public Caller()
        {
            _thread = new Thread(() =>
            {
                foreach (Action order in _orders.GetConsumingEnumerable()) order();
            });
            _thread.Start();
        }

        public void Begin(object? promise) => Do(() => _outer.Push(CallSlot.Current.Exchange(promise)));

        public void End() => Do(() => CallSlot.Current.Exchange(_outer.Pop()));

        public void Dispose()
        {
            _orders.CompleteAdding();
            _thread.Join();
            _orders.Dispose();
        }

        private void Do(Action order)
        {
            using ManualResetEventSlim done = new();
            _orders.Add(() =>
            {
                order();
                done.Set();
            });
            Assert.IsTrue(done.Wait(Limit));
        }
    }
}
