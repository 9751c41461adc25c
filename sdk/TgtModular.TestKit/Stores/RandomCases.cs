using TgtModular.Storage;

namespace TgtModular.TestKit;

internal static class RandomCases
{
    private const int Steps = 600;
    private const int LongestLength = 200_000;

    /// <summary>Random calls on the store and its model; the seed repeats them.</summary>
    public static async Task RunAsync(StoreFixture fixture, int seed)
    {
        Random random = new(seed);
        for (int step = 0; step < Steps; step++)
        {
            fixture.Host.Buffers.SegmentLength = random.Next(3) == 0 ? random.Next(1, 9000) + 200 : int.MaxValue;
            fixture.Host.Buffers.Misalignment = random.Next(4) == 0 ? random.Next(4096) : 0;
            long offset = fixture.Align(random.NextInt64(fixture.Model.Length));
            long longest = Math.Min(fixture.Model.Length - offset, random.Next(3) == 0 ? LongestLength : 10_000);
            int length = (int)fixture.Align(random.NextInt64(longest + 1));
            await StepAsync(fixture, random, offset, length);
        }

        await fixture.CheckAllAsync();
    }

    /// <summary>Random calls within a region, beside others in other regions.</summary>
    public static async Task WalkAsync(StoreFixture fixture, Random random, long start, long length)
    {
        for (int step = 0; step < Steps / 4; step++)
        {
            long offset = start + fixture.Align(random.NextInt64(length));
            long longest = Math.Min(start + length - offset, 20_000);
            await StepAsync(fixture, random, offset, (int)fixture.Align(random.NextInt64(longest + 1)));
        }
    }

    private static async Task StepAsync(StoreFixture fixture, Random random, long offset, int length)
    {
        WriteOptions options = random.Next(8) == 0 ? WriteOptions.ForceUnitAccess : WriteOptions.None;
        switch (random.Next(10))
        {
            case 0 when fixture.Has(StoreCapabilities.DiscardReadsZero):
                Assert.AreEqual(StorageResult.Ok, await fixture.Store.DiscardAsync(offset, length, CancellationToken.None));
                fixture.Model.Clear(offset, length);
                break;
            case 1 when fixture.Has(StoreCapabilities.WriteZeroes):
                WriteOptions zeroing = random.Next(2) == 0 ? options | WriteOptions.MayDeallocate : options;
                Assert.AreEqual(StorageResult.Ok, await fixture.Store.WriteZeroesAsync(offset, length, zeroing, CancellationToken.None));
                fixture.Model.Clear(offset, length);
                break;
            case 2 when fixture.Has(StoreCapabilities.CompareAndWrite) && length > 0:
                byte[] old = fixture.Model.Read(offset, length).ToArray();
                Assert.AreEqual(StorageResult.Ok, await fixture.CompareAndWriteAsync(offset, old, StoreFixture.Pattern(offset, length, random.Next(50))));
                break;
            case 3:
                Assert.AreEqual(StorageResult.Ok, await fixture.Store.FlushAsync(CancellationToken.None));
                break;
            case 4 or 5 or 6:
                await fixture.CheckAsync(offset, length);
                break;
            default:
                await fixture.WriteAsync(offset, StoreFixture.Pattern(offset, length, random.Next(50)), options);
                break;
        }
    }
}
