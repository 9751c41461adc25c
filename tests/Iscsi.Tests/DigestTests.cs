using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;

namespace TgtModular.Iscsi.Tests;

/// <summary>Header and data digests (RFC 7143 sections 7.8 and 13.1). The initiator of the tests checks every digest it receives.</summary>
[TestClass]
public sealed class DigestTests
{
    private static readonly string[] Both = ["HeaderDigest=CRC32C", "DataDigest=CRC32C"];

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    public async Task Digests_ReadAndWriteOfOddLengths_Right(bool header, bool data)
    {
        await using Bench bench = new();
        bench.Host.Buffers.SegmentLength = 333;
        using WireInitiator initiator = await bench.LoginAsync(
            header ? "HeaderDigest=CRC32C" : "HeaderDigest=None", data ? "DataDigest=CRC32C" : "DataDigest=None", "MaxRecvDataSegmentLength=1023",
            "MaxBurstLength=2049",
            "FirstBurstLength=513");
        byte[] content = WriteTests.RandomBytes(4096);

        uint tag = await initiator.WriteAsync(0, 8, content[..511]);
        ReceivedPdu response = (await initiator.TryReceiveAsync())!;
        while (response.Opcode == Opcode.ReadyToTransfer)
        {
            int offset = (int)response.R2T.BufferOffset;
            int end = offset + (int)response.R2T.DesiredDataTransferLength;
            await initiator.DataOutAsync(tag, response.R2T.TargetTransferTag, 0, (uint)offset, content[offset..end], final: true);
            response = (await initiator.TryReceiveAsync())!;
        }

        Assert.AreEqual(0, response.Response.Status);
        await initiator.ReadAsync(0, 8);
        byte[] received = [];
        ReceivedPdu dataIn;
        do
        {
            dataIn = await initiator.ReceiveAsync(Opcode.DataIn);
            received = [.. received, .. dataIn.Data];
        }
        while ((dataIn.DataIn.Flags & DataInFlags.Status) == 0);
        CollectionAssert.AreEqual(content, received);
        await initiator.NopAsync(WriteTests.RandomBytes(77));
        Assert.HasCount(77, (await initiator.ReceiveAsync(Opcode.NopIn)).Data);
    }

    [TestMethod]
    public async Task HeaderDigest_Wrong_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync(Both);
        byte[] bhs = new byte[BasicHeader.Length];
        NopOutWriter.Write(bhs, true, 0, 1, BasicHeader.ReservedTag, initiator.Sequence);
        byte[] pdu = initiator.Frame(bhs);
        pdu[20] ^= 1;

        await initiator.SendRawAsync(pdu);

        await initiator.ExpectClosedAsync(EndReason.HeaderDigest);
    }

    [TestMethod]
    [DataRow(100)]
    [DataRow(40000)]
    public async Task DataDigest_WrongOnDataOut_RejectedThenCheckCondition(int length)
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync([.. Both, "MaxBurstLength=262144"]);
        uint tag = await initiator.WriteAsync(0, 128, null);
        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        byte[] bhs = new byte[BasicHeader.Length];
        DataOutWriter.Write(bhs, false, 0, tag, r2t.R2T.TargetTransferTag, initiator.ExpStatSN, 0, 0, length);
        byte[] pdu = initiator.Frame(bhs, WriteTests.RandomBytes(length));
        pdu[60] ^= 1;

        await initiator.SendRawAsync(pdu);

        ReceivedPdu reject = await initiator.ReceiveAsync(Opcode.Reject);
        Assert.AreEqual(RejectReason.DataDigestError, reject.Reject.Reason);
        CollectionAssert.AreEqual(bhs, reject.Data);
        await initiator.PingAsync(); // the answer waits for the rest of the burst
        await initiator.DataOutAsync(tag, r2t.R2T.TargetTransferTag, 1, (uint)length, WriteTests.RandomBytes(65536 - length), final: true);
        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual((0x0B, 0x47, 0x05), response.Sense);
        Assert.IsTrue(bench.Target.Disk.All(value => value == 0));
    }

    [TestMethod]
    public async Task DataDigest_WrongOnImmediateData_CommandRejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync(Both);
        uint cmdSN = initiator.CmdSN;
        byte[] bhs = new byte[BasicHeader.Length];
        ScsiCommandWriter.Write(
            bhs, false, ScsiCommandFlags.Write | ScsiCommandFlags.Final, TaskAttribute.Simple, 0, 5, 512, initiator.Sequence, WireInitiator.Cdb10(0x2A, 0,
            1), 512);
        byte[] data = WriteTests.RandomBytes(512);
        byte[] pdu = initiator.Frame(bhs, data);
        pdu[^1] ^= 1;

        await initiator.SendRawAsync(pdu);

        ReceivedPdu reject = await initiator.ReceiveAsync(Opcode.Reject);
        Assert.AreEqual(RejectReason.DataDigestError, reject.Reject.Reason);
        Assert.AreEqual(cmdSN, reject.Sequence.ExpCmdSN, "the command was discarded: its CmdSN is still expected");
        await initiator.SendAsync(bhs, data); // sent again
        await initiator.ReceiveAsync(Opcode.ScsiResponse);
        CollectionAssert.AreEqual(data, bench.Target.Disk[..512]);
    }

    [TestMethod]
    public async Task DataDigest_LongImmediateData_Stored()
    {
        await using Bench bench = new(("first_burst_length", 262144L));
        using WireInitiator initiator = await bench.LoginAsync([.. Both, "FirstBurstLength=262144"]);
        byte[] data = WriteTests.RandomBytes(262144);

        await initiator.WriteAsync(0, 512, data);

        Assert.AreEqual(0, (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Response.Status);
        CollectionAssert.AreEqual(data, bench.Target.Disk[..data.Length]);
    }

    [TestMethod]
    public async Task DataDigest_WrongOnNop_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync(Both);
        byte[] bhs = new byte[BasicHeader.Length];
        NopOutWriter.Write(bhs, true, 0, 1, BasicHeader.ReservedTag, initiator.Sequence, 10);
        byte[] pdu = initiator.Frame(bhs, new byte[10]);
        pdu[53] ^= 0x80;

        await initiator.SendRawAsync(pdu);

        Assert.AreEqual(RejectReason.DataDigestError, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task Digests_OffAtTarget_NoneAgreed()
    {
        await using Bench bench = new(("header_digest", "off"), ("data_digest", "off"));
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.LoginAsync(Bench.TargetName, "HeaderDigest=CRC32C,None", "DataDigest=CRC32C,None");

        CollectionAssert.IsSubsetOf(new[] { "HeaderDigest=None", "DataDigest=None" }, response.Pairs.ToArray());
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task Digests_RequiredAtTarget_Agreed()
    {
        await using Bench bench = new(("header_digest", "required"), ("data_digest", "required"));
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.LoginAsync(Bench.TargetName, "HeaderDigest=None,CRC32C", "DataDigest=None,CRC32C");

        CollectionAssert.IsSubsetOf(Both, response.Pairs.ToArray());
        initiator.UseDigests(true, true);
        await initiator.PingAsync();
    }
}
