using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

[TestClass]
public sealed class ManualTests
{
    private static readonly Dictionary<string, IStoreFactory> Factories = new()
    {
        ["store-cache"] = new CacheStoreFactory(),
        ["store-checksum"] = new ChecksumStoreFactory(),
        ["store-cow"] = new CowStoreFactory(),
        ["store-crypt"] = new CryptStoreFactory(),
        ["store-fault"] = new FaultStoreFactory(),
        ["store-file"] = new FileStoreFactory(),
        ["store-filters"] = new RateStoreFactory(),
        ["store-memory"] = new MemoryStoreFactory(),
        ["store-null"] = new NullStoreFactory(),
    };

    [TestMethod]
    [DataRow("store-cache")]
    [DataRow("store-checksum")]
    [DataRow("store-cow")]
    [DataRow("store-crypt")]
    [DataRow("store-fault")]
    [DataRow("store-file")]
    [DataRow("store-filters")]
    [DataRow("store-memory")]
    [DataRow("store-null")]
    public void Manual_ListsTheOptionsOfTheSchema(string plugin)
    {
        string manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "manuals", plugin, "README.md"));
        Assert.AreEqual("", string.Join('\n', ManualCheck.Compare(manual, Factories[plugin].Options)));
    }

    [TestMethod]
    public void ManualCheck_StaleManual_NamesEveryDifference()
    {
        const string Stale = """
            | `elsewhere` | is | not | an option |

            | option | type | default | meaning |
            |---|---|---|---|
            | `size` | text | 1 | Size. |
            | `colour` | text | - | Of the box. |
            """;
        string[] problems = [.. ManualCheck.Compare(Stale, new MemoryStoreFactory().Options)];
        CollectionAssert.AreEquivalent(
            new[]
            {
                "the manual has 'colour', the schema has not", "'size' is of type 'size', the manual says 'text'",
                "the default of 'size' is 'required', the manual says '1'",
            },
            problems);
    }
}
