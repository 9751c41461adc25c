using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

public abstract class FileStoreConformance(string cache, string io = "threads") : BlockStoreConformance, IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    protected override IStoreFactory Factory { get; } = new FileStoreFactory();

    protected override bool KeepsDataWhenReopened => true;

    protected override string? WhyNotHere => io == "ring" ? RingSupport.WhyNotHere : null;

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) =>
        new Dictionary<string, object> { ["path"] = _scratch.Combine("disk.img"), ["size"] = size, ["cache"] = cache, ["io"] = io };

    public void Dispose()
    {
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }
}

[TestClass]
public sealed class BufferedFileConformanceTests() : FileStoreConformance("buffered");

[TestClass]
public sealed class DirectFileConformanceTests() : FileStoreConformance("direct");

[TestClass]
public sealed class SyncFileConformanceTests() : FileStoreConformance("sync");

[TestClass]
public sealed class BufferedRingConformanceTests() : FileStoreConformance("buffered", "ring");

[TestClass]
public sealed class DirectRingConformanceTests() : FileStoreConformance("direct", "ring");

[TestClass]
public sealed class SyncRingConformanceTests() : FileStoreConformance("sync", "ring");

[TestClass]
public sealed class PreallocatedFileConformanceTests() : FileStoreConformance("buffered")
{
    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) =>
        new Dictionary<string, object>(base.CreateOptions(size)) { ["preallocate"] = true };
}
