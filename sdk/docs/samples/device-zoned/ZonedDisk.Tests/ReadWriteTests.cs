using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Scsi;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace Samples.Zoned.Tests;

/// <summary>READ(16), WRITE(16) and SYNCHRONIZE CACHE against the rules of zones (ZBC section 4.4.3.4).</summary>
[TestClass]
public sealed class ReadWriteTests
{
    private static readonly long Zone = Disk.Start(Disk.First);

    [TestMethod]
    public async Task Write_AtTheWritePointer_IsReadBackAndTheRestIsZero()
    {
        await using Disk disk = await Disk.OpenAsync();
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(Zone, 2, 1));
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(Zone + 2, 1, 2));

        CollectionAssert.AreEqual(new byte[] { 1, 1, 2, 0, 0 }, await disk.ReadAsync(Zone, 5));
        Assert.AreEqual(3, await disk.PointerAsync(Disk.First));
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(0)]
    public async Task Write_NotAtTheWritePointer_IsUnaligned(int offset)
    {
        await using Disk disk = await Disk.OpenAsync();
        await disk.WriteAsync(Zone, 3, 1);

        ScsiOutcome outcome = await disk.WriteAsync(Zone + offset, 1, 2);

        Assert.AreEqual(ScsiOutcome.Check(Sense.UnalignedWriteCommand), outcome);
        Assert.AreEqual(SenseKey.IllegalRequest, outcome.Sense.Key);
        Assert.AreEqual(3, await disk.PointerAsync(Disk.First));
    }

    [TestMethod]
    public async Task Write_AcrossABoundary_IsRefusedBeforeAnythingElse()
    {
        await using Disk disk = await Disk.OpenAsync();
        ScsiOutcome boundary = Sense.WriteBoundaryViolation;
        Assert.AreEqual(boundary, await disk.WriteAsync(Zone, Disk.ZoneBlocks + 1, 1), "two sequential zones");
        Assert.AreEqual(boundary, await disk.WriteAsync(Zone - 1, 2, 1), "a conventional and a sequential zone");
        Assert.AreEqual(boundary, await disk.WriteAsync(Zone + 3, Disk.ZoneBlocks, 1), "not at the write pointer either");
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(Disk.ZoneBlocks - 1, 2, 9), "two conventional zones");
        CollectionAssert.AreEqual(new byte[] { 0, 9, 9, 0 }, await disk.ReadAsync(Disk.ZoneBlocks - 2, 4));
        Assert.AreEqual(ZoneCondition.Empty, await disk.ConditionAsync(Disk.First));
    }

    [TestMethod]
    public async Task ConventionalZone_WrittenAnywhere_Keeps()
    {
        await using Disk disk = await Disk.OpenAsync();
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(7, 1, 1));
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(3, 2, 2));
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(7, 1, 3));

        CollectionAssert.AreEqual(new byte[] { 0, 2, 2, 0, 0, 3 }, await disk.ReadAsync(2, 6));
        Assert.AreEqual(ZoneCondition.NotWritePointer, await disk.ConditionAsync(0));
    }

    [TestMethod]
    public async Task Write_OfNoBlocks_ChangesNothing()
    {
        await using Disk disk = await Disk.OpenAsync();
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(Zone + 5, 0, 1));
        Assert.AreEqual(ZoneCondition.Empty, await disk.ConditionAsync(Disk.First));
    }

    [TestMethod]
    public async Task Write_WithLessDataThanItsCdbAsks_IsRefused()
    {
        await using Disk disk = await Disk.OpenAsync();
        CommandResult result = await disk.Driver.RunAsync(Disk.Cdb(ZonedOpCode.Write16, 0, Zone, 2), new byte[Disk.Block + 1]);
        Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidFieldInCommandInformationUnit), result.Outcome);
        Assert.AreEqual(ZoneCondition.Empty, await disk.ConditionAsync(Disk.First));
    }

    [TestMethod]
    public async Task Reset_OfAWrittenZone_MakesItReadAsZeroAndStartAnew()
    {
        await using Disk disk = await Disk.OpenAsync();
        await disk.WriteAsync(Zone, 4, 1);
        await disk.ZoneAsync(ZonedOpCode.ResetWritePointer, Disk.First);

        CollectionAssert.AreEqual(new byte[4], await disk.ReadAsync(Zone, 4));
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(Zone, 1, 2));
        CollectionAssert.AreEqual(new byte[] { 2, 0, 0, 0 }, await disk.ReadAsync(Zone, 4));
    }

    [TestMethod]
    public async Task Read_AcrossZones_GivesEachItsOwn()
    {
        await using Disk disk = await Disk.OpenAsync();
        await disk.WriteAsync(Zone, Disk.ZoneBlocks - 1, 1);
        await disk.WriteAsync(Zone + Disk.ZoneBlocks, 1, 2);

        CollectionAssert.AreEqual(new byte[] { 1, 0, 2, 0 }, await disk.ReadAsync(Zone + Disk.ZoneBlocks - 2, 4));
        Assert.AreEqual(ScsiOutcome.Check(Sense.AttemptToReadInvalidData), (await disk.TryReadAsync(Zone - 1, 2)).Outcome, "never across both kinds of zones");
    }

    [TestMethod]
    public async Task Read_Constrained_NeedsWrittenBlocksOfOneZone()
    {
        await using Disk disk = await Disk.OpenAsync(null, ("constrained_reads", true));
        await disk.WriteAsync(Zone, Disk.ZoneBlocks, 1);
        await disk.WriteAsync(Zone + Disk.ZoneBlocks, 2, 2);
        await disk.ZoneAsync(ZonedOpCode.FinishZone, Disk.First + 2);

        Assert.AreEqual(ScsiOutcome.Good, (await disk.TryReadAsync(Zone + Disk.ZoneBlocks, 2)).Outcome);
        Assert.AreEqual(ScsiOutcome.Check(Sense.AttemptToReadInvalidData), (await disk.TryReadAsync(Zone + Disk.ZoneBlocks + 1, 2)).Outcome);
        Assert.AreEqual(ScsiOutcome.Check(Sense.AttemptToReadInvalidData), (await disk.TryReadAsync(Zone + Disk.ZoneBlocks + 5, 1)).Outcome);
        Assert.AreEqual(ScsiOutcome.Check(Sense.ReadBoundaryViolation), (await disk.TryReadAsync(Zone + Disk.ZoneBlocks - 1, 2)).Outcome);
        Assert.AreEqual(ScsiOutcome.Good, (await disk.TryReadAsync(Zone + (2 * Disk.ZoneBlocks), Disk.ZoneBlocks)).Outcome, "a finished zone has been written");
        Assert.AreEqual(ScsiOutcome.Good, (await disk.TryReadAsync(Disk.ZoneBlocks - 1, 2)).Outcome, "conventional zones are as ever");
    }

    [TestMethod]
    public async Task Ranges_BeyondTheEnd_AreRefused()
    {
        await using Disk disk = await Disk.OpenAsync();
        ScsiOutcome range = Sense.LbaOutOfRange;
        long end = Disk.Start(Disk.ZoneCount);
        foreach ((long block, uint count) in new[] { (end, 1u), (end - 1, 2u), (end, 0u), (-1, 1u), (long.MaxValue, 1u), (-1, uint.MaxValue), (0, uint.MaxValue) })
        {
            Assert.AreEqual(range, (await disk.Driver.RunAsync(Disk.Cdb(ZonedOpCode.Read16, 0, block, count))).Outcome, $"READ of {count} at {block}");
            Assert.AreEqual(range, (await disk.Driver.RunAsync(Disk.Cdb(ZonedOpCode.Write16, 0, block, count))).Outcome, $"WRITE of {count} at {block}");
            Assert.AreEqual(range, (await disk.Driver.RunAsync(Disk.Cdb(ZonedOpCode.SynchronizeCache16, 0, block, count))).Outcome, $"SYNCHRONIZE CACHE of {count} at {block}");
        }
    }

    [TestMethod]
    public async Task Writes_SideBySideInOrder_AreAllDone()
    {
        MemoryBlockStore store = Disk.Memory();
        await using Disk disk = await Disk.OpenAsync(store);
        TaskCompletionSource first = new();
        store.Hold = call => call.Operation == StoreOperation.Write && call.Offset == Zone * Disk.Block ? first.Task : null;

        Task<ScsiOutcome>[] writes = [.. Enumerable.Range(0, 5).Select(i => disk.WriteAsync(Zone + i, 1, (byte)(i + 1)))];
        Assert.IsFalse(writes.Any(write => write.IsCompleted));
        first.SetResult();

        foreach (ScsiOutcome outcome in await Task.WhenAll(writes)) Assert.AreEqual(ScsiOutcome.Good, outcome);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5, 0 }, await disk.ReadAsync(Zone, 6));
    }

    [TestMethod]
    public async Task Write_ThatTheStoreFails_LeavesThePointerForTheNextTry()
    {
        MemoryBlockStore store = Disk.Memory();
        await using Disk disk = await Disk.OpenAsync(store);
        store.Fault = call => call.Operation == StoreOperation.Write ? new StorageResult(StorageStatus.WriteError, call.Offset) : null;
        Assert.AreEqual(ScsiOutcome.Check(Sense.WriteError(Zone)), await disk.WriteAsync(Zone, 1, 1));
        store.Fault = null;

        Assert.AreEqual(0, await disk.PointerAsync(Disk.First));
        Assert.AreEqual(ScsiOutcome.Good, await disk.WriteAsync(Zone, 1, 1));
    }

    [TestMethod]
    public async Task Write_AbortedWhileItWaitsForAnother_EndsAndWritesNothing()
    {
        MemoryBlockStore store = Disk.Memory();
        await using Disk disk = await Disk.OpenAsync(store);
        TaskCompletionSource first = new();
        store.Hold = call => call.Operation == StoreOperation.Write && call.Offset == Zone * Disk.Block ? first.Task : null;
        Task<ScsiOutcome> one = disk.WriteAsync(Zone, 1, 1);
        using TestCommand second = disk.Driver.Create(Disk.Cdb(ZonedOpCode.Write16, 0, Zone + 1, 1), Disk.Block);
        Task<CommandResult> two = disk.Driver.RunAsync(second, new byte[Disk.Block]).AsTask();

        second.Abort();
        Assert.AreEqual(SenseKey.AbortedCommand, (await two).Sense.Key);
        first.SetResult();

        Assert.AreEqual(ScsiOutcome.Good, await one);
        Assert.AreEqual(1, await disk.PointerAsync(Disk.First));
    }

    [TestMethod]
    public async Task Flush_WithNothingNew_SavesNoPointers()
    {
        MemoryBlockStore store = Disk.Memory();
        await using Disk disk = await Disk.OpenAsync(store);
        await disk.WriteAsync(Zone, 1, 1);
        await disk.FlushAsync();
        store.ForgetCalls();

        Assert.AreEqual(ScsiOutcome.Good, await disk.FlushAsync());

        Assert.AreEqual(1, store.Count(StoreOperation.Flush));
        Assert.AreEqual(0, store.Count(StoreOperation.Write));
    }

    [TestMethod]
    public async Task Flushes_AskedWhileOneRuns_ShareTheNext()
    {
        MemoryBlockStore store = Disk.Memory();
        await using Disk disk = await Disk.OpenAsync(store);
        TaskCompletionSource running = new();
        store.Hold = call => call.Operation == StoreOperation.Flush ? running.Task : null;
        store.ForgetCalls();
        Task<ScsiOutcome>[] flushes = [.. Enumerable.Range(0, 5).Select(_ => disk.FlushAsync())];
        running.SetResult();

        foreach (ScsiOutcome outcome in await Task.WhenAll(flushes)) Assert.AreEqual(ScsiOutcome.Good, outcome);

        Assert.AreEqual(2, store.Count(StoreOperation.Flush));
    }

    [TestMethod]
    [DataRow(StoreOperation.Flush)]
    [DataRow(StoreOperation.Write)]
    public async Task Reset_ThatCannotBeSaved_LeavesTheZoneAsItWas(StoreOperation fails)
    {
        MemoryBlockStore store = Disk.Memory();
        await using Disk disk = await Disk.OpenAsync(store);
        await disk.WriteAsync(Zone, 2, 1);
        store.Fault = call => call.Operation == fails ? StorageStatus.WriteError : null;

        Assert.AreEqual(SenseKey.MediumError, (await disk.ZoneAsync(ZonedOpCode.ResetWritePointer, Disk.First)).Sense.Key);
        Assert.AreEqual(SenseKey.MediumError, (await disk.ZoneAsync(ZonedOpCode.FinishZone, Disk.First)).Sense.Key);
        store.Fault = null;

        Assert.AreEqual(ZoneCondition.ImplicitlyOpened, await disk.ConditionAsync(Disk.First));
        CollectionAssert.AreEqual(new byte[] { 1, 1, 0 }, await disk.ReadAsync(Zone, 3));
    }

    [TestMethod]
    public async Task ForcedRead_OfDataInACache_FlushesFirst()
    {
        MemoryBlockStore store = Disk.Memory();
        await using Disk disk = await Disk.OpenAsync(store);
        await disk.WriteAsync(Zone, 1, 1);
        store.ForgetCalls();

        Assert.AreEqual(ScsiOutcome.Good, (await disk.Driver.RunAsync(Disk.Cdb(ZonedOpCode.Read16, 8, Zone, 1))).Outcome);

        Assert.AreEqual(StoreOperation.Flush, store.Calls[0].Operation);
    }
}
