using Microsoft.Extensions.Logging;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores.Tests;

/// <summary>By calls that block.</summary>
[TestClass]
public sealed class FileDurabilityTests() : FileDurability("threads")
{
    [TestMethod]
    public async Task Write_TwoForcedAtOnce_HaveTheirOwnErrorReports()
    {
        await using IBlockStore store = Files.OpenScripted(("size", Size));
        using Barrier both = new(2);
        Files.Script.Answer = call =>
        {
            if (call == "write-durably") Assert.IsTrue(both.SignalAndWait(TimeSpan.FromSeconds(30)), "the other did not come");
            return null;
        };
        await Task.WhenAll(Enumerable.Range(0, 2).Select(i => Task.Run(() => Files.WriteAsync(store, i * 4096, FileStoreHarness.Bytes(512), WriteOptions.ForceUnitAccess))));
        Assert.HasCount(2, Files.Script.Descriptors);
    }
}

/// <summary>Through the ring.</summary>
[TestClass]
public sealed class RingDurabilityTests() : FileDurability("ring");

/// <summary>What a file store makes of the kernel's answers, whoever waits for them.</summary>
public abstract class FileDurability(string io) : IDisposable
{
    protected const long Size = 1 << 20;

    private readonly FileStoreHarness _files = new(io);

    internal FileStoreHarness Files => _files;

    public void Dispose()
    {
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    [TestMethod]
    public async Task Write_Buffered_IsNotMadeDurable()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(4096));
        CollectionAssert.AreEqual(new[] { "write" }, _files.Script.Waits.ToArray());
        Assert.IsTrue(store.Info.Has(StoreCapabilities.VolatileCache));
    }

    [TestMethod]
    [DataRow("buffered")]
    [DataRow("direct")]
    public async Task Flush_CallsFdatasyncOnce(string cache)
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size), ("cache", cache));
        Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(CancellationToken.None));
        CollectionAssert.AreEqual(new[] { "fdatasync" }, _files.Script.Waits.ToArray());
    }

    [TestMethod]
    public async Task Write_ForceUnitAccess_IsOneDurableWrite()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(4096), WriteOptions.ForceUnitAccess));
        CollectionAssert.AreEqual(new[] { "write-durably" }, _files.Script.Waits.ToArray());
    }

    [TestMethod]
    public async Task Write_ForceUnitAccessOnAnOldKernel_IsWriteAndFdatasync()
    {
        _files.Script.Answer = call => call == "write-durably" ? -ErrorNumber.NotSupported : null;
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(4096), WriteOptions.ForceUnitAccess));
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(4096), WriteOptions.ForceUnitAccess));
        CollectionAssert.AreEqual(new[] { "write-durably", "write", "fdatasync", "write", "fdatasync" }, _files.Script.Waits.ToArray());
    }

    [TestMethod]
    public async Task Write_SyncMode_NeedsNoFurtherCall()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size), ("cache", "sync"));
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(4096), WriteOptions.ForceUnitAccess));
        CollectionAssert.AreEqual(new[] { "write" }, _files.Script.Waits.ToArray());
        Assert.IsFalse(store.Info.Has(StoreCapabilities.VolatileCache));
    }

    [TestMethod]
    public async Task WriteZeroes_ForceUnitAccess_IsFollowedByFdatasync()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        await store.WriteZeroesAsync(0, 4096, WriteOptions.ForceUnitAccess, CancellationToken.None);
        Assert.AreEqual("fdatasync", _files.Script.Waits[^1]);
    }

    [TestMethod]
    public async Task Flush_FailedOnce_StaysFailedUntilReopened()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(4096));
        _files.Script.Answer = call => call == "fdatasync" ? -5 : null;
        Assert.AreEqual(StorageStatus.WriteError, (await store.FlushAsync(CancellationToken.None)).Status);
        _files.Script.Answer = null; // the kernel has forgotten: its next fdatasync succeeds
        Assert.AreEqual(StorageStatus.WriteError, (await store.FlushAsync(CancellationToken.None)).Status, "the next flush");
        Assert.AreEqual(StorageStatus.WriteError, (await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(512))).Status, "a write");
        Assert.AreEqual(StorageStatus.WriteError, (await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(512), WriteOptions.ForceUnitAccess)).Status, "a FUA write");
        Assert.AreEqual(StorageStatus.WriteError, (await store.DiscardAsync(0, 4096, CancellationToken.None)).Status, "a discard");
        Assert.AreEqual(StorageResult.Ok, (await _files.ReadAsync(store, 0, 4096)).Result, "a read");
        Assert.IsTrue(_files.Host.Log.Entries.Any(entry => entry.Level == LogLevel.Critical), "a critical message");
        await store.DisposeAsync();
        await using IBlockStore again = _files.OpenScripted();
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(again, 0, FileStoreHarness.Bytes(512)));
        Assert.AreEqual(StorageResult.Ok, await again.FlushAsync(CancellationToken.None));
    }

    [TestMethod]
    public async Task Write_ForceUnitAccessFailsAndOlderDataAreLost_StaysFailed()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        _files.Script.Answer = call => call is "write-durably" or "fdatasync" ? -5 : null;
        Assert.AreEqual(StorageStatus.WriteError, (await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(512), WriteOptions.ForceUnitAccess)).Status);
        _files.Script.Answer = null;
        Assert.AreEqual(StorageStatus.WriteError, (await store.FlushAsync(CancellationToken.None)).Status);
    }

    [TestMethod]
    public async Task Write_ForceUnitAccessFailsAlone_LeavesTheStoreUsable()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        _files.Script.Answer = call => call is "write-durably" ? -5 : null;
        Assert.AreEqual(StorageStatus.WriteError, (await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(512), WriteOptions.ForceUnitAccess)).Status);
        CollectionAssert.AreEqual(new[] { "write-durably", "fdatasync" }, _files.Script.Waits.ToArray(), "the flush tells whether older data are lost");
        _files.Script.Answer = null;
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(512), WriteOptions.ForceUnitAccess));
    }

    [TestMethod]
    public async Task Write_ForcedWithoutAnotherDescriptor_IsWriteAndFdatasync()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        _files.Script.Answer = call => call == "open" ? -24 : null;
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(512), WriteOptions.ForceUnitAccess));
        CollectionAssert.AreEqual(new[] { "write", "fdatasync" }, _files.Script.Waits.ToArray());
    }

    [TestMethod]
    public async Task Flush_RequestedWhileAnotherRuns_IsNotServedByIt()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        using ManualResetEventSlim running = new();
        using ManualResetEventSlim go = new();
        _files.Script.Answer = _ =>
        {
            running.Set();
            Assert.IsTrue(go.Wait(TimeSpan.FromSeconds(30)));
            return null;
        };
        Task<StorageResult> first = Task.Run(() => store.FlushAsync(CancellationToken.None).AsTask());
        running.Wait();
        Task<StorageResult> second = Task.Run(() => store.FlushAsync(CancellationToken.None).AsTask());
        go.Set();
        Assert.AreEqual(StorageResult.Ok, await first);
        Assert.AreEqual(StorageResult.Ok, await second);
        Assert.AreEqual(2, _files.Script.Count("fdatasync"));
    }

    [TestMethod]
    public async Task Write_ForceUnitAccessFindsNoSpace_CanBeRepeated()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        _files.Script.Answer = call => call is "write-durably" or "write" ? -ErrorNumber.NoSpace : null;
        Assert.AreEqual(StorageStatus.OutOfSpace, (await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(512), WriteOptions.ForceUnitAccess)).Status);
        _files.Script.Answer = null;
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(512), WriteOptions.ForceUnitAccess));
        Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(CancellationToken.None));
    }

    [TestMethod]
    public async Task Calls_InterruptedBySignals_AreRepeated()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        HashSet<string> interrupted = [];
        _files.Script.Answer = call =>
        {
            if (call.EndsWith("-cached", StringComparison.Ordinal)) return -ErrorNumber.NotSupported;
            if (call == "open") return null;
            lock (interrupted) return interrupted.Add(call) ? -ErrorNumber.Interrupted : null;
        };
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(4096)));
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 4096, FileStoreHarness.Bytes(4096), WriteOptions.ForceUnitAccess));
        Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(CancellationToken.None));
        Assert.AreEqual(StorageResult.Ok, await store.DiscardAsync(8192, 4096, CancellationToken.None));
        (StorageResult result, byte[] data) = await _files.ReadAsync(store, 0, 8192);
        Assert.AreEqual(StorageResult.Ok, result);
        CollectionAssert.AreEqual(FileStoreHarness.Bytes(8192), data);
        CollectionAssert.AreEquivalent(new[] { "write", "write-durably", "fdatasync", "fallocate KeepSize, PunchHole", "read" }, interrupted.ToArray());
    }

    [TestMethod]
    public async Task ReadWrite_PartialTransfers_GoOn()
    {
        _files.Script.LongestTransfer = 700;
        _files.Host.Buffers.SegmentLength = 300;
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        byte[] data = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 100, data));
        (StorageResult result, byte[] read) = await _files.ReadAsync(store, 100, 5000);
        Assert.AreEqual(StorageResult.Ok, result);
        CollectionAssert.AreEqual(data, read);
        Assert.IsGreaterThan(6, _files.Script.Count("write"));
    }

    [TestMethod]
    [DataRow(5, StorageStatus.WriteError)]
    [DataRow(ErrorNumber.NoSpace, StorageStatus.OutOfSpace)]
    [DataRow(ErrorNumber.QuotaExceeded, StorageStatus.OutOfSpace)]
    [DataRow(ErrorNumber.ReadOnlyFileSystem, StorageStatus.ReadOnly)]
    [DataRow(ErrorNumber.BadDescriptor, StorageStatus.InternalFault)]
    public async Task Write_FailsHalfWay_TellsWhere(int error, StorageStatus expected)
    {
        _files.Script.LongestTransfer = 1000;
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        int writes = 0;
        _files.Script.Answer = call => call == "write" && ++writes == 3 ? -error : null;
        Assert.AreEqual(new StorageResult(expected, 4096 + 2000), await _files.WriteAsync(store, 4096, FileStoreHarness.Bytes(4096)));
    }

    [TestMethod]
    public async Task Read_Fails_IsAReadErrorWithItsPosition()
    {
        await using IBlockStore store = _files.OpenScripted(("size", Size));
        _files.Script.Answer = call => call == "read" ? -5 : call == "read-cached" ? -ErrorNumber.WouldBlock : null;
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, 8192), (await _files.ReadAsync(store, 8192, 512)).Result);
    }

    [TestMethod]
    public async Task WriteZeroes_WithoutAnySupport_WritesZeroes()
    {
        await using IBlockStore store = _files.OpenScripted(("size", 4 * Size));
        await _files.WriteAsync(store, 0, FileStoreHarness.Bytes((int)(4 * Size)));
        _files.Script.Answer = call => call.StartsWith("fallocate", StringComparison.Ordinal) ? -ErrorNumber.NotSupported : null;
        Assert.AreEqual(StorageResult.Ok, await store.WriteZeroesAsync(1000, 3 * Size, WriteOptions.MayDeallocate, CancellationToken.None));
        (_, byte[] data) = await _files.ReadAsync(store, 0, (int)(4 * Size));
        Assert.AreEqual(1000, data.AsSpan().IndexOf((byte)0));
        Assert.IsFalse(data.AsSpan(1000, (int)(3 * Size)).ContainsAnyExcept((byte)0));
        Assert.AreEqual(0x5A, data[1000 + (3 * Size)]);
    }
}
