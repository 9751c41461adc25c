using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;

namespace TgtModular.Iscsi.Tests;

/// <summary>Immediate, unsolicited and solicited Data-Out (RFC 7143 sections 4.2.5, 11.7 and 11.8).</summary>
[TestClass]
public sealed class WriteTests
{
    [TestMethod]
    public async Task ScsiCommand_WriteImmediate_Stored()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] data = RandomBytes(4096);

        await initiator.WriteAsync(16, 8, data);

        await ExpectGoodAsync(initiator);
        AssertStored(bench, 16, data);
    }

    [TestMethod]
    public async Task ScsiCommand_WriteImmediateInPieces_Stored()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] data = RandomBytes(32768);
        byte[] pdu = Command(initiator, 5, 64, data);

        for (int offset = 0; offset < pdu.Length; offset += 1001) await initiator.SendRawAsync(pdu[offset..Math.Min(offset + 1001, pdu.Length)]);

        await ExpectGoodAsync(initiator);
        AssertStored(bench, 5, data);
    }

    [TestMethod]
    public async Task ScsiCommand_WriteSolicited_R2TForAll()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=Yes", "ImmediateData=No");
        byte[] data = RandomBytes(8192);

        uint tag = await initiator.WriteAsync(1, 16, null);
        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);

        Assert.AreEqual(tag, r2t.Tag);
        Assert.AreEqual(0u, r2t.R2T.R2TSN);
        Assert.AreEqual(0u, r2t.R2T.BufferOffset);
        Assert.AreEqual(8192u, r2t.R2T.DesiredDataTransferLength);
        Assert.AreNotEqual(BasicHeader.ReservedTag, r2t.R2T.TargetTransferTag);
        Assert.AreEqual(initiator.ExpStatSN, r2t.Sequence.StatSN, "the next StatSN, not taken");
        await initiator.DataOutAsync(tag, r2t.R2T.TargetTransferTag, 0, 0, data[..4096], final: false);
        await initiator.DataOutAsync(tag, r2t.R2T.TargetTransferTag, 1, 4096, data[4096..], final: true);
        ReceivedPdu response = await ExpectGoodAsync(initiator);
        Assert.AreEqual(1u, response.Response.ExpDataSN);
        AssertStored(bench, 1, data);
    }

    [TestMethod]
    public async Task ScsiCommand_WriteLongerThanMaxBurst_R2TPerBurst()
    {
        await using Bench bench = new(("max_outstanding_r2t", 2L));
        using WireInitiator initiator = await bench.LoginAsync("MaxBurstLength=4096", "FirstBurstLength=1024", "MaxOutstandingR2T=2");
        byte[] data = RandomBytes(1024 + (4096 * 2) + 512);

        uint tag = await initiator.WriteAsync(0, (ushort)(data.Length / 512), data[..1024]);
        ReceivedPdu first = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        ReceivedPdu second = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        Assert.AreEqual((1024u, 4096u, 0u), (first.R2T.BufferOffset, first.R2T.DesiredDataTransferLength, first.R2T.R2TSN));
        Assert.AreEqual((5120u, 4096u, 1u), (second.R2T.BufferOffset, second.R2T.DesiredDataTransferLength, second.R2T.R2TSN));
        await initiator.PingAsync(); // no third R2T yet
        await initiator.DataOutAsync(tag, first.R2T.TargetTransferTag, 0, 1024, data[1024..5120], final: true);
        ReceivedPdu third = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        Assert.AreEqual((9216u, 512u, 2u), (third.R2T.BufferOffset, third.R2T.DesiredDataTransferLength, third.R2T.R2TSN));
        await initiator.DataOutAsync(tag, second.R2T.TargetTransferTag, 0, 5120, data[5120..9216], final: true);
        await initiator.DataOutAsync(tag, third.R2T.TargetTransferTag, 0, 9216, data[9216..], final: true);

        ReceivedPdu response = await ExpectGoodAsync(initiator);
        Assert.AreEqual(3u, response.Response.ExpDataSN);
        AssertStored(bench, 0, data);
    }

    [TestMethod]
    public async Task ScsiCommand_Unsolicited_StoredWithoutR2T()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=No", "FirstBurstLength=8192");
        byte[] data = RandomBytes(8192);

        uint tag = await initiator.WriteAsync(2, 16, data[..2048], final: false);
        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 0, 2048, data[2048..4096], final: false);
        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 1, 4096, data[4096..], final: true);

        await ExpectGoodAsync(initiator);
        AssertStored(bench, 2, data);
    }

    [TestMethod]
    public async Task ScsiCommand_UnsolicitedShorterThanFirstBurst_R2TForTheRest()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=No", "FirstBurstLength=8192");
        byte[] data = RandomBytes(8192);

        uint tag = await initiator.WriteAsync(2, 16, null, final: false);
        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 0, 0, data[..2048], final: true);
        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        Assert.AreEqual((2048u, 6144u), (r2t.R2T.BufferOffset, r2t.R2T.DesiredDataTransferLength));
        await initiator.DataOutAsync(tag, r2t.R2T.TargetTransferTag, 0, 2048, data[2048..], final: true);

        await ExpectGoodAsync(initiator);
        AssertStored(bench, 2, data);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "all in one segment")]
    [DataRow(false, DisplayName = "header before data")]
    public async Task ScsiCommand_WriteWhileParked_DataKeptUntilWanted(bool whole)
    {
        await using Bench bench = new();
        bench.Target.ParkCommands = true;
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=No", "FirstBurstLength=16384");
        byte[] data = RandomBytes(24576);
        byte[] pdu = Command(initiator, 4, 48, data[..8192], final: false, tag: 0x77);

        await initiator.SendRawAsync(pdu[..(whole ? pdu.Length : 100)]);
        if (!whole) await initiator.SendRawAsync(pdu[100..]);
        await initiator.DataOutAsync(0x77, BasicHeader.ReservedTag, 0, 8192, data[8192..16384], final: true);
        await initiator.PingAsync();
        Assert.AreEqual(1, bench.Target.Nexus.WaitingCount);
        bench.Target.Nexus.StartParked();

        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        Assert.AreEqual((16384u, 8192u), (r2t.R2T.BufferOffset, r2t.R2T.DesiredDataTransferLength));
        await initiator.DataOutAsync(0x77, r2t.R2T.TargetTransferTag, 0, 16384, data[16384..], final: true);
        await ExpectGoodAsync(initiator);
        AssertStored(bench, 4, data);
    }

    [TestMethod]
    public async Task ScsiCommand_StartedAmidItsImmediateData_Stored()
    {
        await using Bench bench = new();
        bench.Target.ParkCommands = true;
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] data = RandomBytes(32768);
        byte[] pdu = Command(initiator, 4, 64, data);
        await initiator.SendRawAsync(pdu[..10000]);
        await UntilAsync(() => bench.Target.Nexus.WaitingCount == 1);

        bench.Target.Nexus.StartParked();
        await initiator.SendRawAsync(pdu[10000..]);

        await ExpectGoodAsync(initiator);
        AssertStored(bench, 4, data);
    }

    [TestMethod]
    public async Task ScsiCommand_NoMemoryForEarlyData_DataPhaseError()
    {
        await using Bench bench = new();
        bench.Target.ParkCommands = true;
        using WireInitiator initiator = await bench.LoginAsync();
        bench.Host.Buffers.Capacity = 1024;
        await initiator.WriteAsync(0, 8, RandomBytes(4096));
        await initiator.PingAsync();
        bench.Host.Buffers.Capacity = long.MaxValue;

        bench.Target.Nexus.StartParked();

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual((0x0B, 0x4B, 0), response.Sense);
        Assert.IsTrue(bench.Target.Disk.All(value => value == 0));
    }

    [TestMethod]
    public async Task ScsiCommand_AnnouncesMoreThanCdbTakes_Underflow()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] data = RandomBytes(2048);

        await initiator.WriteAsync(0, 1, data, expected: 2048);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(0, response.Response.Status);
        Assert.AreEqual(ScsiResponseFlags.Underflow, response.Response.Flags);
        Assert.AreEqual(1536u, response.Response.ResidualCount);
        AssertStored(bench, 0, data[..512]);
        Assert.AreEqual(0, bench.Target.Disk[512]);
    }

    [TestMethod]
    public async Task ScsiCommand_AnnouncesLessThanCdbTakes_Overflow()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] data = RandomBytes(512);

        await initiator.WriteAsync(0, 4, data, expected: 512);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(ScsiResponseFlags.Overflow, response.Response.Flags);
        Assert.AreEqual(1536u, response.Response.ResidualCount);
    }

    [TestMethod]
    public async Task ScsiCommand_ImmediateDataForbidden_CheckCondition()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("ImmediateData=No", "InitialR2T=Yes");

        await initiator.WriteAsync(0, 1, RandomBytes(512));

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual((0x0B, 0x0C, 0x0C), response.Sense);
        Assert.IsTrue(bench.Target.Disk.All(value => value == 0));
    }

    [TestMethod]
    public async Task ScsiCommand_UnsolicitedForbidden_CheckConditionAfterItsLastData()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=Yes");

        uint tag = await initiator.WriteAsync(0, 2, null, final: false);
        await initiator.PingAsync(); // no answer yet
        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 0, 0, RandomBytes(512), final: false);
        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 1, 512, RandomBytes(512), final: true);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual((0x0B, 0x0C, 0x0C), response.Sense);
    }

    [TestMethod]
    public async Task ScsiCommand_ImmediateBeyondFirstBurst_CheckCondition()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("FirstBurstLength=1024");

        await initiator.WriteAsync(0, 4, RandomBytes(2048));

        Assert.AreEqual((0x0B, 0x0C, 0x0C), (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Sense);
    }

    [TestMethod]
    public async Task ScsiCommand_ImmediateBeyondExpectedLength_CheckCondition()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.WriteAsync(0, 4, RandomBytes(2048), expected: 1024);

        Assert.AreEqual((0x0B, 0x0C, 0x0C), (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Sense);
    }

    [TestMethod]
    public async Task DataOut_UnsolicitedBeyondFirstBurst_CheckCondition()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=No", "FirstBurstLength=1024");

        uint tag = await initiator.WriteAsync(0, 16, RandomBytes(1024), final: false);
        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 0, 1024, RandomBytes(4096), final: true);

        Assert.AreEqual((0x0B, 0x0C, 0x0C), (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Sense);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task ScsiCommand_RefusedWithDataUnderWay_AnsweredAfterTheLastData()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=No");

        uint tag = await initiator.WriteAsync(0, 4, RandomBytes(512), final: false, lun: 5);
        await initiator.PingAsync(); // held back
        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 0, 512, RandomBytes(512), final: true);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual((5, 0x25, 0), response.Sense);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task Connection_LostWithAnswerHeldBack_NothingLeaks()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=No");
        await initiator.WriteAsync(0, 4, RandomBytes(512), final: false, lun: 5);
        await initiator.PingAsync();

        initiator.Abort();

        await initiator.Ended;
        Assert.AreEqual(0, bench.Target.Nexus.InFlight);
    }

    [TestMethod]
    public async Task Connection_LostAmidImmediateData_NothingLeaks()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] pdu = Command(initiator, 0, 64, RandomBytes(32768));
        await initiator.SendRawAsync(pdu[..9000]);
        await UntilAsync(() => bench.Target.Nexus.Submitted == 1);

        initiator.Abort();

        await initiator.Ended;
        Assert.AreEqual(0, bench.Target.Nexus.InFlight);
    }

    [TestMethod]
    public async Task DataOut_OffsetBeyondGrant_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        (uint tag, uint transferTag) = await SolicitAsync(initiator);

        await initiator.DataOutAsync(tag, transferTag, 0, 0x7FFF_0000, RandomBytes(512), final: false);

        await initiator.ExpectClosedAsync(EndReason.DataOutOffset);
    }

    [TestMethod]
    public async Task DataOut_LongerThanGrant_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        (uint tag, uint transferTag) = await SolicitAsync(initiator);

        await initiator.DataOutAsync(tag, transferTag, 0, 0, RandomBytes(8192), final: true);

        await initiator.ExpectClosedAsync(EndReason.DataOutTooLong);
        Assert.IsTrue(bench.Target.Disk.All(value => value == 0));
    }

    [TestMethod]
    [DataRow(27u, true)]
    [DataRow(uint.MaxValue, true)]
    [DataRow(1u, false)]
    public async Task DataOut_DataSNOutOfOrder_CheckConditionAfterTheLastData(uint dataSN, bool final)
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        (uint tag, uint transferTag) = await SolicitAsync(initiator);

        await initiator.DataOutAsync(tag, transferTag, dataSN, 0, RandomBytes(final ? 4096 : 512), final);
        if (!final)
        {
            await initiator.PingAsync(); // no answer before the F bit
            await initiator.DataOutAsync(tag, transferTag, 2, 512, RandomBytes(3584), final: true);
        }

        Assert.AreEqual((0x0B, 0x47, 0x05), (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Sense);
        Assert.IsTrue(bench.Target.Disk.All(value => value == 0));
        await initiator.WriteAsync(0, 1, RandomBytes(512));
        await initiator.ReceiveAsync(Opcode.ScsiResponse);
    }

    [TestMethod]
    public async Task DataOut_UnsolicitedDataSNOutOfOrder_CheckConditionAfterTheLastData()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=No");
        uint tag = await initiator.WriteAsync(0, 4, RandomBytes(512), final: false);

        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 1, 1024, RandomBytes(512), final: false);
        await initiator.PingAsync();
        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 2, 1536, RandomBytes(512), final: true);

        Assert.AreEqual((0x0B, 0x47, 0x05), (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Sense);
        Assert.IsTrue(bench.Target.Disk.All(value => value == 0));
    }

    [TestMethod]
    [DataRow(512, true, DisplayName = "F before the last byte")]
    [DataRow(4096, false, DisplayName = "no F with the last byte")]
    public async Task DataOut_FinalBitWrong_ConnectionClosed(int length, bool final)
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        (uint tag, uint transferTag) = await SolicitAsync(initiator);

        await initiator.DataOutAsync(tag, transferTag, 0, 0, RandomBytes(length), final);

        await initiator.ExpectClosedAsync(EndReason.DataOutFinalBit);
    }

    [TestMethod]
    public async Task DataOut_TransferTagNeverGiven_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        (uint tag, uint transferTag) = await SolicitAsync(initiator);

        await initiator.DataOutAsync(tag, transferTag + 1, 0, 0, RandomBytes(4096), final: true);

        await initiator.ExpectClosedAsync(EndReason.DataOutUnknownTag);
    }

    [TestMethod]
    public async Task DataOut_UnsolicitedForSolicitedCommand_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        (uint tag, _) = await SolicitAsync(initiator);

        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 0, 0, RandomBytes(4096), final: true);

        await initiator.ExpectClosedAsync(EndReason.DataOutNotExpected);
    }

    [TestMethod]
    public async Task DataOut_UnsolicitedOffsetWrong_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=No");
        uint tag = await initiator.WriteAsync(0, 8, null, final: false);

        await initiator.DataOutAsync(tag, BasicHeader.ReservedTag, 0, 512, RandomBytes(512), final: true);

        await initiator.ExpectClosedAsync(EndReason.DataOutOffset);
    }

    [TestMethod]
    public async Task DataOut_SecondBurstBeforeFirst_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("MaxBurstLength=1024", "FirstBurstLength=512", "MaxOutstandingR2T=2");
        uint tag = await initiator.WriteAsync(0, 4, null);
        await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        ReceivedPdu second = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);

        await initiator.DataOutAsync(tag, second.R2T.TargetTransferTag, 0, second.R2T.BufferOffset, RandomBytes(1024), final: true);

        await initiator.ExpectClosedAsync(EndReason.DataOutNotExpected);
    }

    [TestMethod]
    public async Task DataOut_UnknownTask_Ignored()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.DataOutAsync(0xDEAD, BasicHeader.ReservedTag, 0, 0, RandomBytes(60000), final: true); // of a command refused for room, say

        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task ScsiCommand_LongWrite_ReceivedInPlace()
    {
        await using Bench bench = new();
        bench.Host.Buffers.SegmentLength = 10000; // the destination is scattered
        using WireInitiator initiator = await bench.LoginAsync("MaxBurstLength=1048576");
        byte[] data = RandomBytes(512 * 1024);
        uint tag = await initiator.WriteAsync(0, 1024, data[..65536]);
        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        uint dataSN = 0;

        for (int offset = 65536; offset < data.Length; offset += 131072)
        {
            int end = Math.Min(offset + 131072, data.Length);
            await initiator.DataOutAsync(tag, r2t.R2T.TargetTransferTag, dataSN++, (uint)offset, data[offset..end], final: end == data.Length);
        }

        await ExpectGoodAsync(initiator);
        AssertStored(bench, 0, data);
    }

    internal static byte[] RandomBytes(int length)
    {
        byte[] bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Waits for a state that another thread brings about.</summary>
    internal static async Task UntilAsync(Func<bool> condition)
    {
        long began = Environment.TickCount64;
        while (!condition())
        {
            Assert.IsTrue(Environment.TickCount64 - began < 20_000, "the state never came");
            await Task.Yield();
        }
    }

    private static async Task<(uint Tag, uint TransferTag)> SolicitAsync(WireInitiator initiator)
    {
        uint tag = await initiator.WriteAsync(0, 8, null);
        return (tag, (await initiator.ReceiveAsync(Opcode.ReadyToTransfer)).R2T.TargetTransferTag);
    }

    private static byte[] Command(WireInitiator initiator, uint lba, ushort blocks, byte[] data, bool final = true, uint tag = 0x55)
    {
        byte[] bhs = new byte[BasicHeader.Length];
        ScsiCommandWriter.Write(
            bhs, false, ScsiCommandFlags.Write | (final ? ScsiCommandFlags.Final : 0), TaskAttribute.Simple, 0, tag, (uint)blocks * 512, initiator.Sequence,
            WireInitiator.Cdb10(0x2A, lba, blocks), data.Length);
        initiator.CmdSN++;
        return initiator.Frame(bhs, data);
    }

    private static async Task<ReceivedPdu> ExpectGoodAsync(WireInitiator initiator)
    {
        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(0, response.Response.Status);
        Assert.AreEqual(ScsiResponseFlags.None, response.Response.Flags);
        return response;
    }

    private static void AssertStored(Bench bench, int lba, byte[] data) =>
        Assert.IsTrue(bench.Target.Disk.AsSpan(lba * 512, data.Length).SequenceEqual(data), "the medium has other data");
}
