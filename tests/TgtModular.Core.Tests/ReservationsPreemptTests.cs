using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Core.Reservations;
using TgtModular.Scsi;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>PREEMPT and PREEMPT AND ABORT (SPC-4 sections 5.13.11.2.4 to 5.13.11.2.6).</summary>
[TestClass]
public sealed class ReservationsPreemptTests
{
    [TestMethod]
    public async Task Preempt_KeyOfHolder_TakesReservationAndTellsTheLoser()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, TestInitiator three, TestInitiator other) = await FourAsync(engine);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Good(await two.OutAsync(ReserveOut.Preempt, 2, 1, ReservationType.WriteExclusive));
        Assert.AreEqual((2ul, ReservationType.WriteExclusive), await two.ReadReservationAsync());
        CollectionAssert.AreEqual(new ulong[] { 2, 3 }, await two.ReadKeysAsync());
        Assert.AreEqual(AdditionalSense.RegistrationsPreempted, await one.AttentionAsync());
        foreach (TestInitiator untold in new[] { one, two, three, other }) Assert.IsNull(await untold.AttentionAsync());
    }

    [TestMethod]
    public async Task Preempt_KeyOfHolderAndOtherType_TellsRemainingRegistrantsOfTheRelease()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, TestInitiator three, TestInitiator other) = await FourAsync(engine);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Good(await two.OutAsync(ReserveOut.Preempt, 2, 1, ReservationType.ExclusiveAccess));
        Assert.AreEqual(AdditionalSense.RegistrationsPreempted, await one.AttentionAsync());
        Assert.AreEqual(AdditionalSense.ReservationsReleased, await three.AttentionAsync());
        foreach (TestInitiator untold in new[] { one, two, three, other }) Assert.IsNull(await untold.AttentionAsync());
    }

    [TestMethod]
    public async Task Preempt_KeyOfHolderWithUnknownType_RefusedAndNothingHappens()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, _, _) = await FourAsync(engine);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Refused(await two.OutAsync(ReserveOut.Preempt, List(2, 1), 0x02), Sense.InvalidFieldInCdb(2, 3));
        Refused(await two.OutAsync(ReserveOut.Preempt, List(2, 1), 0x21), Sense.InvalidFieldInCdb(2, 7));
        Assert.AreEqual((1ul, ReservationType.WriteExclusive), await one.ReadReservationAsync());
        CollectionAssert.AreEqual(new ulong[] { 1, 2, 3 }, await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task Preempt_KeyOfRegistrant_RemovesRegistrationAndLeavesReservation()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, TestInitiator three, _) = await FourAsync(engine);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Good(await two.OutAsync(ReserveOut.Preempt, List(2, 3), 0xFF)); // scope and type say nothing here
        Assert.AreEqual((1ul, ReservationType.WriteExclusive), await one.ReadReservationAsync());
        CollectionAssert.AreEqual(new ulong[] { 1, 2 }, await one.ReadKeysAsync());
        Assert.AreEqual(AdditionalSense.RegistrationsPreempted, await three.AttentionAsync());
        Assert.IsNull(await one.AttentionAsync());
        Assert.IsNull(await two.AttentionAsync());
    }

    [TestMethod]
    public async Task Preempt_KeyOfNobody_Conflicts()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, _, _) = await FourAsync(engine);
        Conflicts(await two.OutAsync(ReserveOut.Preempt, 2, 9, ReservationType.WriteExclusive));
        await one.ReservedAsync(1, ReservationType.WriteExclusiveAllRegistrants);
        Conflicts(await two.OutAsync(ReserveOut.Preempt, 2, 9, ReservationType.WriteExclusive));
        Assert.AreEqual(3u, await one.ReadGenerationAsync());
    }

    [TestMethod]
    public async Task Preempt_KeyZero_OnlyWhereAllRegistrantsHold()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, TestInitiator three, TestInitiator other) = await FourAsync(engine);
        Refused(await two.OutAsync(ReserveOut.Preempt, 2, 0, ReservationType.WriteExclusive), Sense.InvalidFieldInParameterList(8));
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Refused(await two.OutAsync(ReserveOut.Preempt, 2, 0, ReservationType.WriteExclusive), Sense.InvalidFieldInParameterList(8));
        Good(await one.OutAsync(ReserveOut.Release, 1, type: ReservationType.WriteExclusive));
        await one.ReservedAsync(1, ReservationType.ExclusiveAccessAllRegistrants);
        Good(await two.OutAsync(ReserveOut.Preempt, 2, 0, ReservationType.WriteExclusive));
        Assert.AreEqual((2ul, ReservationType.WriteExclusive), await two.ReadReservationAsync());
        CollectionAssert.AreEqual(new ulong[] { 2 }, await two.ReadKeysAsync());
        foreach (TestInitiator loser in new[] { one, three }) Assert.AreEqual(AdditionalSense.RegistrationsPreempted, await loser.AttentionAsync());
        foreach (TestInitiator untold in new[] { one, two, three, other }) Assert.IsNull(await untold.AttentionAsync());
    }

    [TestMethod]
    public async Task Preempt_OneKeyWhereAllRegistrantsHold_RemovesItAndLeavesReservation()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, _, _) = await FourAsync(engine);
        await one.ReservedAsync(1, ReservationType.ExclusiveAccessAllRegistrants);
        Good(await two.OutAsync(ReserveOut.Preempt, 2, 1, ReservationType.WriteExclusive));
        Assert.AreEqual((0ul, ReservationType.ExclusiveAccessAllRegistrants), await two.ReadReservationAsync());
        CollectionAssert.AreEqual(new ulong[] { 2, 3 }, await two.ReadKeysAsync());
    }

    [TestMethod]
    public async Task Preempt_OwnKeyAsHolder_ChangesTypeAndKeepsRegistration()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, TestInitiator three, _) = await FourAsync(engine);
        await three.RegisteredAsync(1); // the same key as the holder's
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Good(await one.OutAsync(ReserveOut.Preempt, 1, 1, ReservationType.ExclusiveAccess));
        Assert.AreEqual((1ul, ReservationType.ExclusiveAccess), await one.ReadReservationAsync());
        CollectionAssert.AreEqual(new ulong[] { 1, 2 }, await one.ReadKeysAsync());
        Assert.IsNull(await one.AttentionAsync());
        Assert.AreEqual(AdditionalSense.ReservationsReleased, await two.AttentionAsync());
        Assert.AreEqual(AdditionalSense.RegistrationsPreempted, await three.AttentionAsync());
    }

    [TestMethod]
    public async Task Preempt_OwnKeyNotHolder_RemovesOwnRegistrationWithoutTelling()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, _, _) = await FourAsync(engine);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Good(await two.OutAsync(ReserveOut.Preempt, 2, 2, ReservationType.WriteExclusive));
        CollectionAssert.AreEqual(new ulong[] { 1, 3 }, await two.ReadKeysAsync());
        Assert.IsNull(await two.AttentionAsync());
    }

    [TestMethod]
    public async Task Preempt_ByPortRegisteredOnAllPorts_KeepsOnlyTheSender()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 1)).RegisteredAsync(1, AllTargetPorts);
        TestInitiator two = await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 2);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Good(await one.OutAsync(ReserveOut.Preempt, 1, 1, ReservationType.ExclusiveAccess));
        CollectionAssert.AreEqual(new ulong[] { 1 }, await one.ReadKeysAsync());
        Assert.AreEqual(AdditionalSense.RegistrationsPreempted, await two.AttentionAsync());
        Conflicts(await two.OutAsync(ReserveOut.Release, 1, type: ReservationType.ExclusiveAccess));
    }

    [TestMethod]
    public async Task PreemptAndAbort_LoserHasCommands_AnswersWhenTheyCanNoLongerReachTheMedium()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, TestInitiator three, _) = await FourAsync(engine);
        await one.ReservedAsync(1, ReservationType.WriteExclusiveRegistrantsOnly);
        Task<Answer> lost = one.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        Task<Answer> kept = three.SendAsync(ProbeDevice.Write, 2, dataOut: 512);
        Task<Answer> own = two.SendAsync(ProbeDevice.Write, 3, dataOut: 512);
        await Task.WhenAll(engine.Probe.Started(1), engine.Probe.Started(2), engine.Probe.Started(3));
        Task<Answer> preempt = two.OutAsync(ReserveOut.PreemptAndAbort, 2, 1, ReservationType.WriteExclusiveRegistrantsOnly);
        Assert.IsFalse(preempt.IsCompleted, "answered while the preempted write could still reach the medium");
        engine.Probe.LetGo(1);
        Good(await preempt);
        Assert.IsTrue((await lost).Dropped);
        engine.Probe.LetGo(2);
        engine.Probe.LetGo(3);
        Assert.IsFalse((await kept).Dropped);
        Assert.IsFalse((await own).Dropped);
        Assert.AreEqual(AdditionalSense.RegistrationsPreempted, await one.AttentionAsync());
        Assert.AreEqual(AdditionalSense.CommandsClearedByAnotherInitiator, await one.AttentionAsync());
        Assert.IsNull(await one.AttentionAsync());
        Assert.IsNull(await three.AttentionAsync());
        Conflicts(await one.SendAsync(ProbeDevice.Write, 1, dataOut: 512));
    }

    [TestMethod]
    [DataRow(PluginConcurrency.PerInstance)]
    [DataRow(PluginConcurrency.Serial)]
    public async Task PreemptAndAbort_PluginTakesOneCommandAtATime_GetsPastTheOneThatHangs(PluginConcurrency concurrency)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Concurrency = concurrency;
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("serial"), Owner.File, default));
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, new TargetChange { AddLuns = [new LunSpec(2, "serial")] }, default));
        TestInitiator one = await (await engine.LoginAsync()).ReadyAsync(lun: 2);
        TestInitiator two = await (await engine.LoginAsync()).ReadyAsync(lun: 2);
        byte[] register = Cdb(ReserveOut.RegisterAndIgnore, 0, 24);
        Good(await one.SendAsync(register, List(0, 1), lun: 2));
        Good(await two.SendAsync(register, List(0, 2), lun: 2));
        Task<Answer> hung = one.SendAsync(ProbeDevice.Write, 1, dataOut: 512, lun: 2);
        Task<Answer> parked = one.SendAsync(ProbeDevice.Write, 2, dataOut: 512, lun: 2);
        Task<Answer> preempt = two.SendAsync(Cdb(ReserveOut.PreemptAndAbort, 1, 24), List(2, 1), lun: 2);
        Assert.IsTrue((await parked).Dropped);
        engine.Probes.Made[^1].LetGo(1);
        Good(await preempt);
        Assert.IsTrue((await hung).Dropped);
    }

    [TestMethod]
    public async Task Preempt_LoserHasCommands_DoesNotWaitForThem()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, _, _) = await FourAsync(engine);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Task<Answer> write = one.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        await engine.Probe.Started(1);
        Good(await two.OutAsync(ReserveOut.Preempt, 2, 1, ReservationType.WriteExclusive));
        engine.Probe.LetGo(1);
        Good(await write);
    }

    [TestMethod]
    public async Task PreemptAndAbort_CommandAwaitsData_DroppedAndNeverRuns()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, _, _) = await FourAsync(engine);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        one.HoldsData = true;
        Task<Answer> write = one.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        Good(await two.OutAsync(ReserveOut.PreemptAndAbort, 2, 1, ReservationType.WriteExclusive));
        Assert.IsTrue((await write).Dropped);
        one.SendData(one.LastTag);
        Assert.IsFalse(engine.Probe.HasStarted(1));
    }

    [TestMethod]
    public async Task PreemptAndAbort_OwnKey_AbortsItsOtherCommandsButNotItself()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (_, TestInitiator two, _, _) = await FourAsync(engine);
        Task<Answer> write = two.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        await engine.Probe.Started(1);
        Task<Answer> preempt = two.OutAsync(ReserveOut.PreemptAndAbort, 2, 2, ReservationType.WriteExclusive);
        Assert.IsFalse(preempt.IsCompleted);
        engine.Probe.LetGo(1);
        Good(await preempt);
        Assert.IsTrue((await write).Dropped);
    }

    [TestMethod]
    public async Task PreemptAndAbort_AbortedWhileItWaits_EndsAndTheResetCompletes()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, _, _) = await FourAsync(engine);
        Task<Answer> hung = one.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        await engine.Probe.Started(1);
        Task<Answer> preempt = two.OutAsync(ReserveOut.PreemptAndAbort, 2, 1, ReservationType.WriteExclusive);
        TaskManagementRequest abort = new(TaskManagementFunction.AbortTask, Lun.FromNumber(1), two.LastTag);
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await two.Nexus.ExecuteAsync(abort));
        Assert.IsTrue((await preempt).Dropped);
        CollectionAssert.AreEqual(new ulong[] { 2, 3 }, await two.ReadKeysAsync());
        engine.Probe.LetGo(1);
        Assert.IsTrue((await hung).Dropped);
    }

    [TestMethod]
    public async Task PreemptAndAbort_TwoNexusesAtEachOther_BothEndAndTheUnitGoesOn()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        for (int i = 0; i < 500; i++)
        {
            await one.RegisteredAsync(1);
            await two.RegisteredAsync(2);
            Task<Answer>[] both =
            [
                Task.Run(() => one.OutAsync(ReserveOut.PreemptAndAbort, 1, 2, ReservationType.WriteExclusive)),
                Task.Run(() => two.OutAsync(ReserveOut.PreemptAndAbort, 2, 1, ReservationType.WriteExclusive)),
            ];
            await Task.WhenAll(both);
            await one.DrainAsync();
            await two.DrainAsync();
            Assert.HasCount(1, await one.ReadKeysAsync());
        }
    }

    [TestMethod]
    public async Task PreemptAndAbort_RacingWithWrites_NoneRunsAfterTheAnswer()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (TestInitiator one, TestInitiator two, _, _) = await FourAsync(engine);
        for (byte label = 1; label < 200; label++)
        {
            await one.DrainAsync();
            await one.RegisteredAsync(1);
            await one.ReservedAsync(1, ReservationType.ExclusiveAccess);
            engine.Probe.LetGo(label);
            byte wanted = label;
            Task<Answer> write = Task.Run(() => one.SendAsync(ProbeDevice.Write, wanted, dataOut: 512));
            Good(await two.OutAsync(ReserveOut.PreemptAndAbort, 2, 1, ReservationType.ExclusiveAccess));
            bool ran = engine.Probe.HasStarted(label);
            await write;
            Assert.AreEqual(ran, engine.Probe.HasStarted(label), "a write of the preempted nexus ran after PREEMPT AND ABORT was answered");
            Good(await two.OutAsync(ReserveOut.Release, 2, type: ReservationType.ExclusiveAccess));
        }
    }

    private static async Task<(TestInitiator One, TestInitiator Two, TestInitiator Three, TestInitiator Other)> FourAsync(TestEngine engine) => (
        await (await engine.LoginAsync()).RegisteredAsync(1), await (await engine.LoginAsync()).RegisteredAsync(2),
        await (await engine.LoginAsync()).RegisteredAsync(3), await engine.LoginAsync());
}
