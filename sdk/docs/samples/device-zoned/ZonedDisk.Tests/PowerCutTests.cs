using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Scsi;

namespace Samples.Zoned.Tests;

/// <summary>The power goes in the middle of anything. What a command has acknowledged as stable is there, and nothing is there that was not written.</summary>
[TestClass]
public sealed class PowerCutTests
{
    private const int Rounds = 400;
    private const int Lives = 4;
    private const int Steps = 60;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public async Task PowerCut_AnyTime_LeavesWhatWasAcknowledged(int seed)
    {
        Random chance = new(seed);
        for (int round = 0; round < Rounds; round++)
        {
            Expectation[] zones = [.. Enumerable.Range(0, Disk.ZoneCount).Select(_ => new Expectation())];
            byte[] content = new byte[Disk.StoreLength];
            await using (Disk made = await Disk.OpenAsync(new CutStore(content, int.MaxValue, chance))) { }
            for (int life = 0; life < Lives; life++) content = await LiveAsync(content, zones, chance, $"seed {seed}, round {round}, life {life}");
        }
    }

    [TestMethod]
    public async Task PowerCut_WhileTheDiskIsMade_LeavesADiskOrABlankStore()
    {
        for (int calls = 1; calls < 20; calls++)
        {
            for (int seed = 0; seed < 8; seed++)
            {
                CutStore store = new(new byte[Disk.StoreLength], calls, new Random(seed));
                if (!store.IsDead) await AttemptAsync(store);
                await using Disk disk = await Disk.OpenAsync(new CutStore(store.Cut(), int.MaxValue, new Random(seed)));
                Assert.AreEqual(ZoneCondition.Empty, await disk.ConditionAsync(Disk.First), $"cut at call {calls}, seed {seed}");
            }
        }
    }

    [TestMethod]
    public async Task OpenZones_AfterAPowerCut_AreClosedOrEmpty()
    {
        CutStore store = new(new byte[Disk.StoreLength], int.MaxValue, new Random(1));
        Disk disk = await Disk.OpenAsync(store);
        await disk.ZoneAsync(ZonedOpCode.OpenZone, Disk.First);
        await disk.ZoneAsync(ZonedOpCode.OpenZone, Disk.First + 1);
        await disk.WriteAsync(Disk.Start(Disk.First), 3, 7, force: true);

        await using Disk again = await Disk.OpenAsync(new CutStore(store.Cut(), int.MaxValue, new Random(1)));

        Assert.AreEqual(ZoneCondition.Closed, await again.ConditionAsync(Disk.First));
        Assert.AreEqual(ZoneCondition.Empty, await again.ConditionAsync(Disk.First + 1));
        CollectionAssert.AreEqual(new byte[] { 7, 7, 7, 0 }, await again.ReadAsync(Disk.Start(Disk.First), 4));
    }

    [TestMethod]
    public async Task End_InOrder_LosesNothing()
    {
        var store = Disk.Memory();
        await using (Disk disk = await Disk.OpenAsync(store)) await disk.WriteAsync(Disk.Start(Disk.First), 5, 9);

        await using Disk again = await Disk.OpenAsync(store);

        Assert.AreEqual(5, await again.PointerAsync(Disk.First));
    }

    private static async Task AttemptAsync(CutStore store)
    {
        try
        {
            _ = await Disk.OpenAsync(store);
        }
        catch (TgtModular.Devices.DeviceServerException)
        {
            // What the daemon that lost its power would have said.
        }
    }

    /// <summary>Opens the disk, looks what is there, goes on until the power goes.</summary>
    private static async Task<byte[]> LiveAsync(byte[] content, Expectation[] zones, Random chance, string where)
    {
        CutStore store = new(content, chance.Next(1, Steps), chance);
        Disk disk = await Disk.OpenAsync(store);
        for (int zone = Disk.First; zone < Disk.First + 3; zone++) await zones[zone].CheckAsync(disk, zone, where);
        while (!store.IsDead) await StepAsync(disk, zones, chance);
        return store.Cut();
    }

    private static async Task StepAsync(Disk disk, Expectation[] zones, Random chance)
    {
        int zone = Disk.First + chance.Next(3);
        Expectation expected = zones[zone];
        switch (chance.Next(10))
        {
            case 0:
                expected.MayBeReset = true;
                if ((await disk.ZoneAsync(ZonedOpCode.ResetWritePointer, zone)).IsGood) expected.Reset();
                break;
            case 1:
                // A zone that is full already is left alone: that is no promise that all of it is durable.
                bool changes = expected.Written.Count < Disk.ZoneBlocks;
                expected.MayBeFull = true;
                if ((await disk.ZoneAsync(ZonedOpCode.FinishZone, zone)).IsGood && changes) expected.Finish();
                break;
            case 2 or 3:
                if ((await disk.FlushAsync()).IsGood) Array.ForEach(zones, each => each.Stabilize());
                break;
            default:
                await WriteAsync(disk, zones, zone, chance);
                break;
        }
    }

    private static async Task WriteAsync(Disk disk, Expectation[] zones, int zone, Random chance)
    {
        Expectation expected = zones[zone];
        int room = Disk.ZoneBlocks - expected.Written.Count;
        if (room == 0 || expected.IsFull) return;
        int count = chance.Next(1, Math.Min(room, 5) + 1);
        byte fill = (byte)chance.Next(1, 256);
        bool force = chance.Next(4) == 0;
        ScsiOutcome outcome = await disk.WriteAsync(Disk.Start(zone) + expected.Written.Count, count, fill, force);
        // Of a forced write that failed in its second part the blocks are there, perhaps.
        if (outcome.IsGood || force) expected.Written.AddRange(Enumerable.Repeat(fill, count));
        if (outcome.IsGood && force) Array.ForEach(zones, each => each.Stabilize());
    }

    /// <summary>What a zone may look like.</summary>
    private sealed class Expectation
    {
        private int _stable;

        public List<byte> Written { get; private set; } = [];

        public bool MayBeReset { get; set; }

        public bool MayBeFull { get; set; }

        public bool IsFull { get; private set; }

        public void Stabilize() => _stable = Written.Count;

        public void Reset() => (Written, _stable, MayBeReset, MayBeFull, IsFull) = ([], 0, false, false, false);

        public void Finish()
        {
            Stabilize();
            IsFull = true;
        }

        public async Task CheckAsync(Disk disk, int zone, string where)
        {
            Reported reported = await disk.LookAsync(zone);
            if (reported.Condition == ZoneCondition.Empty && (MayBeReset || _stable == 0) && !(IsFull && !MayBeReset))
            {
                Reset();
                Assert.IsFalse((await disk.ReadAsync(Disk.Start(zone), Disk.ZoneBlocks)).Any(fill => fill != 0), $"{where}, zone {zone}: an empty zone reads as zero");
                return;
            }

            byte[] read = await disk.ReadAsync(Disk.Start(zone), Disk.ZoneBlocks);
            bool full = reported.Condition == ZoneCondition.Full;
            if (IsFull) Assert.IsTrue(full, $"{where}, zone {zone}: it was finished");
            if (full) Assert.IsTrue(MayBeFull || Written.Count == Disk.ZoneBlocks, $"{where}, zone {zone}: nobody finished it");
            int pointer = full ? Math.Max(_stable, Array.FindLastIndex(read, fill => fill != 0) + 1) : (int)(reported.Pointer - reported.Start);
            Assert.IsTrue(pointer >= _stable && pointer <= Written.Count, $"{where}, zone {zone}: {pointer} blocks, {_stable} were stable, {Written.Count} written");
            CollectionAssert.AreEqual(Written.Take(pointer).ToArray(), read.Take(pointer).ToArray(), $"{where}, zone {zone}");
            Assert.IsFalse(read.Skip(pointer).Any(fill => fill != 0), $"{where}, zone {zone}: what was not written reads as zero");
            Written.RemoveRange(pointer, Written.Count - pointer);
            (_stable, MayBeReset, MayBeFull, IsFull) = (pointer, false, full, full);
        }
    }
}
