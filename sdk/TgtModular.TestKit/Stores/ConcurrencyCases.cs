using System.Buffers.Binary;
using TgtModular.Storage;

namespace TgtModular.TestKit;

internal static class ConcurrencyCases
{
    private const int Threads = 4;

    public static async Task DisjointAsync(StoreFixture fixture)
    {
        int stripe = (int)Math.Max(fixture.Unit, fixture.Align(3000));
        int rounds = Math.Min(64, fixture.Model.Length / (stripe * Threads));
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            for (int i = 0; i < rounds; i++)
            {
                long offset = ((i * Threads) + thread) * (long)stripe;
                await fixture.WriteAsync(offset, StoreFixture.Pattern(offset, stripe, thread));
                await fixture.CheckAsync(offset, stripe);
            }
        })));
        await fixture.CheckAllAsync();
    }

    /// <summary>Each thread has a region of its own and walks it at random; the model follows all of them.</summary>
    public static async Task RandomRegionsAsync(StoreFixture fixture, int seed)
    {
        long region = fixture.Align(fixture.Model.Length / Threads);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() => RandomCases.WalkAsync(fixture, new Random((seed * 100) + thread), thread * region, region))));
        await fixture.CheckAllAsync();
    }

    public static async Task OverlappingAsync(StoreFixture fixture)
    {
        int length = (int)Math.Max(fixture.Unit, fixture.Align(65536));
        long offset = fixture.Align((1 << 20) - (length / 2));
        await Task.WhenAll(Enumerable.Range(1, Threads).Select(thread => Task.Run(async () =>
        {
            byte[] fill = new byte[length];
            fill.AsSpan().Fill((byte)thread);
            for (int i = 0; i < 100; i++)
            {
                using DiagnosticBuffer buffer = fixture.Host.Buffers.Rent(fill);
                Assert.AreEqual(StorageResult.Ok, await fixture.Store.WriteAsync(offset, buffer.Slice(), WriteOptions.None, CancellationToken.None));
                await CheckWrittenAsync(fixture, offset, length);
            }
        })));
    }

    public static async Task CompareAndWriteAsync(StoreFixture fixture)
    {
        if (!fixture.Has(StoreCapabilities.CompareAndWrite)) return;
        const int Increments = 200;
        int length = (int)Math.Max(Math.Max(8, fixture.Unit), fixture.Align(512));
        long offset = fixture.Align((1 << 20) - (length / 2));
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < Increments; i++) await IncrementAsync(fixture, offset, length);
        })));
        byte[] final = await ReadAsync(fixture, offset, length);
        Assert.AreEqual(Threads * Increments, BinaryPrimitives.ReadInt32LittleEndian(final), "start of the block");
        Assert.AreEqual(Threads * Increments, BinaryPrimitives.ReadInt32LittleEndian(final.AsSpan(length - 4)), "end of the block");
    }

    /// <summary>Adds one to the number at both ends of a block, as initiators do that share a disk.</summary>
    private static async Task IncrementAsync(StoreFixture fixture, long offset, int length)
    {
        while (true)
        {
            byte[] old = await ReadAsync(fixture, offset, length);
            byte[] fresh = [.. old];
            int next = BinaryPrimitives.ReadInt32LittleEndian(old) + 1;
            BinaryPrimitives.WriteInt32LittleEndian(fresh, next);
            BinaryPrimitives.WriteInt32LittleEndian(fresh.AsSpan(length - 4), next);
            StorageResult result = await fixture.CompareAndWriteAsync(offset, old, fresh);
            if (result.IsOk) return;
            Assert.AreEqual(StorageStatus.Miscompare, result.Status);
        }
    }

    private static async Task CheckWrittenAsync(StoreFixture fixture, long offset, int length)
    {
        byte[] read = await ReadAsync(fixture, offset, length);
        Assert.IsFalse(read.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)Threads), "a byte was read that nobody wrote");
    }

    private static async Task<byte[]> ReadAsync(StoreFixture fixture, long offset, int length)
    {
        using DiagnosticBuffer buffer = fixture.Host.Buffers.TryRent(length, "read")!;
        Assert.AreEqual(StorageResult.Ok, await fixture.Store.ReadAsync(offset, buffer.Slice(), CancellationToken.None));
        return buffer.Slice().ToArray();
    }
}
