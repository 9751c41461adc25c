using TgtModular.Core.Reservations;
using TgtModular.Scsi;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>SPEC_I_PT and ALL_TG_PT (SPC-4 section 6.16.3): registrations for others, and through every target port.</summary>
[TestClass]
public sealed class ReservationsSpecifiedTests
{
    private static readonly byte[] Isid = [0, 2, 0, 0, 0, 1];

    [TestMethod]
    public async Task SpecIPt_PortNotLoggedIn_RegisteredBeforeItComes()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        byte[] ids = [.. TransportId.ForIscsi("iqn.2026-11.test:later", Isid).Bytes];
        Good(await one.OutAsync(ReserveOut.Register, 0, 4, flags: SpecifyInitiators, ids: ids));
        TestInitiator later = await engine.LoginAsync("iqn.2026-11.test:later");
        Good(await later.OutAsync(ReserveOut.Reserve, 4, type: ReservationType.ExclusiveAccess));
    }

    [TestMethod]
    public async Task SpecIPt_OtherCaseAndPadding_IsTheSamePort()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator two = await engine.LoginAsync("iqn.2026-11.test:two");
        TestInitiator one = await engine.LoginAsync();
        byte[] id = IscsiId(0x40, "IQN.2026-11.test:TWO,i,0x000200000001", 60);
        Good(await one.OutAsync(ReserveOut.Register, 0, 4, flags: SpecifyInitiators, ids: id));
        Good(await two.OutAsync(ReserveOut.Reserve, 4, type: ReservationType.ExclusiveAccess));
    }

    [TestMethod]
    public async Task SpecIPt_PortRegisteredAlready_KeepsItsKey()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator two = await (await engine.LoginAsync()).RegisteredAsync(2);
        TestInitiator one = await engine.LoginAsync();
        Good(await one.OutAsync(ReserveOut.Register, 0, 1, flags: SpecifyInitiators, ids: [.. two.Id(), .. one.Id()]));
        CollectionAssert.AreEqual(new ulong[] { 2, 1 }, await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task SpecIPt_SenderRegistered_Refused()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator two = await engine.LoginAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        foreach (ulong key in new ulong[] { 0, 3 })
            Refused(await one.OutAsync(ReserveOut.Register, 1, key, flags: SpecifyInitiators, ids: two.Id()), Sense.InvalidFieldInParameterList(20, 3));
        CollectionAssert.AreEqual(new ulong[] { 1 }, await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task SpecIPt_NodeName_MeansAllItsPortsThatAreKnown()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator two = await engine.LoginAsync("iqn.2026-11.test:two");
        TestInitiator one = await engine.LoginAsync();
        byte[] known = [.. TransportId.ForIscsi("iqn.2026-11.test:two").Bytes];
        byte[] unknown = [.. TransportId.ForIscsi("iqn.2026-11.test:nobody").Bytes];
        Refused(await one.OutAsync(ReserveOut.Register, 0, 1, flags: SpecifyInitiators, ids: [.. known, .. unknown]),
            Sense.InvalidFieldInParameterList(28 + known.Length));
        Assert.IsEmpty(await one.ReadKeysAsync(), "one refused initiator must leave none registered");
        Good(await one.OutAsync(ReserveOut.Register, 0, 1, flags: SpecifyInitiators, ids: known));
        Good(await two.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive));
    }

    [TestMethod]
    public async Task SpecIPt_IdsMalformed_PointedAt()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        byte[] good = [.. TransportId.ForIscsi("iqn.x:a", Isid).Bytes];
        byte[][] bad =
        [
            [.. TransportId.ForFibreChannel(1).Bytes], // another protocol than the port's
            IscsiId(0x40, "iqn.x:without-isid", 20), IscsiId(0x40, "iqn.x:a,i,0x12345678abcdef", 40), IscsiId(0x40, "iqn.x:a,i,0xzz", 20),
            IscsiId(0x00, "iqn.x:a,i,0x000200000001", 40), IscsiId(0x80, "iqn.x:a", 20), IscsiId(0x40, ",i,0x1", 20),
            IscsiId(0x40, new string('n', 240) + ",i,0x1", 252), new byte[24], [0x4F, .. new byte[23]], [0x45, 0, 0, 19, .. new byte[20]],
            [0x45, 0, 0, 200, .. new byte[24]], [5, 0, 0, 20, .. new byte[20]], [0x45, 0, 0, 20, .. Enumerable.Repeat((byte)'x', 20)],
            [0x45, 0, 0, 20, 0xFF, 0xFE, .. ",i,0x1"u8, .. new byte[12]],
        ];
        for (int i = 0; i < bad.Length; i++)
        {
            Answer answer = await one.OutAsync(ReserveOut.Register, 0, 1, flags: SpecifyInitiators, ids: [.. good, .. bad[i]]);
            Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidFieldInParameterList(28 + good.Length)), answer.Outcome, $"case {i}");
        }

        Assert.IsEmpty(await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task SpecIPt_LengthsDisagree_ParameterListLengthError()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        byte[] list = List(0, 1, SpecifyInitiators, [.. TransportId.ForIscsi("iqn.x:a", Isid).Bytes]);
        foreach (int wrong in new[] { -4, 4, 1 << 20 })
        {
            byte[] changed = [.. list];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(24), list.Length - 28 + wrong);
            Refused(await one.OutAsync(ReserveOut.Register, changed), Sense.ParameterListLengthError);
        }

        Refused(await one.OutAsync(ReserveOut.Register, list[..24]), Sense.ParameterListLengthError);
        Refused(await one.OutAsync(ReserveOut.Register, list[..27]), Sense.ParameterListLengthError);
        Good(await one.OutAsync(ReserveOut.Register, list));
    }

    [TestMethod]
    public async Task AllTgPt_OtherPort_CoveredWheneverItComes()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 1)).RegisteredAsync(1, AllTargetPorts);
        TestInitiator two = await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 2);
        TestInitiator other = await engine.LoginAsync("iqn.2026-11.test:b", portalGroup: 2);
        Conflicts(await other.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive));
        Good(await two.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive));
        Conflicts(await one.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive));
        List<FullStatus> status = await one.ReadFullStatusAsync();
        Assert.HasCount(2, status);
        Assert.AreEqual(new FullStatus(1, true, false, 0, 0, Name("iqn.2026-11.test:a")), status[0]);
        Assert.AreEqual(new FullStatus(1, false, true, ReservationType.WriteExclusive, two.Port(), Name("iqn.2026-11.test:a")), status[1]);
    }

    [TestMethod]
    public async Task AllTgPt_OnePortUnregisters_OthersStay()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 1)).RegisteredAsync(1, AllTargetPorts);
        TestInitiator two = await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 2);
        Good(await one.OutAsync(ReserveOut.Register, 1, 0));
        Conflicts(await one.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive));
        Good(await two.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive));
        Good(await one.OutAsync(ReserveOut.Register, 0, 5));
        CollectionAssert.AreEquivalent(new ulong[] { 1, 1, 5 }, await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task AllTgPt_EveryKnownPortUnregistersByItself_KeyIsGone()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 1);
        TestInitiator two = await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 2);
        await one.RegisteredAsync(1, AllTargetPorts);
        Good(await one.OutAsync(ReserveOut.Register, 1, 0));
        CollectionAssert.AreEqual(new ulong[] { 1 }, await one.ReadKeysAsync());
        Good(await two.OutAsync(ReserveOut.Register, 1, 0));
        Assert.IsEmpty(await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task AllTgPt_Unregister_EndsOnEveryPort()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 1)).RegisteredAsync(1, AllTargetPorts);
        TestInitiator two = await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 2);
        await two.ReservedAsync(1, ReservationType.WriteExclusive);
        Good(await one.OutAsync(ReserveOut.Register, 1, 0, flags: AllTargetPorts));
        Assert.IsEmpty(await one.ReadKeysAsync());
        Assert.IsNull(await one.ReadReservationAsync());
    }

    [TestMethod]
    public async Task AllTgPt_KeyOfAnotherPortDiffers_ConflictsUnlessIgnored()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 1)).RegisteredAsync(1);
        TestInitiator two = await (await engine.LoginAsync("iqn.2026-11.test:a", portalGroup: 2)).RegisteredAsync(2);
        Conflicts(await one.OutAsync(ReserveOut.Register, 1, 3, flags: AllTargetPorts));
        CollectionAssert.AreEqual(new ulong[] { 1, 2 }, await one.ReadKeysAsync());
        await two.ReservedAsync(2, ReservationType.WriteExclusive);
        Good(await one.OutAsync(ReserveOut.RegisterAndIgnore, 0, 3, flags: AllTargetPorts));
        CollectionAssert.AreEquivalent(new ulong[] { 3, 3 }, await one.ReadKeysAsync());
        Assert.AreEqual((3ul, ReservationType.WriteExclusive), await one.ReadReservationAsync());
        Good(await two.OutAsync(ReserveOut.Release, 3, type: ReservationType.WriteExclusive));
    }

    [TestMethod]
    public async Task AllTgPt_WithSpecIPt_OthersAreCoveredEverywhere()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync(portalGroup: 1);
        Good(await one.OutAsync(
            ReserveOut.Register, 0, 1, flags: AllTargetPorts | SpecifyInitiators, ids: [.. Name("iqn.2026-11.test:b").Bytes]));
        TestInitiator other = await engine.LoginAsync("iqn.2026-11.test:b", portalGroup: 9);
        Good(await other.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive));
    }

    private static TransportId Name(string initiator) => TransportId.ForIscsi(initiator, Isid);

    private static byte[] IscsiId(byte format, string text, int padded)
    {
        byte[] id = new byte[4 + padded];
        id[0] = (byte)(format | 5);
        id[3] = (byte)padded;
        System.Text.Encoding.UTF8.GetBytes(text).CopyTo(id, 4);
        return id;
    }
}
