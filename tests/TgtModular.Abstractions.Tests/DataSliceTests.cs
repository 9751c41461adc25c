using TgtModular.Buffers;

namespace TgtModular.Abstractions.Tests;

[TestClass]
public sealed class DataSliceTests
{
    private static readonly byte[] Data = [.. Enumerable.Range(0, 50).Select(i => (byte)i)];

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(10)]
    [DataRow(100)]
    public void EverySlice_HoldsItsBytes(int segmentLength)
    {
        using TestHost host = new();
        host.Buffers.SegmentLength = segmentLength;
        using DataBuffer buffer = host.Buffers.Rent(Data);
        for (int offset = 0; offset <= 50; offset++)
        {
            for (int length = 0; length <= 50 - offset; length++)
            {
                DataSlice slice = buffer.Slice(offset, length);
                byte[] expected = Data[offset..(offset + length)];
                CollectionAssert.AreEqual(expected, slice.ToArray());
                int sum = 0;
                foreach (DataSegment segment in slice) sum += segment.Length;
                Assert.AreEqual(length, sum);
            }
        }
    }

    [TestMethod]
    [DataRow(-1, 1)]
    [DataRow(0, 51)]
    [DataRow(50, 1)]
    [DataRow(51, 0)]
    [DataRow(1, int.MaxValue)]
    [DataRow(0, -1)]
    public void Slice_OutOfRange_Throws(int offset, int length)
    {
        DataBuffer buffer = DataBuffer.Wrap(Data);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => buffer.Slice(offset, length));
    }

    [TestMethod]
    public void SliceOfASlice_CannotReachBeyondIt()
    {
        DataSlice slice = DataBuffer.Wrap(Data).Slice(10, 10);
        CollectionAssert.AreEqual(Data[15..20], slice.Slice(5).ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => slice.Slice(5, 6));
    }

    [TestMethod]
    [DataRow(3, 5)]
    [DataRow(5, 3)]
    [DataRow(50, 1)]
    public void CopyFrom_SliceOfOtherSegmentation_SameBytes(int left, int right)
    {
        using TestHost host = new();
        host.Buffers.SegmentLength = left;
        using DataBuffer from = host.Buffers.Rent(Data);
        host.Buffers.SegmentLength = right;
        using DataBuffer into = host.Buffers.Rent(new byte[60]);
        into.Slice().Slice(4).CopyFrom(from.Slice());
        CollectionAssert.AreEqual((byte[])[0, 0, 0, 0, .. Data, 0, 0, 0, 0, 0, 0], into.Slice().ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => into.Slice(0, 49).CopyFrom(Data));
    }

    [TestMethod]
    public void Clear_OnlyTheSlice()
    {
        using TestHost host = new();
        host.Buffers.SegmentLength = 7;
        using DataBuffer buffer = host.Buffers.Rent(Data);
        buffer.Slice(5, 20).Clear();
        byte[] all = buffer.Slice().ToArray();
        Assert.IsTrue(all[5..25].All(value => value == 0));
        Assert.AreEqual(4, all[4]);
        Assert.AreEqual(25, all[25]);
    }

    [TestMethod]
    public void TryGetSingle_TellsWhetherOneSegmentHoldsIt()
    {
        using TestHost host = new();
        host.Buffers.SegmentLength = 10;
        using DataBuffer buffer = host.Buffers.Rent(Data);
        Assert.IsTrue(buffer.Slice(10, 10).TryGetSingle(out DataSegment segment));
        CollectionAssert.AreEqual(Data[10..20], segment.Span.ToArray());
        Assert.IsFalse(buffer.Slice(9, 2).TryGetSingle(out _));
        Assert.IsTrue(default(DataSlice).TryGetSingle(out segment));
        Assert.AreEqual(0, segment.Length);
    }

    [TestMethod]
    public void Pointer_OfAPartOfASegment_MovesWithIt()
    {
        using TestHost host = new();
        using DataBuffer buffer = host.Buffers.Rent(Data);
        buffer.Slice(0, 10).TryGetSingle(out DataSegment first);
        buffer.Slice(3, 5).TryGetSingle(out DataSegment part);
        Assert.AreNotEqual(0, first.Pointer);
        Assert.AreEqual(first.Pointer + 3, part.Pointer);
        Assert.AreEqual(0, new DataSegment(new byte[4], 0).Slice(1, 2).Pointer);
    }

    [TestMethod]
    public void Equality_IsRangeAndBuffer()
    {
        DataBuffer buffer = DataBuffer.Wrap(Data);
        Assert.IsTrue(buffer.Slice(1, 2) == buffer.Slice(1, 2));
        Assert.IsTrue(buffer.Slice(1, 2) != buffer.Slice(1, 3));
        Assert.IsFalse(buffer.Slice(1, 2).Equals((object)DataBuffer.Wrap(Data).Slice(1, 2)));
        Assert.AreEqual(buffer.Slice(1, 2).GetHashCode(), buffer.Slice(1, 2).GetHashCode());
        Assert.IsTrue(buffer.Slice(5, 0) == default, "empty slices are all the same");
    }
}
