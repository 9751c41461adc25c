using FsCheck;
using FsCheck.Fluent;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Scsi.Primary.Tests;

[TestClass]
public sealed class DataTests
{
    [TestMethod]
    [DataRow(StorageStatus.Ok, 0L, "Good")]
    [DataRow(StorageStatus.Miscompare, 7L, "CheckCondition Miscompare 1Dh/00h 7")]
    [DataRow(StorageStatus.OutOfRange, -1L, "CheckCondition IllegalRequest 21h/00h ")]
    [DataRow(StorageStatus.OutOfSpace, -1L, "CheckCondition DataProtect 27h/07h ")]
    [DataRow(StorageStatus.ReadOnly, -1L, "CheckCondition DataProtect 27h/00h ")]
    [DataRow(StorageStatus.ReadError, 1025L, "CheckCondition MediumError 11h/00h 2")]
    [DataRow(StorageStatus.WriteError, 1025L, "CheckCondition MediumError 0Ch/00h 2")]
    [DataRow(StorageStatus.WriteError, -1L, "CheckCondition MediumError 0Ch/00h ")]
    [DataRow(StorageStatus.Unavailable, -1L, "CheckCondition NotReady 08h/00h ")]
    [DataRow(StorageStatus.NotSupported, -1L, "CheckCondition HardwareError 44h/00h ")]
    [DataRow(StorageStatus.Cancelled, -1L, "CheckCondition AbortedCommand 00h/00h ")]
    [DataRow(StorageStatus.InternalFault, -1L, "CheckCondition HardwareError 44h/00h ")]
    public void StorageSense_EveryStatus_HasItsOutcome(StorageStatus status, long position, string expected)
    {
        ScsiOutcome outcome = StorageSense.Map(new StorageResult(status, position), 512);
        Assert.AreEqual(expected, outcome.IsGood ? outcome.ToString() : $"{outcome} {outcome.Sense.Information}");
    }

    [TestMethod]
    public void StorageSense_KnowsEveryStatus()
    {
        foreach (StorageStatus status in Enum.GetValues<StorageStatus>())
            Assert.AreEqual(status == StorageStatus.Ok, StorageSense.Map(status, 512).IsGood, status.ToString());
    }

    [TestMethod]
    public void FirstDifference_AnySegmentation_SameAsOnArrays()
    {
        Config config = Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(0x5EED_0005, 0x5EED_0007);
        Gen<(int Length, int Left, int Right, int At)> cases =
            from length in Gen.Choose(1, 300)
            from left in Gen.Choose(1, 40)
            from right in Gen.Choose(1, 40)
            from at in Gen.Choose(0, 320)
            select (length, left, right, at);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            using TestHost host = new();
            byte[] data = new byte[test.Length];
            new Random(test.At).NextBytes(data);
            host.Buffers.SegmentLength = test.Left;
            using DataBuffer left = host.Buffers.Rent(data);
            if (test.At < test.Length) data[test.At] ^= 1;
            host.Buffers.SegmentLength = test.Right;
            using DataBuffer right = host.Buffers.Rent(data);
            return DataSliceComparison.FirstDifference(left.Slice(), right.Slice()) == (test.At < test.Length ? test.At : -1);
        }).Check(config);
    }

    [TestMethod]
    public void FirstDifference_LengthsDiffer_Throws()
    {
        DataBuffer buffer = DataBuffer.Wrap(new byte[4]);
        Assert.ThrowsExactly<ArgumentException>(() => DataSliceComparison.FirstDifference(buffer.Slice(), buffer.Slice(0, 3)));
        Assert.AreEqual(-1, DataSliceComparison.FirstDifference(default, default));
    }

    [TestMethod]
    public void IsZero_OneByteInAnySegment_IsFound()
    {
        using TestHost host = new();
        host.Buffers.SegmentLength = 3;
        using DataBuffer buffer = host.Buffers.Rent(new byte[10]);
        Assert.IsTrue(DataSliceComparison.IsZero(buffer.Slice()));
        buffer.Slice(9, 1).CopyFrom([1]);
        Assert.IsFalse(DataSliceComparison.IsZero(buffer.Slice()));
        Assert.IsTrue(DataSliceComparison.IsZero(buffer.Slice(0, 9)));
    }
}
