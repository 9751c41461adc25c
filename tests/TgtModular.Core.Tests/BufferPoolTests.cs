using TgtModular.Buffers;
using TgtModular.Core.Buffers;

namespace TgtModular.Core.Tests;

[TestClass]
public sealed class BufferPoolTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(4096)]
    [DataRow(4097)]
    [DataRow(65536)]
    [DataRow(1 << 20)]
    [DataRow((3 << 20) + 17)]
    public void TryRent_AnyLength_ExactAlignedAndDistinct(int length)
    {
        BufferPool pool = new(64 << 20);
        using DataBuffer one = pool.TryRent(length, "one")!;
        using DataBuffer two = pool.TryRent(length, "two")!;
        Assert.AreEqual(length, one.Length);
        foreach (DataSegment segment in one.Slice())
        {
            Assert.AreEqual(0, segment.Pointer % BufferPool.SmallestBlock);
            segment.Span.Fill(0xAA);
        }

        two.Slice().Clear();
        Assert.IsTrue(one.Slice().ToArray().All(value => value == 0xAA));
    }

    [TestMethod]
    public void TryRent_BoundReached_NullUntilReturned()
    {
        BufferPool pool = new(2 << 20);
        DataBuffer first = pool.TryRent(1 << 20, "a")!;
        using DataBuffer second = pool.TryRent(1 << 20, "b")!;
        Assert.IsNull(pool.TryRent(1 << 20, "c"));
        Assert.IsNull(pool.TryRent(1, "another size"));
        first.Dispose();
        using DataBuffer? again = pool.TryRent(1 << 20, "d");
        Assert.IsNotNull(again);
    }

    [TestMethod]
    public void TryRent_CompositeOverBound_GivesBackWhatItTook()
    {
        BufferPool pool = new(4 << 20);
        Assert.IsNull(pool.TryRent(5 << 20, "too long"));
        Assert.AreEqual(0, pool.LeasedBytes);
        using DataBuffer? whole = pool.TryRent(4 << 20, "fits");
        Assert.IsNotNull(whole);
    }

    [TestMethod]
    [DataRow(1 << 20, 4096)]
    [DataRow(4096, 1 << 20)]
    [DataRow(65536, 16384)]
    public void TryRent_AllMemoryServedOneSizeBefore_OtherSizesAreServedAll(int before, int after)
    {
        BufferPool pool = new(8 << 20);
        for (int round = 0; round < 3; round++)
        {
            RentAllAndReturn(pool, before);
            RentAllAndReturn(pool, after);
        }

        Assert.AreEqual(8 << 20, pool.ReservedBytes);
    }

    [TestMethod]
    public void TryRent_NoSlabIsIdle_LongerBlockServes()
    {
        BufferPool pool = new(2 << 20);
        DataBuffer half = pool.TryRent(1 << 20, "half")!;
        using DataBuffer? small = pool.TryRent(5000, "small");
        Assert.AreEqual(5000, small?.Length);
        Assert.AreEqual(2 << 20, pool.LeasedBytes);
        Assert.IsNull(pool.TryRent(1, "nothing is left"));
        half.Dispose();
        Assert.AreEqual(1 << 20, pool.LeasedBytes);
    }

    [TestMethod]
    public void Dispose_Twice_ReturnsOnce()
    {
        BufferPool pool = new(2 << 20);
        DataBuffer buffer = pool.TryRent(4096, "a")!;
        buffer.Dispose();
        buffer.Dispose();
        Assert.AreEqual(0, pool.LeasedBytes);
        using DataBuffer one = pool.TryRent(4096, "b")!;
        using DataBuffer two = pool.TryRent(4096, "c")!;
        Assert.AreNotEqual(one.GetSegment(0).Pointer, two.GetSegment(0).Pointer);
    }

    [TestMethod]
    public void RentAndReturn_FromManyThreads_NoBlockIsGivenTwice()
    {
        BufferPool pool = new(8 << 20);
        Parallel.For(0, 8, worker =>
        {
            Random random = new(worker);
            for (int i = 0; i < 5_000; i++)
            {
                using DataBuffer? buffer = pool.TryRent(1 << random.Next(0, 21), "thread");
                if (buffer is null) continue;
                Span<byte> span = buffer.GetSegment(0).Span;
                span.Fill((byte)worker);
                Assert.AreEqual(span.Length, span.Count((byte)worker));
            }
        });
        Assert.AreEqual(0, pool.LeasedBytes);
    }

    private static void RentAllAndReturn(BufferPool pool, int length)
    {
        DataBuffer?[] buffers = [.. Enumerable.Range(0, (8 << 20) / length).Select(_ => pool.TryRent(length, "all"))];
        Assert.IsFalse(buffers.Contains(null), $"not all of the memory was to be had in blocks of {length} bytes");
        Assert.AreEqual(buffers.Length, buffers.Select(buffer => buffer!.GetSegment(0).Pointer).Distinct().Count());
        Assert.IsNull(pool.TryRent(1, "no more"));
        foreach (DataBuffer? buffer in buffers) buffer!.Dispose();
        Assert.AreEqual(0, pool.LeasedBytes);
    }
}
