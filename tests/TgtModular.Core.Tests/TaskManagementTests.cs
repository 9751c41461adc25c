using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Tests;

[TestClass]
public sealed class TaskManagementTests
{
    private static readonly Lun One = Lun.FromNumber(1);

    [TestMethod]
    public async Task AbortTask_CommandRunning_AnswersOnlyWhenItHasReturned()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> write = initiator.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        await engine.Probe.Started(1);
        Task<TaskManagementResponse> abort = ExecuteAsync(initiator, TaskManagementFunction.AbortTask, initiator.LastTag);
        Assert.IsFalse(abort.IsCompleted, "the abort was answered while the write could still reach the medium");
        engine.Probe.LetGo(1);
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await abort);
        Assert.IsTrue((await write).Dropped);
    }

    [TestMethod]
    public async Task AbortTask_CommandParked_DropsItAtOnceAndItNeverRuns()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> first = initiator.SendAsync(ProbeDevice.Exclusive, 1);
        await engine.Probe.Started(1);
        Task<Answer> parked = initiator.SendAsync(ProbeDevice.Write, 2, dataOut: 512);
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await ExecuteAsync(initiator, TaskManagementFunction.AbortTask, initiator.LastTag));
        Assert.IsTrue((await parked).Dropped);
        engine.Probe.LetGo(1);
        await first;
        Assert.IsFalse(engine.Probe.HasStarted(2));
    }

    [TestMethod]
    public async Task AbortTask_OrderedParked_LetsYoungerGo()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> first = initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        Task<Answer> ordered = initiator.SendAsync(ProbeDevice.Read, 2, TaskAttribute.Ordered, dataIn: 512);
        ulong orderedTag = initiator.LastTag;
        Task<Answer> younger = initiator.SendAsync(ProbeDevice.Read, 3, dataIn: 512);
        Assert.IsFalse(engine.Probe.HasStarted(3));
        await ExecuteAsync(initiator, TaskManagementFunction.AbortTask, orderedTag);
        await engine.Probe.Started(3);
        Assert.IsTrue((await ordered).Dropped);
        engine.Probe.LetGo(1);
        engine.Probe.LetGo(3);
        await Task.WhenAll(first, younger);
    }

    [TestMethod]
    public async Task AbortTask_DataOutAwaited_DropsAtOnceAndLateDataIsIgnored()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        initiator.HoldsData = true;
        Task<Answer> write = initiator.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        ulong tag = initiator.LastTag;
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await ExecuteAsync(initiator, TaskManagementFunction.AbortTask, tag));
        Assert.IsTrue((await write).Dropped);
        initiator.SendData(tag);
        Assert.IsFalse(engine.Probe.HasStarted(1));
        Assert.AreEqual(0, engine.Engine.LeasedBufferBytes);
    }

    [TestMethod]
    public async Task AbortTask_NoSuchTag_TaskDoesNotExist()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Assert.AreEqual(TaskManagementResponse.TaskDoesNotExist, await ExecuteAsync(initiator, TaskManagementFunction.AbortTask, 999));
        Assert.AreEqual(TaskManagementResponse.LunDoesNotExist, await initiator.Nexus.ExecuteAsync(
            new TaskManagementRequest(TaskManagementFunction.AbortTask, Lun.FromNumber(9), 1)));
    }

    [TestMethod]
    public async Task AbortTaskSet_TwoNexuses_HitsOnlyItsOwn()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        Task<Answer> mine = one.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        Task<Answer> other = two.SendAsync(ProbeDevice.Read, 2, dataIn: 512);
        await Task.WhenAll(engine.Probe.Started(1), engine.Probe.Started(2));
        Task<TaskManagementResponse> abort = ExecuteAsync(one, TaskManagementFunction.AbortTaskSet);
        engine.Probe.LetGo(1);
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await abort);
        Assert.IsTrue((await mine).Dropped);
        engine.Probe.LetGo(2);
        Assert.IsFalse((await other).Dropped);
    }

    [TestMethod]
    public async Task ClearTaskSet_OtherNexusHadCommands_OtherGetsUnitAttention()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        TestInitiator idle = await engine.LoginAsync();
        Task<Answer> other = two.SendAsync(ProbeDevice.Read, 2, dataIn: 512);
        await engine.Probe.Started(2);
        Task<TaskManagementResponse> clear = ExecuteAsync(one, TaskManagementFunction.ClearTaskSet);
        engine.Probe.LetGo(2);
        await clear;
        Assert.IsTrue((await other).Dropped);
        Assert.AreEqual(AdditionalSense.CommandsClearedByAnotherInitiator, (await two.SendAsync(ProbeDevice.Reply)).Outcome.Sense.Additional);
        Assert.AreEqual(ScsiStatus.Good, (await idle.SendAsync(ProbeDevice.Reply)).Outcome.Status);
        Assert.AreEqual(ScsiStatus.Good, (await one.SendAsync(ProbeDevice.Reply)).Outcome.Status);
    }

    [TestMethod]
    public async Task LogicalUnitReset_CommandsOfAll_AbortedDeviceResetEveryoneTold()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        Task<Answer> other = two.SendAsync(ProbeDevice.Read, 2, dataIn: 512);
        await engine.Probe.Started(2);
        Task<TaskManagementResponse> reset = ExecuteAsync(one, TaskManagementFunction.LogicalUnitReset);
        Assert.IsFalse(reset.IsCompleted);
        engine.Probe.LetGo(2);
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await reset);
        Assert.IsTrue((await other).Dropped);
        Assert.AreEqual(1, engine.Probe.Resets);
        foreach (TestInitiator initiator in new[] { one, two })
            Assert.AreEqual(AdditionalSense.BusDeviceResetFunctionOccurred, (await initiator.SendAsync(ProbeDevice.Reply)).Outcome.Sense.Additional);
    }

    [TestMethod]
    public async Task TargetColdReset_OtherNexuses_AreAskedToClose()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (INexus? nexus, RecordingObserver asking) = engine.Open();
        (_, RecordingObserver other) = engine.Open();
        TestInitiator initiator = await new TestInitiator(nexus!).ReadyAsync();
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await ExecuteAsync(initiator, TaskManagementFunction.TargetColdReset));
        CollectionAssert.AreEqual(new[] { NexusEnd.Reset }, other.CloseRequests);
        Assert.IsEmpty(asking.CloseRequests, "its transport answers first");
    }

    [TestMethod]
    public async Task TargetColdReset_NexusOpenedWhileItGoesOn_IsNotAskedToClose()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> running = initiator.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        await engine.Probe.Started(1);
        Task<TaskManagementResponse> reset = ExecuteAsync(initiator, TaskManagementFunction.TargetColdReset);
        (_, RecordingObserver late) = engine.Open();
        engine.Probe.LetGo(1);
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await reset);
        Assert.IsTrue((await running).Dropped);
        Assert.IsEmpty(late.CloseRequests);
    }

    [TestMethod]
    public async Task QueryTask_RunningAndGone_SucceededThenComplete()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> read = initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        Assert.AreEqual(TaskManagementResponse.FunctionSucceeded, await ExecuteAsync(initiator, TaskManagementFunction.QueryTask, initiator.LastTag));
        Assert.AreEqual(TaskManagementResponse.FunctionSucceeded, await ExecuteAsync(initiator, TaskManagementFunction.QueryTaskSet));
        engine.Probe.LetGo(1);
        await read;
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await ExecuteAsync(initiator, TaskManagementFunction.QueryTask, initiator.LastTag));
    }

    [TestMethod]
    public async Task Abort_RacingWithCompletion_EveryCommandEndsOnce()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        for (int label = 0; label < 256; label++) engine.Probe.LetGo((byte)label);
        TestInitiator initiator = await engine.LoginAsync();
        initiator.HoldsData = true;
        using CancellationTokenSource stop = new();
        Task aborter = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await ExecuteAsync(initiator, TaskManagementFunction.AbortTaskSet);
        });
        int dropped = 0;
        for (int i = 0; i < 20_000; i++)
        {
            Task<Answer> answer = initiator.SendAsync(ProbeDevice.Write, (byte)i, (TaskAttribute)(i % 4), dataOut: 512);
            initiator.SendData(initiator.LastTag);
            if ((await answer).Dropped) dropped++;
        }

        await stop.CancelAsync();
        await aborter;
        Assert.AreEqual(0, engine.Engine.LeasedBufferBytes);
        Assert.AreEqual(0, engine.Engine.GetSnapshot().Units.Single().Statistics.Running);
        Assert.AreNotEqual(20_000, dropped);
    }

    private static Task<TaskManagementResponse> ExecuteAsync(TestInitiator initiator, TaskManagementFunction function, ulong tag = 0) =>
        initiator.Nexus.ExecuteAsync(new TaskManagementRequest(function, One, tag)).AsTask();
}
