using System.Text.Json;
using TgtModular.Host.Tests.Harness;

namespace TgtModular.Host.Tests;

/// <summary><c>tgtctl plugin</c>: what it tells of plugins that are right and of those that are not.</summary>
[TestClass]
public sealed class PluginToolTests
{
    private const string Start = "[store.m]\ntype = \"memory\"\nsize = \"1MiB\"\n[unit.m]\ndevice = \"sbc\"\nstore = \"m\"\n";

    [TestMethod]
    public async Task Inspect_WholePlugin_TellsItsMetadataWithoutADaemon()
    {
        await using var sandbox = new Sandbox();
        string output = (await sandbox.ToolAsync("plugin", "inspect", Path.Combine(Tree.Plugins, "store-memory"), "--json")).MustSucceed();
        using JsonDocument view = JsonDocument.Parse(output);
        JsonElement plugin = view.RootElement.GetProperty("plugin");
        Assert.AreEqual("store-memory", plugin.GetProperty("name").GetString());
        Assert.AreEqual("store/memory", plugin.GetProperty("exports")[0].GetString());
        Assert.AreEqual(64, plugin.GetProperty("content_hash").GetString()!.Length);
        Assert.IsTrue(view.RootElement.GetProperty("files").EnumerateArray().All(file => file.GetProperty("state").GetString() == "right"), output);
        JsonElement entry = view.RootElement.GetProperty("assemblies").EnumerateArray().First();
        Assert.IsTrue(entry.GetProperty("references").EnumerateArray().Any(item => item.GetString()!.StartsWith("TgtModular.Abstractions ", StringComparison.Ordinal)), output);
    }

    [TestMethod]
    public async Task Inspect_FileCutShort_NamesItWithTheRemedy()
    {
        await using var sandbox = new Sandbox();
        string folder = Truncated(sandbox, out string file);
        CommandResult result = await sandbox.ToolAsync("plugin", "inspect", folder);
        Assert.AreEqual(1, result.Status, result.Output);
        StringAssert.Contains(result.Output, $"file '{file}' does not match its hash in the manifest", StringComparison.Ordinal);
        StringAssert.Contains(result.Output, $"{file}: differs", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Inspect_NoFolder_IsWrongUse()
    {
        await using var sandbox = new Sandbox();
        (await sandbox.ToolAsync("plugin", "inspect", "/nowhere")).MustFail(2, "tgtctl: there is no folder /nowhere");
    }

    [TestMethod]
    public async Task Doctor_FolderCutShort_TellsWhyAndWhatToDo()
    {
        await using var sandbox = new Sandbox();
        string folder = Truncated(sandbox, out string file);
        CommandResult result = await sandbox.ToolAsync("plugin", "doctor", folder);
        Assert.AreEqual(1, result.Status, result.Output);
        StringAssert.Contains(result.Output, $"why:    plugin store-memory", StringComparison.Ordinal);
        StringAssert.Contains(result.Output, $"file '{file}' does not match", StringComparison.Ordinal);
        StringAssert.Contains(result.Output, "remedy: copy the plugin's folder again, whole", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task ShowAndDoctor_NothingFailed_SaySoAndWhoUsesIt()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        StringAssert.StartsWith((await sandbox.ToolAsync("plugin", "doctor")).MustSucceed(), "Nothing failed: ", StringComparison.Ordinal);
        StringAssert.StartsWith((await sandbox.ToolAsync("plugin", "doctor", "sbc")).MustSucceed(), "Nothing failed: 1 plugin can", StringComparison.Ordinal);
        using JsonDocument shown = JsonDocument.Parse((await sandbox.ToolAsync("plugin", "show", "store-memory", "--json")).MustSucceed());
        JsonElement plugin = shown.RootElement[0];
        Assert.AreEqual("store m", plugin.GetProperty("used_by")[0].GetString());
        Assert.AreEqual("loaded", plugin.GetProperty("state").GetString());
        StringAssert.EndsWith(plugin.GetProperty("private_copy").GetString()!, plugin.GetProperty("content_hash").GetString()!, StringComparison.Ordinal);
        StringAssert.Contains((await sandbox.ToolAsync("plugin", "show", "sbc")).MustSucceed(), "unit m", StringComparison.Ordinal);
        (await sandbox.ToolAsync("plugin", "show", "nobody")).MustFail(1, "tgtctl: there is no plugin 'nobody'");
        await daemon.StopAsync();
    }

    /// <summary>A copy of a plugin whose assembly ends too early.</summary>
    private static string Truncated(Sandbox sandbox, out string file)
    {
        string folder = PluginFolders.Copy("store-memory", sandbox.Path("plugins"));
        string path = Directory.GetFiles(folder, "*.dll")[0];
        using FileStream stream = File.Open(path, FileMode.Open);
        stream.SetLength(stream.Length / 2);
        file = Path.GetFileName(path);
        return folder;
    }
}
