using TgtModular.Storage;

namespace TgtModular.TestKit;

internal static class AbilityCases
{
    /// <summary>Ranges of each kind: odd, whole granules, the end, everything behind a megabyte.</summary>
    private static IEnumerable<(long Offset, long Length)> Ranges(StoreFixture fixture)
    {
        int unit = fixture.Unit;
        long end = fixture.Store.Length;
        yield return (fixture.Align(5000), Math.Max(unit, fixture.Align(3000)));
        yield return (4096, 8192);
        yield return ((1 << 20) - unit, 2 * unit);
        yield return (end - unit, unit);
        yield return (1 << 20, 1 << 20);
        yield return ((1 << 20) - 4096, end - (1 << 20) + 4096);
    }

    public static async Task DiscardAsync(StoreFixture fixture)
    {
        IBlockStore store = fixture.Store;
        if (!fixture.Has(StoreCapabilities.Discard))
        {
            Assert.AreEqual(StorageStatus.NotSupported, (await store.DiscardAsync(0, fixture.Unit, CancellationToken.None)).Status);
            return;
        }

        foreach ((long offset, long length) in Ranges(fixture))
        {
            await fixture.WriteAsync(0, StoreFixture.Pattern(offset, fixture.Model.Length));
            StorageResult discarded = await fixture.Call(store.DiscardAsync(offset, length, CancellationToken.None));
            Assert.AreEqual(StorageResult.Ok, discarded, $"discard of {length} at {offset}");
            if (fixture.Has(StoreCapabilities.DiscardReadsZero)) fixture.Model.Clear(offset, length);
            await CheckAroundAsync(fixture, offset, length, fixture.Has(StoreCapabilities.DiscardReadsZero));
            await fixture.WriteAsync(offset, StoreFixture.Pattern(offset, (int)length, salt: 3));
            await fixture.CheckAsync(offset, (int)length);
        }

        Assert.AreEqual(StorageResult.Ok, await store.DiscardAsync(0, 0, CancellationToken.None), "discard of nothing");
        await CheckRefusedBeyondEndAsync(fixture, (offset, length) => store.DiscardAsync(offset, length, CancellationToken.None));
    }

    public static async Task WriteZeroesAsync(StoreFixture fixture)
    {
        IBlockStore store = fixture.Store;
        if (!fixture.Has(StoreCapabilities.WriteZeroes))
        {
            StorageResult result = await store.WriteZeroesAsync(0, fixture.Unit, WriteOptions.None, CancellationToken.None);
            Assert.IsTrue(result.IsOk || result.Status == StorageStatus.NotSupported, $"without the ability: {result}");
            return;
        }

        foreach (WriteOptions options in Enumerable.Range(0, 4).Select(bits => (WriteOptions)bits))
        {
            foreach ((long offset, long length) in Ranges(fixture))
            {
                await fixture.WriteAsync(0, StoreFixture.Pattern(offset, fixture.Model.Length));
                StorageResult result = await fixture.Call(store.WriteZeroesAsync(offset, length, options, CancellationToken.None));
                Assert.AreEqual(StorageResult.Ok, result, $"zeroes of {length} at {offset} with {options}");
                fixture.Model.Clear(offset, length);
                await fixture.CheckAllAsync();
            }
        }

        Assert.AreEqual(StorageResult.Ok, await store.WriteZeroesAsync(0, 0, WriteOptions.None, CancellationToken.None), "zeroes of nothing");
        await CheckRefusedBeyondEndAsync(fixture, (offset, length) => store.WriteZeroesAsync(offset, length, WriteOptions.None, CancellationToken.None));
    }

    public static async Task CompareAndWriteEqualAsync(StoreFixture fixture)
    {
        int length = (int)Math.Max(fixture.Unit, fixture.Align(4096));
        if (!fixture.Has(StoreCapabilities.CompareAndWrite))
        {
            Assert.AreEqual(StorageStatus.NotSupported, (await fixture.CompareAndWriteAsync(0, new byte[length], new byte[length])).Status);
            return;
        }

        foreach (long offset in new[] { 0, fixture.Align((1 << 20) - (length / 2)), fixture.Store.Length - length })
        {
            byte[] first = StoreFixture.Pattern(offset, length);
            byte[] second = StoreFixture.Pattern(offset, length, salt: 5);
            byte[] zeroes = fixture.Model.Read(offset, length).ToArray();
            Assert.AreEqual(StorageResult.Ok, await fixture.CompareAndWriteAsync(offset, zeroes, first), "against what is there");
            fixture.Host.Buffers.SegmentLength = 100;
            Assert.AreEqual(StorageResult.Ok, await fixture.CompareAndWriteAsync(offset, first, second), "against data");
            fixture.Host.Buffers.SegmentLength = int.MaxValue;
            await fixture.CheckAllAsync();
        }
    }

    public static async Task CompareAndWriteDifferentAsync(StoreFixture fixture)
    {
        if (!fixture.Has(StoreCapabilities.CompareAndWrite)) return;
        int length = (int)Math.Max(fixture.Unit, fixture.Align(8192));
        long offset = fixture.Align((1 << 20) - (length / 2));
        byte[] data = StoreFixture.Pattern(offset, length);
        await fixture.WriteAsync(offset, data);
        foreach (int position in new[] { 0, 1, length / 2, length - 1 })
        {
            byte[] wrong = [.. data];
            wrong[position] ^= 0x80;
            wrong[^1] ^= 0x40;
            StorageResult result = await fixture.CompareAndWriteAsync(offset, wrong, new byte[length]);
            Assert.AreEqual(new StorageResult(StorageStatus.Miscompare, position), result);
        }

        Assert.AreEqual(StorageStatus.OutOfRange, (await fixture.CompareAndWriteAsync(fixture.Store.Length, data, data)).Status, "behind the end");
        await fixture.CheckAllAsync();
    }

    public static async Task ExtentsAsync(StoreFixture fixture)
    {
        await CheckExtentsAsync(fixture);
        await fixture.WriteAsync(fixture.Align(1 << 20), StoreFixture.Pattern(0, (int)fixture.Align(1 << 16)));
        await fixture.WriteAsync(fixture.Store.Length - fixture.Unit, StoreFixture.Pattern(0, fixture.Unit));
        await CheckExtentsAsync(fixture);
        if (fixture.Has(StoreCapabilities.DiscardReadsZero))
        {
            Assert.AreEqual(StorageResult.Ok, await fixture.Store.DiscardAsync(1 << 20, 1 << 20, CancellationToken.None));
            fixture.Model.Clear(1 << 20, 1 << 20);
            await CheckExtentsAsync(fixture);
        }

        Assert.AreEqual(StorageStatus.OutOfRange, fixture.Store.GetExtent(fixture.Store.Length, fixture.Unit, out _).Status, "extent behind the end");
        Assert.AreEqual(StorageStatus.OutOfRange, fixture.Store.GetExtent(-1, fixture.Unit, out _).Status, "extent in front of the start");
    }

    public static async Task ResizeAsync(StoreFixture fixture)
    {
        IBlockStore store = fixture.Store;
        long old = store.Length;
        if (!fixture.Has(StoreCapabilities.Resize))
        {
            await RefuseResizeAsync(fixture, StorageStatus.NotSupported);
            return;
        }

        await fixture.WriteAsync(0, StoreFixture.Pattern(0, fixture.Model.Length));
        foreach (long length in new[] { old + (1 << 20), old + (1 << 21) + 4096, (1 << 20) + 4096, old, 4096, old })
        {
            Assert.AreEqual(StorageResult.Ok, await store.ResizeAsync(length, CancellationToken.None), $"resize to {length}");
            Assert.AreEqual(length, store.Length);
            Assert.AreEqual($"resized {length}", fixture.Observer.Events.Last());
            fixture.Model.Resize(length);
            await fixture.CheckAllAsync();
            await fixture.WriteAsync(length - fixture.Unit, StoreFixture.Pattern(length, fixture.Unit));
            Assert.AreEqual(StorageStatus.OutOfRange, (await fixture.ReadAsync(length, fixture.Unit)).Status, "read behind the new end");
        }

        Assert.IsFalse((await store.ResizeAsync(-1, CancellationToken.None)).IsOk, "resize to a negative size");
        Assert.AreEqual(old, store.Length, "a refused resize changes nothing");
    }

    /// <summary>The size changes while calls run: what lies within every size keeps its data, calls behind the end are refused.</summary>
    public static async Task ResizeUnderIoAsync(StoreFixture fixture)
    {
        if (!fixture.Has(StoreCapabilities.Resize)) return;
        long old = fixture.Store.Length;
        long kept = fixture.Align(1 << 20);
        await fixture.WriteAsync(0, StoreFixture.Pattern(0, (int)old));
        bool ended = false;
        Task[] callers = [.. Enumerable.Range(0, 3).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; !Volatile.Read(ref ended); i++)
            {
                await fixture.CheckAsync(caller * fixture.Align(4096), (int)(kept - (caller * fixture.Align(4096))));
                StorageResult behind = await fixture.ReadAsync(old - fixture.Unit, fixture.Unit);
                Assert.IsTrue(behind.IsOk || behind.Status == StorageStatus.OutOfRange, $"a read where the end moves ended with {behind}");
            }
        }))];
        foreach (long length in new[] { old + (1 << 20), kept, old, kept + 4096, old })
            Assert.AreEqual(StorageResult.Ok, await fixture.Store.ResizeAsync(length, CancellationToken.None), $"resize to {length}");
        Volatile.Write(ref ended, true);
        await Task.WhenAll(callers);
        fixture.Model.Resize(kept);
        fixture.Model.Resize(old);
        await fixture.CheckAllAsync();
    }

    public static async Task RefuseResizeAsync(StoreFixture fixture, StorageStatus refusal)
    {
        long old = fixture.Store.Length;
        Assert.AreEqual(refusal, (await fixture.Store.ResizeAsync(old * 2, CancellationToken.None)).Status);
        Assert.AreEqual(old, fixture.Store.Length);
        Assert.IsEmpty(fixture.Observer.Events);
    }

    private static async Task CheckExtentsAsync(StoreFixture fixture)
    {
        bool mapped = fixture.Has(StoreCapabilities.AllocationMap);
        for (long offset = 0; offset < fixture.Store.Length;)
        {
            long length = fixture.Store.Length - offset;
            Assert.AreEqual(StorageResult.Ok, fixture.Store.GetExtent(offset, length, out StoreExtent extent), $"extent at {offset}");
            Assert.AreEqual(offset, extent.Offset, "an extent starts where it was asked for");
            Assert.IsTrue(extent.Length > 0 && extent.Length <= length, $"extent at {offset} is {extent.Length} long");
            if (!mapped) Assert.IsTrue(extent.Allocated, "without an allocation map everything is allocated");
            if (!extent.Allocated)
            {
                Assert.IsFalse(fixture.Model.Read(offset, (int)extent.Length).ContainsAnyExcept((byte)0), $"the hole at {offset} holds data");
                await fixture.CheckAsync(offset, (int)extent.Length);
            }

            offset += extent.Length;
        }
    }

    private static async Task CheckAroundAsync(StoreFixture fixture, long offset, long length, bool inside)
    {
        await fixture.CheckAsync(0, (int)offset);
        long end = offset + length;
        await fixture.CheckAsync(end, (int)(fixture.Store.Length - end));
        if (inside) await fixture.CheckAsync(offset, (int)length);
    }

    private static async Task CheckRefusedBeyondEndAsync(StoreFixture fixture, Func<long, long, ValueTask<StorageResult>> call)
    {
        long end = fixture.Store.Length;
        (long, long)[] ranges = [(end, fixture.Unit), (0, end + fixture.Unit), (-fixture.Unit, fixture.Unit), (fixture.Unit, long.MaxValue - 7)];
        foreach ((long offset, long length) in ranges)
            Assert.AreEqual(StorageStatus.OutOfRange, (await call(offset, length)).Status, $"{length} at {offset}");
    }
}
