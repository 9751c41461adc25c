using TgtModular.Storage;

namespace TgtModular.Stores.Tests;

[TestClass]
public sealed class ThreadsNoSpaceTests() : NoSpaceTests("threads");

[TestClass]
public sealed class RingNoSpaceTests() : NoSpaceTests("ring");

/// <summary>A file system that is really full.</summary>
public abstract class NoSpaceTests(string io) : IDisposable
{
    private const long FileSystemSize = 1 << 20;

    private readonly FileStoreHarness _files = new(io);

    public void Dispose()
    {
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    [TestMethod]
    public async Task Write_FullFileSystem_IsOutOfSpaceUntilThereIsRoom()
    {
        await using IBlockStore store = await OpenAndDetachAsync(MountTinyFileSystem(), ("size", 4 * FileSystemSize));
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 0, FileStoreHarness.Bytes((int)FileSystemSize / 2)));
        StorageResult full = await _files.WriteAsync(store, FileSystemSize, FileStoreHarness.Bytes((int)FileSystemSize));
        Assert.AreEqual(StorageStatus.OutOfSpace, full.Status);
        Assert.IsGreaterThanOrEqualTo(FileSystemSize, full.Position);
        Assert.AreEqual(StorageStatus.OutOfSpace, (await _files.WriteAsync(store, 3 * FileSystemSize, FileStoreHarness.Bytes(65536), WriteOptions.ForceUnitAccess)).Status);
        Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(CancellationToken.None), "nothing acknowledged is lost");
        Assert.AreEqual(StorageResult.Ok, await store.DiscardAsync(FileSystemSize, FileSystemSize, CancellationToken.None));
        Assert.AreEqual(StorageResult.Ok, await _files.WriteAsync(store, 3 * FileSystemSize, FileStoreHarness.Bytes(65536), WriteOptions.ForceUnitAccess));
        CollectionAssert.AreEqual(FileStoreHarness.Bytes((int)FileSystemSize / 2), (await _files.ReadAsync(store, 0, (int)FileSystemSize / 2)).Data);
    }

    [TestMethod]
    public async Task Open_PreallocationWithoutRoom_IsRefused()
    {
        string mount = MountTinyFileSystem();
        StoreOpenException refusal = await Assert.ThrowsExactlyAsync<StoreOpenException>(
            async () => await OpenAndDetachAsync(mount, ("size", 4 * FileSystemSize), ("preallocate", true)));
        StringAssert.Contains(refusal.Message, "cannot preallocate");
        StringAssert.Contains(refusal.Message, "No space left");
    }

    private string MountTinyFileSystem()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Inconclusive("mounting a file system of its own needs root");
        string mount = _files.Combine("tiny");
        Directory.CreateDirectory(mount);
        if (!SystemCommand.TryRun("mount", ["-t", "tmpfs", "-o", $"size={FileSystemSize}", "tgt-test", mount], out string problem)) Assert.Inconclusive(problem);
        return mount;
    }

    /// <summary>The file system is taken out of the tree as soon as the store has its file open: nobody else sees it.</summary>
    private async Task<IBlockStore> OpenAndDetachAsync(string mount, params (string Name, object Value)[] options)
    {
        try
        {
            return await _files.OpenAsync([.. options, ("path", Path.Combine(mount, "disk.img"))]);
        }
        finally
        {
            SystemCommand.Run("umount", "--lazy", mount);
        }
    }
}
