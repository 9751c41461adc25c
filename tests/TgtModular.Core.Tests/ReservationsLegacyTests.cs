using TgtModular.Core.Reservations;
using TgtModular.Scsi;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>RESERVE and RELEASE (SPC-2 section 7.21), and what they are beside persistent reservations (SPC-4 section 5.13.3).</summary>
[TestClass]
public sealed class ReservationsLegacyTests
{
    [TestMethod]
    [DataRow(OpCode.Reserve6, OpCode.Release6)]
    [DataRow(OpCode.Reserve10, OpCode.Release10)]
    public async Task Reserve_HeldByAnother_ConflictsUntilReleased(byte reserve, byte release)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Probe.LetGo(0);
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        Good(await SendAsync(one, reserve));
        Good(await SendAsync(one, reserve));
        Conflicts(await SendAsync(two, reserve));
        Conflicts(await two.SendAsync(ProbeDevice.Read, dataIn: 512));
        Conflicts(await two.SendAsync(ProbeDevice.Write, dataOut: 512));
        Good(await two.SendAsync(ProbeDevice.Reply));
        Good(await one.SendAsync(ProbeDevice.Read, dataIn: 512));
        Good(await SendAsync(two, release));
        Conflicts(await SendAsync(two, reserve));
        Good(await SendAsync(one, release));
        Good(await SendAsync(two, reserve));
        Conflicts(await SendAsync(one, reserve));
    }

    [TestMethod]
    [DataRow((byte)0x10)] // third party
    [DataRow((byte)0x01)] // extent
    public async Task Reserve_ThirdPartyOrExtent_RefusedAtTheBit(byte flags)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        SenseData pointed = Sense.InvalidFieldInCdb(1, flags == 1 ? 0 : 4);
        Refused(await one.SendAsync([OpCode.Reserve6, flags, 0, 0, 0, 0]), pointed);
        Refused(await one.SendAsync([OpCode.Reserve10, flags, 0, 0, 0, 0, 0, 0, 0, 0]), pointed);
        Refused(await one.SendAsync([OpCode.Release6, flags, 0, 0, 0, 0]), pointed);
        Refused(await one.SendAsync([OpCode.Reserve6, 0, 0, 0, 8, 0]), Sense.InvalidFieldInCdb(4, 3));
        Good(await SendAsync(await engine.LoginAsync(), OpCode.Reserve6));
    }

    [TestMethod]
    public async Task Reserve_NexusLost_EndsForTheNexusAlone()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        Good(await SendAsync(one, OpCode.Reserve6));
        await two.LogoutAsync();
        two = await engine.LoginAsync();
        Conflicts(await SendAsync(two, OpCode.Reserve6));
        await one.LogoutAsync();
        Good(await SendAsync(two, OpCode.Reserve6));
    }

    [TestMethod]
    [DataRow(TaskManagementFunction.LogicalUnitReset)]
    [DataRow(TaskManagementFunction.TargetWarmReset)]
    public async Task Reserve_Reset_Ends(TaskManagementFunction function)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        Good(await SendAsync(one, OpCode.Reserve6));
        await two.Nexus.ExecuteAsync(new TaskManagementRequest(function, Lun.FromNumber(1), 0));
        Assert.AreEqual(AdditionalSense.BusDeviceResetFunctionOccurred, await two.AttentionAsync());
        Good(await SendAsync(two, OpCode.Reserve6));
    }

    [TestMethod]
    public async Task Reserve_NexusReset_Ends()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        Good(await SendAsync(one, OpCode.Reserve6));
        await one.Nexus.ExecuteAsync(new TaskManagementRequest(TaskManagementFunction.NexusReset, default, 0));
        Good(await SendAsync(two, OpCode.Reserve6));
    }

    [TestMethod]
    public async Task PersistentReserve_UnitReserved_ConflictsForEveryNexusAndChangesNothing()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        Good(await SendAsync(one, OpCode.Reserve6));
        foreach (TestInitiator initiator in new[] { one, two })
        {
            for (byte action = 0; action < 4; action++) Conflicts(await initiator.InAsync(action));
            Conflicts(await initiator.OutAsync(ReserveOut.Register, 0, 1));
            Conflicts(await initiator.OutAsync(ReserveOut.RegisterAndIgnore, 0, 1));
            Conflicts(await initiator.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive));
        }

        Good(await SendAsync(one, OpCode.Release6));
        Assert.IsEmpty(await one.ReadKeysAsync());
    }

    [TestMethod]
    public async Task Reserve_NexusRegistered_ConflictsForEveryNexus()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator two = await engine.LoginAsync();
        foreach (TestInitiator initiator in new[] { one, two })
        {
            foreach (byte code in new[] { OpCode.Reserve6, OpCode.Reserve10, OpCode.Release6, OpCode.Release10 }) Conflicts(await SendAsync(initiator, code));
        }
    }

    [TestMethod]
    [DataRow(ReservationType.WriteExclusive, false)]
    [DataRow(ReservationType.ExclusiveAccess, false)]
    [DataRow(ReservationType.WriteExclusiveRegistrantsOnly, true)]
    [DataRow(ReservationType.ExclusiveAccessRegistrantsOnly, true)]
    [DataRow(ReservationType.WriteExclusiveAllRegistrants, true)]
    [DataRow(ReservationType.ExclusiveAccessAllRegistrants, true)]
    public async Task Reserve_PersistentReservation_GoodForThoseItGivesAccessAndChangesNothing(object type, bool registrants)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator holder = await (await engine.LoginAsync()).RegisteredAsync(1);
        TestInitiator registrant = await (await engine.LoginAsync()).RegisteredAsync(2);
        TestInitiator other = await engine.LoginAsync();
        await holder.ReservedAsync(1, (ReservationType)type);
        (ulong, ReservationType)? before = await holder.ReadReservationAsync();
        foreach (byte code in new[] { OpCode.Reserve6, OpCode.Reserve10, OpCode.Release6, OpCode.Release10 })
        {
            Good(await SendAsync(holder, code));
            if (registrants) Good(await SendAsync(registrant, code));
            else Conflicts(await SendAsync(registrant, code));
            Conflicts(await SendAsync(other, code));
        }

        Assert.AreEqual(before, await holder.ReadReservationAsync());
    }

    private static Task<Answer> SendAsync(TestInitiator initiator, byte code) =>
        initiator.SendAsync(code is OpCode.Reserve6 or OpCode.Release6 ? [code, 0, 0, 0, 0, 0] : [code, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
}
