using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>The whole contract, over two disks in memory.</summary>
public abstract class CowStoreConformance(long clusterSize) : BlockStoreConformance
{
    protected override IStoreFactory Factory => new CowStoreFactory();

    protected override bool KeepsDataWhenReopened => true;

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object> { ["cluster_size"] = clusterSize };

    protected override async ValueTask<IReadOnlyList<IBackingStore>> OpenLowerAsync(long size) =>
    [
        await new MemoryStoreFactory().OpenBlockStoreAsync(Host, new Dictionary<string, object> { ["size"] = size }),
        await new MemoryStoreFactory().OpenBlockStoreAsync(Host, new Dictionary<string, object> { ["size"] = new CowLayout(size, (int)clusterSize).DeltaLength }),
    ];
}

[TestClass]
public sealed class CowStoreConformanceTests() : CowStoreConformance(clusterSize: 64 << 10);

[TestClass]
public sealed class CowStoreSmallClusterConformanceTests() : CowStoreConformance(clusterSize: 4 << 10);

[TestClass]
public sealed class CowStoreTests : IDisposable
{
    private const int Cluster = 8192;
    private const int Clusters = 10;
    private const int Size = (Clusters * Cluster) - 512; // the last cluster is not whole

    private static readonly CowLayout Layout = new(Size, Cluster);

    private readonly TestHost _host = new();
    private readonly MemoryBlockStore _base = new(Size);
    private readonly MemoryBlockStore _delta = new(Layout.DeltaLength);

    public CowStoreTests() => _base.Fill(0, Pattern(1, Size));

    public void Dispose() => _host.Dispose();

    [TestMethod]
    public async Task Write_WithinACluster_ShowsItAmongTheBase_AndTheBaseIsNotWritten()
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, Cluster + 1024, Pattern(7, 512));

        byte[] expected = Pattern(1, Size);
        Pattern(7, 512).CopyTo(expected, Cluster + 1024);
        CollectionAssert.AreEqual(expected, await ReadAsync(store, 0, Size));
        Assert.AreEqual(0, _base.Count(StoreOperation.Write));
    }

    [TestMethod]
    public async Task Write_LastClusterWhichIsNotWhole_IsThere()
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, Size - 512, Pattern(9, 512));
        CollectionAssert.AreEqual(Pattern(9, 512), await ReadAsync(store, Size - 512, 512));
        CollectionAssert.AreEqual(Pattern(1, Size)[^1024..^512], await ReadAsync(store, Size - 1024, 512));
    }

    [TestMethod]
    public async Task Open_AgainWithoutFlush_HasWhatWasWritten()
    {
        await using (IBlockStore store = await OpenAsync()) await WriteAsync(store, 4096, Pattern(3, 3 * Cluster));
        await using IBlockStore again = await OpenAsync();
        byte[] expected = Pattern(1, Size);
        Pattern(3, 3 * Cluster).CopyTo(expected, 4096);
        CollectionAssert.AreEqual(expected, await ReadAsync(again, 0, Size));
    }

    [TestMethod]
    public async Task Write_WhoseCopyCannotBeWritten_LeavesTheBase()
    {
        await using IBlockStore store = await OpenAsync();
        _delta.Fault = call => call.Operation == StoreOperation.Write && call.Offset >= Layout.DataOffset ? StorageStatus.OutOfSpace : null;
        Assert.AreEqual(StorageStatus.OutOfSpace, (await TryWriteAsync(store, 512, Pattern(5, 512))).Status);
        CollectionAssert.AreEqual(Pattern(1, Size), await ReadAsync(store, 0, Size));
    }

    [TestMethod]
    public async Task Write_WhoseMapCannotBeWritten_FailsAndCanBeRepeated()
    {
        await using (IBlockStore store = await OpenAsync())
        {
            _delta.Fault = call => call.Operation == StoreOperation.Write && call.Offset < Layout.DataOffset ? StorageStatus.WriteError : null;
            Assert.AreEqual(StorageStatus.WriteError, (await TryWriteAsync(store, 512, Pattern(5, 512))).Status);
            CollectionAssert.AreEqual(Pattern(1, Size), await ReadAsync(store, 0, Size));
            _delta.Fault = null;
            await WriteAsync(store, 512, Pattern(6, 512));
        }

        await using IBlockStore again = await OpenAsync();
        CollectionAssert.AreEqual(Pattern(6, 512), await ReadAsync(again, 512, 512));
    }

    [TestMethod]
    public async Task Write_BaseThatCannotBeRead_FailsAndChangesNothing()
    {
        await using IBlockStore store = await OpenAsync();
        _base.Fault = call => call.Operation == StoreOperation.Read ? new StorageResult(StorageStatus.ReadError, call.Offset) : null;
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, 0), await TryWriteAsync(store, 512, Pattern(5, 512)));
        Assert.IsTrue((await TryWriteAsync(store, Cluster, Pattern(5, Cluster))).IsOk, "a whole cluster needs nothing of the base");
    }

    [TestMethod]
    public async Task Write_ForceUnitAccess_IsOnTheMediumWithItsMap()
    {
        await using IBlockStore store = await OpenAsync();
        await WriteAsync(store, 512, Pattern(4, 512)); // the map's block is in a cache now
        await WriteAsync(store, 1024, Pattern(5, 512), WriteOptions.ForceUnitAccess);

        MemoryBlockStore left = new(Layout.DeltaLength);
        left.Fill(0, _delta.Durable(0, (int)Layout.DeltaLength));
        await using IBlockStore again = await OpenAsync(left);
        CollectionAssert.AreEqual(Pattern(5, 512), await ReadAsync(again, 1024, 512));
    }

    [TestMethod]
    public async Task Open_DeltaOfAnotherBase_IsRefused()
    {
        await using (await OpenAsync())
        {
        }

        _base.Fill(0, Pattern(2, 512));
        StringAssert.Contains(await RefusalAsync(_base, _delta), "belongs to another base");
        StringAssert.Contains(await RefusalAsync(new MemoryBlockStore(Size - 4096), _delta), $"belongs to a base of {Size} bytes, and this one has {Size - 4096}");
    }

    [TestMethod]
    public async Task Open_DeltaThatHoldsSomethingElse_IsRefusedAndNotWritten()
    {
        _delta.Fill(100, Pattern(3, 10));
        StringAssert.Contains(await RefusalAsync(_base, _delta), "it holds something else");
        MemoryBlockStore map = new(Layout.DeltaLength);
        map.Fill(CowLayout.MapOffset + 5, [1]);
        StringAssert.Contains(await RefusalAsync(_base, map), "not empty");
        Assert.AreEqual(0, _delta.Count(StoreOperation.Write) + map.Count(StoreOperation.Write));
    }

    [TestMethod]
    public async Task Open_EveryDamagedByteOfTheHeader_IsRefused()
    {
        await using (await OpenAsync())
        {
        }

        byte[] header = _delta.Cached(0, CowLayout.BlockLength);
        for (int i = 0; i < 72; i++)
        {
            byte[] damaged = [.. header];
            damaged[i] ^= 0x10;
            _delta.Fill(0, damaged);
            _ = await RefusalAsync(_base, _delta);
        }
    }

    [TestMethod]
    public async Task Open_MapWithClustersThatThereAreNot_IsRefused()
    {
        await using (await OpenAsync())
        {
        }

        _delta.Fill(CowLayout.MapOffset + (Clusters / 8), [0x80]);
        StringAssert.Contains(await RefusalAsync(_base, _delta), "the map of the delta is damaged");
    }

    [TestMethod]
    public async Task Open_DeltaTooSmallOrReadOnly_SaysWhatIsNeeded()
    {
        StringAssert.Contains(await RefusalAsync(_base, new MemoryBlockStore(Layout.DeltaLength - 512)), $"needs {Layout.DeltaLength}");
        StringAssert.Contains(await RefusalAsync(_base, new MemoryBlockStore(Layout.DeltaLength, StoreCapabilities.None)), "cannot be written");
    }

    [TestMethod]
    public async Task Open_BaseTooLargeForItsClusters_SaysWhatToChoose()
    {
        await using IBlockStore lower = await new NullStoreFactory().OpenBlockStoreAsync(_host, new Dictionary<string, object> { ["size"] = 1L << 50 });
        StringAssert.Contains(await RefusalAsync(lower, new MemoryBlockStore(1 << 20)), "choose a larger cluster_size");
    }

    [TestMethod]
    public async Task WriteZeroes_HolesOfTheBase_TakeNoRoom()
    {
        MemoryBlockStore lower = new(Size, MemoryBlockStore.EveryAbility);
        MemoryBlockStore delta = new(Layout.DeltaLength, MemoryBlockStore.EveryAbility);
        await using IBlockStore store = await new CowStoreFactory().OpenBlockStoreAsync(_host, Options, lower: [lower, delta]);
        delta.ForgetCalls();
        Assert.AreEqual(StorageResult.Ok, await store.WriteZeroesAsync(0, Size, WriteOptions.None, CancellationToken.None));
        Assert.AreEqual(0, delta.Count(StoreOperation.Write));
    }

    /// <summary>
    /// A delta whose cache loses what it likes: after the cut each sector is as it was flushed, or as it was written later; and a sector that nobody wrote is the base's.
    /// </summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public async Task PowerCut_AnyTimeInAnyOrder_NoSectorIsWhatNobodyWrote(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 60; round++)
        {
            MemoryBlockStore medium = new(Layout.DeltaLength);
            string name = $"cow-{Guid.NewGuid():N}";
            await using IBlockStore fault = await OpenFaultAsync(medium, name);
            SectorModel model = new(Pattern(1, Size));
            IBlockStore store = await OpenAsync(fault);
            for (int step = 0; step < random.Next(1, 40); step++) await StepAsync(store, model, random);
            await FaultControl.Find(name)!.CrashAsync(keep: random.Next());
            await store.DisposeAsync();
            FaultControl.Find(name)!.Restore();

            await using IBlockStore again = await OpenAsync(fault);
            model.Check(await ReadAsync(again, 0, Size), $"seed {seed}, round {round}");
        }
    }

    private static async Task StepAsync(IBlockStore store, SectorModel model, Random random)
    {
        if (random.Next(6) == 0)
        {
            Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(CancellationToken.None));
            model.Flush();
            return;
        }

        int first = random.Next(Size / 512);
        int count = Math.Min(random.Next(1, 40), (Size / 512) - first);
        byte[] data = new byte[count * 512];
        random.NextBytes(data);
        bool force = random.Next(4) == 0;
        await WriteAsync(store, first * 512, data, force ? WriteOptions.ForceUnitAccess : WriteOptions.None);
        model.Write(first, data, force);
    }

    private static byte[] Pattern(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static Dictionary<string, object> Options => new() { ["cluster_size"] = (long)Cluster };

    private ValueTask<IBlockStore> OpenAsync(IBlockStore? delta = null) => new CowStoreFactory().OpenBlockStoreAsync(_host, Options, lower: [_base, delta ?? _delta]);

    private async ValueTask<IBlockStore> OpenFaultAsync(IBlockStore medium, string name)
    {
        FaultStoreFactory factory = new();
        Plugins.OptionValues options = new(factory.Options, new Dictionary<string, object> { ["volatile"] = true });
        return (IBlockStore)await factory.OpenAsync(new StoreOpenContext(name, options, _host, new RecordingStoreObserver(), [medium]), CancellationToken.None);
    }

    private async Task<string> RefusalAsync(IBlockStore lower, IBlockStore delta) =>
        (await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await new CowStoreFactory().OpenBlockStoreAsync(_host, Options, lower: [lower, delta]))).Message;

    private static async Task WriteAsync(IBlockStore store, long offset, byte[] data, WriteOptions options = WriteOptions.None) =>
        Assert.AreEqual(StorageResult.Ok, await TryWriteAsync(store, offset, data, options));

    private static async Task<StorageResult> TryWriteAsync(IBlockStore store, long offset, byte[] data, WriteOptions options = WriteOptions.None) =>
        await store.WriteAsync(offset, Buffers.DataBuffer.Wrap(data).Slice(), options, CancellationToken.None);

    private static async Task<byte[]> ReadAsync(IBlockStore store, long offset, int length)
    {
        byte[] data = new byte[length];
        Assert.AreEqual(StorageResult.Ok, await store.ReadAsync(offset, Buffers.DataBuffer.Wrap(data).Slice(), CancellationToken.None));
        return data;
    }
}
