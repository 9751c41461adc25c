using TgtModular.Core.Reservations;
using TgtModular.Scsi;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>REGISTER AND MOVE (SPC-4 section 5.13.8).</summary>
[TestClass]
public sealed class ReservationsMoveTests
{
    private const byte Unregister = 0x02;

    [TestMethod]
    public async Task Move_ToOtherNexus_RegistersItAndGivesItTheReservation()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await engine.LoginAsync(portalGroup: 2);
        await one.ReservedAsync(1, ReservationType.ExclusiveAccess);
        Good(await one.OutAsync(ReserveOut.RegisterAndMove, MoveList(1, 2, two.Port(), two.Id()), 0xFF)); // scope and type say nothing here
        Assert.AreEqual((2ul, ReservationType.ExclusiveAccess), await two.ReadReservationAsync());
        CollectionAssert.AreEqual(new ulong[] { 1, 2 }, await one.ReadKeysAsync());
        Assert.AreEqual(2u, await one.ReadGenerationAsync());
        Good(await two.OutAsync(ReserveOut.Release, 2, type: ReservationType.ExclusiveAccess));
        foreach (TestInitiator initiator in new[] { one, two }) Assert.IsNull(await initiator.AttentionAsync());
    }

    [TestMethod]
    public async Task Move_Unregister_EndsTheSendersRegistration()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await (await engine.LoginAsync()).RegisteredAsync(5);
        await one.ReservedAsync(1, ReservationType.WriteExclusiveRegistrantsOnly);
        Good(await one.OutAsync(ReserveOut.RegisterAndMove, MoveList(1, 2, two.Port(), two.Id(), Unregister)));
        CollectionAssert.AreEqual(new ulong[] { 2 }, await one.ReadKeysAsync());
        Assert.AreEqual((2ul, ReservationType.WriteExclusiveRegistrantsOnly), await two.ReadReservationAsync());
        Conflicts(await one.OutAsync(ReserveOut.Release, 1, type: ReservationType.WriteExclusiveRegistrantsOnly));
    }

    [TestMethod]
    public async Task Move_ToNexusOnAllPorts_LeavesItsOtherPorts()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await (await engine.LoginAsync("iqn.2026-11.test:b", portalGroup: 2)).RegisteredAsync(5, AllTargetPorts);
        await one.ReservedAsync(1, ReservationType.ExclusiveAccess);
        Good(await one.OutAsync(ReserveOut.RegisterAndMove, MoveList(1, 2, two.Port(), two.Id())));
        CollectionAssert.AreEquivalent(new ulong[] { 1, 2, 5 }, await one.ReadKeysAsync());
        Good(await two.OutAsync(ReserveOut.Release, 2, type: ReservationType.ExclusiveAccess));
    }

    [TestMethod]
    public async Task Move_NoReservation_RefusedInCdb()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await engine.LoginAsync();
        Refused(await one.OutAsync(ReserveOut.RegisterAndMove, MoveList(1, 2, two.Port(), two.Id())), Sense.Illegal(AdditionalSense.InvalidFieldInCdb));
    }

    [TestMethod]
    [DataRow(ReservationType.WriteExclusiveAllRegistrants)]
    [DataRow(ReservationType.ExclusiveAccessAllRegistrants)]
    public async Task Move_AllRegistrantsHold_Conflicts(object type)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await engine.LoginAsync();
        await one.ReservedAsync(1, (ReservationType)type);
        Conflicts(await one.OutAsync(ReserveOut.RegisterAndMove, MoveList(1, 2, two.Port(), two.Id())));
    }

    [TestMethod]
    public async Task Move_FieldWrong_PointedAtAndNothingHappens()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await engine.LoginAsync();
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        byte[] nodeName = [.. TransportId.ForIscsi("iqn.2026-11.test:b").Bytes];
        byte[] fibre = [.. TransportId.ForFibreChannel(5).Bytes];
        await RefusedAsync(MoveList(1, 0, two.Port(), two.Id()), 8); // no key
        await RefusedAsync(MoveList(1, 2, 0, two.Id()), 18); // no such port
        await RefusedAsync(MoveList(1, 2, 999, two.Id()), 18);
        await RefusedAsync(MoveList(1, 2, two.Port(), one.Id()), 24); // to itself
        await RefusedAsync(MoveList(1, 2, two.Port(), nodeName), 24); // may mean many ports
        await RefusedAsync(MoveList(1, 2, two.Port(), fibre), 18); // the port is none of that protocol
        await RefusedAsync(MoveList(1, 2, two.Port(), [.. two.Id(), .. two.Id()]), 24 + two.Id().Length);
        Refused(await one.OutAsync(ReserveOut.RegisterAndMove, MoveList(1, 2, two.Port(), two.Id(), 0x80)), Sense.InvalidFieldInParameterList(17, 7));
        byte[] list = MoveList(1, 2, two.Port(), two.Id());
        list[23] += 4;
        Refused(await one.OutAsync(ReserveOut.RegisterAndMove, list), Sense.ParameterListLengthError);
        CollectionAssert.AreEqual(new ulong[] { 1 }, await one.ReadKeysAsync());
        Assert.AreEqual((1ul, ReservationType.WriteExclusive), await one.ReadReservationAsync());

        async Task RefusedAsync(byte[] wrong, int offset) =>
            Refused(await one.OutAsync(ReserveOut.RegisterAndMove, wrong), Sense.InvalidFieldInParameterList(offset));
    }
}
