using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Scsi;

namespace TgtModular.Core.Tests;

[TestClass]
public sealed class OrderingTests
{
    [TestMethod]
    public async Task Simple_SeveralReadsAndWrites_RunTogether()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> read = initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        Task<Answer> write = initiator.SendAsync(ProbeDevice.Write, 2, dataOut: 512);
        await Task.WhenAll(engine.Probe.Started(1), engine.Probe.Started(2));
        engine.Probe.LetGo(2);
        Assert.AreEqual(ScsiStatus.Good, (await write).Outcome.Status);
        Assert.IsFalse(read.IsCompleted);
        engine.Probe.LetGo(1);
        await read;
    }

    [TestMethod]
    public async Task Ordered_OlderRunning_WaitsAndHoldsYounger()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> first = initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        Task<Answer> ordered = initiator.SendAsync(ProbeDevice.Read, 2, TaskAttribute.Ordered, dataIn: 512);
        Task<Answer> younger = initiator.SendAsync(ProbeDevice.Read, 3, dataIn: 512);
        Task<Answer> youngerConcurrent = initiator.SendAsync(ProbeDevice.Concurrent, 4);
        Assert.IsFalse(engine.Probe.HasStarted(2));
        engine.Probe.LetGo(1);
        await engine.Probe.Started(2);
        Assert.IsFalse(engine.Probe.HasStarted(3), "a younger command overtook an ordered one");
        Assert.IsFalse(engine.Probe.HasStarted(4), "a younger command overtook an ordered one");
        engine.Probe.LetGo(2);
        await Task.WhenAll(engine.Probe.Started(3), engine.Probe.Started(4));
        engine.Probe.LetGo(3);
        engine.Probe.LetGo(4);
        await Task.WhenAll(first, ordered, younger, youngerConcurrent);
    }

    [TestMethod]
    public async Task HeadOfQueue_OrderedWaiting_RunsAtOnce()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> running = initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        Task<Answer> ordered = initiator.SendAsync(ProbeDevice.Read, 2, TaskAttribute.Ordered, dataIn: 512);
        Task<Answer> head = initiator.SendAsync(ProbeDevice.Read, 3, TaskAttribute.HeadOfQueue, dataIn: 512);
        await engine.Probe.Started(3);
        Assert.IsFalse(engine.Probe.HasStarted(2));
        foreach (byte label in new byte[] { 1, 2, 3 }) engine.Probe.LetGo(label);
        await Task.WhenAll(running, ordered, head);
    }

    [TestMethod]
    public async Task Exclusive_OthersRunning_RunsAlone()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        Task<Answer> read = one.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        Task<Answer> alone = two.SendAsync(ProbeDevice.Exclusive, 2);
        Task<Answer> write = one.SendAsync(ProbeDevice.Write, 3, dataOut: 512);
        Assert.IsFalse(engine.Probe.HasStarted(2));
        engine.Probe.LetGo(1);
        await engine.Probe.Started(2);
        Assert.IsFalse(engine.Probe.HasStarted(3));
        // What changes nothing goes past an exclusive command: INQUIRY must not wait for a FORMAT UNIT.
        Task<Answer> beside = one.SendAsync(ProbeDevice.Concurrent, 4);
        await engine.Probe.Started(4);
        foreach (byte label in new byte[] { 2, 3, 4 }) engine.Probe.LetGo(label);
        await Task.WhenAll(read, alone, write, beside);
    }

    [TestMethod]
    [DataRow(PluginConcurrency.PerInstance, true)]
    [DataRow(PluginConcurrency.Serial, false)]
    public async Task Concurrency_DeclaredByPlugin_IsKept(PluginConcurrency concurrency, bool othersRun)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Concurrency = concurrency;
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("one"), Owner.File, default));
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("two"), Owner.File, default));
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(
            TestEngine.TargetName, new TargetChange { AddLuns = [new LunSpec(2, "one"), new LunSpec(3, "two")] }, default));
        TestInitiator initiator = await (await engine.LoginAsync()).ReadyAsync(2);
        await initiator.ReadyAsync(3);
        ProbeDevice one = engine.Probes.Made[^2];
        ProbeDevice two = engine.Probes.Made[^1];

        Task<Answer> running = initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512, lun: 2);
        Task<Answer> second = initiator.SendAsync(ProbeDevice.Concurrent, 2, lun: 2);
        Task<Answer> other = initiator.SendAsync(ProbeDevice.Read, 3, dataIn: 512, lun: 3);
        Assert.IsTrue(one.HasStarted(1));
        Assert.IsFalse(one.HasStarted(2), "two commands ran in one instance");
        Assert.AreEqual(othersRun, two.HasStarted(3));
        one.LetGo(1);
        one.LetGo(2);
        two.LetGo(3);
        await Task.WhenAll(running, second, other);
    }

    [TestMethod]
    public async Task Ordered_ThousandsFromTwoNexuses_AllEndAndNothingOverlaps()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        for (int label = 0; label < 256; label++) engine.Probe.LetGo((byte)label);
        TestInitiator[] initiators = [await engine.LoginAsync(), await engine.LoginAsync()];
        await Task.WhenAll(initiators.Select(initiator => Task.Run(async () =>
        {
            Random random = new(17);
            for (int round = 0; round < 200; round++)
            {
                List<Task<Answer>> answers = [];
                for (int i = 0; i < 16; i++)
                {
                    byte opcode = (byte)(ProbeDevice.Read + random.Next(4));
                    TaskAttribute attribute = (TaskAttribute)random.Next(4);
                    answers.Add(initiator.SendAsync(opcode, (byte)i, attribute, dataOut: 512, dataIn: 512));
                }

                foreach (Answer answer in await Task.WhenAll(answers)) Assert.AreEqual(ScsiStatus.Good, answer.Outcome.Status);
            }
        })));
        Assert.AreEqual(0, engine.Engine.GetSnapshot().Units.Single().Statistics.Running);
        Assert.AreEqual(0, engine.Engine.LeasedBufferBytes);
    }
}
