namespace TgtModular.Sbc.Tests;

[TestClass]
public sealed class FactoryTests
{
    /// <summary>So many that what the runtime itself allocates once, some KiB at a time of its choice, does not count beside them.</summary>
    private const int Commands = 1_000_000;

    [TestMethod]
    public void Manual_AgreesWithTheSchema()
    {
        string manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Manual.md"));
        IReadOnlyList<string> problems = ManualCheck.Compare(manual, new SbcFactory().Options);
        Assert.IsEmpty(problems, string.Join("; ", problems));
    }

    [TestMethod]
    [DataRow(512L, 2048L)]
    [DataRow(4096L, 256L)]
    [DataRow(65536L, 16L)]
    public async Task BlockSize_GivesTheGeometry(long blockSize, long blocks)
    {
        await using DiskBench bench = await DiskBench.CreateAsync(options: new() { ["block_size"] = blockSize });
        Assert.AreEqual(new UnitGeometry((int)blockSize, blocks, true, false), bench.Unit.Geometry);
        byte[] data = bench.Blocks(2, 0x3D);
        await bench.WriteBlocksAsync(blocks - 2, data);
        CollectionAssert.AreEqual(data, bench.Store.Cached((1 << 20) - (2 * blockSize), data.Length));
    }

    [TestMethod]
    [DataRow(520L)]
    [DataRow(1000L)]
    public async Task BlockSize_NotAPowerOfTwo_MessageSaysSo(long blockSize)
    {
        DeviceServerException failure = await Assert.ThrowsExactlyAsync<DeviceServerException>(
            () => DiskBench.CreateAsync(options: new() { ["block_size"] = blockSize }));
        StringAssert.Contains(failure.Message, "power of two");
    }

    [TestMethod]
    public async Task BlockSize_SmallerThanTheStoresAlignment_MessageNamesIt()
    {
        MemoryBlockStore store = new(65536);
        store.Info = store.Info with { Alignment = 4096 };
        DeviceServerException failure = await Assert.ThrowsExactlyAsync<DeviceServerException>(() => DiskBench.CreateAsync(store));
        StringAssert.Contains(failure.Message, "block_size = 4096");
    }

    [TestMethod]
    public async Task Store_SmallerThanABlock_MessageSaysSo()
    {
        await Assert.ThrowsExactlyAsync<DeviceServerException>(() => DiskBench.CreateAsync(new MemoryBlockStore(100)));
    }

    [TestMethod]
    public async Task Store_OfAnotherKind_MessageSaysSo()
    {
        TestUnit unit = new(new Dictionary<string, IBackingStore> { ["store"] = Moq.Mock.Of<IBackingStore>() });
        using TestHost host = new();
        SbcFactory factory = new();
        DeviceServerContext context = new(unit, new OptionValues(factory.Options, new Dictionary<string, object>()), host);
        await Assert.ThrowsExactlyAsync<DeviceServerException>(async () => await factory.CreateAsync(context, CancellationToken.None));
    }

    [TestMethod]
    public async Task PhysicalBlock_ComesFromTheStore()
    {
        MemoryBlockStore store = new(65536);
        store.Info = store.Info with { PhysicalBlockLength = 4096, OptimalTransferLength = 8192, RotationRate = 1 };
        await using DiskBench bench = await DiskBench.CreateAsync(store);
        Assert.AreEqual(3, (await bench.GoodAsync("9E 10 0000000000000000 00000020 00 00")).DataIn[13]);
        byte[] limits = (await bench.GoodAsync("12 01 B0 0040 00")).DataIn;
        Assert.AreEqual(8, limits[7]);
        Assert.AreEqual(16, limits[15]);
        Assert.AreEqual(1, (await bench.GoodAsync("12 01 B1 0040 00")).DataIn[5]);
    }

    [TestMethod]
    public async Task Configuration_ForbidsWrites_DiskIsReadOnly()
    {
        await using DiskBench bench = await DiskBench.CreateAsync(prepare: unit => unit.WriteProtected = true);
        await bench.SenseAsync(Sense.WriteProtected, Cdb.Range10(0x2A, 0, 1), bench.Blocks(1, 1));
    }

    [TestMethod]
    public async Task Reads_AndWritesThatCompleteAtOnce_AllocateNothing()
    {
        NothingStore store = new();
        TestUnit unit = new(new Dictionary<string, IBackingStore> { ["store"] = store });
        using TestHost host = new();
        SbcFactory factory = new();
        await using IDeviceServer disk = await factory.CreateAsync(
            new DeviceServerContext(unit, new OptionValues(factory.Options, new Dictionary<string, object>()), host), CancellationToken.None);
        Assert.IsLessThan(Commands / 10, Measure(disk, Cdb.Range10(0x28, 5, 8)), "bytes");
        Assert.IsLessThan(Commands / 10, Measure(disk, Cdb.Range10(0x2A, 5, 8)), "bytes");
    }

    private static long Measure(IDeviceServer disk, byte[] cdb)
    {
        using TestCommand command = new();
        command.SetCdb(cdb);
        CommandDescriptor row = disk.Commands.Find(cdb, out _)!;
        command.Route(new TestNexus(), row);
        DataSlice data = DataBuffer.Wrap(new byte[4096]).Slice();
        command.Grant(4096, data, data);
        command.ExpectedDataOut = 4096;
        Run(command, row, Commands / 100); // so that everything is compiled
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(command, row, Commands);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Run(TestCommand command, CommandDescriptor row, int times)
    {
        for (int i = 0; i < times; i++)
        {
            row.DataLength(command.Cdb);
            Assert.IsTrue(row.Check!(command, out _));
            ValueTask<ScsiOutcome> outcome = row.Handler(command);
            if (!outcome.IsCompletedSuccessfully || !outcome.Result.IsGood) Assert.Fail("not done at once");
        }
    }

    private sealed class NothingStore : IBlockStore
    {
        public StoreInfo Info { get; } = new(StoreCapabilities.Write | StoreCapabilities.VolatileCache, StoreExecution.Inline);

        public long Length => 1 << 20;

        public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) => default;

        public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) => default;

        public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => default;
    }
}
