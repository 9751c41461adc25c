namespace TgtModular.Sbc.Tests;

[TestClass]
public sealed class RangeLocksTests
{
    [TestMethod]
    [DataRow(false, false, true)]
    [DataRow(false, true, false)]
    [DataRow(true, false, false)]
    [DataRow(true, true, false)]
    public void Overlapping_OnlySharedOnesPass(bool first, bool second, bool passes)
    {
        RangeLocks locks = new();
        Assert.IsTrue(locks.TryEnter(100, 200, first, out int ticket));
        Assert.AreEqual(passes, locks.TryEnter(199, 300, second, out int other));
        if (passes) locks.Exit(other);
        Assert.IsTrue(locks.TryEnter(200, 300, second, out int beside));
        Assert.IsTrue(locks.TryEnter(0, 100, second, out int before));
        locks.Exit(ticket);
        locks.Exit(beside);
        locks.Exit(before);
        Assert.AreEqual(0, locks.HeldCount);
    }

    [TestMethod]
    public async Task Waiters_ThatConflict_AreServedInOrder()
    {
        RangeLocks locks = new();
        Assert.IsTrue(locks.TryEnter(0, 10, exclusive: false, out int reader));
        Task<int> exclusive = locks.EnterAsync(0, 10, exclusive: true, CancellationToken.None).AsTask();
        Task<int> late = locks.EnterAsync(5, 6, exclusive: false, CancellationToken.None).AsTask();
        Assert.IsFalse(locks.TryEnter(9, 10, exclusive: false, out _), "a newcomer passed a waiting exclusive one");
        Assert.IsTrue(locks.TryEnter(10, 20, exclusive: false, out int elsewhere));
        locks.Exit(elsewhere);
        locks.Exit(reader);
        int ticket = await exclusive;
        Assert.IsFalse(late.IsCompleted);
        locks.Exit(ticket);
        locks.Exit(await late);
        Assert.AreEqual(0, locks.HeldCount);
    }

    [TestMethod]
    public async Task Waiter_Cancelled_LeavesNoTraceAndFreesThoseBehind()
    {
        RangeLocks locks = new();
        Assert.IsTrue(locks.TryEnter(0, 10, exclusive: false, out int reader));
        using CancellationTokenSource cancel = new();
        Task<int> exclusive = locks.EnterAsync(0, 10, exclusive: true, cancel.Token).AsTask();
        Task<int> behind = locks.EnterAsync(0, 10, exclusive: false, CancellationToken.None).AsTask();
        await cancel.CancelAsync();
        Assert.IsLessThan(0, await exclusive);
        locks.Exit(await behind);
        locks.Exit(reader);
        Assert.AreEqual(0, locks.HeldCount);
    }

    [TestMethod]
    public async Task Enter_AlreadyCancelled_TakesAFreeRangeOrNothing()
    {
        RangeLocks locks = new();
        CancellationToken cancelled = new(canceled: true);
        int ticket = await locks.EnterAsync(0, 10, exclusive: true, cancelled);
        Assert.IsGreaterThanOrEqualTo(0, ticket);
        Assert.IsLessThan(0, await locks.EnterAsync(0, 10, exclusive: true, cancelled));
        locks.Exit(ticket);
        Assert.AreEqual(0, locks.HeldCount);
    }

    [TestMethod]
    public void MoreHoldersThanRoom_TableGrows()
    {
        RangeLocks locks = new();
        int[] tickets = new int[1000];
        for (int i = 0; i < tickets.Length; i++) Assert.IsTrue(locks.TryEnter(i, i + 1, exclusive: true, out tickets[i]));
        for (int i = 0; i < tickets.Length; i++) Assert.IsFalse(locks.TryEnter(i, i + 1, exclusive: false, out _));
        foreach (int ticket in tickets) locks.Exit(ticket);
        Assert.AreEqual(0, locks.HeldCount);
    }

    [TestMethod]
    public async Task ManyThreads_ExclusiveRangesAreNeverShared()
    {
        RangeLocks locks = new();
        int[] owners = new int[16];
        int violations = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(async () =>
        {
            Random random = new(seed);
            for (int i = 0; i < 2000; i++)
            {
                int start = random.Next(15), end = random.Next(start + 1, 16);
                bool exclusive = random.Next(2) == 0;
                int ticket = await locks.EnterAsync(start, end, exclusive, CancellationToken.None);
                int mine = exclusive ? 1000 : 1;
                for (int at = start; at < end; at++)
                {
                    int now = Interlocked.Add(ref owners[at], mine);
                    if (exclusive ? now != 1000 : now >= 1000) Interlocked.Increment(ref violations);
                }

                if ((i & 7) == 0) await Task.Yield();
                for (int at = start; at < end; at++) Interlocked.Add(ref owners[at], -mine);
                locks.Exit(ticket);
            }
        })));
        Assert.AreEqual(0, violations);
        Assert.AreEqual(0, locks.HeldCount);
    }
}
