using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Scsi;

namespace Samples.Zoned.Tests;

/// <summary>Zone conditions, and what leads from one to another (ZBC section 4.4.3).</summary>
[TestClass]
public sealed class ConditionTests
{
    private const int Zone = Disk.First + 4;

    private static readonly int[] Actions = [ZonedOpCode.OpenZone, ZonedOpCode.CloseZone, ZonedOpCode.FinishZone, ZonedOpCode.ResetWritePointer];

    /// <summary>A start; behind it the conditions after OPEN, CLOSE, FINISH, RESET, and after the same of all zones, and after a write of one block.</summary>
    [TestMethod]
    [DataRow("empty", "Explicit Empty Full Empty", "Empty Empty Empty Empty", "Implicit")]
    [DataRow("implicit", "Explicit Closed Full Empty", "Implicit Closed Full Empty", "Implicit")]
    [DataRow("explicit", "Explicit Empty Full Empty", "Explicit Empty Full Empty", "Explicit")]
    [DataRow("explicit written", "Explicit Closed Full Empty", "Explicit Closed Full Empty", "Explicit")]
    [DataRow("implicit explicit", "Explicit Closed Full Empty", "Explicit Closed Full Empty", "Explicit")]
    [DataRow("closed", "Explicit Closed Full Empty", "Explicit Closed Full Empty", "Implicit")]
    [DataRow("full", "Full Full Full Empty", "Full Full Full Empty", "Full")]
    [DataRow("finished", "Full Full Full Empty", "Full Full Full Empty", "Full")]
    public async Task Zone_AfterACommand_IsInItsCondition(string start, string one, string all, string written)
    {
        for (int i = 0; i < Actions.Length; i++)
        {
            await CheckAsync(start, disk => disk.ZoneAsync(Actions[i], Zone), one.Split(' ')[i], $"{start}, action {Actions[i]}");
            await CheckAsync(start, disk => disk.ZoneAsync(Actions[i], 0, all: true), all.Split(' ')[i], $"{start}, action {Actions[i]} of all");
        }

        await using Disk disk = await Disk.OpenAsync();
        await PrepareAsync(disk, start);
        long pointer = await disk.PointerAsync(Zone);
        ScsiOutcome outcome = await disk.WriteAsync(Disk.Start(Zone) + (written == "Full" ? 3 : pointer), 1, 5);
        Assert.AreEqual(written == "Full" ? ScsiOutcome.Check(Sense.InvalidFieldInCdb(2)) : ScsiOutcome.Good, outcome);
        Assert.StartsWith(written, (await disk.ConditionAsync(Zone)).ToString());
    }

    [TestMethod]
    [DataRow("implicit")]
    [DataRow("explicit")]
    [DataRow("closed")]
    public async Task Zone_WrittenToItsEnd_IsFullAndNotOpen(string start)
    {
        await using Disk disk = await Disk.OpenAsync();
        await PrepareAsync(disk, start);
        long pointer = await disk.PointerAsync(Zone);

        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(Disk.Start(Zone) + pointer, (int)(Disk.ZoneBlocks - pointer), 6));

        Assert.AreEqual(ZoneCondition.Full, await disk.ConditionAsync(Zone));
        for (int i = 0; i < Disk.MaximumOpen; i++) Assert.AreEqual(ScsiOutcome.Good, await disk.ZoneAsync(ZonedOpCode.OpenZone, Disk.First + i), "no resources are lost");
    }

    [TestMethod]
    public async Task OpenZones_TooMany_AreRefusedUnlessOneIsOpenImplicitly()
    {
        await using Disk disk = await Disk.OpenAsync();
        ScsiOutcome none = Sense.InsufficientZoneResources;
        await PrepareAsync(disk, "closed");
        for (int i = 0; i < Disk.MaximumOpen; i++) await disk.ZoneAsync(ZonedOpCode.OpenZone, Disk.First + i);

        Assert.AreEqual(none, await disk.ZoneAsync(ZonedOpCode.OpenZone, Disk.First + 8), "an empty zone");
        Assert.AreEqual(none, await disk.ZoneAsync(ZonedOpCode.OpenZone, Zone), "a closed zone");
        Assert.AreEqual(none, await disk.ZoneAsync(ZonedOpCode.OpenZone, 0, all: true), "all closed zones");
        Assert.AreEqual(none, await disk.ZoneAsync(ZonedOpCode.FinishZone, Zone), "a closed zone");
        Assert.AreEqual(none, await disk.ZoneAsync(ZonedOpCode.FinishZone, Disk.First + 8), "an empty zone");
        Assert.AreEqual(none, await disk.WriteAsync(Disk.Start(Zone) + 1, 1, 1), "a write to a closed zone");
        Assert.AreEqual(none, await disk.WriteAsync(Disk.Start(Disk.First + 8), 1, 1), "a write to an empty zone");
        Assert.AreEqual(SenseKey.DataProtect, none.Sense.Key);
        Assert.AreEqual(ZoneCondition.Closed, await disk.ConditionAsync(Zone));
        Assert.AreEqual(ScsiOutcome.Good, await disk.ZoneAsync(ZonedOpCode.FinishZone, 0, all: true), "what is open and closed is finished all the same");
    }

    [TestMethod]
    public async Task ImplicitlyOpenZone_LongestOpen_IsClosedForTheNext()
    {
        await using Disk disk = await Disk.OpenAsync();
        for (int i = 0; i <= Disk.MaximumOpen; i++) Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(Disk.Start(Disk.First + i), 2, 1));

        Assert.AreEqual(ZoneCondition.Closed, await disk.ConditionAsync(Disk.First));
        Assert.AreEqual(ScsiOutcome.Good, await disk.ZoneAsync(ZonedOpCode.OpenZone, Disk.First + 8));
        Assert.AreEqual(ZoneCondition.Closed, await disk.ConditionAsync(Disk.First + 1));
        Assert.AreEqual(ZoneCondition.ImplicitlyOpened, await disk.ConditionAsync(Disk.First + 2));
        Assert.AreEqual(ScsiOutcome.Good, await disk.ZoneAsync(ZonedOpCode.FinishZone, Disk.First + 9), "room for a finish, too");
        Assert.AreEqual(ZoneCondition.Closed, await disk.ConditionAsync(Disk.First + 2));
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(Disk.Start(Disk.First) + 2, 1, 1), "a closed zone goes on where it was");
    }

    [TestMethod]
    public async Task OpenZones_WithoutALimit_AreAsManyAsThereAre()
    {
        await using Disk disk = await Disk.OpenAsync(null, ("max_open", 0L));
        for (int zone = Disk.First; zone < Disk.ZoneCount; zone++) Assert.AreEqual(ScsiOutcome.Good, await disk.ZoneAsync(ZonedOpCode.OpenZone, zone));
        Assert.AreEqual(ZoneCondition.ExplicitlyOpened, await disk.ConditionAsync(Disk.First));
    }

    [TestMethod]
    public async Task ZoneCommand_NamingNoZoneWithAPointer_IsRefused()
    {
        await using Disk disk = await Disk.OpenAsync();
        foreach (int action in Actions)
        {
            Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidFieldInCdb(2)), await disk.ZoneAsync(action, 0), "a conventional zone");
            await CheckAsync(Disk.Start(Zone) + 1, Sense.InvalidFieldInCdb(2));
            await CheckAsync(Disk.Start(Disk.ZoneCount), Sense.LbaOutOfRange);
            await CheckAsync(-1, Sense.LbaOutOfRange);
            await CheckAsync(long.MinValue, Sense.LbaOutOfRange);

            async Task CheckAsync(long id, SenseData expected)
            {
                byte[] cdb = Disk.Cdb(ZonedOpCode.ZoneManagementOut, action, id, 0);
                Assert.AreEqual(ScsiOutcome.Check(expected), (await disk.Driver.RunAsync(cdb)).Outcome, $"action {action}, zone id {id}");
                cdb[14] = 1;
                Assert.AreEqual(ScsiOutcome.Good, (await disk.Driver.RunAsync(cdb)).Outcome, "with ALL the zone id does not matter");
            }
        }
    }

    [TestMethod]
    public async Task WriteProtectedUnit_ZoneCommandsAndWrites_AreRefused()
    {
        await using Disk disk = await Disk.OpenAsync();
        disk.Unit.WriteProtected = true;
        foreach (int action in Actions) Assert.AreEqual(ScsiOutcome.Check(Sense.WriteProtected), await disk.ZoneAsync(action, Zone));
        Assert.AreEqual(ScsiOutcome.Check(Sense.WriteProtected), await disk.WriteAsync(Disk.Start(Zone), 1, 1));
    }

    private static async Task CheckAsync(string start, Func<Disk, Task<ScsiOutcome>> command, string expected, string what)
    {
        await using Disk disk = await Disk.OpenAsync();
        await PrepareAsync(disk, start);
        Assert.AreEqual(ScsiOutcome.Good, await command(disk), what);
        Assert.StartsWith(expected, (await disk.ConditionAsync(Zone)).ToString(), what);
    }

    private static async Task PrepareAsync(Disk disk, string start)
    {
        foreach (string step in start.Split(' '))
        {
            ScsiOutcome outcome = step switch
            {
                "explicit" => await disk.ZoneAsync(ZonedOpCode.OpenZone, Zone),
                "implicit" or "written" or "closed" => await disk.WriteAsync(Disk.Start(Zone), 1, 1),
                "full" => await disk.WriteAsync(Disk.Start(Zone), Disk.ZoneBlocks, 1),
                "finished" => await disk.ZoneAsync(ZonedOpCode.FinishZone, Zone),
                _ => ScsiOutcome.Good,
            };
            if (step == "closed") outcome = await disk.ZoneAsync(ZonedOpCode.CloseZone, Zone);
            Assert.AreEqual(ScsiOutcome.Good, outcome, step);
        }
    }
}
