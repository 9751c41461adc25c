using System.Diagnostics;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores.Tests;

[TestClass]
public sealed class ThreadsFileStoreTests() : FileStoreTests("threads")
{
    [TestMethod]
    [DataRow("buffered")]
    [DataRow("direct")]
    public async Task ReadWrite_AMillionCalls_AllocateNothing(string cache)
    {
        // The direct store is measured on fewer bytes of memory file system: what counts is the managed side.
        string path = cache == "direct" ? Files.Image : Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"tgt-{Guid.NewGuid():N}.img");
        int operations = cache == "direct" ? 20_000 : 1_000_000;
        try
        {
            await using IBlockStore store = await Files.OpenAsync(("path", path), ("size", 16L << 20), ("cache", cache));
            double bytes = AllocationMeter.Measure(store, Files.Host, operations);
            Assert.IsLessThan(1.0, bytes, $"{bytes} bytes per call");
        }
        finally
        {
            File.Delete(path);
        }
    }
}

[TestClass]
public sealed class RingFileStoreTests() : FileStoreTests("ring");

/// <summary>Opening, space and size of files.</summary>
public abstract class FileStoreTests(string io) : IDisposable
{
    private const long Size = 1 << 20;

    private readonly FileStoreHarness _files = new(io);

    internal FileStoreHarness Files => _files;

    public void Dispose()
    {
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    [TestMethod]
    public async Task Open_FileThatWasThereIsMissing_IsRefusedUnlessItMayBeRecreated()
    {
        await (await _files.OpenAsync(("size", 1L << 20))).DisposeAsync();
        File.Delete(_files.Image);

        StringAssert.Contains(await _files.RefusalAsync(("size", 1L << 20)), $"{_files.Image} is missing, and was there before");
        Assert.IsFalse(File.Exists(_files.Image));
        await using IBlockStore anew = await _files.OpenAsync(("size", 1L << 20), ("recreate", true));
        Assert.AreEqual(1L << 20, anew.Length);
    }

    [TestMethod]
    public async Task Open_OtherPathThanBefore_IsCreated()
    {
        await (await _files.OpenAsync(("size", 1L << 20))).DisposeAsync();
        string other = _files.Combine("other.img");
        await using IBlockStore store = await _files.OpenAsync(("path", other), ("size", 1L << 20));
        Assert.IsTrue(File.Exists(other));
    }

    [TestMethod]
    public async Task Open_MissingFileWithSize_CreatesItSparseAndPrivate()
    {
        await using IBlockStore store = await _files.OpenAsync(("size", 1L << 40));
        Assert.AreEqual(1L << 40, new FileInfo(_files.Image).Length);
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_files.Image));
        Assert.AreEqual(StorageResult.Ok, store.GetExtent(0, 1L << 40, out StoreExtent extent));
        Assert.AreEqual(new StoreExtent(0, 1L << 40, Allocated: false), extent);
    }

    [TestMethod]
    public async Task Open_ShorterFile_Grows()
    {
        File.WriteAllBytes(_files.Image, FileStoreHarness.Bytes(5000));
        await using IBlockStore store = await _files.OpenAsync(("size", Size));
        Assert.AreEqual(Size, store.Length);
        (_, byte[] data) = await _files.ReadAsync(store, 4999, 2);
        CollectionAssert.AreEqual(new byte[] { 0x5A, 0 }, data);
    }

    [TestMethod]
    public async Task Open_LongerFile_IsRefusedAndKept()
    {
        File.WriteAllBytes(_files.Image, FileStoreHarness.Bytes(5000));
        StringAssert.Contains(await _files.RefusalAsync(("size", 4096L)), "has 5000 bytes, size says 4096: nothing is cut off here");
        Assert.AreEqual(5000, new FileInfo(_files.Image).Length);
    }

    [TestMethod]
    public async Task Open_WhatIsNoFile_SaysWhatItIs()
    {
        StringAssert.Contains(await _files.RefusalAsync(("path", Path.GetTempPath())), "is a directory");
        StringAssert.Contains(await _files.RefusalAsync(("path", "/dev/zero")), "neither a file nor a block device");
        StringAssert.Contains(await _files.RefusalAsync(), "does not exist: give a size");
        StringAssert.Contains(await _files.RefusalAsync(("size", Size), ("read_only", true)), "read_only forbids to create it");
        StringAssert.Contains(await _files.RefusalAsync(("path", _files.Combine("no/where.img")), ("size", Size)), "the directory of");
        File.WriteAllBytes(_files.Image, []);
        StringAssert.Contains(await _files.RefusalAsync(), "is empty: give a size");
    }

    [TestMethod]
    public async Task Open_Fifo_IsRefusedWithoutWaiting()
    {
        using Process mkfifo = Process.Start("mkfifo", _files.Image);
        await mkfifo.WaitForExitAsync();
        StringAssert.Contains(await _files.RefusalAsync(("read_only", true)), "neither a file nor a block device");
    }

    [TestMethod]
    public async Task Open_TooBigForTheFileSystem_LeavesNoFile()
    {
        StringAssert.Contains(await _files.RefusalAsync(("size", long.MaxValue)), "cannot extend");
        Assert.IsFalse(File.Exists(_files.Image));
    }

    [TestMethod]
    public async Task Open_ImageInUse_NamesTheHolder()
    {
        await using IBlockStore first = await _files.OpenAsync(("size", Size));
        StringAssert.Contains(await _files.RefusalAsync(), "another store of this daemon holds its lock");
        StringAssert.Contains(await _files.RefusalAsync(("read_only", true)), "holds its lock");
        await using IBlockStore careless = await _files.OpenAsync(("lock", false));
        await first.DisposeAsync();
        await using IBlockStore next = await _files.OpenAsync();
    }

    [TestMethod]
    public async Task Open_ImageLockedByAnotherProcess_NamesIt()
    {
        File.WriteAllBytes(_files.Image, FileStoreHarness.Bytes(4096));
        ProcessStartInfo start = new("flock") { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in new[] { _files.Image, "sh", "-c", "echo locked; read end" }) start.ArgumentList.Add(argument);
        using Process holder = StartOrSkip(start);
        Assert.AreEqual("locked", await holder.StandardOutput.ReadLineAsync());
        StringAssert.Contains(await _files.RefusalAsync(), $"process {holder.Id} (flock) holds its lock");
        holder.StandardInput.Close();
        await holder.WaitForExitAsync();
    }

    [TestMethod]
    public async Task Open_TwoReaders_ShareTheImage()
    {
        File.WriteAllBytes(_files.Image, FileStoreHarness.Bytes(4096));
        await using IBlockStore first = await _files.OpenAsync(("read_only", true));
        await using IBlockStore second = await _files.OpenAsync(("read_only", true));
        StringAssert.Contains(await _files.RefusalAsync(), "is in use");
        Assert.AreEqual(StorageResult.Ok, (await _files.ReadAsync(second, 0, 4096)).Result);
    }

    [TestMethod]
    public async Task ReadOnly_EveryChange_IsRefused()
    {
        File.WriteAllBytes(_files.Image, FileStoreHarness.Bytes(8192));
        await using IBlockStore store = await _files.OpenAsync(("read_only", true));
        Assert.IsFalse(store.Info.Has(StoreCapabilities.Write));
        Assert.AreEqual(StorageStatus.ReadOnly, (await _files.WriteAsync(store, 0, new byte[512])).Status);
        Assert.AreEqual(StorageStatus.ReadOnly, (await store.WriteZeroesAsync(0, 512, WriteOptions.None, CancellationToken.None)).Status);
        Assert.AreEqual(StorageStatus.ReadOnly, (await store.DiscardAsync(0, 512, CancellationToken.None)).Status);
        Assert.AreEqual(StorageStatus.ReadOnly, (await store.ResizeAsync(4096, CancellationToken.None)).Status);
        Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(CancellationToken.None));
        CollectionAssert.AreEqual(FileStoreHarness.Bytes(8192), File.ReadAllBytes(_files.Image));
    }

    [TestMethod]
    public async Task Read_FileCutOffBehindOurBack_IsAReadErrorAtTheEnd()
    {
        await using IBlockStore store = await _files.OpenAsync(("size", Size), ("lock", false));
        await _files.WriteAsync(store, 0, FileStoreHarness.Bytes((int)Size));
        using (FileStream file = new(_files.Image, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(10000);
        Assert.AreEqual(StorageResult.Ok, (await _files.ReadAsync(store, 0, 10000)).Result);
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, 10000), (await _files.ReadAsync(store, 8192, 4096)).Result);
        Assert.AreEqual(StorageStatus.ReadError, (await _files.ReadAsync(store, Size - 4096, 4096)).Result.Status);
        Assert.AreEqual(1, _files.Host.Log.Entries.Count(entry => entry.Text.Contains("cut it off", StringComparison.Ordinal)));
        StorageResult write = await store.WriteZeroesAsync(Size - 4096, 4096, WriteOptions.None, CancellationToken.None);
        Assert.AreEqual(StorageStatus.WriteError, write.Status);
        Assert.AreEqual(10000, new FileInfo(_files.Image).Length, "what is gone must not come back as zeroes");
    }

    /// <summary>As if it had come when the disk was shorter. It once was taken for a file that had been cut off, and nothing could be written any more.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Read_MeetsTheEndOfAResize_IsOutOfRange(bool longAgain)
    {
        using FileStoreHarness files = new(); // the calls of a ring are not under the script
        await using IBlockStore store = files.OpenScripted(("size", Size));
        bool resized = false;
        files.Script.Answer = call =>
        {
            if (call != "read" || resized) return null;
            resized = true;
            _ = store.ResizeAsync(4096, CancellationToken.None).AsTask().Result;
            if (longAgain) _ = store.ResizeAsync(Size, CancellationToken.None).AsTask().Result;
            return 0; // what the kernel had found in between
        };

        Assert.AreEqual(StorageStatus.OutOfRange, (await files.ReadAsync(store, Size - 4096, 4096)).Result.Status);

        Assert.IsTrue(resized);
        Assert.AreEqual(StorageResult.Ok, await files.WriteAsync(store, 0, new byte[512]));
        Assert.AreEqual(longAgain ? Size : 4096, store.Length);
    }

    [TestMethod]
    public async Task Direct_OpensPastThePageCache_WithItsAlignment()
    {
        await using IBlockStore store = await _files.OpenAsync(("size", Size), ("cache", "direct"));
        string flags = File.ReadAllLines($"/proc/self/fdinfo/{DescriptorOf(_files.Image)}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        Assert.AreEqual(OpenFlags.Direct, Convert.ToInt32(flags[6..].Trim(), 8) & OpenFlags.Direct);
        Assert.IsGreaterThanOrEqualTo(512, store.Info.Alignment);
    }

    [TestMethod]
    public async Task Direct_FileWithAPieceOfAUnit_KeepsThatPiece()
    {
        File.WriteAllBytes(_files.Image, FileStoreHarness.Bytes(10_100));
        await using IBlockStore store = await _files.OpenAsync(("cache", "direct"));
        Assert.AreEqual(10_100 / store.Info.Alignment * store.Info.Alignment, store.Length);
        await store.DisposeAsync();
        CollectionAssert.AreEqual(FileStoreHarness.Bytes(10_100), File.ReadAllBytes(_files.Image));
    }

    [TestMethod]
    public async Task Preallocate_TakesAllSpaceAndGivesNoneBack()
    {
        await using IBlockStore store = await _files.OpenAsync(("size", Size), ("preallocate", true));
        Assert.IsFalse(store.Info.Has(StoreCapabilities.Discard));
        Assert.AreEqual(Size / 512, AllocatedSectors());
        await store.WriteZeroesAsync(0, Size, WriteOptions.MayDeallocate, CancellationToken.None);
        Assert.AreEqual(Size / 512, AllocatedSectors());
        await store.ResizeAsync(2 * Size, CancellationToken.None);
        Assert.AreEqual(2 * Size / 512, AllocatedSectors());
    }

    [TestMethod]
    public async Task Discard_GivesSpaceBackToTheFileSystem()
    {
        await using IBlockStore store = await _files.OpenAsync(("size", Size));
        await _files.WriteAsync(store, 0, FileStoreHarness.Bytes((int)Size));
        await store.FlushAsync(CancellationToken.None);
        long before = AllocatedSectors();
        await store.DiscardAsync(0, Size / 2, CancellationToken.None);
        Assert.AreEqual(before - (Size / 1024), AllocatedSectors());
    }

    private long AllocatedSectors() => StatBlocks.Of(_files.Image);

    private static string DescriptorOf(string path) => Directory.EnumerateFiles("/proc/self/fd").Where(link => new FileInfo(link).LinkTarget == path)
        .Select(link => Path.GetFileName(link)).Single();

    private static Process StartOrSkip(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Assert.Inconclusive($"{start.FileName}: {missing.Message}");
            throw;
        }
    }
}
