using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Reservations;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>What reservations forbid to whom (SPC-4 section 5.13.1).</summary>
[TestClass]
public sealed class ReservationsConflictTests
{
    [TestMethod]
    // type, then read and write of: the holder, another registrant, anybody else
    [DataRow(ReservationType.WriteExclusive, true, true, true, false, true, false)]
    [DataRow(ReservationType.ExclusiveAccess, true, true, false, false, false, false)]
    [DataRow(ReservationType.WriteExclusiveRegistrantsOnly, true, true, true, true, true, false)]
    [DataRow(ReservationType.ExclusiveAccessRegistrantsOnly, true, true, true, true, false, false)]
    [DataRow(ReservationType.WriteExclusiveAllRegistrants, true, true, true, true, true, false)]
    [DataRow(ReservationType.ExclusiveAccessAllRegistrants, true, true, true, true, false, false)]
    public async Task Command_PersistentReservation_RunsOrConflicts(
        object type, bool holderReads, bool holderWrites, bool registrantReads, bool registrantWrites, bool otherReads, bool otherWrites)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Probe.LetGo(0);
        TestInitiator holder = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator registrant = await (await engine.LoginAsync()).RegisteredAsync(2);
        TestInitiator other = await engine.LoginAsync();
        await holder.ReservedAsync(1, (ReservationType)type);
        (TestInitiator Initiator, bool Reads, bool Writes)[] expected =
            [(holder, holderReads, holderWrites), (registrant, registrantReads, registrantWrites), (other, otherReads, otherWrites)];
        foreach ((TestInitiator initiator, bool reads, bool writes) in expected)
        {
            Assert.AreEqual(reads, Runs(await initiator.SendAsync(ProbeDevice.Read, dataIn: 512)));
            Assert.AreEqual(writes, Runs(await initiator.SendAsync(ProbeDevice.Write, dataOut: 512)));
            Assert.AreEqual(writes, Runs(await initiator.SendAsync(ProbeDevice.Exclusive)));
            Assert.IsTrue(Runs(await initiator.SendAsync(ProbeDevice.Concurrent)));
            for (byte action = 0; action < 4; action++) Assert.IsTrue(Runs(await initiator.InAsync(action)));
        }

        Good(await holder.OutAsync(ReserveOut.Release, 1, type: (ReservationType)type));
        Assert.IsTrue(Runs(await other.SendAsync(ProbeDevice.Write, dataOut: 512)));
    }

    [TestMethod]
    public async Task Command_RegistrationsOnly_NothingConflicts()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Probe.LetGo(0);
        await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator other = await engine.LoginAsync();
        Good(await other.SendAsync(ProbeDevice.Write, dataOut: 512));
    }

    [TestMethod]
    public async Task Register_ReservationOfAnother_OpenToAllAndGivesRegistrantsAccess()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Probe.LetGo(0);
        TestInitiator holder = await (await engine.LoginAsync()).RegisteredAsync(1);
        await holder.ReservedAsync(1, ReservationType.ExclusiveAccessRegistrantsOnly);
        TestInitiator other = await engine.LoginAsync();
        Conflicts(await other.SendAsync(ProbeDevice.Read, dataIn: 512));
        Good(await other.OutAsync(ReserveOut.Register, 0, 2));
        Good(await other.SendAsync(ProbeDevice.Read, dataIn: 512));
        Good(await other.OutAsync(ReserveOut.Register, 2, 0));
        Conflicts(await other.SendAsync(ProbeDevice.Read, dataIn: 512));
    }

    [TestMethod]
    public async Task Command_ConflictsWhileItsDataWouldBeAskedFor_NeverReachesTheDevice()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator holder = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator other = await engine.LoginAsync();
        Task<Answer> running = holder.SendAsync(ProbeDevice.Exclusive, 1);
        await engine.Probe.Started(1);
        Task<Answer> parked = other.SendAsync(ProbeDevice.Write, 2, dataOut: 512);
        await holder.ReservedAsync(1, ReservationType.WriteExclusive);
        engine.Probe.LetGo(1);
        await running;
        Conflicts(await parked);
        Assert.IsFalse(engine.Probe.HasStarted(2));
    }

    [TestMethod]
    public async Task TwoTargets_OneUnit_OneReservationForBoth()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Probe.LetGo(0);
        TargetSpec second = new("second")
        {
            Transports = [new TargetTransportSpec("test", "second", OptionValues.Empty)],
            Access = AccessRules.Everybody,
            Luns = [new LunSpec(1, "probe")],
        };
        TestEngine.Done(await engine.Engine.AddTargetAsync(second, Owner.File, default));
        TestInitiator one = await (await engine.LoginAsync("iqn.2026-11.test:a")).RegisteredAsync(1);
        TestInitiator two = await engine.LoginAsync("iqn.2026-11.test:a", "second");
        await one.ReservedAsync(1, ReservationType.ExclusiveAccess);
        Assert.AreNotEqual(one.Port(), two.Port());
        Conflicts(await two.SendAsync(ProbeDevice.Read, dataIn: 512));
        await two.RegisteredAsync(2);
        Good(await two.OutAsync(ReserveOut.Preempt, 2, 1, ReservationType.ExclusiveAccess));
        Assert.AreEqual(AdditionalSense.RegistrationsPreempted, await one.AttentionAsync());
        Conflicts(await one.SendAsync(ProbeDevice.Read, dataIn: 512));
        Good(await two.SendAsync(ProbeDevice.Read, dataIn: 512));
        FullStatus status = (await one.ReadFullStatusAsync()).Single();
        Assert.AreEqual(two.Port(), status.Port);
    }

    [TestMethod]
    [DataRow(ReservationRule.Allowed, false, false)]
    [DataRow(ReservationRule.Managed, false, true)]
    [DataRow(ReservationRule.Read, true, true)]
    [DataRow(ReservationRule.Write, true, true)]
    public async Task Rule_ExclusiveAccessOrReserve_ForbidsByTheTable(ReservationRule rule, bool persistent, bool legacy)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Probes.ReplyRule = rule;
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("other"), Owner.File, default));
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, new TargetChange { AddLuns = [new LunSpec(2, "other")] }, default));
        TestInitiator one = await (await engine.LoginAsync()).ReadyAsync(lun: 2);
        TestInitiator two = await (await engine.LoginAsync()).ReadyAsync(lun: 2);
        Good(await one.SendAsync([OpCode.Reserve6, 0, 0, 0, 0, 0], lun: Lun.FromNumber(2)));
        Assert.AreEqual(legacy, !Runs(await two.SendAsync(ProbeDevice.Reply, lun: 2)));
        Assert.IsTrue(Runs(await two.SendAsync(ProbeDevice.Exempt, lun: 2)));
        Good(await one.SendAsync([OpCode.Release6, 0, 0, 0, 0, 0], lun: Lun.FromNumber(2)));
        byte[] cdb = Cdb(ReserveOut.RegisterAndIgnore, 0, 24);
        Good(await one.SendAsync(cdb, List(0, 1), lun: 2));
        Good(await one.SendAsync(Cdb(ReserveOut.Reserve, (byte)ReservationType.ExclusiveAccess, 24), List(1, 0), lun: 2));
        Assert.AreEqual(persistent, !Runs(await two.SendAsync(ProbeDevice.Reply, lun: 2)));
        Assert.IsTrue(Runs(await two.SendAsync(ProbeDevice.Exempt, lun: 2)));
    }

    [TestMethod]
    [DataRow(ReservationType.ExclusiveAccess)]
    [DataRow(ReservationType.ExclusiveAccessAllRegistrants)]
    public async Task Conflicts_ReservationHeld_AllocatesNothing(object type)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator other = await engine.LoginAsync();
        await one.ReservedAsync(1, (ReservationType)type);
        LogicalUnit unit = engine.Probes.Units[0];
        UnitNexus holder = unit.Nexuses.Single(nexus => nexus.Nexus == one.Nexus), stranger = unit.Nexuses.Single(nexus => nexus.Nexus == other.Nexus);
        CommandDescriptor read = unit.Commands.Find(ProbeDevice.Read, null)!;
        // The first round looks the nexuses up and lets the runtime compile what it needs. The runtime allocates some KiB now and then on its own
        // account; the least object for each check would be two dozen MB.
        const int checks = 1_000_000;
        Check(checks / 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Check(checks);
        Assert.IsLessThan(checks / 10, GC.GetAllocatedBytesForCurrentThread() - before, "bytes");

        void Check(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                Assert.IsFalse(unit.Reservations.Conflicts(holder, read, default));
                Assert.IsTrue(unit.Reservations.Conflicts(stranger, read, default));
            }
        }
    }

    private static bool Runs(Answer answer)
    {
        if (answer.Outcome.Status != ScsiStatus.ReservationConflict) Good(answer);
        return answer.Outcome.IsGood;
    }
}
