using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace Samples.Zoned.Tests;

/// <summary>Stores that are new, that are zoned disks already, and that are something else.</summary>
[TestClass]
public sealed class StoreTests
{
    private const int Unit = 4096;
    private const int Label = Disk.StoreLength - Unit;

    [TestMethod]
    public async Task Store_OfAnotherLife_IsTheSameDisk()
    {
        MemoryBlockStore store = Disk.Memory();
        await using (Disk disk = await Disk.OpenAsync(store)) await disk.WriteAsync(Disk.Start(2), 3, 5);

        await using Disk again = await Disk.OpenAsync(store, ("block_size", null), ("zone_size", null), ("conventional_zones", null), ("format", true));

        CollectionAssert.AreEqual(new byte[] { 5, 5, 5, 0 }, await again.ReadAsync(Disk.Start(2), 4), "what is not given is as it was; format does not touch a zoned disk");
        Assert.AreEqual(ZoneCondition.Closed, await again.ConditionAsync(2));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1024)]
    [DataRow((1 << 20) - 1)]
    [DataRow(Label - (3 * Unit))]
    [DataRow(Label - Unit)]
    [DataRow(Label)]
    [DataRow(Disk.StoreLength - 512)]
    public async Task Store_WithSomethingElse_IsRefusedUnlessItMayBeLost(int offset)
    {
        MemoryBlockStore store = Disk.Memory();
        store.Fill(Math.Min(offset, Disk.StoreLength - 1), [0x55]);
        store.Fill(300, [0x55]);

        Assert.Contains("format = true makes a zoned disk of it", await Disk.RefusalAsync(store));
        Assert.AreEqual(0, store.Count(StoreOperation.Write), "nothing was changed");

        await using Disk disk = await Disk.OpenAsync(store, ("format", true));
        CollectionAssert.AreEqual(new byte[16], await disk.ReadAsync(0, 16), "a conventional zone shows nothing of what there was");
        CollectionAssert.AreEqual(new byte[16], await disk.ReadAsync(Disk.Start(2), 16));
    }

    [TestMethod]
    [DataRow("block_size", 512L)]
    [DataRow("zone_size", 131072L)]
    [DataRow("conventional_zones", 3L)]
    public async Task Store_MadeOtherwise_IsRefused(string option, long value)
    {
        MemoryBlockStore store = Disk.Memory();
        await using (Disk disk = await Disk.OpenAsync(store)) { }

        Assert.Contains($"was made with {option} = ", await Disk.RefusalAsync(store, (option, value), ("format", true)));
    }

    [TestMethod]
    public async Task Store_WithADamagedLabel_IsRefusedWhateverIsSaid()
    {
        MemoryBlockStore store = Disk.Memory();
        await using (Disk disk = await Disk.OpenAsync(store)) { }
        store.Fill(Label + 24, [0x7F]);

        Assert.Contains("label at the end of its store is damaged", await Disk.RefusalAsync(store, ("format", true)));
    }

    [TestMethod]
    public async Task Store_WithOneDamagedCopy_GoesOnWithTheOther()
    {
        foreach (int copy in new[] { 2, 1 })
        {
            MemoryBlockStore store = Disk.Memory();
            await using (Disk disk = await Disk.OpenAsync(store))
            {
                await disk.WriteAsync(Disk.Start(2), 1, 5, force: true);
                await disk.WriteAsync(Disk.Start(2) + 1, 1, 5, force: true);
            }

            store.Fill(Label - (copy * Unit) + 50, [0x7F]);

            await using Disk again = await Disk.OpenAsync(store);
            Assert.AreEqual(copy == 2 ? 1 : 2, await again.PointerAsync(2), "the newer copy is the first: made, one write, two writes");
        }
    }

    [TestMethod]
    public async Task Store_MadeAnew_TakesNothingOfItsEarlierLife()
    {
        MemoryBlockStore store = Disk.Memory();
        await using (Disk disk = await Disk.OpenAsync(store))
        {
            for (int i = 0; i < 4; i++) await disk.WriteAsync(Disk.Start(2) + i, 1, 5, force: true);
        }

        store.Fill(Label, new byte[Unit]);
        await using Disk anew = await Disk.OpenAsync(store, ("format", true));

        Assert.AreEqual(ZoneCondition.Empty, await anew.ConditionAsync(2), "the state of the earlier disk was saved more often than that of the new one");
        CollectionAssert.AreEqual(new byte[4], await anew.ReadAsync(Disk.Start(2), 4));
    }

    [TestMethod]
    public async Task Store_WithBothCopiesDamaged_IsRefused()
    {
        MemoryBlockStore store = Disk.Memory();
        await using (Disk disk = await Disk.OpenAsync(store)) { }
        store.Fill(Label - Unit, [0x7F]);
        store.Fill(Label - (2 * Unit), [0x7F]);

        Assert.Contains("both copies of the write pointers in its store are damaged", await Disk.RefusalAsync(store, ("format", true)));
    }

    [TestMethod]
    public async Task Store_OfAnotherSize_IsNoZonedDiskAnyMore()
    {
        MemoryBlockStore store = Disk.Memory();
        await using (Disk disk = await Disk.OpenAsync(store)) await disk.WriteAsync(0, 1, 1);
        store.SetLength(2 * Disk.StoreLength);

        Assert.Contains("had another size", await Disk.RefusalAsync(store));
    }

    [TestMethod]
    public async Task Store_TooSmallOrOfNoUse_IsRefused()
    {
        Assert.Contains("not room for 2 conventional zones", await Disk.RefusalAsync(Disk.Memory(3 * 65536)));
        Assert.Contains("not room for 2 conventional zones", await Disk.RefusalAsync(Disk.Memory(100)));
        Assert.Contains("cannot be written", await Disk.RefusalAsync(new MemoryBlockStore(Disk.StoreLength, StoreCapabilities.None)));
        MemoryBlockStore aligned = Disk.Memory();
        aligned.Info = aligned.Info with { Alignment = 8192 };
        Assert.Contains("works in pieces of 8192 bytes", await Disk.RefusalAsync(aligned));
    }

    [TestMethod]
    public async Task Store_ThatCannotBeRead_IsNamedAsTheCause()
    {
        MemoryBlockStore store = Disk.Memory();
        store.Fault = _ => StorageStatus.Unavailable;
        Assert.Contains("its store answers: Unavailable", await Disk.RefusalAsync(store));
    }

    [TestMethod]
    [DataRow(512, 4096)]
    [DataRow(4096, 8192)]
    [DataRow(1, 12288)]
    public async Task Store_WithLimits_IsCalledWithinThem(int alignment, int longest)
    {
        MemoryBlockStore store = Disk.Memory();
        store.Info = store.Info with { Alignment = alignment, MaximumTransferLength = longest };
        await using Disk disk = await Disk.OpenAsync(store);

        await disk.WriteAsync(Disk.Start(2), Disk.ZoneBlocks, 3, force: true);
        Assert.IsTrue((await disk.ReadAsync(Disk.Start(2), Disk.ZoneBlocks)).All(fill => fill == 3));

        Assert.IsEmpty(store.Violations);
    }

    [TestMethod]
    [DataRow("zone_size", 100_000L)]
    [DataRow("block_size", 1000L)]
    public void Options_ThatAreNoPowerOfTwo_AreRefusedBeforehand(string name, long value) =>
        Assert.AreEqual("is no power of two", new ZonedFactory().Options.Find(name)!.Check!(value));
}
