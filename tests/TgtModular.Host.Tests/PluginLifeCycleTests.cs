using System.Diagnostics;
using System.Text.Json;
using TgtModular.Host.Tests.Harness;

namespace TgtModular.Host.Tests;

/// <summary>Plugin folders that come, change and go beside a running daemon.</summary>
[TestClass]
public sealed class PluginLifeCycleTests
{
    private const int Rounds = 100;
    private const string Version = "99.0.0";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(45);

    [TestMethod]
    public async Task Plugin_DroppedIn_IsUsedWithoutARestart()
    {
        await using var sandbox = new Sandbox();
        string directory = MakeDirectory(sandbox);
        DaemonProcess daemon = await sandbox.StartAsync($"plugin_directories = [\"{directory}\"]\n");
        string[] add = ["store", "add", "m", "--type", $"memory@{Version}", "--option", "size=1MiB"];
        Assert.AreEqual(2, (await sandbox.ToolAsync(add)).Status, "it is not there yet");

        Stage(directory);
        await WaitForStateAsync(sandbox, "available");

        _ = (await sandbox.ToolAsync(add)).MustSucceed();
        using JsonDocument shown = JsonDocument.Parse((await sandbox.ToolAsync("plugin", "show", $"store-memory@{Version}", "--json")).MustSucceed());
        Assert.AreEqual("store m", shown.RootElement[0].GetProperty("used_by")[0].GetString());
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task WatchPlugins_Off_OnlyRescanTakesUp()
    {
        await using var sandbox = new Sandbox();
        string directory = MakeDirectory(sandbox);
        DaemonProcess daemon = await sandbox.StartAsync($"plugin_directories = [\"{directory}\"]\n[daemon]\nwatch_plugins = false\n");
        Stage(directory);
        _ = (await sandbox.ToolAsync("plugin", "rescan")).MustSucceed();
        Assert.AreEqual("available", await StateAsync(sandbox));
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Folder_TakenAwayWhileInUse_ShowsSoAndServesOn()
    {
        await using var sandbox = new Sandbox();
        string directory = MakeDirectory(sandbox);
        string folder = Stage(directory);
        DaemonProcess daemon = await sandbox.StartAsync(
            $"plugin_directories = [\"{directory}\"]\n[store.m]\ntype = \"memory@{Version}\"\nsize = \"1MiB\"\n[unit.m]\ndevice = \"sbc\"\nstore = \"m\"\n");
        Directory.Delete(folder, recursive: true);
        await WaitForStateAsync(sandbox, "removed, in use");
        StringAssert.Contains((await sandbox.ToolAsync("unit", "list")).MustSucceed(), "online", StringComparison.Ordinal);
        _ = (await sandbox.ToolAsync("store", "add", "n", "--type", $"memory@{Version}", "--option", "size=1MiB")).MustSucceed();
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Folder_OverwrittenTruncatedHalfCopied_DaemonServesOn()
    {
        await using var sandbox = new Sandbox();
        string directory = MakeDirectory(sandbox);
        string folder = Stage(directory);
        DaemonProcess daemon = await sandbox.StartAsync(
            $"plugin_directories = [\"{directory}\"]\n[store.m]\ntype = \"memory@{Version}\"\nsize = \"1MiB\"\n[unit.m]\ndevice = \"sbc\"\nstore = \"m\"\n");
        Dictionary<string, byte[]> whole = Directory.GetFiles(folder).ToDictionary(path => path, File.ReadAllBytes);
        for (int round = 0; round < Rounds; round++)
        {
            foreach ((string path, byte[] content) in whole) Spoil(path, content, round);
            if (round % 10 == 0) _ = (await sandbox.ToolAsync("plugin", "rescan")).MustSucceed();
        }

        _ = (await sandbox.ToolAsync("plugin", "rescan")).MustSucceed();
        StringAssert.Contains((await sandbox.ToolAsync("unit", "list")).MustSucceed(), "online", StringComparison.Ordinal);
        _ = (await sandbox.ToolAsync("store", "add", "n", "--type", $"memory@{Version}", "--option", "size=1MiB")).MustSucceed();
        foreach ((string path, byte[] content) in whole) File.WriteAllBytes(path, content);
        _ = (await sandbox.ToolAsync("plugin", "rescan")).MustSucceed();
        Assert.AreEqual("loaded", await StateAsync(sandbox));
        await daemon.StopAsync();
    }

    /// <summary>Another content, none, or a half, in place: as a plain copy over it leaves it on its way.</summary>
    private static void Spoil(string path, byte[] content, int round)
    {
        using FileStream file = File.Open(path, FileMode.Open);
        if (round % 3 == 0) file.Write(new byte[content.Length]);
        else file.SetLength(round % 3 == 1 ? 0 : content.Length / 2);
    }

    private static string MakeDirectory(Sandbox sandbox) => Directory.CreateDirectory(
        sandbox.Path("more"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    /// <summary>Drops in the memory store under a version that the tree does not have.</summary>
    private static string Stage(string directory)
    {
        string folder = PluginFolders.Copy("store-memory", directory);
        string manifest = Path.Combine(folder, "plugin.toml");
        string[] lines = File.ReadAllLines(manifest);
        int at = Array.FindIndex(lines, line => line.StartsWith("version = ", StringComparison.Ordinal));
        lines[at] = $"version = \"{Version}\"";
        File.WriteAllLines(manifest, lines);
        return folder;
    }

    private static async Task WaitForStateAsync(Sandbox sandbox, string wanted)
    {
        var waited = Stopwatch.StartNew();
        string state = "";
        while (waited.Elapsed < Limit)
        {
            if ((state = await StateAsync(sandbox)) == wanted) return;
        }

        Assert.Fail($"it is '{state}' still, not '{wanted}'");
    }

    private static async Task<string> StateAsync(Sandbox sandbox)
    {
        using JsonDocument all = JsonDocument.Parse((await sandbox.ToolAsync("plugin", "list", "--json")).MustSucceed());
        JsonElement found = all.RootElement.EnumerateArray().FirstOrDefault(
            plugin => plugin.GetProperty("version").GetString() == Version && plugin.GetProperty("content_hash").ValueKind == JsonValueKind.String);
        return found.ValueKind == JsonValueKind.Object ? found.GetProperty("state").GetString()! : "";
    }
}
