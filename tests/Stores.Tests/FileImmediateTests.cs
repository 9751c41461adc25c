using TgtModular.Storage;
using TgtModular.Stores.Native;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

[TestClass]
public sealed class ThreadsFileImmediateTests() : FileImmediateTests("threads");

[TestClass]
public sealed class RingFileImmediateTests() : FileImmediateTests("ring");

/// <summary>What a file does at once, and that whatever would wait is left to others.</summary>
public abstract class FileImmediateTests(string io) : IDisposable
{
    private const int Length = 4096;

    private readonly FileStoreHarness _files = new(io);

    public void Dispose()
    {
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    [TestMethod]
    public async Task TryRead_DataAreCached_ReadsThem()
    {
        await using IImmediateBlockStore store = Open();
        await _files.WriteAsync(store, 0, FileStoreHarness.Bytes(Length));
        using DiagnosticBuffer buffer = Rent(Length);

        Assert.IsTrue(store.TryRead(0, buffer.Slice()));

        CollectionAssert.AreEqual(FileStoreHarness.Bytes(Length), buffer.Slice().ToArray());
        Assert.AreEqual(0, _files.Script.Count("read"), "no call that may wait");
    }

    [TestMethod]
    [DataRow(-ErrorNumber.WouldBlock)]
    [DataRow(512)]
    [DataRow(0)]
    public async Task TryRead_NotAllIsCached_IsLeftToWorkersAndTriedAgainNextTime(int answer)
    {
        await using IImmediateBlockStore store = Open();
        int asked = 0;
        _files.Script.Answer = call => call == "read-cached" ? ++asked % 2 == 1 ? answer : -ErrorNumber.WouldBlock : null;
        using DiagnosticBuffer buffer = Rent(Length);

        Assert.IsFalse(store.TryRead(0, buffer.Slice()));
        Assert.IsFalse(store.TryRead(0, buffer.Slice()));

        Assert.AreEqual(0, _files.Script.Count("read"));
        Assert.IsGreaterThan(1, _files.Script.Count("read-cached"));
    }

    [TestMethod]
    [DataRow("read-cached")]
    [DataRow("write-cached")]
    public async Task TryReadOrWrite_FileSystemCannot_IsNotAskedAgainAndNothingWaits(string call)
    {
        await using IImmediateBlockStore store = Open();
        _files.Script.Answer = name => name == call ? -ErrorNumber.NotSupported : null;
        using DiagnosticBuffer buffer = Rent(Length);

        for (int i = 0; i < 3; i++) Assert.IsFalse(call == "read-cached" ? store.TryRead(0, buffer.Slice()) : store.TryWrite(0, buffer.Slice()));

        CollectionAssert.AreEqual(new[] { call }, _files.Script.Calls.ToArray());
    }

    [TestMethod]
    public async Task TryWrite_Succeeds_DataAreThere()
    {
        await using IImmediateBlockStore store = Open();
        _files.Script.Answer = call => call == "write-cached" ? Length : null; // as a file system that can do it would
        using DiagnosticBuffer buffer = Rent(Length);

        Assert.IsTrue(store.TryWrite(0, buffer.Slice()));

        CollectionAssert.AreEqual(new[] { "write-cached" }, _files.Script.Calls.ToArray());
    }

    [TestMethod]
    public async Task InMemory_ReadsAndWritesAtOnce()
    {
        const string memory = "/dev/shm";
        if (!Directory.Exists(memory)) Assert.Inconclusive($"this machine has no {memory}");
        string path = Path.Combine(memory, $"tgt-stores-{Guid.NewGuid():N}");
        try
        {
            await using IImmediateBlockStore store = Open(("path", path));
            using DiagnosticBuffer data = _files.Host.Buffers.Rent(FileStoreHarness.Bytes(Length));
            using DiagnosticBuffer read = Rent(Length);

            Assert.IsTrue(store.TryWrite(Length, data.Slice()));
            Assert.IsTrue(store.TryRead(Length, read.Slice()));

            CollectionAssert.AreEqual(FileStoreHarness.Bytes(Length), read.Slice().ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    [DataRow("direct")]
    [DataRow("sync")]
    public async Task TryWrite_WritesWaitForTheDevice_IsLeftToWorkers(string cache)
    {
        await using IImmediateBlockStore store = Open(("cache", cache));
        using DiagnosticBuffer buffer = Rent(Length);

        Assert.IsFalse(store.TryWrite(0, buffer.Slice()));

        Assert.IsEmpty(_files.Script.Calls);
    }

    [TestMethod]
    public async Task TryRead_BeyondTheEndOrLong_IsLeftToWorkers()
    {
        await using IImmediateBlockStore store = Open();
        using DiagnosticBuffer buffer = Rent(Length);
        using DiagnosticBuffer large = Rent(1 << 19);

        Assert.IsFalse(store.TryRead(store.Length, buffer.Slice()));
        Assert.IsFalse(store.TryRead(0, large.Slice()));

        Assert.IsEmpty(_files.Script.Calls);
    }

    private IImmediateBlockStore Open(params (string Name, object Value)[] options) =>
        (IImmediateBlockStore)_files.OpenScripted([("size", 1L << 20), .. options]);

    private DiagnosticBuffer Rent(int length) => _files.Host.Buffers.TryRent(length, "test")!;
}
