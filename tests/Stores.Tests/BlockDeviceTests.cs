using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>store-file on a loop device.</summary>
public abstract class BlockDeviceConformance(string cache, string io = "threads") : BlockStoreConformance, IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private LoopDevice? _device;

    protected override IStoreFactory Factory { get; } = new FileStoreFactory();

    protected override bool KeepsDataWhenReopened => true;

    protected override bool ResizesFreely => false;

    protected override string? WhyNotHere => LoopDevice.WhyNotHere ?? (io == "ring" ? RingSupport.WhyNotHere : null);

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size)
    {
        _device = new LoopDevice(_scratch.Combine("device.img"), size);
        return new Dictionary<string, object> { ["path"] = _device.Path, ["cache"] = cache, ["io"] = io };
    }

    public void Dispose()
    {
        _device?.Dispose();
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }
}

[TestClass]
public sealed class BufferedDeviceConformanceTests() : BlockDeviceConformance("buffered");

[TestClass]
public sealed class DirectDeviceConformanceTests() : BlockDeviceConformance("direct");

[TestClass]
public sealed class BufferedRingDeviceConformanceTests() : BlockDeviceConformance("buffered", "ring");

[TestClass]
public sealed class DirectRingDeviceConformanceTests() : BlockDeviceConformance("direct", "ring");

[TestClass]
public sealed class ThreadsBlockDeviceTests() : BlockDeviceTests("threads");

[TestClass]
public sealed class RingBlockDeviceTests() : BlockDeviceTests("ring");

public abstract class BlockDeviceTests(string io) : IDisposable
{
    private const long Size = 4 << 20;

    private readonly FileStoreHarness _files = new(io);

    public void Dispose()
    {
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    [TestMethod]
    public async Task Open_Device_HasItsSizeAndKnowsItsLimits()
    {
        using LoopDevice device = Create();
        await using IBlockStore store = await _files.OpenAsync(("path", device.Path));
        Assert.AreEqual(Size, store.Length);
        Assert.IsTrue(store.Info.Has(StoreCapabilities.Discard));
        Assert.IsFalse(store.Info.Has(StoreCapabilities.DiscardReadsZero), "a device promises nothing");
    }

    [TestMethod]
    public async Task Open_DeviceWithWrongOptions_SaysWhy()
    {
        using LoopDevice device = Create();
        StringAssert.Contains(await _files.RefusalAsync(("path", device.Path), ("size", Size * 2)), $"is a block device of {Size} bytes, not of {Size * 2}");
        StringAssert.Contains(await _files.RefusalAsync(("path", device.Path), ("preallocate", true)), "preallocate is for files");
    }

    [TestMethod]
    public async Task Discard_Device_GivesSpaceBackToItsFile()
    {
        using LoopDevice device = Create();
        await using IBlockStore store = await _files.OpenAsync(("path", device.Path));
        await _files.WriteAsync(store, 0, FileStoreHarness.Bytes((int)Size));
        await store.FlushAsync(CancellationToken.None);
        long before = StatBlocks.Of(_files.Combine("device.img"));
        Assert.AreEqual(StorageResult.Ok, await store.DiscardAsync(100, Size - 100, CancellationToken.None));
        Assert.IsLessThanOrEqualTo(before / 8, StatBlocks.Of(_files.Combine("device.img")));
        (_, byte[] data) = await _files.ReadAsync(store, 0, 512);
        CollectionAssert.AreEqual(FileStoreHarness.Bytes(512), data, "the sector that is discarded in part only");
    }

    [TestMethod]
    public async Task Resize_DeviceThatGrewElsewhere_TakesItsSizeOver()
    {
        using LoopDevice device = Create();
        await using IBlockStore store = await _files.OpenAsync(("path", device.Path));
        device.Resize(2 * Size);
        Assert.AreEqual(Size, store.Length, "until told");
        Assert.AreEqual(StorageResult.Ok, await store.ResizeAsync(2 * Size, CancellationToken.None));
        Assert.AreEqual(2 * Size, store.Length);
        Assert.AreEqual($"resized {2 * Size}", _files.Observer.Events.Single());
        Assert.AreEqual(StorageResult.Ok, (await _files.ReadAsync(store, (2 * Size) - 512, 512)).Result);
    }

    [TestMethod]
    public async Task Open_DeviceThatIsMounted_IsRefusedForWriting()
    {
        using LoopDevice device = Create();
        _ = SystemCommand.Run("mkfs.ext4", "-q", device.Path);
        string mountPoint = Directory.CreateDirectory(_files.Combine("mounted")).FullName;
        _ = SystemCommand.Run("mount", device.Path, mountPoint);
        try
        {
            StringAssert.Contains(await _files.RefusalAsync(("path", device.Path)), "is in use by this system: mounted, or");
            Assert.AreEqual(TimeSpan.FromSeconds(1), _files.WorthWaiting(("path", device.Path)), "a store that is being closed looks like this for a moment");
            await using IBlockStore reader = await _files.OpenAsync(("path", device.Path), ("read_only", true));
            Assert.AreEqual(Size, reader.Length);
        }
        finally
        {
            _ = SystemCommand.Run("umount", mountPoint);
        }

        await using IBlockStore store = await _files.OpenAsync(("path", device.Path));
        StringAssert.Contains(await _files.RefusalAsync(("path", device.Path)), "another store of this daemon holds its lock");
        Assert.AreEqual(TimeSpan.Zero, _files.WorthWaiting(("path", device.Path)), "a holder that lives");
    }

    private LoopDevice Create()
    {
        if (LoopDevice.WhyNotHere is { } reason) Assert.Inconclusive(reason);
        return new LoopDevice(_files.Combine("device.img"), Size);
    }
}
