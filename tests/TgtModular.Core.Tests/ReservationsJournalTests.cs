using System.Text;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Reservations;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.TestKit;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>APTPL: what a restart keeps, and that nothing kept is ever taken for nothing.</summary>
[TestClass]
public sealed class ReservationsJournalTests
{
    private const string UnitJournal = "unit/probe";
    private const string Key = "reservations";

    private const string Golden =
        """
        tgtmodular-reservations 1 0ae0fb29d8b5de4d00c1e91c05a685f7472d04d47aab70efaa95223901acc3cf
        {"registrations":[{"initiator":"0000000000000000500a0981888899990000000000000000","except":["500a098188880000"],"key":"0000000000abcdef"},{"initiator":"0000000000000000500a0981888899990000000000000000","port":"500a098188880000","key":"0000000000000005"},{"initiator":"4500001c69716e2e613a622c692c307830303032303030303030303100000000","port":"iqn.t,t,0x0001","key":"1234567890abcdef"}],"ports":["0:500a098188880001","5:iqn.t,t,0x0001"],"reservation":{"type":6,"holder":2}}
        """;

    [TestMethod]
    public async Task Restart_Aptpl_RegistrationsAndReservationAreBackBeforeTheFirstNexus()
    {
        Dictionary<string, IStateJournal> journals = [];
        await using (TestEngine before = await TestEngine.StartAsync(journals: journals))
        {
            TestInitiator one = await (await before.LoginAsync("iqn.2026-11.test:a")).RegisteredAsync(1, PowerLoss);
            await (await before.LoginAsync("iqn.2026-11.test:b")).RegisteredAsync(2, PowerLoss | AllTargetPorts);
            await one.ReservedAsync(1, ReservationType.WriteExclusiveRegistrantsOnly);
        }

        await using TestEngine after = await TestEngine.StartAsync(journals: journals);
        after.Probe.LetGo(0);
        TestInitiator other = await after.LoginAsync("iqn.2026-11.test:c");
        Conflicts(await other.SendAsync(ProbeDevice.Write, dataOut: 512));
        Assert.AreEqual((1ul, ReservationType.WriteExclusiveRegistrantsOnly), await other.ReadReservationAsync());
        Assert.AreEqual(0u, await other.ReadGenerationAsync(), "PRGENERATION starts anew");
        Assert.AreEqual(0x81, (await other.InAsync(2)).Data[3]);
        TestInitiator two = await after.LoginAsync("iqn.2026-11.test:b", portalGroup: 7);
        Good(await two.SendAsync(ProbeDevice.Write, dataOut: 512));
        TestInitiator again = await after.LoginAsync("iqn.2026-11.test:a");
        FullStatus holder = (await other.ReadFullStatusAsync()).Single(status => status.Holder);
        Assert.AreEqual(again.Port(), holder.Port);
        Good(await again.OutAsync(ReserveOut.Release, 1, type: ReservationType.WriteExclusiveRegistrantsOnly));
    }

    [TestMethod]
    public async Task Restart_EachChange_IsWhatTheRestartFinds()
    {
        Dictionary<string, IStateJournal> journals = [];
        await using TestEngine before = await TestEngine.StartAsync(journals: journals);
        TestInitiator one = await (await before.LoginAsync()).RegisteredAsync(1, PowerLoss);
        TestInitiator two = await before.LoginAsync();
        Func<Task<Answer>>[] changes =
        [
            () => two.OutAsync(ReserveOut.Register, 0, 2, flags: PowerLoss),
            () => one.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.WriteExclusive),
            () => one.OutAsync(ReserveOut.Release, 1, type: ReservationType.WriteExclusive),
            () => one.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.ExclusiveAccessAllRegistrants),
            () => two.OutAsync(ReserveOut.Preempt, 2, 0, ReservationType.ExclusiveAccess),
            () => two.OutAsync(ReserveOut.RegisterAndMove, MoveList(2, 3, one.Port(), one.Id(), PowerLoss)),
            () => two.OutAsync(ReserveOut.Register, 2, 0, flags: PowerLoss),
        ];
        foreach (Func<Task<Answer>> change in changes)
        {
            Good(await change());
            await one.DrainAsync();
            await two.DrainAsync();
            Dictionary<string, IStateJournal> copy = await CopyAsync(journals);
            await using TestEngine after = await TestEngine.StartAsync(journals: copy);
            TestInitiator reader = await after.LoginAsync();
            CollectionAssert.AreEqual(Without(await one.ReadFullStatusAsync()), Without(await reader.ReadFullStatusAsync()));
            Assert.AreEqual(await one.ReadReservationAsync(), await reader.ReadReservationAsync());
        }
    }

    [TestMethod]
    public async Task Restart_LastAptplWasZero_KeepsNothing()
    {
        Dictionary<string, IStateJournal> journals = [];
        await using (TestEngine before = await TestEngine.StartAsync(journals: journals))
        {
            TestInitiator one = await (await before.LoginAsync()).RegisteredAsync(1, PowerLoss);
            Assert.IsTrue(Documents(journals).ContainsKey(Key));
            await one.RegisteredAsync(1);
            Assert.IsFalse(Documents(journals).ContainsKey(Key));
            await one.ReservedAsync(1, ReservationType.WriteExclusive);
        }

        await using TestEngine after = await TestEngine.StartAsync(journals: journals);
        TestInitiator other = await after.LoginAsync();
        Assert.IsEmpty(await other.ReadKeysAsync());
        Assert.IsNull(await other.ReadReservationAsync());
    }

    [TestMethod]
    public async Task Restart_Cleared_KeepsNothing()
    {
        Dictionary<string, IStateJournal> journals = [];
        await using TestEngine before = await TestEngine.StartAsync(journals: journals);
        TestInitiator one = await (await before.LoginAsync()).RegisteredAsync(1, PowerLoss);
        Good(await one.OutAsync(ReserveOut.Clear, 1));
        Assert.IsFalse(Documents(journals).ContainsKey(Key));
    }

    [TestMethod]
    public async Task Save_Fails_CommandIsRefusedAndNothingChanges()
    {
        Dictionary<string, IStateJournal> journals = [];
        await using TestEngine engine = await TestEngine.StartAsync(journals: journals);
        engine.Probe.LetGo(0);
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1, PowerLoss);
        TestInitiator two = await (await engine.LoginAsync()).RegisteredAsync(2, PowerLoss);
        MemoryJournal journal = (MemoryJournal)journals[UnitJournal];
        journal.SaveFault = new IOException("no space left");
        Refused(await one.OutAsync(ReserveOut.Reserve, 1, type: ReservationType.ExclusiveAccess), Sense.InternalTargetFailure);
        Refused(await one.OutAsync(ReserveOut.PreemptAndAbort, 1, 2, ReservationType.ExclusiveAccess), Sense.InternalTargetFailure);
        Assert.IsNull(await one.ReadReservationAsync());
        Assert.IsNull(await two.AttentionAsync());
        CollectionAssert.AreEqual(new ulong[] { 1, 2 }, await one.ReadKeysAsync());
        Good(await two.SendAsync(ProbeDevice.Write, dataOut: 512));
        journal.SaveFault = null;
        await one.ReservedAsync(1, ReservationType.ExclusiveAccess);
    }

    [TestMethod]
    public async Task Save_OnlyWithAptpl_JournalIsLeftAloneElse()
    {
        Dictionary<string, IStateJournal> journals = [];
        await using TestEngine engine = await TestEngine.StartAsync(journals: journals);
        TestInitiator one = await (await engine.LoginAsync()).RegisteredAsync(1);
        await one.ReservedAsync(1, ReservationType.ExclusiveAccess);
        Assert.AreEqual(0, ((MemoryJournal)journals[UnitJournal]).Saves);
    }

    [TestMethod]
    public async Task Document_DamagedAnywhere_UnitIsNotMadeAndTheMessageNamesTheFile()
    {
        Dictionary<string, IStateJournal> journals = [];
        byte[] good;
        await using (TestEngine before = await TestEngine.StartAsync(journals: journals))
        {
            await (await before.LoginAsync()).RegisteredAsync(1, PowerLoss);
            good = Documents(journals)[Key];
        }

        await using TestEngine engine = await TestEngine.StartAsync();
        List<byte[]> bad = [[], "not ours at all"u8.ToArray(), good[..^1], [.. good, 0]];
        for (int i = 0; i < good.Length; i++)
        {
            byte[] flipped = [.. good];
            flipped[i] ^= 0x01;
            bad.Add(flipped);
        }

        foreach (byte[] document in bad)
        {
            Assert.IsNull(ReservationDocument.TryRead(document, out string problem));
            Assert.AreNotEqual("", problem);
        }

        MemoryJournal journal = new();
        await journal.SaveAsync(Key, bad[2], default);
        engine.UseJournal("unit/damaged", journal);
        ControlResult result = await engine.Engine.AddUnitAsync(TestEngine.Unit("damaged"), Owner.File, default);
        Assert.IsFalse(result.IsOk);
        StringAssert.Contains(result.Message, "journal/unit/damaged/reservations");
        StringAssert.Contains(result.Message, "checksum");
        Assert.IsEmpty(engine.Engine.GetSnapshot().Units.Where(unit => unit.Spec.Name == "damaged"));
        await journal.RemoveAsync(Key, default);
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("damaged"), Owner.File, default));
    }

    [TestMethod]
    public async Task Document_CannotBeRead_UnitIsNotMade()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        Moq.Mock<IStateJournal> journal = new();
        journal.Setup(it => it.LoadAsync(Key, Moq.It.IsAny<CancellationToken>())).Throws(new IOException("input/output error"));
        engine.UseJournal("unit/broken", journal.Object);
        ControlResult result = await engine.Engine.AddUnitAsync(TestEngine.Unit("broken"), Owner.File, default);
        Assert.IsFalse(result.IsOk);
        StringAssert.Contains(result.Message, "input/output error");
    }

    [TestMethod]
    [DataRow("""{"registrations":null}""")]
    [DataRow("""{"registrations":[null]}""")]
    [DataRow("""{"registrations":[],"reservation":{"type":7}}""")]
    [DataRow("""{"registrations":[{"initiator":"00","key":"1"}]}""")]
    [DataRow("""{"registrations":[{"initiator":"zz","key":"1"}]}""")]
    [DataRow("""{"registrations":[{"initiator":"ID","key":"0"}]}""")]
    [DataRow("""{"registrations":[{"initiator":"ID","key":"1"}],"reservation":{"type":2}}""")]
    [DataRow("""{"registrations":[{"initiator":"ID","key":"1"}],"reservation":{"type":1}}""")]
    [DataRow("""{"registrations":[{"initiator":"ID","key":"1"}],"reservation":{"type":1,"holder":0}}""")]
    [DataRow("""{"registrations":[{"initiator":"ID","port":"p","key":"1"}],"reservation":{"type":1,"holder":1}}""")]
    [DataRow("""{"registrations":[{"initiator":"ID","port":"p","key":"1"}],"reservation":{"type":7,"holder":0}}""")]
    [DataRow("""{"registrations":[],"more":1}""")]
    [DataRow("""{"registrations":[],"ports":["x"]}""")]
    [DataRow("""{"registrations":[],"ports":["16:x"]}""")]
    [DataRow("""{"registrations":[],"ports":[null]}""")]
    [DataRow("""[]""")]
    [DataRow("""null""")]
    public void Document_ChecksumRightContentWrong_IsNotRead(string content)
    {
        Assert.IsNull(ReservationDocument.TryRead(Sealed(content), out string problem));
        Assert.AreNotEqual("", problem);
    }

    [TestMethod]
    public void Document_OfFormat1_StaysReadableAndIsWrittenAlike()
    {
        PersistentStateBuilder builder = PersistentState.Empty.With([new(ProtocolIdentifier.Iscsi, "iqn.t,t,0x0001"), new(0, "500a098188880001")]).Edit();
        NexusName holder = new(TransportId.ForIscsi("iqn.a:b", [0, 2, 0, 0, 0, 1]), "iqn.t,t,0x0001");
        builder.SetKeyOnAllPorts(TransportId.ForFibreChannel(0x500A_0981_8888_9999), 0xABCDEF);
        builder.SetKey(new NexusName(TransportId.ForFibreChannel(0x500A_0981_8888_9999), "500a098188880000"), 5);
        builder.SetKey(holder, 0x1234567890ABCDEF);
        builder.Reservation = new PersistentReservation(ReservationType.ExclusiveAccessRegistrantsOnly, holder);
        builder.SurvivesPowerLoss = true;
        PersistentState state = builder.Build(registrationsChanged: true);
        Assert.AreEqual(Golden, Encoding.UTF8.GetString(ReservationDocument.Write(state)));

        PersistentState read = ReservationDocument.TryRead(Encoding.UTF8.GetBytes(Golden), out string problem) ?? throw new AssertFailedException(problem);
        Assert.AreEqual(Golden, Encoding.UTF8.GetString(ReservationDocument.Write(read)));
        Assert.AreEqual(state.Reservation, read.Reservation);
        Assert.IsTrue(read.SurvivesPowerLoss);
        Assert.AreEqual(0u, read.Generation);
    }

    [TestMethod]
    public void Document_OfLaterFormat_IsNotRead()
    {
        byte[] later = Encoding.UTF8.GetBytes(Golden.Replace("reservations 1 ", "reservations 2 ", StringComparison.Ordinal));
        Assert.IsNull(ReservationDocument.TryRead(later, out string problem));
        StringAssert.Contains(problem, "format is 2");
    }

    private static byte[] Sealed(string content)
    {
        string id = Convert.ToHexStringLower(TransportId.ForFibreChannel(10).Bytes);
        byte[] body = Encoding.UTF8.GetBytes(content.Replace("ID", id, StringComparison.Ordinal));
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body));
        return [.. Encoding.ASCII.GetBytes($"tgtmodular-reservations 1 {digest}\n"), .. body];
    }

    private static IReadOnlyDictionary<string, byte[]> Documents(Dictionary<string, IStateJournal> journals) =>
        ((MemoryJournal)journals[UnitJournal]).Documents;

    private static async Task<Dictionary<string, IStateJournal>> CopyAsync(Dictionary<string, IStateJournal> journals)
    {
        Dictionary<string, IStateJournal> copy = [];
        foreach ((string name, IStateJournal journal) in journals)
        {
            MemoryJournal copied = new();
            foreach ((string key, byte[] document) in ((MemoryJournal)journal).Documents) await copied.SaveAsync(key, document, default);
            copy[name] = copied;
        }

        return copy;
    }

    private static List<FullStatus> Without(List<FullStatus> status) => [.. status.Select(one => one with { Port = 0 })];
}
