using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

[TestClass]
public sealed class ChecksumStoreTests : ChecksumStoreHarness
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(1023)]
    [DataRow(1024)]
    [DataRow(2050)]
    [DataRow(2051)] // the last one, which is not whole
    public async Task Read_FlippedBit_RefusesThisBlockAndNoOther(int bad)
    {
        await using IBlockStore store = await OpenAsync();
        byte[] content = Pattern(1, Size);
        await WriteAsync(store, 0, content);
        long offset = (long)bad * Block;
        int length = Math.Min(Block, Size - (int)offset);
        Flip(Data, offset + length - 1);

        byte[] read = Pattern(2, length);
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, offset), await TryReadAsync(store, offset, read));
        Assert.IsFalse(read.AsSpan().ContainsAnyExcept((byte)0), "data that are wrong were given out");
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, offset + 256), await TryReadAsync(store, offset + 256, new byte[128]), "a part of it");
        byte[] whole = Pattern(2, Size);
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, offset), await TryReadAsync(store, 0, whole), "among others");
        Assert.IsFalse(whole.AsSpan().ContainsAnyExcept((byte)0));
        CollectionAssert.AreEqual(content[..(int)offset], await ReadAsync(store, 0, (int)offset));
        int next = (int)offset + length;
        CollectionAssert.AreEqual(content[next..], await ReadAsync(store, next, Size - next));
        Assert.IsTrue(Logged.Any(text => text.StartsWith($"block {bad} at byte {offset} is not what its sum says", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Read_FlippedBitInWhatWasNeverWritten_IsRefused()
    {
        await using IBlockStore store = await OpenAsync();
        Flip(Data, (5 * Block) + 7);
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, 5 * Block), await TryReadAsync(store, 0, new byte[Region]));
    }

    [TestMethod]
    public async Task Read_SwappedBlocks_AreBothRefused()
    {
        await using IBlockStore store = await OpenAsync();
        byte[] content = Pattern(1, 4 * Block);
        await WriteAsync(store, 0, content);
        Data.Fill(0, content.AsSpan(Block, Block));
        Data.Fill(Block, content.AsSpan(0, Block));
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, 0), await TryReadAsync(store, 0, new byte[Block]));
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, Block), await TryReadAsync(store, Block, new byte[Block]));
        CollectionAssert.AreEqual(content[(2 * Block)..], await ReadAsync(store, 2 * Block, 2 * Block));
    }

    [TestMethod]
    public async Task Read_BlocksSwappedTogetherWithTheirSums_AreRefused()
    {
        await using (IBlockStore first = await OpenAsync()) await WriteAsync(first, 0, Pattern(1, 2 * Region));
        (byte[] one, byte[] two) = (Data.Cached(0, Region), Data.Cached(Region, Region));
        Data.Fill(0, two);
        Data.Fill(Region, one);
        byte[] sums = Sums.Cached(ChecksumLayout.PageOffset(0), 2 * Block);
        Sums.Fill(ChecksumLayout.PageOffset(0), [.. sums.AsSpan(Block), .. sums.AsSpan(0, Block)]);
        StringAssert.Contains(await RefusalAsync(), "none of");
        Data.Fill(0, one);
        Sums.Fill(ChecksumLayout.PageOffset(0), sums.AsSpan(0, Block));
        await using IBlockStore store = await OpenAsync();
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, Region), await TryReadAsync(store, 0, new byte[2 * Region]));
    }

    [TestMethod]
    public async Task Read_DuringAWriteOfTheBlock_WaitsForItsSum()
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, 0, Pattern(1, Block));
        TaskCompletionSource written = new();
        Data.Hold = call =>
        {
            if (call.Operation != StoreOperation.Write) return null;
            Data.Fill(0, Pattern(2, Block)); // the disk has it, and has not said so
            return written.Task;
        };
        Task<StorageResult> writing = TryWriteAsync(store, 0, Pattern(2, Block));
        byte[] part = new byte[512];
        Task<StorageResult> reading = TryReadAsync(store, 512, part);
        bool wasEarly = writing.IsCompleted || reading.IsCompleted;
        byte[] beside = await ReadAsync(store, Block, Block); // does not wait
        written.SetResult();
        Assert.IsFalse(wasEarly);
        CollectionAssert.AreEqual(new byte[Block], beside);
        Assert.AreEqual(StorageResult.Ok, await writing);
        Assert.AreEqual(StorageResult.Ok, await reading);
        CollectionAssert.AreEqual(Pattern(2, Block)[512..1024], part);
    }

    [TestMethod]
    public async Task Read_WriteThatTheDiskConfirmedAndNeverMade_IsRefused()
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, 0, Pattern(1, Block));
        await WriteAsync(store, 0, Pattern(2, Block));
        Data.Fill(0, Pattern(1, Block));
        Assert.AreEqual(StorageStatus.ReadError, (await TryReadAsync(store, 0, new byte[Block])).Status);
        Data.Fill(0, new byte[Block]);
        Assert.AreEqual(StorageStatus.ReadError, (await TryReadAsync(store, 0, new byte[Block])).Status);
    }

    [TestMethod]
    public async Task Read_FlippedBitInASum_RefusesItsBlockOnly_UntilItIsWritten()
    {
        byte[] content = Pattern(1, Size);
        await using (IBlockStore first = await OpenAsync()) await WriteAsync(first, 0, content);
        Flip(Sums, ChecksumLayout.PageOffset(1) + (3 * sizeof(uint)));

        await using IBlockStore store = await OpenAsync();
        int bad = Region + (3 * Block);
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, bad), await TryReadAsync(store, 0, new byte[Size]));
        CollectionAssert.AreEqual(content[..bad], await ReadAsync(store, 0, bad));
        CollectionAssert.AreEqual(content[(bad + Block)..], await ReadAsync(store, bad + Block, Size - bad - Block));
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, bad + 512), await TryWriteAsync(store, bad + 512, new byte[512]), "a part, beside what is not known");
        await WriteAsync(store, bad, content[bad..(bad + Block)]);
        CollectionAssert.AreEqual(content, await ReadAsync(store, 0, Size));
    }

    [TestMethod]
    public async Task Read_SumsThatCannotBeRead_FailsForTheirRegionOnly()
    {
        await using (IBlockStore first = await OpenAsync())
        {
            await WriteAsync(first, Region, Pattern(1, Block));
            Kill(); // the region is marked
        }

        Sums.Fault = call => call.Operation == StoreOperation.Read && call.Offset == ChecksumLayout.PageOffset(1) ? new StorageResult(StorageStatus.ReadError, call.Offset) : null;
        await using IBlockStore store = await OpenAsync();
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, Region + 512), await TryReadAsync(store, Region + 512, new byte[512]));
        Assert.AreEqual(new StorageResult(StorageStatus.WriteError, Region), await TryWriteAsync(store, Region, new byte[512]));
        _ = await ReadAsync(store, 0, Region);
        Sums.Fault = null;
        await store.DisposeAsync();
        Assert.AreEqual(byte.MaxValue, MarkOf(1), "its sums are still to be taken");
        await using IBlockStore again = await OpenAsync();
        CollectionAssert.AreEqual(Pattern(1, Block), await ReadAsync(again, Region, Block));
    }

    [TestMethod]
    public async Task Write_Torn_RefusesTheTornBlock_AndItsNeighboursAreOldOrNew()
    {
        await using IBlockStore store = await OpenAsync();
        byte[] before = Pattern(1, 4 * Block);
        byte[] after = Pattern(2, 4 * Block);
        await WriteAsync(store, 0, before);
        Data.Fault = call =>
        {
            if (call.Operation != StoreOperation.Write) return null;
            Data.Fill(0, after.AsSpan(0, Block + 512)); // what a disk had done when it failed
            return new StorageResult(StorageStatus.WriteError, Block + 512);
        };
        Assert.AreEqual(new StorageResult(StorageStatus.WriteError, Block + 512), await TryWriteAsync(store, 0, after));
        Data.Fault = null;

        CollectionAssert.AreEqual(after[..Block], await ReadAsync(store, 0, Block));
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, Block), await TryReadAsync(store, Block, new byte[Block]));
        CollectionAssert.AreEqual(before[(2 * Block)..], await ReadAsync(store, 2 * Block, 2 * Block));
        await WriteAsync(store, 0, after);
        CollectionAssert.AreEqual(after, await ReadAsync(store, 0, 4 * Block));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Write_WhenTheDataAreLost_ReadsAsOldOrAsNewOnceTheyAreBack(bool reachedTheMedium)
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, 0, Pattern(1, 2 * Block));
        Data.Fault = _ => StorageStatus.Unavailable;
        Assert.AreEqual(StorageStatus.Unavailable, (await TryWriteAsync(store, 0, Pattern(2, 2 * Block))).Status);
        Data.Fault = null;
        if (reachedTheMedium) Data.Fill(0, Pattern(2, 2 * Block));
        CollectionAssert.AreEqual(Pattern(reachedTheMedium ? 2 : 1, 2 * Block), await ReadAsync(store, 0, 2 * Block));

        await ((ChecksumStore)store).CleanAsync(all: true);
        Assert.AreEqual(byte.MaxValue, MarkOf(0), "a region in doubt lost its mark");
    }

    [TestMethod]
    public async Task Write_FirstInARegion_ComesAfterItsMarkIsDurable()
    {
        await using IBlockStore store = await OpenAsync();
        List<byte> marks = [];
        Data.Fault = call =>
        {
            if (call.Operation == StoreOperation.Write) marks.Add(MarkOf((int)(call.Offset / Region), durable: true));
            return null;
        };
        await WriteAsync(store, Region - Block, Pattern(1, 2 * Block));
        CollectionAssert.AreEqual(new byte[] { 0xFF, 0xFF }, marks);
        Assert.AreEqual(0, MarkOf(2));
    }

    [TestMethod]
    public async Task Write_WhoseMarkCannotBeWritten_IsRefused_AndTheDataAreNotTouched()
    {
        await using IBlockStore store = await OpenAsync();
        Sums.Fault = call => call.Operation == StoreOperation.Write ? StorageStatus.WriteError : null;
        Assert.AreEqual(new StorageResult(StorageStatus.WriteError, 512), await TryWriteAsync(store, 512, Pattern(1, 512)));
        Assert.AreEqual(0, Data.Count(StoreOperation.Write));
        Sums.Fault = null;
        await WriteAsync(store, 512, Pattern(1, 512));
        CollectionAssert.AreEqual(Pattern(1, 512), await ReadAsync(store, 512, 512));
    }

    [TestMethod]
    public async Task Clean_TakesTheMarkAway_AfterDataAndSumsAreDurable()
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, 0, Pattern(1, Block));
        bool unmarked = false;
        Sums.Fault = call =>
        {
            if (call.Operation != StoreOperation.Write || call.Offset != ChecksumLayout.MapOffset(0)) return null;
            unmarked = true;
            CollectionAssert.AreEqual(Pattern(1, Block), Data.Durable(0, Block));
            Assert.AreNotEqual(0u, BitConverter.ToUInt32(Sums.Durable(ChecksumLayout.PageOffset(0), sizeof(uint))));
            return null;
        };
        await ((ChecksumStore)store).CleanAsync(all: true);
        Assert.IsTrue(unmarked);
        Assert.AreEqual(0, MarkOf(0));
    }

    [TestMethod]
    public async Task Clean_RegionsThatAreWrittenMeanwhile_StayMarked()
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, 0, Pattern(1, Block));
        TaskCompletionSource flushing = new();
        TaskCompletionSource flushed = new();
        Data.Hold = call =>
        {
            if (call.Operation != StoreOperation.Flush) return null;
            flushing.SetResult();
            return flushed.Task;
        };
        Task cleaning = ((ChecksumStore)store).CleanAsync(all: true);
        await flushing.Task;
        await WriteAsync(store, Block, Pattern(2, Block));
        Data.Hold = null;
        flushed.SetResult();
        await cleaning;
        Assert.AreEqual(byte.MaxValue, MarkOf(0));
    }

    [TestMethod]
    public async Task Clean_ByTheClock_WhenARegionIsIdle()
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, 0, Pattern(1, Block));
        TaskCompletionSource unmarked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Sums.Fault = call =>
        {
            if (call.Operation == StoreOperation.Write && call.Offset == ChecksumLayout.MapOffset(0)) unmarked.TrySetResult();
            return null;
        };
        while (!unmarked.Task.IsCompleted)
        {
            Host.Clock.Advance(ChecksumStore.CleanInterval);
            await Task.Yield();
        }
    }

    [TestMethod]
    public async Task Clean_WhoseFlushFails_IsToldToTheNextFlush()
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, 0, Pattern(1, Block));
        Data.Fault = call => call.Operation == StoreOperation.Flush ? StorageStatus.WriteError : null;
        await ((ChecksumStore)store).CleanAsync(all: true);
        Data.Fault = null;
        Assert.AreEqual(byte.MaxValue, MarkOf(0));
        Assert.AreEqual(StorageStatus.WriteError, (await store.FlushAsync(CancellationToken.None)).Status);
        Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(CancellationToken.None));
    }

    [TestMethod]
    public async Task Memory_ManyRegions_KeepsAsManyPagesAndMarksAsWereSaid()
    {
        const int Regions = 60;
        long size = Regions * ChecksumLayout.RegionLength;
        await using IBlockStore data = await new MemoryStoreFactory().OpenBlockStoreAsync(Host, new Dictionary<string, object> { ["size"] = size });
        Dictionary<string, object> options = new() { ["cache_size"] = 64L << 10, ["dirty_limit"] = 10 * ChecksumLayout.RegionLength };
        await using IBlockStore store = await new ChecksumStoreFactory().OpenBlockStoreAsync(Host, options, lower: [data, new MemoryBlockStore(new ChecksumLayout(size).SumsLength)]);
        for (int region = 0; region < Regions; region++)
        {
            await WriteAsync(store, (region * ChecksumLayout.RegionLength) + 512, Pattern(region, 2 * Block));
            Assert.IsTrue(((ChecksumStore)store).Parts.Pages.Count <= 17, "16 pages, and the one that comes"); // 64 KiB
            Assert.IsTrue(((ChecksumStore)store).Parts.Dirty.Count <= 10);
        }

        for (int region = 0; region < Regions; region++)
            CollectionAssert.AreEqual(Pattern(region, 2 * Block), await ReadAsync(store, (region * ChecksumLayout.RegionLength) + 512, 2 * Block));
    }

    [TestMethod]
    public async Task Abilities_FollowTheData_LessWhatSumsTakeAway()
    {
        Data = new MemoryBlockStore(Size, MemoryBlockStore.EveryAbility);
        await using (IBlockStore store = await OpenAsync())
        {
            StoreCapabilities expected = MemoryBlockStore.EveryAbility & ~(StoreCapabilities.AllocationMap | StoreCapabilities.Resize);
            Assert.AreEqual(expected, store.Info.Capabilities);
            Assert.AreEqual(StorageStatus.NotSupported, (await store.ResizeAsync(2 * Size, CancellationToken.None)).Status);
        }

        Data = new MemoryBlockStore(Size, MemoryBlockStore.EveryAbility & ~StoreCapabilities.DiscardReadsZero);
        Sums = new MemoryBlockStore(Layout.SumsLength);
        await using IBlockStore other = await OpenAsync();
        Assert.IsFalse(other.Info.Has(StoreCapabilities.Discard));
        Assert.AreEqual(StorageStatus.NotSupported, (await other.DiscardAsync(0, Block, CancellationToken.None)).Status);
    }

    [TestMethod]
    public async Task Write_ReadOnlyData_IsRefusedAsSuch()
    {
        Data = new MemoryBlockStore(Size, StoreCapabilities.None);
        await using IBlockStore store = await OpenAsync();
        Assert.AreEqual(StorageStatus.ReadOnly, (await TryWriteAsync(store, 0, new byte[512])).Status);
        Assert.AreEqual(0, MarkOf(0));
    }
}
