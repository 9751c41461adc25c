using TgtModular.Buffers;
using TgtModular.ContractShapes.Engine;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Stores;

[TestClass]
public sealed class CipherFilterTests : IStoreObserver
{
    public void Resized(long length)
    {
    }

    public void Lost(string reason)
    {
    }

    public void Restored()
    {
    }

    [TestMethod]
    public async Task WriteThenRead_ComesBack_AndStandsChangedBeneath()
    {
        FlatStore disk = new(8192);
        IBlockStore filter = await OpenAsync(disk);
        using DataBuffer data = DataBuffer.Wrap("secret"u8.ToArray());
        Assert.AreEqual(StorageResult.Ok, await filter.WriteAsync(10, data.Slice(), WriteOptions.None, CancellationToken.None));
        Assert.IsTrue("secret"u8.SequenceEqual(data.GetSegment(0).Span), "the initiator's data are not touched");
        Assert.IsFalse(disk.Bytes.Slice(CipherFilter.HeaderLength + 10, 6).SequenceEqual("secret"u8));
        using DataBuffer read = DataBuffer.Wrap(new byte[6]);
        Assert.AreEqual(StorageResult.Ok, await filter.ReadAsync(10, read.Slice(), CancellationToken.None));
        Assert.IsTrue("secret"u8.SequenceEqual(read.GetSegment(0).Span));
        Assert.AreEqual(4096, filter.Length);
        Assert.AreEqual(StorageStatus.OutOfRange, (await filter.ReadAsync(4096, read.Slice(), CancellationToken.None)).Status);
    }

    [TestMethod]
    public async Task Info_LosesWhatTheTransformationBreaks_AndKeepsTheRest()
    {
        StoreCapabilities all = StoreCapabilities.Write | StoreCapabilities.VolatileCache | StoreCapabilities.Discard | StoreCapabilities.DiscardReadsZero |
            StoreCapabilities.WriteZeroes | StoreCapabilities.CompareAndWrite | StoreCapabilities.AllocationMap | StoreCapabilities.OwnBuffers;
        IBlockStore filter = await OpenAsync(new Described(new StoreInfo(all, StoreExecution.Blocking) { Alignment = 512 }));
        Assert.AreEqual(StoreCapabilities.Write | StoreCapabilities.VolatileCache | StoreCapabilities.Discard, filter.Info.Capabilities);
        Assert.AreEqual(StoreExecution.Blocking, filter.Info.Execution);
        Assert.AreEqual(512, filter.Info.Alignment);
    }

    [TestMethod]
    public void Combine_TwoStores_FollowsTheTable()
    {
        Described first = new(new StoreInfo(StoreCapabilities.Write | StoreCapabilities.Discard, StoreExecution.Inline)
        {
            Alignment = 512,
            MaximumTransferLength = 1 << 20,
            DiscardGranularity = 4096,
        });
        Described second = new(new StoreInfo(StoreCapabilities.Write | StoreCapabilities.VolatileCache, StoreExecution.Asynchronous) { Alignment = 4096 });
        StoreInfo both = StoreStacking.Combine([first, second]);
        Assert.AreEqual(StoreCapabilities.Write | StoreCapabilities.VolatileCache, both.Capabilities, "abilities: and; volatile cache: or");
        Assert.AreEqual(StoreExecution.Asynchronous, both.Execution);
        Assert.AreEqual(4096, both.Alignment);
        Assert.AreEqual(1 << 20, both.MaximumTransferLength);
        Assert.AreEqual(StoreExecution.Blocking, StoreStacking.Combine([first], own: StoreExecution.Blocking).Execution);
    }

    [TestMethod]
    public async Task Open_OnTheWrongStores_SaysWhy()
    {
        StoreOpenException none = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync());
        StringAssert.Contains(none.Message, "stands on one block store");
        StoreOpenException tooShort = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(new FlatStore(4096)));
        StringAssert.Contains(tooShort.Message, "no longer than the header");
    }

    private async Task<IBlockStore> OpenAsync(params IBackingStore[] lower)
    {
        CipherFactory factory = new();
        OptionValues options = new(factory.Options, new Dictionary<string, object> { ["key"] = 0x5AL });
        return (IBlockStore)await factory.OpenAsync(new StoreOpenContext("cipher", options, new MiniHost(), this, lower), CancellationToken.None);
    }

    /// <summary>Nothing but its traits.</summary>
    private sealed class Described(StoreInfo info) : IBlockStore
    {
        public StoreInfo Info => info;

        public long Length => 1 << 20;

        public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) => StorageResult.Ok.AsTask();

        public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) => StorageResult.Ok.AsTask();

        public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => StorageResult.Ok.AsTask();

        public ValueTask DisposeAsync() => default;
    }
}
