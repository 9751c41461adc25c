using Microsoft.Extensions.Logging;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

[TestClass]
public sealed class NullStoreConformanceTests : BlockStoreConformance
{
    protected override IStoreFactory Factory { get; } = new NullStoreFactory();

    protected override bool KeepsData => false;

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object> { ["size"] = size };

    [TestMethod]
    public async Task Open_WarnsThatNothingIsKept()
    {
        await using IBlockStore store = await Factory.OpenBlockStoreAsync(Host, CreateOptions(4096), name: "bench");
        LogEntry entry = Host.Log.Entries.Single();
        Assert.AreEqual(LogLevel.Warning, entry.Level);
        StringAssert.Contains(entry.Text, "'bench'");
    }
}
