using TgtModular.Lio.Configfs;

namespace TgtModular.Lio.Tests.Configfs;

/// <summary>The system calls, on an ordinary file system: what they say of errors, and how links are read.</summary>
[TestClass]
public sealed class KernelConfigfsTests
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tgt-configfs-");
    private readonly KernelConfigfs _tree;

    public KernelConfigfsTests() => _tree = new KernelConfigfs(_directory.FullName);

    [TestCleanup]
    public void RemoveDirectory() => _directory.Delete(recursive: true);

    [TestMethod]
    public void Calls_Refused_TellErrnoAndPath()
    {
        _tree.MakeDirectory("a");
        Assert.AreEqual(Errno.Exists, Refused(() => _tree.MakeDirectory("a")).Error);
        Assert.AreEqual(Errno.NoEntry, Refused(() => _tree.MakeDirectory("b/c")).Error);
        Assert.AreEqual(Errno.NoEntry, Refused(() => _tree.RemoveDirectory("b")).Error);
        _tree.MakeDirectory("a/b");
        ConfigfsException notEmpty = Refused(() => _tree.RemoveDirectory("a"));
        Assert.AreEqual(Errno.NotEmpty, notEmpty.Error);
        Assert.AreEqual("rmdir a: Directory not empty", notEmpty.Message);
        Assert.AreEqual("write a/x (1): No such file or directory", Refused(() => _tree.Write("a/x", "1")).Message);
        Assert.AreEqual(Errno.NoEntry, Refused(() => _tree.Read("a/x")).Error);
    }

    [TestMethod]
    public void Links_ReadBack_CountFromTheRoot()
    {
        _tree.MakeDirectory("core");
        _tree.MakeDirectory("core/d");
        _tree.MakeDirectory("fc");
        _tree.Link("fc/x", "core/d");
        // The kernel shows its links relative to where they are.
        _ = Directory.CreateSymbolicLink(Path.Combine(_directory.FullName, "fc/y"), "../core/d");

        Assert.AreEqual("core/d", _tree.ReadLink("fc/x"));
        Assert.AreEqual("core/d", _tree.ReadLink("fc/y"));
        CollectionAssert.AreEqual(new[] { "x", "y" }, _tree.List("fc").ToArray());
        Assert.AreEqual(Errno.Invalid, Refused(() => _tree.ReadLink("core/d")).Error);
        _tree.Unlink("fc/x");
        Assert.IsFalse(_tree.Exists("fc/x"));
        Assert.IsEmpty(_tree.List("nothing"));
    }

    [TestMethod]
    public void Attributes_WrittenAndRead_AreTrimmedAndNotListed()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "enable"), "0\n");
        Assert.AreEqual("0", _tree.Read("enable"));
        _tree.Write("enable", "1");
        Assert.AreEqual("1", _tree.Read("enable"));
        Assert.IsEmpty(_tree.List(""));
    }

    [TestMethod]
    public void Lock_HeldElsewhere_IsNull()
    {
        _tree.MakeDirectory("fc");
        using (IDisposable? held = _tree.TryLock("fc"))
        {
            Assert.IsNotNull(held);
            Assert.IsNull(new KernelConfigfs(_directory.FullName).TryLock("fc"));
        }

        using IDisposable? again = _tree.TryLock("fc");
        Assert.IsNotNull(again);
    }

    private static ConfigfsException Refused(Action call) => Assert.ThrowsExactly<ConfigfsException>(call);
}
