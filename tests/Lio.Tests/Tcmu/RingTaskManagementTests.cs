using TgtModular.Core.Tests;
using TgtModular.Lio.Tcmu;
using TgtModular.Scsi;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>Task management that the kernel tells of (enum tcmu_tmr_type): its commands must be answered, with whatever status.</summary>
[TestClass]
public sealed class RingTaskManagementTests
{
    [TestMethod]
    [DataRow((byte)1)]
    [DataRow((byte)2)]
    [DataRow((byte)128)]
    [DataRow((byte)0)]
    public async Task Abort_NamedCommandsOnly_EndAborted(byte function)
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1, aborts: true);
        ushort aborted = bench.Send(RingBench.Probe(ProbeDevice.Read, 1), dataIn: 512);
        ushort other = bench.Send(RingBench.Probe(ProbeDevice.Read, 2), dataIn: 512);
        bench.Server.Serve();

        bench.Kernel.SendTaskManagement((RingFunction)function, aborted, 4711);
        bench.Server.Serve();
        bench.Engine.Probe.LetGo(1);
        bench.Engine.Probe.LetGo(2);

        Assert.AreEqual((byte)ScsiStatus.TaskAborted, (await bench.AnswerOf(aborted)).Status);
        Assert.AreEqual((byte)ScsiStatus.Good, (await bench.AnswerOf(other)).Status);
        Assert.AreEqual(bench.Kernel.Head, bench.Kernel.Tail);
    }

    [TestMethod]
    [DataRow((byte)5)]
    [DataRow((byte)6)]
    [DataRow((byte)7)]
    public async Task Reset_UnitIsResetAndEveryInitiatorLearnsIt(byte function)
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1, aborts: true);
        TestInitiator other = await bench.Engine.LoginAsync();
        ushort hit = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        bench.Server.Serve();

        bench.Kernel.SendTaskManagement((RingFunction)function, hit);
        bench.Server.Serve();
        bench.Engine.Probe.LetGo(1);

        Assert.AreEqual((byte)ScsiStatus.TaskAborted, (await bench.AnswerOf(hit)).Status);
        await bench.Server.Held;
        Answer answer = await other.SendAsync(ProbeDevice.Reply);
        Assert.AreEqual(AdditionalSense.BusDeviceResetFunctionOccurred, answer.Outcome.Sense.Additional);
        Assert.AreEqual(1, bench.Engine.Probe.Resets);
    }

    [TestMethod]
    public async Task Command_BehindAReset_WaitsForIt()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1, aborts: true);
        ushort hit = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        bench.Server.Serve();
        bench.Kernel.SendTaskManagement(RingFunction.LunReset, hit);
        ushort next = bench.Send(RingBench.Probe(ProbeDevice.Reply, 0, 8), dataIn: 8);

        Assert.AreEqual(ServeResult.Stalled, bench.Server.Serve());
        bench.Engine.Probe.LetGo(1);
        await bench.Server.Held;
        Assert.AreEqual(ServeResult.Idle, bench.Server.Serve());

        Assert.AreEqual((byte)SenseKey.UnitAttention, (await bench.AnswerOf(next)).Sense[2]);
    }

    [TestMethod]
    public async Task ClearTaskSet_CommandsOfOthersEndToo()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1, aborts: true);
        TestInitiator other = await bench.Engine.LoginAsync();
        Task<Answer> others = other.SendAsync(ProbeDevice.Concurrent, label: 9);
        ushort hit = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        bench.Server.Serve();

        bench.Kernel.SendTaskManagement(RingFunction.ClearTaskSet, hit);
        bench.Server.Serve();
        bench.Engine.Probe.LetGo(1);
        bench.Engine.Probe.LetGo(9);

        Assert.AreEqual((byte)ScsiStatus.TaskAborted, (await bench.AnswerOf(hit)).Status);
        Assert.IsTrue((await others).Dropped);
    }

    /// <summary>The kernel's loopback tells its initiator GOOD for an aborted command: it must have been done.</summary>
    [TestMethod]
    [DataRow((byte)1)]
    [DataRow((byte)4)]
    [DataRow((byte)5)]
    public async Task Commands_OfAFabricThatAnswersAborted_EndAsTheyWouldHave(byte function)
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1);
        ushort hit = bench.Send(RingBench.Probe(ProbeDevice.Write, 1), new byte[512]);
        ushort next = bench.Send(RingBench.Probe(ProbeDevice.Exclusive, 2));
        bench.Server.Serve();

        bench.Kernel.SendTaskManagement((RingFunction)function, hit, next);
        bench.Server.Serve();
        bench.Engine.Probe.LetGo(1);
        await bench.Engine.Probe.Started(2);
        bench.Engine.Probe.LetGo(2);

        Assert.AreEqual((byte)ScsiStatus.Good, (await bench.AnswerOf(hit)).Status);
        Assert.AreEqual((byte)ScsiStatus.Good, (await bench.AnswerOf(next)).Status);
        await bench.Server.Held;
        Assert.AreEqual(function == 5 ? 1 : 0, bench.Engine.Probe.Resets);
    }

    [TestMethod]
    public async Task Notification_WithoutCommands_RingIsGivenBack()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1, aborts: true);

        bench.Kernel.SendTaskManagement(RingFunction.AbortTaskSet);
        bench.Kernel.SendTaskManagement(RingFunction.ClearAca);
        Assert.AreEqual(ServeResult.Idle, bench.Server.Serve());

        Assert.AreEqual(bench.Kernel.Head, bench.Kernel.Tail);
        Assert.AreEqual(1, bench.Kernel.Rings);
    }

    [TestMethod]
    public async Task LunReset_ByAnotherInitiator_CommandsOfTheRingAreAnswered()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1, aborts: true);
        TestInitiator other = await bench.Engine.LoginAsync();
        ushort hit = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        bench.Server.Serve();

        Task<TaskManagementResponse> reset = other.Nexus.ExecuteAsync(new(TaskManagementFunction.LogicalUnitReset, Lun.FromNumber(1), 0)).AsTask();
        bench.Engine.Probe.LetGo(1);

        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await reset);
        Assert.AreEqual((byte)ScsiStatus.TaskAborted, (await bench.AnswerOf(hit)).Status);
        KernelAnswer next = await bench.DoAsync(RingBench.Probe(ProbeDevice.Reply, 0, 8), dataIn: 8);
        Assert.AreEqual((byte)SenseKey.UnitAttention, next.Sense[2]);
    }
}
