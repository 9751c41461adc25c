using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>Both stores have caches that lose what they like, and lose it at the same moment: at any call, done or not.</summary>
[TestClass]
public sealed class ChecksumPowerCutTests : ChecksumStoreHarness
{
    private const int Sector = 512;
    private const int Sectors = Size / Sector;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    public async Task PowerCut_AtAnyCallInAnyOrder_WhatWasFlushedReads_AndNothingIsRefused(int seed)
    {
        Random random = new(seed);
        await using PowerSupply power = await PowerSupply.OpenAsync(Host, Data, Sums, random);
        await using (await OpenAsync(data: power.Data, sums: power.Sums))
        {
        }

        SectorModel model = new(Data.Cached(0, Size));
        for (int round = 0; round < 60; round++)
        {
            power.CutAfter(random.Next(2, 150));
            if (await TryOpenAsync(power) is { } store)
            {
                for (int step = 0; step < 40 && power.IsOn; step++) await StepAsync(store, model, random);
                // A daemon that is killed says no goodbye, and the caches have all that it wrote: until the power goes, too.
                if (power.IsOn && random.Next(2) == 0) _ = await TryOpenAsync(power);
                await power.CutAsync(); // at the latest
                await store.DisposeAsync();
            }

            power.Restore();
            await using IBlockStore again = await OpenAsync(data: power.Data, sums: power.Sums);
            byte[] left = await ReadAsync(again, 0, Size);
            model.Check(left, $"seed {seed}, round {round}");
            Assert.AreEqual(StorageResult.Ok, await again.FlushAsync(CancellationToken.None));
            model = new SectorModel(left);
        }
    }

    [TestMethod]
    public async Task PowerCut_AtEveryCallOfAnAdoption_BeginsAnew()
    {
        byte[] content = Pattern(1, Size);
        Random random = new(7);
        bool wasCut = true;
        for (int calls = 1; wasCut; calls++)
        {
            Data = new MemoryBlockStore(Size);
            Sums = new MemoryBlockStore(Layout.SumsLength);
            Data.Fill(0, content);
            await using PowerSupply power = await PowerSupply.OpenAsync(Host, Data, Sums, random);
            power.CutAfter(calls);
            IBlockStore? store = await TryOpenAsync(power, adopt: true);
            wasCut = !power.IsOn;
            await power.CutAsync();
            if (store is not null) await store.DisposeAsync();
            power.Restore();
            await using IBlockStore again = await OpenAsync(adopt: true, power.Data, power.Sums);
            CollectionAssert.AreEqual(content, await ReadAsync(again, 0, Size), $"cut after {calls} calls");
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task PowerCut_AfterTheFirstSums_OfDataThatLayInACache_RefusesNothing(bool adopt)
    {
        byte[] before = adopt ? new byte[Size] : Pattern(1, Size);
        Data.Fill(0, before);
        await using PowerSupply power = await PowerSupply.OpenAsync(Host, Data, Sums, new Random(1));
        byte[] content = adopt ? Pattern(1, Size) : new byte[Size];
        await WriteAsync(power.Data, 0, content);
        IBlockStore store = await OpenAsync(adopt, power.Data, power.Sums);
        await power.CutAsync();
        await store.DisposeAsync();
        power.Restore();
        await using IBlockStore again = await OpenAsync(data: power.Data, sums: power.Sums);
        CollectionAssert.AreEqual(content, await ReadAsync(again, 0, Size));
    }

    /// <summary>After every cut a bit is turned over in a region that has no mark: it is found.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public async Task PowerCut_DamageInARegionWithoutAMark_IsFound(int seed)
    {
        Random random = new(seed);
        await using PowerSupply power = await PowerSupply.OpenAsync(Host, Data, Sums, random);
        SectorModel model = new(new byte[Size]);
        int found = 0;
        for (int round = 0; round < 60; round++)
        {
            IBlockStore store = await OpenAsync(data: power.Data, sums: power.Sums);
            power.CutAfter(random.Next(1, 30));
            for (int step = 0; step < 20 && power.IsOn; step++) await StepAsync(store, model, random);
            await power.CutAsync();
            await store.DisposeAsync();
            power.Restore();
            int region = random.Next(3);
            if (MarkOf(region) != 0) continue;
            found++;
            long damaged = (region * Region) + random.Next(Math.Min(Region, Size - (region * Region)));
            Flip(Data, damaged);
            await using (IBlockStore again = await OpenAsync(data: power.Data, sums: power.Sums))
                Assert.AreEqual(StorageStatus.ReadError, (await TryReadAsync(again, damaged / Sector * Sector, new byte[Sector])).Status, $"round {round}");
            Flip(Data, damaged);
        }

        Assert.IsTrue(found > 10, $"{found} rounds had a region without a mark");
    }

    private async Task<IBlockStore?> TryOpenAsync(PowerSupply power, bool adopt = false)
    {
        try
        {
            return await OpenAsync(adopt, power.Data, power.Sums);
        }
        catch (StoreOpenException) when (!power.IsOn)
        {
            return null;
        }
    }

    private static async Task StepAsync(IBlockStore store, SectorModel model, Random random)
    {
        switch (random.Next(12))
        {
            case 0 or 1:
                if ((await store.FlushAsync(CancellationToken.None)).IsOk) model.Flush();
                return;
            case 2:
                await ((ChecksumStore)store).CleanAsync(all: random.Next(2) == 0);
                return;
        }

        // Much of it where regions and the data end.
        int around = random.Next(4) switch { 0 => Region / Sector, 1 => 2 * Region / Sector, 2 => Sectors, _ => random.Next(Sectors) };
        int first = Math.Clamp(around + random.Next(-40, 20), 0, Sectors - 1);
        int count = Math.Min(random.Next(1, 40), Sectors - first);
        byte[] data = new byte[count * Sector];
        bool force = random.Next(4) == 0;
        WriteOptions options = force ? WriteOptions.ForceUnitAccess : WriteOptions.None;
        bool zeroes = store.Info.Has(StoreCapabilities.WriteZeroes) && random.Next(4) == 0;
        if (!zeroes) random.NextBytes(data);
        StorageResult result = zeroes ? await store.WriteZeroesAsync(first * Sector, data.Length, options, CancellationToken.None) : await TryWriteAsync(store, first * Sector, data, options);
        model.Write(first, data, force && result.IsOk);
    }

    /// <summary>Feeds two stores, and fails for both at once.</summary>
    private sealed class PowerSupply(Random random) : IAsyncDisposable
    {
        private readonly List<(string Name, IBlockStore Store)> _caches = [];
        private int _left = int.MaxValue;

        public bool IsOn { get; private set; } = true;

        public IBlockStore Data { get; private set; } = null!;

        public IBlockStore Sums { get; private set; } = null!;

        public static async Task<PowerSupply> OpenAsync(TestHost host, MemoryBlockStore data, MemoryBlockStore sums, Random random)
        {
            PowerSupply power = new(random);
            power.Data = new Fed(power, await power.CacheAsync(host, data));
            power.Sums = new Fed(power, await power.CacheAsync(host, sums));
            return power;
        }

        public void CutAfter(int calls) => _left = calls;

        public async Task CutAsync()
        {
            if (!IsOn) return;
            IsOn = false;
            foreach ((string name, _) in _caches) await FaultControl.Find(name)!.CrashAsync(random.Next(3) == 0 ? null : random.Next());
        }

        public void Restore()
        {
            foreach ((string name, _) in _caches) FaultControl.Find(name)!.Restore();
            IsOn = true;
            _left = int.MaxValue;
        }

        public async ValueTask DisposeAsync()
        {
            foreach ((_, IBlockStore store) in _caches) await store.DisposeAsync();
        }

        public async ValueTask<StorageResult> ChangeAsync(Func<ValueTask<StorageResult>> call)
        {
            if (!IsOn) return StorageStatus.Unavailable;
            if (--_left > 0) return await call();
            if (random.Next(2) == 0) _ = await call(); // done, and nobody was told
            await CutAsync();
            return StorageStatus.Unavailable;
        }

        private async Task<IBlockStore> CacheAsync(TestHost host, MemoryBlockStore medium)
        {
            string name = $"checksum-{Guid.NewGuid():N}";
            IBlockStore cache = await new FaultStoreFactory().OpenBlockStoreAsync(host, new Dictionary<string, object> { ["volatile"] = true }, lower: [medium], name: name);
            _caches.Add((name, cache));
            return cache;
        }
    }

    private sealed class Fed(PowerSupply power, IBlockStore store) : IBlockStore
    {
        public StoreInfo Info => store.Info;

        public long Length => store.Length;

        public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) => store.ReadAsync(offset, destination, cancellationToken);

        public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
            power.ChangeAsync(() => store.WriteAsync(offset, source, options, cancellationToken));

        public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => power.ChangeAsync(() => store.FlushAsync(cancellationToken));

        public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
            power.ChangeAsync(() => store.WriteZeroesAsync(offset, length, options, cancellationToken));

        public ValueTask DisposeAsync() => default;
    }
}
