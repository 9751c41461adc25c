using TgtModular.Core.Reservations;
using TgtModular.Scsi;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>REGISTER and REGISTER AND IGNORE EXISTING KEY (SPC-4 section 5.13.7), and how registrations live on.</summary>
[TestClass]
public sealed class ReservationsRegisterTests
{
    [TestMethod]
    public async Task Register_NotRegistered_NeedsKeyZero()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        Conflicts(await one.OutAsync(ReserveOut.Register, 5, 7));
        Good(await one.OutAsync(ReserveOut.Register, 0, 7));
        CollectionAssert.AreEqual(new ulong[] { 7 }, await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task Register_NotRegisteredWithoutNewKey_GoodAndNothingHappens()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        Good(await one.OutAsync(ReserveOut.Register, 0, 0));
        Good(await one.OutAsync(ReserveOut.RegisterAndIgnore, 9, 0));
        Assert.IsEmpty(await one.ReadKeysAsync());
        Assert.AreEqual(0u, await one.ReadGenerationAsync());
    }

    [TestMethod]
    public async Task Register_Registered_NeedsItsKeyAndChangesOrEnds()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(7);
        Conflicts(await one.OutAsync(ReserveOut.Register, 0, 8));
        Conflicts(await one.OutAsync(ReserveOut.Register, 8, 0));
        CollectionAssert.AreEqual(new ulong[] { 7 }, await one.ReadKeysAsync());
        Good(await one.OutAsync(ReserveOut.Register, 7, 8));
        CollectionAssert.AreEqual(new ulong[] { 8 }, await one.ReadKeysAsync());
        Good(await one.OutAsync(ReserveOut.Register, 8, 0));
        Assert.IsEmpty(await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task RegisterAndIgnore_Registered_NeedsNoKey()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(7);
        Good(await one.OutAsync(ReserveOut.RegisterAndIgnore, 99, 8));
        CollectionAssert.AreEqual(new ulong[] { 8 }, await one.ReadKeysAsync());
        Good(await one.OutAsync(ReserveOut.RegisterAndIgnore, 99, 0));
        Assert.IsEmpty(await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task Generation_EachChangeOfRegistrations_CountsItAndNothingElse()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        Good(await one.OutAsync(ReserveOut.Register, 0, 1));
        Assert.AreEqual(1u, await one.ReadGenerationAsync());
        Good(await two.OutAsync(ReserveOut.RegisterAndIgnore, 0, 2));
        Assert.AreEqual(2u, await one.ReadGenerationAsync());
        Conflicts(await one.OutAsync(ReserveOut.Register, 9, 1));
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Good(await one.OutAsync(ReserveOut.Release, 1, type: ReservationType.WriteExclusive));
        Assert.AreEqual(2u, await one.ReadGenerationAsync());
        Good(await one.OutAsync(ReserveOut.Preempt, 1, 2, ReservationType.WriteExclusive));
        Assert.AreEqual(3u, await one.ReadGenerationAsync());
        Good(await one.OutAsync(ReserveOut.Clear, 1));
        Assert.AreEqual(4u, await one.ReadGenerationAsync());
    }

    [TestMethod]
    [DataRow(ReservationType.WriteExclusive, false)]
    [DataRow(ReservationType.ExclusiveAccess, false)]
    [DataRow(ReservationType.WriteExclusiveRegistrantsOnly, true)]
    [DataRow(ReservationType.ExclusiveAccessRegistrantsOnly, true)]
    public async Task Unregister_Holder_ReleasesAndTellsRegistrantsItWasMadeFor(object type, bool tells)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator holder = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator registrant = await (await engine.LoginAsync()).RegisteredAsync(2);
        TestInitiator other = await engine.LoginAsync();
        await holder.ReservedAsync(1, (ReservationType)type);
        Good(await holder.OutAsync(ReserveOut.Register, 1, 0));
        Assert.IsNull(await holder.AttentionAsync(), "the sender is not told of what it did itself");
        Assert.AreEqual(tells ? AdditionalSense.ReservationsReleased : null, await registrant.AttentionAsync());
        Assert.IsNull(await registrant.AttentionAsync());
        Assert.IsNull(await other.AttentionAsync());
        Assert.IsNull(await other.ReadReservationAsync());
    }

    [TestMethod]
    [DataRow(ReservationType.WriteExclusiveAllRegistrants)]
    [DataRow(ReservationType.ExclusiveAccessAllRegistrants)]
    public async Task Unregister_AllRegistrantsHold_ReservationGoesWithTheLast(object type)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await (await engine.LoginAsync()).RegisteredAsync(2);
        await one.ReservedAsync(1, (ReservationType)type);
        Good(await one.OutAsync(ReserveOut.Register, 1, 0));
        Assert.AreEqual((0ul, (ReservationType)type), await one.ReadReservationAsync());
        Assert.IsNull(await two.AttentionAsync());
        Good(await two.OutAsync(ReserveOut.Register, 2, 0));
        Assert.IsNull(await one.ReadReservationAsync());
    }

    [TestMethod]
    public async Task ChangeKey_Holder_KeepsReservation()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator holder = await (await engine.LoginAsync()).RegisteredAsync(1);
        await holder.ReservedAsync(1, ReservationType.ExclusiveAccess);
        Good(await holder.OutAsync(ReserveOut.Register, 1, 3));
        Assert.AreEqual((3ul, ReservationType.ExclusiveAccess), await holder.ReadReservationAsync());
    }

    [TestMethod]
    public async Task Registration_LogoutAndNewLogin_ResumedByTheSameNexusOnly()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Probe.LetGo(0);
        TestInitiator one = await (await engine.LoginAsync("iqn.2026-11.test:a")).RegisteredAsync(1);
        TestInitiator other = await engine.LoginAsync("iqn.2026-11.test:b");
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        await one.LogoutAsync();
        CollectionAssert.AreEqual(new ulong[] { 1 }, await other.ReadKeysAsync());
        Conflicts(await other.SendAsync(ProbeDevice.Write, dataOut: 512));
        one = await engine.LoginAsync("iqn.2026-11.test:a");
        Good(await one.SendAsync(ProbeDevice.Write, dataOut: 512));
        Good(await one.OutAsync(ReserveOut.Release, 1, type: ReservationType.WriteExclusive));
        Good(await other.SendAsync(ProbeDevice.Write, dataOut: 512));
    }

    [TestMethod]
    public async Task Registration_AnotherTargetPort_IsAnotherNexus()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 1)).RegisteredAsync(1);
        TestInitiator two = await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 2);
        Conflicts(await two.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive));
        Good(await two.OutAsync(ReserveOut.Register, 0, 2));
        CollectionAssert.AreEqual(new ulong[] { 1, 2 }, await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task Register_LogicalUnitReset_Stays()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        await one.Nexus.ExecuteAsync(new TaskManagementRequest(TaskManagementFunction.LogicalUnitReset, Lun.FromNumber(1), 0));
        Assert.IsNotNull(await one.AttentionAsync());
        Assert.AreEqual((1ul, ReservationType.WriteExclusive), await one.ReadReservationAsync());
    }

    [TestMethod]
    public async Task Register_NoRoom_InsufficientRegistrationResourcesAndOthersWork()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        int left = PersistentState.MaximumRegistrations - 1;
        while (left > 0)
        {
            int count = Math.Min(left, 500);
            left -= count;
            byte[] ids = [.. Enumerable.Range(left, count).SelectMany(i => TransportId.ForIscsi($"iqn.x:{i}", [0, 0, 0, 0, 0, 1]).Bytes.ToArray())];
            Good(await one.OutAsync(ReserveOut.Register, 0, 9, flags: SpecifyInitiators, ids: ids));
            if (left > 0) Good(await one.OutAsync(ReserveOut.Register, 9, 0));
        }

        TestInitiator two = await engine.LoginAsync();
        Refused(await two.OutAsync(ReserveOut.Register, 0, 2), Sense.InsufficientRegistrationResources);
        Assert.HasCount(PersistentState.MaximumRegistrations, await two.ReadKeysAsync());
        Good(await one.OutAsync(ReserveOut.Register, 9, 0));
        Good(await two.OutAsync(ReserveOut.Register, 0, 2));
        Conflicts(await one.OutAsync(ReserveOut.Reserve, 9, type: ReservationType.WriteExclusive));
    }
}
