using TgtModular.Storage;

namespace TgtModular.TestKit;

internal static class ReadWriteCases
{
    public static async Task EveryAlignmentAsync(StoreFixture fixture)
    {
        int unit = fixture.Unit;
        long[] offsets =
        [
            0, unit, 3 * unit, fixture.Align(511), 512, fixture.Align(513), 4096 - unit, 4096, 4096 + unit, 65536 - unit, 65536 + (5 * unit),
            (1 << 20) - unit, 1 << 20, (1 << 20) + unit,
        ];
        int[] lengths = [unit, 2 * unit, 7 * unit, (int)fixture.Align(512), 4096 - unit, 4096, 4096 + unit, 65536 + (3 * unit)];
        int salt = 0;
        foreach (long offset in offsets.Select(fixture.Align))
        {
            foreach (int length in lengths.Where(length => length > 0).Select(length => (int)Math.Max(unit, fixture.Align(length))))
            {
                await fixture.WriteAsync(offset, StoreFixture.Pattern(offset, length, ++salt));
                await fixture.CheckAsync(offset, length);
            }
        }

        await fixture.CheckAllAsync();
    }

    public static async Task EdgesAsync(StoreFixture fixture)
    {
        int unit = fixture.Unit;
        long last = fixture.Store.Length - unit;
        await fixture.WriteAsync(0, StoreFixture.Pattern(0, unit));
        await fixture.WriteAsync(last, StoreFixture.Pattern(last, unit));
        await fixture.CheckAsync(0, unit);
        await fixture.CheckAsync(last, unit);
        await fixture.CheckAllAsync();
    }

    public static async Task OverlapsAsync(StoreFixture fixture)
    {
        int unit = fixture.Unit;
        int length = (int)Math.Max(4 * unit, fixture.Align(16384));
        for (int i = 0; i < 16; i++)
        {
            long offset = (1 << 20) - length + (i * unit);
            await fixture.WriteAsync(fixture.Align(offset), StoreFixture.Pattern(offset, length, i));
        }

        await fixture.CheckAllAsync();
    }

    public static async Task ManySegmentsAsync(StoreFixture fixture)
    {
        foreach (int segment in new[] { 7, 512, 4096, 10000 })
        {
            fixture.Host.Buffers.SegmentLength = segment;
            int length = (int)Math.Max(fixture.Unit, fixture.Align(Math.Min(segment * 1500, 1 << 20)));
            await fixture.WriteAsync(fixture.Align(12288), StoreFixture.Pattern(12288, length, segment));
            fixture.Host.Buffers.SegmentLength = segment + 1;
            await fixture.CheckAsync(fixture.Align(12288), length);
        }

        fixture.Host.Buffers.SegmentLength = int.MaxValue;
        await fixture.CheckAllAsync();
    }

    public static async Task OddMemoryAsync(StoreFixture fixture)
    {
        foreach (int misalignment in new[] { 1, 4, 511, 512, 2048 })
        {
            fixture.Host.Buffers.Misalignment = misalignment;
            int length = (int)Math.Max(fixture.Unit, fixture.Align(300000));
            await fixture.WriteAsync(0, StoreFixture.Pattern(0, length, misalignment));
            await fixture.CheckAsync(0, length);
        }
    }

    public static async Task MemoryWithoutAddressAsync(StoreFixture fixture)
    {
        fixture.Host.Buffers.HidePointers = true;
        int length = (int)Math.Max(fixture.Unit, fixture.Align(70000));
        await fixture.WriteAsync(0, StoreFixture.Pattern(0, length));
        fixture.Host.Buffers.SegmentLength = 1000;
        await fixture.WriteAsync(fixture.Align(70000), StoreFixture.Pattern(3, length));
        await fixture.CheckAllAsync();
    }

    public static async Task WholeStoreInOneCallAsync(StoreFixture fixture)
    {
        int most = fixture.Store.Info.MaximumTransferLength;
        int length = most == 0 ? fixture.Model.Length : (int)fixture.Align(Math.Min(most, fixture.Model.Length));
        await fixture.WriteAsync(0, StoreFixture.Pattern(0, length));
        await fixture.CheckAsync(0, length);
    }

    public static async Task ZeroLengthAsync(StoreFixture fixture)
    {
        foreach (long offset in new[] { 0, fixture.Align(4096), fixture.Store.Length })
        {
            Assert.AreEqual(StorageResult.Ok, await fixture.ReadAsync(offset, 0), $"read of nothing at {offset}");
            Assert.AreEqual(StorageResult.Ok, await fixture.TryWriteAsync(offset, 0), $"write of nothing at {offset}");
        }

        long behind = fixture.Store.Length + fixture.Unit;
        Assert.AreEqual(StorageStatus.OutOfRange, (await fixture.ReadAsync(behind, 0)).Status, "read of nothing behind the end");
        Assert.AreEqual(StorageStatus.OutOfRange, (await fixture.TryWriteAsync(behind, 0)).Status, "write of nothing behind the end");
    }

    public static async Task OutOfRangeAsync(StoreFixture fixture)
    {
        int unit = fixture.Unit;
        long end = fixture.Store.Length;
        await fixture.WriteAsync(end - unit, StoreFixture.Pattern(1, unit));
        (long Offset, int Length)[] ranges =
        [
            (end, unit), (end - unit, 2 * unit), (end + (1L << 40), unit), (-unit, unit), (-unit, 2 * unit), (fixture.Align(long.MaxValue), unit),
            (long.MinValue, unit),
        ];
        foreach ((long offset, int length) in ranges)
        {
            Assert.AreEqual(StorageStatus.OutOfRange, (await fixture.ReadAsync(offset, length)).Status, $"read of {length} at {offset}");
            Assert.AreEqual(StorageStatus.OutOfRange, (await fixture.TryWriteAsync(offset, length)).Status, $"write of {length} at {offset}");
        }

        await fixture.CheckAllAsync();
    }

    public static async Task UnalignedAsync(StoreFixture fixture)
    {
        if (fixture.Unit == 1) return;
        await fixture.WriteAsync(0, StoreFixture.Pattern(0, 4 * fixture.Unit));
        foreach ((long offset, int length) in new[] { (1L, fixture.Unit), (0L, fixture.Unit + 1), (fixture.Unit / 2L, fixture.Unit / 2) })
        {
            Assert.IsFalse((await fixture.ReadAsync(offset, length)).IsOk, $"read of {length} at {offset}");
            Assert.IsFalse((await fixture.TryWriteAsync(offset, length)).IsOk, $"write of {length} at {offset}");
        }

        await fixture.CheckAllAsync();
    }

    public static async Task ForceUnitAccessAsync(StoreFixture fixture)
    {
        int length = (int)Math.Max(fixture.Unit, fixture.Align(12288));
        await fixture.WriteAsync(0, StoreFixture.Pattern(0, length), WriteOptions.ForceUnitAccess);
        fixture.Host.Buffers.SegmentLength = 1024;
        await fixture.WriteAsync(fixture.Align(1 << 20), StoreFixture.Pattern(9, length), WriteOptions.ForceUnitAccess);
        await fixture.CheckAllAsync();
    }

    public static async Task FlushAsync(StoreFixture fixture)
    {
        Assert.AreEqual(StorageResult.Ok, await fixture.Call(fixture.Store.FlushAsync(CancellationToken.None)), "nothing was written");
        await fixture.WriteAsync(0, StoreFixture.Pattern(0, fixture.Unit));
        Assert.AreEqual(StorageResult.Ok, await fixture.Call(fixture.Store.FlushAsync(CancellationToken.None)), "after a write");
        Assert.AreEqual(StorageResult.Ok, await fixture.Call(fixture.Store.FlushAsync(CancellationToken.None)), "again");
        await fixture.CheckAllAsync();
    }
}
