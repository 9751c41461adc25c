using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>The doubles must find what they promise to find.</summary>
[TestClass]
public sealed class DoublesTests
{
    [TestMethod]
    public void BufferPool_NotReturned_IsNamed()
    {
        DiagnosticBufferPool pool = new();
        pool.TryRent(100, "the culprit");
        StringAssert.Contains(Problems(pool), "never returned: 100 bytes of 'the culprit'");
    }

    [TestMethod]
    public void BufferPool_ReturnedTwice_IsNamed()
    {
        DiagnosticBufferPool pool = new();
        DiagnosticBuffer buffer = pool.TryRent(8, "twice")!;
        buffer.Dispose();
        buffer.Dispose();
        StringAssert.Contains(Problems(pool), "returned twice");
    }

    [TestMethod]
    public void BufferPool_KeptMemoryUsedAfterReturn_Throws()
    {
        DiagnosticBufferPool pool = new();
        DiagnosticBuffer buffer = pool.TryRent(8, "late")!;
        Memory<byte> kept = buffer.GetSegment(0).Memory;
        buffer.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => kept.Span.Clear());
        StringAssert.Contains(Problems(pool), "used after its return");
    }

    [TestMethod]
    public unsafe void BufferPool_WrittenThroughPointerAfterReturn_IsNamed()
    {
        DiagnosticBufferPool pool = new();
        DiagnosticBuffer buffer = pool.TryRent(8, "late")!;
        byte* kept = (byte*)buffer.GetSegment(0).Pointer;
        buffer.Dispose();
        kept[3] = 1;
        StringAssert.Contains(Problems(pool), "written after its return");
    }

    [TestMethod]
    public unsafe void BufferPool_WrittenPastTheEnd_IsNamed()
    {
        DiagnosticBufferPool pool = new();
        using (DiagnosticBuffer buffer = pool.TryRent(8, "long")!) ((byte*)buffer.GetSegment(0).Pointer)[8] = 1;
        StringAssert.Contains(Problems(pool), "written past the end");
    }

    [TestMethod]
    public void BufferPool_AtItsCapacity_RentsNoMore()
    {
        DiagnosticBufferPool pool = new() { Capacity = 10 };
        using DiagnosticBuffer? first = pool.TryRent(8, "first");
        Assert.IsNull(pool.TryRent(3, "second"));
        Assert.IsNotNull(first);
    }

    [TestMethod]
    public void Clock_Advanced_FiresTimersInOrder()
    {
        ManualClock clock = new();
        List<string> fired = [];
        using ITimer late = clock.CreateTimer(_ => fired.Add("late"), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using ITimer often = clock.CreateTimer(_ => fired.Add("often"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.IsEmpty(fired);
        clock.Advance(TimeSpan.FromSeconds(5));
        CollectionAssert.AreEqual(new[] { "often", "often", "late", "often" }, fired);
    }

    private static string Problems(DiagnosticBufferPool pool) => Assert.ThrowsExactly<InvalidOperationException>(pool.Verify).Message;
}
