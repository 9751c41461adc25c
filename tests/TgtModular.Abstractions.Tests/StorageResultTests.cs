using TgtModular.Storage;

namespace TgtModular.Abstractions.Tests;

[TestClass]
public sealed class StorageResultTests
{
    /// <summary>A store may write any of them, and a comparison must not tell them apart.</summary>
    [TestMethod]
    public void Equals_DoneInEveryForm_IsTheSame()
    {
        StorageResult[] done = [default, StorageResult.Ok, new StorageResult(StorageStatus.Ok), StorageStatus.Ok, new StorageResult(StorageStatus.Ok, 7)];
        foreach (StorageResult result in done)
        {
            Assert.AreEqual(StorageResult.Ok, result);
            Assert.AreEqual(StorageResult.Ok.GetHashCode(), result.GetHashCode());
        }
    }

    [TestMethod]
    public void Equals_FailuresAtOtherPlaces_Differ()
    {
        Assert.AreNotEqual(new StorageResult(StorageStatus.ReadError, 1), new StorageResult(StorageStatus.ReadError, 2));
        Assert.AreNotEqual(new StorageResult(StorageStatus.ReadError, 1), new StorageResult(StorageStatus.WriteError, 1));
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, 1), new StorageResult(StorageStatus.ReadError, 1));
    }
}
