using TgtModular.Core.Plugins;

namespace TgtModular.PluginLoading.Tests;

[TestClass]
public sealed class RefusalTests
{
    [TestMethod]
    public void Scan_FileChanged_NamesTheFile()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        File.AppendAllText(Path.Combine(folder, "Good.dll"), "x");

        AssertRefused(sandbox, "file 'Good.dll' does not match its hash in the manifest");
    }

    [TestMethod]
    public void Scan_FileMissing_NamesTheFile()
    {
        using var sandbox = new Sandbox();
        File.Delete(Path.Combine(sandbox.Add("Good"), "Good.dll"));

        AssertRefused(sandbox, "file 'Good.dll' is missing");
    }

    [TestMethod]
    [DataRow("", UnixFileMode.GroupWrite)]
    [DataRow("", UnixFileMode.OtherWrite)]
    [DataRow("Good.dll", UnixFileMode.GroupWrite)]
    [DataRow("plugin.toml", UnixFileMode.OtherWrite)]
    public void Scan_OthersMayWrite_IsRefusedWithTheCommandToMendIt(string file, UnixFileMode extra)
    {
        using var sandbox = new Sandbox();
        string path = Path.Combine(sandbox.Add("Good"), file).TrimEnd('/');
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | extra);

        PluginInfo plugin = AssertRefused(sandbox, $"{path} can be written by its group or by everybody");
        Assert.AreEqual($"chmod -R go-w {path}", plugin.Remedy);
    }

    [TestMethod]
    public void Scan_OthersMayWriteTheDirectoryOfPlugins_NothingIsTaken()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        File.SetUnixFileMode(sandbox.Plugins, File.GetUnixFileMode(sandbox.Plugins) | UnixFileMode.OtherWrite);

        PluginCatalog catalog = sandbox.Scan();

        Assert.IsEmpty(catalog.GetPlugins());
        Assert.AreEqual($"chmod go-w {sandbox.Plugins}", catalog.Problems.Single().Remedy);
    }

    [TestMethod]
    public void Scan_LinkOutOfTheFolder_IsRefused()
    {
        using var sandbox = new Sandbox();
        string file = Path.Combine(sandbox.Add("Good"), "Good.dll");
        string outside = Path.Combine(sandbox.Root, "elsewhere.dll");
        File.Move(file, outside);
        File.CreateSymbolicLink(file, outside);

        AssertRefused(sandbox, "'Good.dll' is a link that leaves the folder");
    }

    [TestMethod]
    public void Scan_LinkedDirectoryOutOfTheFolder_IsRefused()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        string outside = sandbox.AddDirectory("elsewhere");
        File.WriteAllText(Path.Combine(outside, "data"), "data");
        Directory.CreateSymbolicLink(Path.Combine(folder, "sub"), outside);
        Sandbox.AddFile(folder, "sub/data", [1]);

        AssertRefused(sandbox, "'sub/data' is a link that leaves the folder");
    }

    [TestMethod]
    public void Scan_LinkWithinTheFolder_IsFollowed()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        File.Move(Path.Combine(folder, "Good.dll"), Path.Combine(folder, "real.dll"));
        File.CreateSymbolicLink(Path.Combine(folder, "Good.dll"), "real.dll");

        Assert.AreEqual("1.0.0", sandbox.Scan().Ask("good"));
    }

    [TestMethod]
    public void Scan_FileTooLarge_IsRefusedUnread()
    {
        using var sandbox = new Sandbox();
        using (FileStream file = File.OpenWrite(Path.Combine(sandbox.Add("Good"), "Good.dll"))) file.SetLength(PluginFolder.MaximumFileLength + 1);

        AssertRefused(sandbox, $"'Good.dll' has more than {PluginFolder.MaximumFileLength} bytes");
    }

    [TestMethod]
    public void Scan_ManifestTooLarge_IsRefusedUnread()
    {
        using var sandbox = new Sandbox();
        using (FileStream file = File.OpenWrite(Path.Combine(sandbox.Add("Good"), "plugin.toml"))) file.SetLength(PluginManifestReader.MaximumLength + 1);

        AssertRefused(sandbox, "'plugin.toml' has more than");
    }

    [TestMethod]
    public void Scan_DirectoryWhereAFileShouldBe_IsRefused()
    {
        using var sandbox = new Sandbox();
        string file = Path.Combine(sandbox.Add("Good"), "Good.dll");
        File.Delete(file);
        Directory.CreateDirectory(file);

        AssertRefused(sandbox, "'Good.dll' is not a plain file");
    }

    [TestMethod]
    [DataRow("0.7", "0.8", "use a newer host")]
    [DataRow("0.0", "0.1", "get a newer version of the plugin")]
    public void Scan_WrongContractRange_IsRefusedWithBothSides(string minimum, string below, string remedy)
    {
        using var sandbox = new Sandbox();
        Sandbox.EditManifest(sandbox.Add("Good"), "minimum = \"0.1\", below = \"0.2\"", $"minimum = \"{minimum}\", below = \"{below}\"");

        PluginInfo plugin = AssertRefused(sandbox, $"it works with contract {minimum} up to, not including, {below}; this host has 0.1");
        Assert.AreEqual(remedy, plugin.Remedy);
    }

    [TestMethod]
    public void Scan_EntryAssemblyIsNoAssembly_IsRefused()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        File.WriteAllText(Path.Combine(folder, "Good.dll"), "MZ");
        Sandbox.Rehash(folder);

        AssertRefused(sandbox, "'Good.dll' is not a managed assembly");
    }

    [TestMethod]
    public void Scan_RuntimeConfigurationOfItsOwn_IsRefused()
    {
        using var sandbox = new Sandbox();
        Sandbox.AddFile(sandbox.Add("Good"), "Good.runtimeconfig.json", "{}"u8.ToArray());

        AssertRefused(sandbox, "'Good.runtimeconfig.json' would tell the loader to look outside the plugin's folder");
    }

    [TestMethod]
    public void Scan_UnlistedFile_IsNotCopiedAndToldOf()
    {
        using var sandbox = new Sandbox();
        File.WriteAllText(Path.Combine(sandbox.Add("Good"), "notes.txt"), "mine");

        PluginInfo plugin = sandbox.Scan().Single();

        Assert.AreEqual(PluginState.Available, plugin.State);
        Assert.AreEqual("not in the manifest and not used: notes.txt", plugin.Warnings.Single());
        Assert.IsFalse(File.Exists(Path.Combine(sandbox.Copies, plugin.ContentHash, "notes.txt")));
    }

    [TestMethod]
    public void Scan_RubbishInTheDirectory_OneMessageEachAndTheRestWorks()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        File.WriteAllText(Path.Combine(sandbox.Plugins, "core.12345"), "rubbish");
        File.WriteAllBytes(Path.Combine(sandbox.Plugins, "random.dll"), [1, 2, 3]);
        File.CreateSymbolicLink(Path.Combine(sandbox.Plugins, "dangling"), "nowhere");
        Directory.CreateDirectory(Path.Combine(sandbox.Plugins, "empty"));
        string broken = Path.Combine(sandbox.Plugins, "broken");
        Directory.CreateDirectory(broken);
        File.WriteAllText(Path.Combine(broken, "plugin.toml"), "name = \"broken\nversion = 1");

        PluginCatalog catalog = sandbox.Scan();

        Assert.AreSequenceEqual(["core.12345", "dangling", "random.dll"], catalog.Problems.Select(problem => Path.GetFileName(problem.Path)));
        Assert.AreSequenceEqual(["Good", "broken", "empty"], catalog.GetPlugins().Select(plugin => Path.GetFileName(plugin.Directory)));
        Assert.StartsWith($"{broken}/plugin.toml:1:", catalog.GetPlugins()[1].Cause);
        Assert.AreEqual("file 'plugin.toml' is missing", catalog.GetPlugins()[2].Cause);
        Assert.AreEqual("1.0.0", catalog.Ask("good"));
    }

    [TestMethod]
    public void Scan_DirectoryMissing_IsToldAndTheOthersWork()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        string missing = Path.Combine(sandbox.Root, "missing");

        PluginCatalog catalog = sandbox.Scan(missing, sandbox.Plugins);

        Assert.AreEqual(missing, catalog.Problems.Single().Path);
        Assert.AreEqual("1.0.0", catalog.Ask("good"));
    }

    [TestMethod]
    public void Scan_CopyTornByAPowerCut_IsMadeAnew()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");
        string copy = Path.Combine(sandbox.Copies, sandbox.Scan().Single().ContentHash, "Good.dll");
        File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using (FileStream file = File.OpenWrite(copy)) file.SetLength(100);

        Assert.AreEqual("1.0.0", sandbox.Scan().Ask("good"));
    }

    [TestMethod]
    public void Scan_OthersMayWriteTheCopies_Throws()
    {
        using var sandbox = new Sandbox();
        Directory.CreateDirectory(sandbox.Copies);
        File.SetUnixFileMode(sandbox.Copies, File.GetUnixFileMode(sandbox.Copies) | UnixFileMode.OtherWrite);

        Assert.ThrowsExactly<IOException>(() => sandbox.Scan());
    }

    private static PluginInfo AssertRefused(Sandbox sandbox, string cause)
    {
        PluginInfo plugin = sandbox.Scan().Single();
        Assert.AreEqual(PluginState.Failed, plugin.State);
        Assert.Contains(cause, plugin.Cause);
        Assert.AreNotEqual("", plugin.Remedy);
        return plugin;
    }
}
