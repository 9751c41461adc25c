using TgtModular.Core.Reservations;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using static TgtModular.Core.Tests.ReservationsInitiator;

namespace TgtModular.Core.Tests;

/// <summary>
/// Random commands of several initiators through two target ports against <see cref="ReservationsModel"/>; and parameter lists that are nonsense.
/// </summary>
[TestClass]
public sealed class ReservationsRandomTests
{
    private const int Initiators = 3;
    private const int Ports = 2;
    private const int Keys = 4; // few, so that they meet

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public async Task RandomCommands_AgainstTheModel_AgreeInEveryStep(int seed)
    {
        Random random = new(seed);
        Dictionary<string, IStateJournal> journals = [];
        await using TestEngine engine = await TestEngine.StartAsync(journals: journals);
        LogicalUnit unit = engine.Probes.Units[0];
        ReservationsModel model = new(Ports);
        Dictionary<ModelNexus, TestInitiator> open = [];
        for (int port = 0; port < Ports; port++) await FindAsync(engine, new ModelNexus(0, port)); // the model knows all ports there will be
        for (int step = 0; step < 5000; step++)
        {
            ModelNexus sender = new(random.Next(Initiators), random.Next(Ports));
            if (open.TryGetValue(sender, out TestInitiator? old) && random.Next(20) == 0)
            {
                await old.LogoutAsync();
                open.Remove(sender);
            }

            if (!open.TryGetValue(sender, out TestInitiator? initiator)) open[sender] = initiator = await LoginAsync(engine, sender);
            (string what, ModelAnswer expected, Answer answer) = await StepAsync(random, model, sender, initiator, engine);
            string context = $"step {step}: {what}";
            Assert.AreEqual(expected, Classify(answer), $"{context}: {answer.Outcome}");
            Compare(unit, model, open, expected, context);
            if (step % 500 == 0) CompareJournal(unit, journals, context);
        }
    }

    [TestMethod]
    [DataRow(11)]
    [DataRow(12)]
    public async Task RandomParameterLists_AnyAction_AreRefusedOrObeyedNeverFaulted(int seed)
    {
        Random random = new(seed);
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator one = await engine.LoginAsync();
        TestInitiator two = await engine.LoginAsync();
        int good = 0;
        for (int i = 0; i < 30_000; i++)
        {
            TestInitiator sender = random.Next(2) == 0 ? one : two;
            byte[] list = Mutate(random, Plausible(random, one, two));
            int length = list.Length + (random.Next(50) == 0 ? random.Next(-30, 30) : 0);
            byte[] cdb = Cdb((byte)random.Next(8), (byte)(random.Next(4) == 0 ? random.Next(256) : random.Next(9)), (uint)length);
            Answer answer = await sender.SendAsync(cdb, list);
            ScsiOutcome outcome = answer.Outcome;
            if (outcome.IsGood) good++;
            else if (outcome.Status != ScsiStatus.ReservationConflict && outcome.Sense.Key is not (SenseKey.IllegalRequest or SenseKey.UnitAttention))
                Assert.Fail($"{outcome} for {Convert.ToHexString(cdb)} {Convert.ToHexString(list)}");
            if (i % 100 != 0) continue;
            await one.DrainAsync();
            foreach (FullStatus status in await one.ReadFullStatusAsync()) Assert.AreNotEqual(0ul, status.Key);
        }

        Assert.AreNotEqual(0, good);
        Assert.AreEqual(0, engine.Engine.LeasedBufferBytes);
    }

    private static async Task<(string What, ModelAnswer Expected, Answer Answer)> StepAsync(
        Random random, ReservationsModel model, ModelNexus sender, TestInitiator initiator, TestEngine engine)
    {
        ulong own = model.Keys.GetValueOrDefault(sender);
        ulong key = random.Next(4) == 0 ? (ulong)random.Next(Keys + 1) : own;
        ulong other = (ulong)random.Next(Keys + 1);
        ReservationType type = random.Next(2) == 0 && model.Type is { } held ? held : Enum.GetValues<ReservationType>()[random.Next(6)];
        bool all = random.Next(3) == 0;
        byte flags = (byte)(PowerLoss | (all ? AllTargetPorts : 0));
        byte action = (byte)random.Next(8);
        if (action == ReserveOut.Clear && random.Next(5) != 0) action = ReserveOut.Reserve; // else little ever comes about
        string what = $"{sender} action {action} key {key} new {other} type {type} all {all}";
        switch (action)
        {
            case ReserveOut.Register or ReserveOut.RegisterAndIgnore:
                return (what, model.Register(sender, key, other, action == ReserveOut.RegisterAndIgnore, all),
                    await initiator.OutAsync(action, key, other, flags: flags));
            case ReserveOut.Reserve:
                return (what, model.Reserve(sender, key, type), await initiator.OutAsync(action, key, type: type));
            case ReserveOut.Release:
                return (what, model.Release(sender, key, type), await initiator.OutAsync(action, key, type: type));
            case ReserveOut.Clear:
                return (what, model.Clear(sender, key), await initiator.OutAsync(action, key));
            case ReserveOut.Preempt or ReserveOut.PreemptAndAbort:
                return (what, model.Preempt(sender, key, other, type), await initiator.OutAsync(action, key, other, type));
            default:
                ModelNexus target = new(random.Next(Initiators), random.Next(Ports));
                bool unregister = random.Next(2) == 0;
                (INexusView view, ushort port) = await FindAsync(engine, target);
                byte[] list = MoveList(key, other, port, view.Initiator.Bytes.ToArray(), (byte)(PowerLoss | (unregister ? 0x02 : 0)));
                return ($"{what} to {target} unregister {unregister}", model.Move(sender, key, other, target, unregister),
                    await initiator.OutAsync(action, list));
        }
    }

    /// <summary>TransportID and port of a nexus, learnt by a login that ends at once.</summary>
    private static async Task<(INexusView View, ushort Port)> FindAsync(TestEngine engine, ModelNexus nexus)
    {
        (Transports.INexus? opened, _) = engine.Open(Name(nexus), portalGroup: (ushort)(nexus.Port + 1));
        ushort port = opened!.TargetPort.RelativePortIdentifier;
        await opened.CloseAsync(Transports.NexusEnd.Logout);
        return (opened, port);
    }

    private static Task<TestInitiator> LoginAsync(TestEngine engine, ModelNexus nexus) =>
        engine.LoginAsync(Name(nexus), portalGroup: (ushort)(nexus.Port + 1));

    private static string Name(ModelNexus nexus) => $"iqn.2026-11.test:m{nexus.Initiator}";

    private static ModelAnswer Classify(Answer answer) => answer.Outcome.Status switch
    {
        ScsiStatus.Good => ModelAnswer.Good,
        ScsiStatus.ReservationConflict => ModelAnswer.Conflict,
        _ => ModelAnswer.Refused,
    };

    private static void Compare(
        LogicalUnit unit, ReservationsModel model, Dictionary<ModelNexus, TestInitiator> open, ModelAnswer expected, string context)
    {
        PersistentState state = unit.Reservations.State;
        Assert.AreEqual(model.Generation, state.Generation, context);
        Assert.AreEqual(model.Type, state.Reservation?.Type, context);
        CommandTable rows = unit.Commands;
        foreach ((ModelNexus nexus, TestInitiator initiator) in open)
        {
            UnitNexus unitNexus = unit.Nexuses.Single(candidate => candidate.Nexus == initiator.Nexus);
            Assert.AreEqual(model.Keys.GetValueOrDefault(nexus), state.Find(unitNexus.Name)?.Key ?? 0, $"{context}: key of {nexus}");
            bool holds = model.Type is not null && (model.Holder is null ? model.Keys.ContainsKey(nexus) : model.Holder == nexus);
            Assert.AreEqual(holds, state.IsHolder(unitNexus.Name), $"{context}: {nexus} holds");
            bool access = model.HasAccess(nexus);
            Assert.AreEqual(!access, unit.Reservations.Conflicts(unitNexus, rows.Find(ProbeDevice.Write, null)!, default), $"{context}: {nexus} writes");
            bool readConflict = !access && model.Type!.Value.IsExclusiveAccess();
            Assert.AreEqual(readConflict, unit.Reservations.Conflicts(unitNexus, rows.Find(ProbeDevice.Read, null)!, default), $"{context}: {nexus} reads");
            List<AdditionalSense> told = [];
            while (unitNexus.TryTakeUnitAttention(out SenseData sense)) told.Add(sense.Additional);
            AdditionalSense[] wanted = expected == ModelAnswer.Good ? [.. model.Told.Where(one => one.Nexus == nexus).Select(one => one.Attention)] : [];
            CollectionAssert.AreEqual(wanted, told, $"{context}: attentions of {nexus}");
        }
    }

    private static void CompareJournal(LogicalUnit unit, Dictionary<string, IStateJournal> journals, string context)
    {
        PersistentState state = unit.Reservations.State;
        if (state.Registrations.Count == 0) return;
        byte[] kept = ((TestKit.MemoryJournal)journals["unit/probe"]).Documents["reservations"];
        Assert.IsNotNull(ReservationDocument.TryRead(kept, out _), context);
        CollectionAssert.AreEqual(ReservationDocument.Write(state), kept, context);
    }

    private static byte[] Plausible(Random random, TestInitiator one, TestInitiator two)
    {
        ulong key = (ulong)random.Next(3), other = (ulong)random.Next(3);
        byte[] ids = random.Next(3) switch
        {
            0 => one.Id(),
            1 => [.. one.Id(), .. two.Id()],
            _ => [.. TransportId.ForIscsi($"iqn.x:{random.Next(20)}", [0, 0, 0, 0, 0, 1]).Bytes],
        };
        return random.Next(4) switch
        {
            0 => List(key, other, SpecifyInitiators, ids),
            1 => MoveList(key, other, two.Port(), ids),
            _ => List(key, other, (byte)(random.Next(2) == 0 ? 0 : 0x05)),
        };
    }

    private static byte[] Mutate(Random random, byte[] list)
    {
        int changes = random.Next(5);
        for (int i = 0; i < changes; i++) list[random.Next(list.Length)] = (byte)random.Next(256);
        if (random.Next(20) == 0) list = list[..random.Next(list.Length)];
        if (random.Next(20) == 0) list = [.. list, .. new byte[random.Next(100)]];
        return list;
    }
}
