using System.Buffers.Binary;
using TgtModular.Core.Reservations;
using TgtModular.Devices;
using TgtModular.Scsi;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>PERSISTENT RESERVE IN (SPC-4 section 6.15), and what REPORT SUPPORTED OPERATION CODES says of both commands.</summary>
[TestClass]
public sealed class ReservationsInTests
{
    [TestMethod]
    public async Task ReadKeys_AllocationShort_CutOffWithTheFullLength()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(0x1122334455667788);
        await (await engine.LoginAsync()).RegisteredAsync(2);
        foreach (ushort allocation in new ushort[] { 0, 4, 8, 12, 24 })
        {
            Answer answer = Good(await one.InAsync(0, allocation));
            Assert.HasCount(allocation, answer.Data);
            if (allocation >= 8) Assert.AreEqual(16, BinaryPrimitives.ReadInt32BigEndian(answer.Data.AsSpan(4)));
        }

        CollectionAssert.AreEqual(
            new byte[] { 0, 0, 0, 2, 0, 0, 0, 16, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0, 0, 0, 0, 0, 0, 0, 2 }, (await one.InAsync(0)).Data);
    }

    [TestMethod]
    public async Task ReadReservation_Held_HasKeyScopeAndType()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(0x0102030405060708);
        CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 1, 0, 0, 0, 0 }, (await one.InAsync(1)).Data);
        await one.ReservedAsync(0x0102030405060708, ReservationType.ExclusiveAccessRegistrantsOnly);
        CollectionAssert.AreEqual(
            new byte[] { 0, 0, 0, 1, 0, 0, 0, 16, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 6, 0, 0 }, (await one.InAsync(1)).Data);
    }

    [TestMethod]
    public async Task ReportCapabilities_WithAndWithoutAptpl_SaysWhatWorks()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        // CRH, SIP_C, ATP_C, PTPL_C; TMV; all six types. The probe has no TEST UNIT READY to allow.
        CollectionAssert.AreEqual(new byte[] { 0, 8, 0x1D, 0x80, 0xEA, 0x01, 0, 0 }, Good(await one.InAsync(2)).Data);
        await one.RegisteredAsync(1, PowerLoss);
        CollectionAssert.AreEqual(new byte[] { 0, 8, 0x1D, 0x81, 0xEA, 0x01, 0, 0 }, Good(await one.InAsync(2)).Data);
        await one.RegisteredAsync(1);
        Assert.AreEqual(0x80, (await one.InAsync(2)).Data[3]);
    }

    [TestMethod]
    public async Task ReadFullStatus_HolderAndRegistrant_NamesPortsAndInitiators()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync(portalGroup: 1)).RegisteredAsync(1);
        TestInitiator two = await (await engine.LoginAsync(portalGroup: 2)).RegisteredAsync(2);
        await two.ReservedAsync(2, ReservationType.WriteExclusive);
        CollectionAssert.AreEqual(
            new[]
            {
                new FullStatus(1, false, false, 0, one.Port(), one.Nexus.Initiator),
                new FullStatus(2, false, true, ReservationType.WriteExclusive, two.Port(), two.Nexus.Initiator),
            },
            await one.ReadFullStatusAsync());
    }

    [TestMethod]
    public async Task ReadFullStatus_AllRegistrants_EveryoneHolds()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        await (await engine.LoginAsync()).RegisteredAsync(2);
        await one.ReservedAsync(1, ReservationType.WriteExclusiveAllRegistrants);
        foreach (FullStatus status in await one.ReadFullStatusAsync())
        {
            Assert.IsTrue(status.Holder);
            Assert.AreEqual(ReservationType.WriteExclusiveAllRegistrants, status.Type);
        }
    }

    [TestMethod]
    public async Task In_UnknownActionOrReservedBit_RefusedAtTheField()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        for (byte action = 4; action < 0x20; action++) Refused(await one.InAsync(action), Sense.InvalidFieldInCdb(1, 4));
        Refused(await one.SendAsync([OpCode.PersistentReserveIn, 0, 0, 0, 0, 0, 1, 0, 8, 0], dataIn: 8), Sense.InvalidFieldInCdb(6, 0));
    }

    [TestMethod]
    [DataRow(OpCode.PersistentReserveIn, (byte)0, (byte)0x00, (byte)0x00)]
    [DataRow(OpCode.PersistentReserveIn, (byte)3, (byte)0x00, (byte)0x00)]
    [DataRow(OpCode.PersistentReserveOut, ReserveOut.Register, (byte)0x00, (byte)0xFF)]
    [DataRow(OpCode.PersistentReserveOut, ReserveOut.Reserve, (byte)0xFF, (byte)0xFF)]
    [DataRow(OpCode.PersistentReserveOut, ReserveOut.Release, (byte)0xFF, (byte)0xFF)]
    [DataRow(OpCode.PersistentReserveOut, ReserveOut.Clear, (byte)0x00, (byte)0xFF)]
    [DataRow(OpCode.PersistentReserveOut, ReserveOut.Preempt, (byte)0xFF, (byte)0xFF)]
    [DataRow(OpCode.PersistentReserveOut, ReserveOut.PreemptAndAbort, (byte)0xFF, (byte)0xFF)]
    [DataRow(OpCode.PersistentReserveOut, ReserveOut.RegisterAndIgnore, (byte)0x00, (byte)0xFF)]
    [DataRow(OpCode.PersistentReserveOut, ReserveOut.RegisterAndMove, (byte)0x00, (byte)0xFF)]
    public async Task SupportedOperationCodes_EachServiceAction_ReportsWhatIsLookedAt(byte code, byte action, byte scopeAndType, byte listLength)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        Answer answer = Good(await one.SendAsync([OpCode.MaintenanceIn, 0x0C, 0x02, code, 0, action, 0, 0, 1, 0, 0, 0], dataIn: 256));
        byte low = code == OpCode.PersistentReserveIn ? (byte)0xFF : listLength; // the allocation length is half as long
        CollectionAssert.AreEqual(
            new byte[] { 0, 3, 0, 10, code, action, scopeAndType, 0, 0, listLength, listLength, low, low, 0 },
            answer.Data);
    }

    [TestMethod]
    public async Task Unit_WithoutTheFlags_HasNeitherCommand()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        engine.Probes.Core = CoreCommands.Standard;
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("plain"), Configuration.Owner.File, default));
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(
            TestEngine.TargetName, new Control.TargetChange { AddLuns = [new Configuration.LunSpec(2, "plain")] }, default));
        TestInitiator one = await (await engine.LoginAsync()).ReadyAsync(lun: 2);
        foreach (byte code in new[] { OpCode.Reserve6, OpCode.Release6, OpCode.Reserve10, OpCode.PersistentReserveIn, OpCode.PersistentReserveOut })
            Refused(await one.SendAsync([code, 0, 0, 0, 0, 0, 0, 0, 0, 0], lun: Lun.FromNumber(2)), Sense.InvalidOperationCode);
    }
}
