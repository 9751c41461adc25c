using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;

namespace TgtModular.Iscsi.Tests;

/// <summary>SCSI Command PDUs as such: fields, additional headers, bidirectional commands (RFC 7143 sections 11.2.2 and 11.3).</summary>
[TestClass]
public sealed class CommandTests
{
    [TestMethod]
    public async Task ScsiCommand_ExtendedCdb_ReachesTheEngineWhole()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] cdb = WriteTests.RandomBytes(200);
        cdb[0] = 0x7F;
        byte[] ahs = new byte[ScsiCommandAhs.GetLength(cdb.Length - 16, false)];
        ScsiCommandAhs.Write(ahs, cdb.AsSpan(16), null);

        await SendAsync(initiator, ScsiCommandFlags.Read | ScsiCommandFlags.Final, 200, cdb[..16], ahs);

        ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
        CollectionAssert.AreEqual(cdb, data.Data);
    }

    [TestMethod]
    public async Task ScsiCommand_LongestCdb_Taken()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] cdb = WriteTests.RandomBytes(260);
        cdb[0] = 0x7F;
        byte[] ahs = new byte[ScsiCommandAhs.GetLength(cdb.Length - 16, false)];
        ScsiCommandAhs.Write(ahs, cdb.AsSpan(16), null);

        await SendAsync(initiator, ScsiCommandFlags.Read | ScsiCommandFlags.Final, 260, cdb[..16], ahs);

        CollectionAssert.AreEqual(cdb, (await initiator.ReceiveAsync(Opcode.DataIn)).Data);
    }

    [TestMethod]
    public async Task ScsiCommand_CdbTooLong_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] ahs = new byte[ScsiCommandAhs.GetLength(300, false)];
        ScsiCommandAhs.Write(ahs, new byte[300], null);

        await SendAsync(initiator, ScsiCommandFlags.Read | ScsiCommandFlags.Final, 200, new byte[16], ahs);

        Assert.AreEqual(RejectReason.InvalidPduField, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task ScsiCommand_AhsLengthLies_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await SendAsync(initiator, ScsiCommandFlags.Read | ScsiCommandFlags.Final, 200, new byte[16], [0xFF, 0xFF, 1, 0, 0, 0, 0, 0]);

        Assert.AreEqual(RejectReason.InvalidPduField, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
    }

    [TestMethod]
    public async Task ScsiCommand_AhsBeyondLimit_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await SendAsync(initiator, ScsiCommandFlags.Final, 0, new byte[16], new byte[1020]);

        await initiator.ExpectClosedAsync(Connections.EndReason.PduTooLong);
    }

    [TestMethod]
    public async Task ScsiCommand_Bidirectional_BothDirectionsMove()
    {
        await using Bench bench = new();
        bench.Target.Disk.AsSpan(0, 1024).Fill(0x0F);
        using WireInitiator initiator = await bench.LoginAsync("ImmediateData=No");
        uint tag = await SendBidirectionalAsync(initiator, 1024, 1024);

        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        byte[] data = [.. Enumerable.Repeat((byte)0xFF, 1024)];
        await initiator.DataOutAsync(tag, r2t.R2T.TargetTransferTag, 0, 0, data, final: true);
        ReceivedPdu dataIn = await initiator.ReceiveAsync(Opcode.DataIn);
        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);

        Assert.AreEqual(DataInFlags.Final, dataIn.DataIn.Flags, "the status comes by itself");
        Assert.AreEqual(1u, dataIn.DataIn.DataSN, "R2T and Data-In share one numbering");
        Assert.IsTrue(dataIn.Data.All(value => value == 0xF0));
        Assert.AreEqual(ScsiResponseFlags.None, response.Response.Flags);
        Assert.AreEqual(2u, response.Response.ExpDataSN);
    }

    [TestMethod]
    [DataRow(2048u, ScsiResponseFlags.BidirectionalReadUnderflow, 1024u)]
    [DataRow(512u, ScsiResponseFlags.BidirectionalReadOverflow, 512u)]
    public async Task ScsiCommand_BidirectionalReadLengthDiffers_ItsOwnResidual(uint readLength, ScsiResponseFlags flags, uint residual)
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await SendBidirectionalAsync(initiator, 1024, readLength, new byte[1024]);

        await initiator.ReceiveAsync(Opcode.DataIn);
        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(flags, response.Response.Flags);
        Assert.AreEqual(residual, response.Response.BidirectionalReadResidualCount);
        Assert.AreEqual(0u, response.Response.ResidualCount);
    }

    [TestMethod]
    public async Task ScsiCommand_BidirectionalBothResiduals_Underflows()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await SendBidirectionalAsync(initiator, 2048, 4096, new byte[2048]);

        await initiator.ReceiveAsync(Opcode.DataIn);
        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(ScsiResponseFlags.BidirectionalReadUnderflow | ScsiResponseFlags.Underflow, response.Response.Flags);
        Assert.AreEqual(3072u, response.Response.BidirectionalReadResidualCount);
        Assert.AreEqual(1024u, response.Response.ResidualCount);
    }

    [TestMethod]
    public async Task ScsiCommand_BidirectionalWithoutReadLength_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await SendAsync(initiator, ScsiCommandFlags.Read | ScsiCommandFlags.Write | ScsiCommandFlags.Final, 512, WireInitiator.Cdb10(0x53, 0, 1), []);

        Assert.AreEqual(RejectReason.InvalidPduField, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
    }

    [TestMethod]
    public async Task ScsiCommand_DataWithoutWrite_RejectedAndWindowMovesOn()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.CommandAsync(new byte[6], ScsiCommandFlags.Final, 512, new byte[512]);

        ReceivedPdu reject = await initiator.ReceiveAsync(Opcode.Reject);
        Assert.AreEqual(RejectReason.InvalidPduField, reject.Reject.Reason);
        Assert.HasCount(48, reject.Data);
        Assert.AreEqual(Opcode.ScsiCommand, new BasicHeader(reject.Data).Opcode, "the header comes back");
        Assert.AreEqual(initiator.CmdSN, reject.Sequence.ExpCmdSN);
        await initiator.TestUnitReadyAsync();
        await initiator.ReceiveAsync(Opcode.ScsiResponse);
    }

    [TestMethod]
    public async Task ScsiCommand_ReservedAttribute_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] bhs = new byte[BasicHeader.Length];
        ScsiCommandWriter.Write(bhs, false, ScsiCommandFlags.Final, (TaskAttribute)6, 0, 1, 0, initiator.Sequence, new byte[6]);

        await initiator.SendAsync(bhs);

        Assert.AreEqual(RejectReason.InvalidPduField, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
    }

    [TestMethod]
    public async Task ScsiCommand_ReservedTag_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TestUnitReadyAsync(tag: BasicHeader.ReservedTag);

        Assert.AreEqual(RejectReason.InvalidPduField, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
    }

    [TestMethod]
    public async Task ScsiCommand_TagInUse_RejectedAndFirstUndisturbed()
    {
        await using Bench bench = new();
        bench.Target.HoldOpCode = 0x00;
        using WireInitiator initiator = await bench.LoginAsync();
        await initiator.TestUnitReadyAsync(tag: 9);

        await initiator.TestUnitReadyAsync(tag: 9);

        Assert.AreEqual(RejectReason.TaskInProgress, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
        bench.Target.Nexus.ReleaseHeld();
        Assert.AreEqual(9u, (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Tag);
    }

    [TestMethod]
    public async Task ScsiCommand_Fields_ReachTheEngine()
    {
        await using Bench bench = new();
        bench.Target.HoldOpCode = 0x28;
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.ReadAsync(7, 2, expected: 4000, lun: 1);
        await initiator.PingAsync();

        string line = bench.Host.Log.Entries.Single(entry => entry.EventId.Id == 540).Text;
        Assert.Contains("LUN 1 task 00000100: operation 28h, CDB 28000000000700000200", line);
        Assert.Contains("Data-Out 0, Data-In 4000", line);
    }

    [TestMethod]
    public async Task ScsiCommand_Failed_SenseLogged()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.ReadAsync(100_000, 1);
        await initiator.ReceiveAsync(Opcode.ScsiResponse);

        Assert.AreEqual("task 00000100: CheckCondition IllegalRequest 21h/00h", bench.Host.Log.Entries.Single(entry => entry.EventId.Id == 541).Text);
    }

    private static async Task<uint> SendBidirectionalAsync(WireInitiator initiator, uint writeLength, uint readLength, byte[]? immediate = null)
    {
        byte[] ahs = new byte[ScsiCommandAhs.GetLength(0, true)];
        ScsiCommandAhs.Write(ahs, default, readLength);
        ScsiCommandFlags flags = ScsiCommandFlags.Read | ScsiCommandFlags.Write | ScsiCommandFlags.Final;
        return await SendAsync(initiator, flags, writeLength, WireInitiator.Cdb10(0x53, 0, 2), ahs, immediate);
    }

    private static async Task<uint> SendAsync(
        WireInitiator initiator, ScsiCommandFlags flags, uint expected, byte[] cdb, byte[] ahs, byte[]? data = null)
    {
        uint tag = initiator.NextTag++;
        byte[] bhs = new byte[BasicHeader.Length];
        ScsiCommandWriter.Write(
            bhs, false, flags, TaskAttribute.Simple, 0, tag, expected, initiator.Sequence, cdb, data?.Length ?? 0, ahs.Length / 4);
        initiator.CmdSN++;
        await initiator.SendAsync(bhs, data, ahs);
        return tag;
    }
}
