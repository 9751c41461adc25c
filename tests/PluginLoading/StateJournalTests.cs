using TgtModular.Core.State;

namespace TgtModular.PluginLoading.Tests;

[TestClass]
public sealed class StateJournalTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    public async Task Load_NeverSaved_IsNull()
    {
        using var sandbox = new Sandbox();

        Assert.IsNull(await new StateJournal(Path.Combine(sandbox.Root, "x")).LoadAsync("key", Token));
    }

    [TestMethod]
    public async Task Save_ThenLoadByAnother_GivesTheDocument()
    {
        using var sandbox = new Sandbox();
        await StateJournal.ForObject(sandbox.Root, "unit/db").SaveAsync("pr", new byte[] { 1, 2, 3 }, Token);
        await StateJournal.ForObject(sandbox.Root, "unit/db").SaveAsync("pr", new byte[] { 4 }, Token);

        Assert.AreEqual("04", Hex(await StateJournal.ForObject(sandbox.Root, "unit/db").LoadAsync("pr", Token)));
        Assert.IsNull(await StateJournal.ForObject(sandbox.Root, "unit/other").LoadAsync("pr", Token));
    }

    [TestMethod]
    public async Task Save_FilesAreForThisUserAlone()
    {
        using var sandbox = new Sandbox();
        await StateJournal.ForObject(sandbox.Root, "unit/db").SaveAsync("pr", new byte[] { 1 }, Token);

        string directory = Path.Combine(sandbox.Root, "journal", "unit", "db");
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory, "pr")));
        Assert.HasCount(1, Directory.GetFiles(directory));
    }

    [TestMethod]
    public async Task Save_AfterAnInterruptedOne_Works()
    {
        using var sandbox = new Sandbox();
        string directory = sandbox.AddDirectory("journal");
        File.WriteAllText(Path.Combine(directory, ".key.new"), "half a docum");
        var journal = new StateJournal(directory);

        Assert.IsNull(await journal.LoadAsync("key", Token));
        await journal.SaveAsync("key", new byte[] { 7 }, Token);

        Assert.AreEqual("07", Hex(await journal.LoadAsync("key", Token)));
        Assert.HasCount(1, Directory.GetFiles(directory));
    }

    [TestMethod]
    public async Task Save_CannotReplace_KeepsTheOldDocumentAndThrows()
    {
        using var sandbox = new Sandbox();
        string directory = sandbox.AddDirectory("journal");
        var journal = new StateJournal(directory);
        await journal.SaveAsync("key", new byte[] { 1 }, Token);
        Directory.CreateDirectory(Path.Combine(directory, ".key.new", "in-the-way"));

        await Assert.ThrowsAsync<Exception>(async () => await journal.SaveAsync("key", new byte[] { 2 }, Token));

        Assert.AreEqual("01", Hex(await journal.LoadAsync("key", Token)));
    }

    [TestMethod]
    public async Task Save_SameKeyManyTimesAtOnce_LastOneStands()
    {
        using var sandbox = new Sandbox();
        var journal = new StateJournal(Path.Combine(sandbox.Root, "x"));

        await Task.WhenAll(Enumerable.Range(1, 50).Select(i => journal.SaveAsync("key", new[] { (byte)i }, Token).AsTask()));

        Assert.AreEqual("32", Hex(await journal.LoadAsync("key", Token)));
    }

    [TestMethod]
    public async Task Remove_IsGone()
    {
        using var sandbox = new Sandbox();
        var journal = new StateJournal(Path.Combine(sandbox.Root, "x"));
        await journal.RemoveAsync("key", Token);
        await journal.SaveAsync("key", new byte[] { 1 }, Token);
        await journal.RemoveAsync("key", Token);

        Assert.IsNull(await journal.LoadAsync("key", Token));
    }

    [TestMethod]
    [DataRow("../key")]
    [DataRow("a/b")]
    [DataRow(".hidden")]
    [DataRow("with space")]
    [DataRow("")]
    [DataRow("nul\0")]
    public async Task Save_NotAKey_Throws(string key)
    {
        using var sandbox = new Sandbox();
        var journal = new StateJournal(sandbox.Root);

        await Assert.ThrowsAsync<ArgumentException>(async () => await journal.SaveAsync(key, new byte[] { 1 }, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await journal.LoadAsync(key, Token));
    }

    [TestMethod]
    [DataRow("unit/..", "%2E.")]
    [DataRow("unit/a/b", "a%2Fb")]
    [DataRow("unit/ä b", "%C3%A4%20b")]
    [DataRow("unit/a%2Fb", "a%252Fb")]
    public async Task ForObject_AnyName_StaysBelowTheStateDirectory(string name, string expected)
    {
        using var sandbox = new Sandbox();
        await StateJournal.ForObject(sandbox.Root, name).SaveAsync("key", new byte[] { 1 }, Token);

        Assert.IsTrue(File.Exists(Path.Combine(sandbox.Root, "journal", "unit", expected, "key")));
    }

    private static string Hex(ReadOnlyMemory<byte>? document) => document is { } bytes ? Convert.ToHexString(bytes.Span) : "none";
}
