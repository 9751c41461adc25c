using System.Runtime.InteropServices;
using TgtModular.Lio.Tcmu;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>What stands in the shared memory is believed only when it can be.</summary>
[TestClass]
public sealed class TcmuRingTests
{
    private static readonly byte[] Cdb = [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0];

    private readonly KernelRing _kernel = new(ringLength: 4096, pages: 4);

    [TestCleanup]
    public void Cleanup() => _kernel.Dispose();

    [TestMethod]
    [DataRow(RingLayout.VersionOffset, 3u, "version")]
    [DataRow(RingLayout.RingOffsetOffset, 4u, "cannot lie")]
    [DataRow(RingLayout.RingOffsetOffset, 132u, "cannot lie")]
    [DataRow(RingLayout.RingSizeOffset, 0u, "cannot lie")]
    [DataRow(RingLayout.RingSizeOffset, 0xFFFF_FFF8u, "cannot lie")]
    [DataRow(RingLayout.TailOffset, 4u, "tail")]
    [DataRow(RingLayout.TailOffset, 0xFFFF_FFF8u, "tail")]
    public void Mailbox_Impossible_IsNotOpened(int offset, uint value, string said)
    {
        _kernel.Mapping.Write32(offset, value);

        Assert.IsFalse(TcmuRing.TryOpen(_kernel.Mapping, out _, out string? problem));

        Assert.Contains(said, problem);
    }

    [TestMethod]
    public void Mailbox_MapTooShort_IsNotOpened()
    {
        using RingMapping mapping = new(64, device: null);

        Assert.IsFalse(TcmuRing.TryOpen(mapping, out _, out string? problem));

        Assert.Contains("64 bytes", problem);
    }

    [TestMethod]
    [DataRow(4u)]
    [DataRow(4096u)]
    [DataRow(0xFFFF_FFF8u)]
    public void Head_NoPlaceInTheRing_Damaged(uint head)
    {
        TcmuRing ring = _kernel.Open();

        _kernel.SetHead(head);

        AssertDamaged(ring, "head");
    }

    [TestMethod]
    [DataRow(0u, "at least 112")]
    [DataRow(104u, "at least 112")]
    [DataRow(136u, "are there")]
    [DataRow(0xFFFF_FFF8u, "are there")]
    public void Length_Impossible_Damaged(uint length, string said)
    {
        TcmuRing ring = _kernel.Open();
        _kernel.Send(Cdb);

        _kernel.Mapping.Write32(KernelRing.At(0), length | (uint)RingOperation.Command);

        AssertDamaged(ring, said);
    }

    [TestMethod]
    public void KernelFlags_NotKnown_Damaged()
    {
        TcmuRing ring = _kernel.Open();
        _kernel.Send(Cdb);

        _kernel.Mapping.Write8(KernelRing.At(0) + RingLayout.KernelFlagsOffset, 4);

        AssertDamaged(ring, "0x04");
    }

    [TestMethod]
    [DataRow(0ul)]
    [DataRow(4096ul)]
    [DataRow(4090ul)]
    [DataRow(ulong.MaxValue)]
    [DataRow(0x8000_0000_0000_0000ul)]
    public void CdbOffset_OutsideTheRing_Damaged(ulong offset)
    {
        TcmuRing ring = _kernel.Open();
        _kernel.Send(Cdb);
        Cdb.AsSpan(0, 6).CopyTo(_kernel.Mapping.GetSpan(4090, 6));

        MemoryMarshal.Write(_kernel.Mapping.GetSpan(KernelRing.At(0) + RingLayout.CdbOffsetOffset, 8), offset);

        AssertDamaged(ring, "CDB");
    }

    [TestMethod]
    [DataRow(RingLayout.VectorCountOffset)]
    [DataRow(RingLayout.BidirectionalCountOffset)]
    [DataRow(RingLayout.ProtectionCountOffset)]
    public void Vectors_MoreThanTheEntryHolds_Damaged(int offset)
    {
        TcmuRing ring = _kernel.Open();
        _kernel.Send(Cdb);

        _kernel.Mapping.Write32(KernelRing.At(0) + offset, uint.MaxValue);

        AssertDamaged(ring, "pieces of data");
    }

    [TestMethod]
    [DataRow(0ul, 512ul)] // the mailbox
    [DataRow(200ul, 512ul)] // the ring
    [DataRow(20480ul, 1ul)] // behind the map
    [DataRow(20479ul, 2ul)]
    [DataRow(4096ul, 16385ul)]
    [DataRow(ulong.MaxValue, 2ul)]
    [DataRow(4096ul, ulong.MaxValue)]
    public void Vector_OutsideTheDataArea_Damaged(ulong offset, ulong length)
    {
        TcmuRing ring = _kernel.Open();
        _kernel.Send(Cdb, dataIn: 512);
        Span<byte> vector = _kernel.Mapping.GetSpan(KernelRing.At(0) + RingLayout.VectorsOffset, 16);
        MemoryMarshal.Write(vector, offset);
        MemoryMarshal.Write(vector[8..], length);

        Assert.AreEqual(RingLook.Entry, ring.TryPeek(out RingEntry entry));
        Assert.IsFalse(ring.TryGetVector(entry, 0, out _, out _));

        AssertDamaged(ring, "data area");
    }

    [TestMethod]
    public void TaskManagement_MoreCommandsThanTheEntryHolds_Damaged()
    {
        TcmuRing ring = _kernel.Open();
        _kernel.SendTaskManagement(RingFunction.AbortTask, 1, 2);

        _kernel.Mapping.Write32(KernelRing.At(0) + RingLayout.IdentifierCountOffset, 0x8000_0001);

        AssertDamaged(ring, "names 2147483649 commands");
    }

    [TestMethod]
    public void Tail_MovedBySomebodyElse_Damaged()
    {
        TcmuRing ring = _kernel.Open();
        _kernel.Send(Cdb);

        _kernel.Mapping.WriteShared(RingLayout.TailOffset, 128);

        AssertDamaged(ring, "reset");
    }

    [TestMethod]
    public void Answer_WithoutACommand_Damaged()
    {
        TcmuRing ring = _kernel.Open();
        _kernel.Send(Cdb); // put in, and not yet taken

        Assert.IsFalse(ring.TryAnswer(new RingAnswer { Identifier = 1, Status = 0 }));

        AssertDamaged(ring, "none is asked");
    }

    [TestMethod]
    public void Damaged_NothingIsWrittenAnyMore()
    {
        TcmuRing ring = _kernel.Open();
        _kernel.Send(Cdb);
        Assert.AreEqual(RingLook.Entry, ring.TryPeek(out RingEntry entry));
        ring.Take(entry);
        _kernel.SetHead(4);
        AssertDamaged(ring, "head");
        byte[] before = _kernel.Mapping.GetSpan(0, 4096).ToArray();

        Assert.IsFalse(ring.TryAnswer(new RingAnswer { Identifier = 1, Status = 0 }));
        Assert.IsFalse(ring.Settle());

        CollectionAssert.AreEqual(before, _kernel.Mapping.GetSpan(0, 4096).ToArray());
    }

    [TestMethod]
    public void Open_EntriesLeftByAFormerHandler_AreThereAgain()
    {
        TcmuRing first = _kernel.Open();
        ushort done = _kernel.Send(Cdb);
        ushort open = _kernel.Send(Cdb);
        first.TryPeek(out RingEntry entry);
        first.Take(entry);
        first.TryAnswer(new RingAnswer { Identifier = done, Status = 0 });

        TcmuRing second = _kernel.Open();

        Assert.AreEqual(RingLook.Entry, second.TryPeek(out entry));
        Assert.AreEqual(open, entry.Identifier);
    }

    [TestMethod]
    [DataRow((byte)0x12, 6)]
    [DataRow((byte)0x28, 10)]
    [DataRow((byte)0x55, 10)]
    [DataRow((byte)0x7E, 12)]
    [DataRow((byte)0x8A, 16)]
    [DataRow((byte)0xA0, 12)]
    [DataRow((byte)0xC1, 10)]
    public void Cdb_IsAsLongAsItsGroup(byte operationCode, int length)
    {
        TcmuRing ring = _kernel.Open();
        _kernel.Send([operationCode, .. new byte[31]]);

        Assert.AreEqual(RingLook.Entry, ring.TryPeek(out RingEntry entry));

        Assert.AreEqual(length, entry.Cdb.Length);
    }

    [TestMethod]
    public void Cdb_VariableLength_IsAsLongAsItSays()
    {
        TcmuRing ring = _kernel.Open();
        byte[] cdb = [0x7F, 0, 0, 0, 0, 0, 0, 192, .. RingServerTests.Pattern(192)];
        _kernel.Send(cdb);

        Assert.AreEqual(RingLook.Entry, ring.TryPeek(out RingEntry entry));

        CollectionAssert.AreEqual(cdb, entry.Cdb.ToArray());
    }

    private static void AssertDamaged(TcmuRing ring, string said)
    {
        Assert.AreEqual(RingLook.Damaged, ring.TryPeek(out _));
        Assert.Contains(said, ring.Damage!);
        Assert.AreEqual(RingLook.Damaged, ring.TryPeek(out _));
    }
}
