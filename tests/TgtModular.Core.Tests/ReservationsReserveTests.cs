using TgtModular.Core.Reservations;
using TgtModular.Scsi;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>RESERVE, RELEASE and CLEAR (SPC-4 sections 5.13.9 and 5.13.11), and what every service action checks.</summary>
[TestClass]
public sealed class ReservationsReserveTests
{
    public static IEnumerable<object[]> Types => Enum.GetValues<ReservationType>().Select(type => new object[] { type });

    [TestMethod]
    [DynamicData(nameof(Types))]
    public async Task Reserve_Registered_IsHeldAndReported(object type)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        ReservationType wanted = (ReservationType)type;
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        await one.ReservedAsync(1, wanted);
        Assert.AreEqual((wanted.IsAllRegistrants() ? 0ul : 1ul, wanted), await one.ReadReservationAsync());
        await one.ReservedAsync(1, wanted); // once more is no error
        foreach (ReservationType other in Enum.GetValues<ReservationType>().Where(other => other != wanted))
            Conflicts(await one.OutAsync(ReserveOut.Reserve, 1, type: other));
        Good(await one.OutAsync(ReserveOut.Release, 1, type: wanted));
        Assert.IsNull(await one.ReadReservationAsync());
    }

    [TestMethod]
    [DynamicData(nameof(Types))]
    public async Task Reserve_OtherRegistrant_ConflictsUnlessAllHold(object type)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        ReservationType held = (ReservationType)type;
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await (await engine.LoginAsync()).RegisteredAsync(2);
        await one.ReservedAsync(1, held);
        Answer again = await two.OutAsync(ReserveOut.Reserve, 2, type: held);
        if (held.IsAllRegistrants()) Good(again);
        else Conflicts(again);
    }

    [TestMethod]
    public async Task Reserve_ScopeOrTypeUnknown_RefusedAtTheField()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        foreach (byte type in new byte[] { 0, 2, 4, 9, 0xF }) Refused(await one.OutAsync(ReserveOut.Reserve, List(1, 0), type), Sense.InvalidFieldInCdb(2, 3));
        foreach (byte scope in new byte[] { 0x11, 0x21, 0xF1 })
            Refused(await one.OutAsync(ReserveOut.Reserve, List(1, 0), scope), Sense.InvalidFieldInCdb(2, 7));
        Assert.IsNull(await one.ReadReservationAsync());
    }

    [TestMethod]
    [DynamicData(nameof(Types))]
    public async Task Release_ByHolder_TellsOtherRegistrantsOfSharedTypes(object type)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        ReservationType held = (ReservationType)type;
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await (await engine.LoginAsync()).RegisteredAsync(2);
        TestInitiator other = await engine.LoginAsync();
        await one.ReservedAsync(1, held);
        Good(await one.OutAsync(ReserveOut.Release, 1, type: held));
        Assert.IsNull(await one.AttentionAsync());
        Assert.AreEqual(held.IsForRegistrants() ? AdditionalSense.ReservationsReleased : null, await two.AttentionAsync());
        Assert.IsNull(await other.AttentionAsync());
        CollectionAssert.AreEqual(new ulong[] { 1, 2 }, await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task Release_NotHeld_GoodAndNothingHappens()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await (await engine.LoginAsync()).RegisteredAsync(2);
        Good(await one.OutAsync(ReserveOut.Release, 1, type: ReservationType.WriteExclusive));
        await one.ReservedAsync(1, ReservationType.WriteExclusiveRegistrantsOnly);
        Good(await two.OutAsync(ReserveOut.Release, 2, type: ReservationType.WriteExclusiveRegistrantsOnly));
        Assert.AreEqual((1ul, ReservationType.WriteExclusiveRegistrantsOnly), await one.ReadReservationAsync());
    }

    [TestMethod]
    public async Task Release_OtherTypeOrScope_InvalidRelease()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        foreach (byte wrong in new byte[] { 0x03, 0x00, 0x11 })
            Refused(await one.OutAsync(ReserveOut.Release, List(1, 0), wrong), Sense.InvalidReleaseOfPersistentReservation);
        Assert.IsNotNull(await one.ReadReservationAsync());
    }

    [TestMethod]
    public async Task Clear_ByRegistrant_EndsAllAndTellsTheOthers()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await (await engine.LoginAsync()).RegisteredAsync(2);
        TestInitiator other = await engine.LoginAsync();
        await one.ReservedAsync(1, ReservationType.WriteExclusive);
        Good(await two.OutAsync(ReserveOut.Clear, List(2, 0x55), 0xFF)); // SARK, scope and type say nothing here
        Assert.AreEqual(AdditionalSense.ReservationsPreempted, await one.AttentionAsync());
        Assert.IsNull(await one.AttentionAsync());
        Assert.IsNull(await two.AttentionAsync());
        Assert.IsNull(await other.AttentionAsync());
        Assert.IsEmpty(await one.ReadKeysAsync());
        Assert.IsNull(await one.ReadReservationAsync());
    }

    [TestMethod]
    [DataRow(ReserveOut.Reserve)]
    [DataRow(ReserveOut.Release)]
    [DataRow(ReserveOut.Clear)]
    [DataRow(ReserveOut.Preempt)]
    [DataRow(ReserveOut.PreemptAndAbort)]
    [DataRow(ReserveOut.RegisterAndMove)]
    public async Task Out_NotRegisteredOrWrongKey_Conflicts(byte action)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator holder = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator registrant = await (await engine.LoginAsync()).RegisteredAsync(2);
        TestInitiator other = await engine.LoginAsync();
        await holder.ReservedAsync(1, ReservationType.ExclusiveAccess);
        List<FullStatus> before = await holder.ReadFullStatusAsync();
        foreach (ulong key in new ulong[] { 0, 1, 2 }) Conflicts(await SendAsync(other, key));
        foreach (ulong key in new ulong[] { 0, 1, 9 }) Conflicts(await SendAsync(registrant, key));
        CollectionAssert.AreEqual(before, await holder.ReadFullStatusAsync());

        Task<Answer> SendAsync(TestInitiator initiator, ulong key) => initiator.OutAsync(
            action, action == ReserveOut.RegisterAndMove ? MoveList(key, 5, holder.Port(), other.Id()) : List(key, 1), (byte)ReservationType.ExclusiveAccess);
    }

    [TestMethod]
    [DataRow(ReserveOut.Register)]
    [DataRow(ReserveOut.Reserve)]
    [DataRow(ReserveOut.Release)]
    [DataRow(ReserveOut.Clear)]
    [DataRow(ReserveOut.Preempt)]
    [DataRow(ReserveOut.PreemptAndAbort)]
    [DataRow(ReserveOut.RegisterAndIgnore)]
    [DataRow(ReserveOut.RegisterAndMove)]
    public async Task Out_ListLengthWrong_ParameterListLengthError(byte action)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        const byte Type = (byte)ReservationType.WriteExclusive;
        foreach (int length in new[] { 0, 8, 23, 25, 65536 }) Refused(await one.OutAsync(action, new byte[length], Type), Sense.ParameterListLengthError);
        Refused(await one.SendAsync(Cdb(action, Type, uint.MaxValue), new byte[24]), Sense.ParameterListLengthError);
        Refused(await one.SendAsync(Cdb(action, Type, action == ReserveOut.RegisterAndMove ? 48u : 24u), new byte[23]), Sense.ParameterListLengthError);
        CollectionAssert.AreEqual(new ulong[] { 1 }, await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task Out_ReservedBitOrSpecIPtElsewhere_PointedAt()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        Refused(await one.OutAsync(ReserveOut.Register, 1, 2, flags: 0x80), Sense.InvalidFieldInParameterList(20, 7));
        Refused(await one.OutAsync(ReserveOut.Register, 1, 2, flags: 0x02), Sense.InvalidFieldInParameterList(20, 1));
        foreach (byte action in new[] { ReserveOut.RegisterAndIgnore, ReserveOut.Reserve, ReserveOut.Release, ReserveOut.Clear, ReserveOut.Preempt })
            Refused(await one.OutAsync(action, List(1, 1, SpecifyInitiators), 1), Sense.InvalidFieldInParameterList(20, 3));
        Refused(await one.SendAsync([OpCode.PersistentReserveOut, 8, 0, 0, 0, 0, 0, 0, 24, 0], new byte[24]), Sense.InvalidFieldInCdb(1, 4));
        Refused(await one.SendAsync([OpCode.PersistentReserveOut, 0, 0, 1, 0, 0, 0, 0, 24, 0], new byte[24]), Sense.InvalidFieldInCdb(3, 0));
    }
}
