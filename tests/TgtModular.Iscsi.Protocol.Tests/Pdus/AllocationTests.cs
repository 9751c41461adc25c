using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Tests.Pdus;

[TestClass]
public sealed class AllocationTests
{
    [TestMethod]
    public void HotPath_WritingAndFraming_AllocatesNothing()
    {
        byte[] pdu = new byte[8192];
        Run(pdu);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1000; round++)
            Run(pdu);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Run(byte[] pdu)
    {
        TargetSequence target = new(1, 2, 3);
        InitiatorSequence initiator = new(1, 2);
        FramingLimits limits = new(8000, 0, HeaderDigest: true, DataDigest: true);
        ScsiCommandWriter.Write(pdu, false, ScsiCommandFlags.Final, TaskAttribute.Simple, 0, 1, 4096, initiator, [0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0]);
        ScsiResponseWriter.Write(pdu, ScsiResponseFlags.None, ScsiServiceResponse.CommandCompleted, 0, 1, target);
        ReadyToTransferWriter.Write(pdu, 0, 1, 2, target, 0, 0, 4096);
        DataInWriter.Write(pdu, DataInFlags.Final | DataInFlags.Status, 0, 1, target, 0, 0, 4095);
        PduLayout layout = PduLayout.Create(0, 4095, headerDigest: true, dataDigest: true);
        PduFramer.WriteHeaderDigest(pdu.AsSpan(0, layout.HeaderLength));
        Crc32C crc = default;
        crc.Append(pdu.AsSpan(layout.HeaderLength, 4095));
        PduFramer.WriteTrailer(pdu.AsSpan(layout.HeaderLength + 4095), layout, crc);
        bool isRead = PduFramer.TryRead(pdu, limits, out PduFrame frame, out _);
        DataSegmentReceiver receiver = new(frame.Layout);
        receiver.Append(frame.Data);
        if (!isRead || new DataInHeader(frame.Bhs).InitiatorTaskTag != 1 || !receiver.TryFinish(pdu.AsSpan(layout.HeaderLength + 4095)))
            Assert.Fail("The PDU did not come back.");
    }
}
