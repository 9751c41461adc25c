using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;
using TgtModular.Scsi;
using TgtModular.Transports;
using EngineFunction = TgtModular.Scsi.TaskManagementFunction;
using TaskManagementFunction = TgtModular.Iscsi.Protocol.Pdus.TaskManagementFunction;

namespace TgtModular.Iscsi.Tests;

/// <summary>Task management (RFC 7143 sections 11.5 and 11.6, RFC 7144).</summary>
[TestClass]
public sealed class TaskManagementTests
{
    [TestMethod]
    public async Task AbortTask_Running_DroppedAndComplete()
    {
        await using Bench bench = new();
        bench.Target.HoldOpCode = 0x28;
        using WireInitiator initiator = await bench.LoginAsync();
        uint read = await initiator.ReadAsync(0, 1);

        uint tag = await initiator.TaskManagementAsync(TaskManagementFunction.AbortTask, read);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TaskManagementResponse);
        Assert.AreEqual(tag, response.Tag);
        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, response.TaskManagement.Response);
        Assert.AreEqual(new TaskManagementRequest(EngineFunction.AbortTask, Lun.FromNumber(0), read), bench.Target.Nexus.TaskManagement.Single());
        Assert.AreEqual(0, bench.Target.Nexus.InFlight);
        await initiator.PingAsync(); // no answer of the read
    }

    [TestMethod]
    public async Task AbortTask_WaitingForData_LateDataIgnored()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        uint write = await initiator.WriteAsync(0, 8, null);
        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);

        await initiator.TaskManagementAsync(TaskManagementFunction.AbortTask, write);
        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, (await initiator.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);
        await initiator.DataOutAsync(write, r2t.R2T.TargetTransferTag, 0, 0, WriteTests.RandomBytes(4096), final: true);

        await initiator.PingAsync();
        Assert.IsTrue(bench.Target.Disk.All(value => value == 0));
        await initiator.WriteAsync(0, 1, WriteTests.RandomBytes(512));
        await initiator.ReceiveAsync(Opcode.ScsiResponse);
    }

    [TestMethod]
    public async Task AbortTask_AmidItsData_MemoryKeptUntilReceived()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("MaxBurstLength=262144");
        uint write = await initiator.WriteAsync(0, 128, null);
        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        byte[] bhs = new byte[BasicHeader.Length];
        DataOutWriter.Write(bhs, true, 0, write, r2t.R2T.TargetTransferTag, initiator.ExpStatSN, 0, 0, 65536);
        await initiator.SendRawAsync(bhs);
        await initiator.SendRawAsync(new byte[30000]);
        await WriteTests.UntilAsync(() => bench.Target.Nexus.Submitted == 1);

        // The abort comes from elsewhere (a reset by another initiator) while the receive loop is within the data.
        await bench.Target.Nexus.ExecuteAsync(new TaskManagementRequest(EngineFunction.LogicalUnitReset, Lun.FromNumber(0), 0));
        await initiator.SendRawAsync(new byte[35536]);

        await initiator.PingAsync();
        Assert.AreEqual(0, bench.Target.Nexus.InFlight);
    }

    [TestMethod]
    public async Task AbortTask_Unknown_TaskDoesNotExist()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TaskManagementAsync(TaskManagementFunction.AbortTask, 0xBEEF, refCmdSN: initiator.CmdSN - 1);

        Assert.AreEqual(TaskManagementResponseCode.TaskDoesNotExist, (await initiator.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);
    }

    [TestMethod]
    public async Task AbortTask_NotYetReceived_CmdSNCountsAsReceived()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        uint missing = initiator.CmdSN++;

        await initiator.TaskManagementAsync(TaskManagementFunction.AbortTask, 0xBEEF, refCmdSN: missing);

        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, (await initiator.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);
        await initiator.TestUnitReadyAsync();
        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(initiator.CmdSN, response.Sequence.ExpCmdSN);
        await initiator.TestUnitReadyAsync(cmdSN: missing); // comes after all: ignored
        await initiator.PingAsync();
        Assert.AreEqual(1, bench.Target.Nexus.Submitted);
    }

    [TestMethod]
    public async Task AbortTask_Parked_NeverReachesTheEngine()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        uint first = initiator.CmdSN;
        await initiator.TestUnitReadyAsync(tag: 2, cmdSN: first + 1);

        await initiator.TaskManagementAsync(TaskManagementFunction.AbortTask, 2, refCmdSN: first + 1, cmdSN: first + 2);

        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, (await initiator.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);
        await initiator.TestUnitReadyAsync(tag: 1, cmdSN: first);
        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(1u, response.Tag);
        await initiator.NopAsync();
        Assert.AreEqual(first + 2, (await initiator.ReceiveAsync(Opcode.NopIn)).Sequence.ExpCmdSN);
        Assert.AreEqual(1, bench.Target.Nexus.Submitted);
    }

    [TestMethod]
    public async Task AbortTaskSet_CommandsMissing_WaitsForThem()
    {
        await using Bench bench = new();
        bench.Target.HoldOpCode = 0x00;
        using WireInitiator initiator = await bench.LoginAsync();
        uint missing = initiator.CmdSN;

        await initiator.TaskManagementAsync(TaskManagementFunction.AbortTaskSet, cmdSN: missing + 1);
        await initiator.PingAsync(); // not answered yet
        Assert.IsEmpty(bench.Target.Nexus.TaskManagement);
        await initiator.TestUnitReadyAsync();

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TaskManagementResponse);
        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, response.TaskManagement.Response);
        Assert.AreEqual(0, bench.Target.Nexus.InFlight, "the late command was aborted");
    }

    [TestMethod]
    public async Task TargetWarmReset_CommandsMissing_TakenAsReceived()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        uint first = initiator.CmdSN;
        await initiator.TestUnitReadyAsync(tag: 3, cmdSN: first + 2);

        await initiator.TaskManagementAsync(TaskManagementFunction.TargetWarmReset, cmdSN: first + 3);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TaskManagementResponse);
        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, response.TaskManagement.Response);
        initiator.CmdSN = first + 3;
        await initiator.TestUnitReadyAsync();
        Assert.AreEqual(first + 4, (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Sequence.ExpCmdSN);
        Assert.AreEqual(1, bench.Target.Nexus.Submitted, "the parked command is gone");
    }

    [TestMethod]
    public async Task TargetColdReset_Done_AnsweredThenTheConnectionEnds()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TaskManagementAsync(TaskManagementFunction.TargetColdReset);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TaskManagementResponse);
        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, response.TaskManagement.Response);
        await initiator.ExpectClosedAsync(EndReason.ColdReset);
        Assert.AreEqual(NexusEnd.Reset, bench.Target.Nexus.End);
    }

    [TestMethod]
    public async Task TargetColdReset_Refused_TheConnectionGoesOn()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        bench.Target.Nexus.TaskManagementAnswer = TaskManagementResponse.NotSupported;

        await initiator.TaskManagementAsync(TaskManagementFunction.TargetColdReset);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TaskManagementResponse);
        Assert.AreEqual(TaskManagementResponseCode.FunctionNotSupported, response.TaskManagement.Response);
        await initiator.PingAsync();
    }

    [TestMethod]
    [DataRow(TaskManagementFunction.AbortTaskSet, EngineFunction.AbortTaskSet)]
    [DataRow(TaskManagementFunction.ClearAca, EngineFunction.ClearAca)]
    [DataRow(TaskManagementFunction.ClearTaskSet, EngineFunction.ClearTaskSet)]
    [DataRow(TaskManagementFunction.LogicalUnitReset, EngineFunction.LogicalUnitReset)]
    [DataRow(TaskManagementFunction.TargetWarmReset, EngineFunction.TargetWarmReset)]
    [DataRow(TaskManagementFunction.TargetColdReset, EngineFunction.TargetColdReset)]
    public async Task Function_Known_GoesToTheEngine(TaskManagementFunction wire, EngineFunction function)
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TaskManagementAsync(wire, lun: 1);

        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, (await initiator.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);
        TaskManagementRequest request = bench.Target.Nexus.TaskManagement.Single();
        Assert.AreEqual(function, request.Function);
        Assert.AreEqual(Lun.FromNumber(1), request.Lun);
    }

    [TestMethod]
    [DataRow(TaskManagementFunction.QueryTask, EngineFunction.QueryTask)]
    [DataRow(TaskManagementFunction.QueryTaskSet, EngineFunction.QueryTaskSet)]
    [DataRow(TaskManagementFunction.NexusReset, EngineFunction.NexusReset)]
    [DataRow(TaskManagementFunction.QueryAsyncEvent, EngineFunction.QueryAsynchronousEvent)]
    public async Task Function_OfRfc7144_NeedsProtocolLevelTwo(TaskManagementFunction wire, EngineFunction function)
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        await initiator.TaskManagementAsync(wire);
        Assert.AreEqual(TaskManagementResponseCode.FunctionNotSupported, (await initiator.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);

        using WireInitiator modern = bench.Connect();
        modern.Isid = new Isid(0x400001370009);
        await modern.LoginAsync(Bench.TargetName, "iSCSIProtocolLevel=2");
        bench.Target.Nexus.TaskManagementAnswer = TaskManagementResponse.FunctionSucceeded;
        await modern.TaskManagementAsync(wire);

        Assert.AreEqual(TaskManagementResponseCode.FunctionSucceeded, (await modern.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);
        Assert.AreEqual(function, bench.Target.Nexus.TaskManagement.Single().Function);
    }

    [TestMethod]
    [DataRow(TaskManagementResponse.FunctionComplete, TaskManagementResponseCode.FunctionComplete)]
    [DataRow(TaskManagementResponse.FunctionSucceeded, TaskManagementResponseCode.FunctionSucceeded)]
    [DataRow(TaskManagementResponse.TaskDoesNotExist, TaskManagementResponseCode.TaskDoesNotExist)]
    [DataRow(TaskManagementResponse.LunDoesNotExist, TaskManagementResponseCode.LunDoesNotExist)]
    [DataRow(TaskManagementResponse.NotSupported, TaskManagementResponseCode.FunctionNotSupported)]
    [DataRow(TaskManagementResponse.Rejected, TaskManagementResponseCode.FunctionRejected)]
    public async Task Response_OfTheEngine_Mapped(TaskManagementResponse answer, TaskManagementResponseCode code)
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        bench.Target.Nexus.TaskManagementAnswer = answer;

        await initiator.TaskManagementAsync(TaskManagementFunction.LogicalUnitReset);

        Assert.AreEqual(code, (await initiator.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);
    }

    [TestMethod]
    public async Task TaskReassign_Refused()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TaskManagementAsync(TaskManagementFunction.TaskReassign, 1);

        Assert.AreEqual(TaskManagementResponseCode.ReassignmentNotSupported,
            (await initiator.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);
    }

    [TestMethod]
    public async Task Function_Unknown_NotSupported()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TaskManagementAsync((TaskManagementFunction)77);

        Assert.AreEqual(TaskManagementResponseCode.FunctionNotSupported, (await initiator.ReceiveAsync(Opcode.TaskManagementResponse)).TaskManagement.Response);
    }

    [TestMethod]
    public async Task Function_WithCmdSN_TakesOne()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TaskManagementAsync(TaskManagementFunction.LogicalUnitReset, immediate: false);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TaskManagementResponse);
        Assert.AreEqual(initiator.CmdSN, response.Sequence.ExpCmdSN);
        Assert.AreEqual(initiator.CmdSN + 127, response.Sequence.MaxCmdSN);
    }

    [TestMethod]
    public async Task LogicalUnitReset_DropsAllThenAnswers()
    {
        await using Bench bench = new();
        bench.Target.HoldOpCode = 0x28;
        using WireInitiator initiator = await bench.LoginAsync();
        for (uint i = 0; i < 20; i++) await initiator.ReadAsync(i, 1);

        await initiator.TaskManagementAsync(TaskManagementFunction.LogicalUnitReset);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TaskManagementResponse);
        Assert.AreEqual(initiator.CmdSN + 127, response.Sequence.MaxCmdSN, "the dropped commands' places are free");
        Assert.AreEqual(0, bench.Target.Nexus.InFlight);
    }
}
