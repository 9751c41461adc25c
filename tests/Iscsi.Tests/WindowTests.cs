using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;

namespace TgtModular.Iscsi.Tests;

/// <summary>CmdSN, its window and its order (RFC 7143 section 4.2.2.1).</summary>
[TestClass]
public sealed class WindowTests
{
    [TestMethod]
    public async Task CmdSN_BeyondWindow_Ignored()
    {
        await using Bench bench = new(("max_queue_depth", 4L));
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TestUnitReadyAsync(cmdSN: initiator.CmdSN + 4);

        await initiator.PingAsync();
        Assert.AreEqual(0, bench.Target.Nexus.Submitted);
    }

    [TestMethod]
    public async Task CmdSN_AlreadyReceived_Ignored()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        await initiator.TestUnitReadyAsync();
        await initiator.ReceiveAsync(Opcode.ScsiResponse);

        await initiator.TestUnitReadyAsync(cmdSN: initiator.CmdSN - 1);
        await initiator.CommandAsync(WireInitiator.Cdb10(0x2A, 0, 1), ScsiCommandFlags.Write | ScsiCommandFlags.Final, 512, new byte[512],
            cmdSN: initiator.CmdSN - 1);

        await initiator.PingAsync();
        Assert.AreEqual(1, bench.Target.Nexus.Submitted);
    }

    [TestMethod]
    public async Task CmdSN_WindowFull_ClosesAndOpens()
    {
        await using Bench bench = new(("max_queue_depth", 2L));
        bench.Target.HoldOpCode = 0x00;
        using WireInitiator initiator = await bench.LoginAsync();
        await initiator.TestUnitReadyAsync();
        await initiator.TestUnitReadyAsync();
        await initiator.NopAsync();
        ReceivedPdu full = await initiator.ReceiveAsync(Opcode.NopIn);
        Assert.AreEqual(full.Sequence.ExpCmdSN - 1, full.Sequence.MaxCmdSN, "the window is closed");
        await initiator.TestUnitReadyAsync(cmdSN: initiator.CmdSN); // not allowed: ignored
        await initiator.PingAsync();
        Assert.AreEqual(2, bench.Target.Nexus.Submitted);

        bench.Target.Nexus.ReleaseHeld();

        ReceivedPdu first = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        ReceivedPdu second = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(full.Sequence.MaxCmdSN + 1, first.Sequence.MaxCmdSN);
        Assert.AreEqual(full.Sequence.MaxCmdSN + 2, second.Sequence.MaxCmdSN);
    }

    [TestMethod]
    public async Task CmdSN_Gap_WaitsForTheMissingOne()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        uint first = initiator.CmdSN;
        byte[] data = WriteTests.RandomBytes(512);

        await initiator.TestUnitReadyAsync(tag: 3, cmdSN: first + 2);
        await initiator.CommandAsync(WireInitiator.Cdb10(0x2A, 0, 1), ScsiCommandFlags.Write | ScsiCommandFlags.Final, 512, data, tag: 2, cmdSN: first + 1);
        await initiator.NopAsync();
        ReceivedPdu ping = await initiator.ReceiveAsync(Opcode.NopIn);
        Assert.AreEqual(first, ping.Sequence.ExpCmdSN);
        Assert.AreEqual(0, bench.Target.Nexus.Submitted);
        await initiator.TestUnitReadyAsync(tag: 1, cmdSN: first);

        for (uint tag = 1; tag <= 3; tag++) Assert.AreEqual(tag, (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Tag);
        CollectionAssert.AreEqual(data, bench.Target.Disk[..512]);
    }

    [TestMethod]
    public async Task CmdSN_GapWithTooMuchData_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        for (uint i = 0; i < 5; i++)
        {
            await initiator.CommandAsync(
                WireInitiator.Cdb10(0x2A, 0, 120), ScsiCommandFlags.Write | ScsiCommandFlags.Final, 61440, new byte[61440], cmdSN: initiator.CmdSN + 1 + i);
        }

        await initiator.ExpectClosedAsync(EndReason.OutOfOrderOverflow);
    }

    [TestMethod]
    public async Task CmdSN_Immediate_TakesNone()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.ReadAsync(0, 1, immediate: true);

        ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
        Assert.AreEqual(initiator.CmdSN, data.Sequence.ExpCmdSN);
        Assert.AreEqual(initiator.CmdSN + 127, data.Sequence.MaxCmdSN);
    }

    [TestMethod]
    public async Task CmdSN_WrapsAround_GoesOn()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        initiator.CmdSN = uint.MaxValue - 1;
        await initiator.LoginAsync(Bench.TargetName);

        for (int i = 0; i < 5; i++)
        {
            await initiator.TestUnitReadyAsync();
            ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
            Assert.AreEqual(initiator.CmdSN, response.Sequence.ExpCmdSN);
        }

        Assert.AreEqual(3u, initiator.CmdSN);
    }

    [TestMethod]
    public async Task ScsiCommand_NoRoomInEngine_TaskSetFull()
    {
        await using Bench bench = new();
        bench.Target.HoldOpCode = 0x00;
        bench.Target.MaxCommands = 3; // fewer than the least window needs
        using WireInitiator initiator = await bench.LoginAsync();
        for (int i = 0; i < 3; i++) await initiator.TestUnitReadyAsync(immediate: true);

        uint tag = await initiator.TestUnitReadyAsync();

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(tag, response.Tag);
        Assert.AreEqual(0x28, response.Response.Status);
    }

    [TestMethod]
    public async Task ScsiCommand_TooManyImmediate_Rejected()
    {
        await using Bench bench = new(("max_queue_depth", 1L));
        bench.Target.HoldOpCode = 0x00;
        using WireInitiator initiator = await bench.LoginAsync();
        for (int i = 0; i < 18; i++) await initiator.TestUnitReadyAsync(immediate: true);

        await initiator.TestUnitReadyAsync(immediate: true);

        Assert.AreEqual(RejectReason.TooManyImmediateCommands, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
    }

    [TestMethod]
    public async Task Initiator_SendsWithoutReading_MemoryBounded()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect(capacity: 8192);
        await initiator.LoginAsync(Bench.TargetName);
        byte[] ping = new byte[BasicHeader.Length];
        NopOutWriter.Write(ping, true, 0, 1, BasicHeader.ReservedTag, initiator.Sequence);
        byte[] many = [.. Enumerable.Repeat(ping, 50).SelectMany(bytes => bytes)];

        // Answers fill the pipe to us; then reading stops, and the pipe to the target fills.
        int sent = 0;
        Task flood = Task.Run(async () =>
        {
            for (; sent < 200; sent++) await initiator.SendRawAsync(many);
        });
        await WriteTests.UntilAsync(() => initiator.Connection.IsHeldUp);

        Assert.IsFalse(flood.IsCompleted);
        initiator.Abort();
        await initiator.Ended;
        await Assert.ThrowsAsync<IOException>(() => flood);
        Assert.IsTrue(sent < 20, $"{50 * sent} pings were taken without an answer being read");
    }
}
