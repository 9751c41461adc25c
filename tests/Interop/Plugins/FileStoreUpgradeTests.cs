using System.Text.RegularExpressions;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Plugins;

/// <summary>The daemon's own store-file goes to a version that differs in its number only: locks, rings and threads of the old one are out of the way of the new one.</summary>
[TestClass]
public sealed class FileStoreUpgradeTests
{
    private const string Plugin = "store-file";
    private const string Higher = "99.0.0";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [TestMethod]
    [DataRow("threads", "buffered")]
    [DataRow("threads", "sync")]
    [DataRow("auto", "buffered")]
    public async Task Upgrade_ToAndFroUnderVerifiedLoad_NothingIsLost(string io, string cache)
    {
        TargetDaemon.Require();
        using TempDirectory directory = new();
        string plugins = directory.File("plugins");
        string present = Renumber(Path.Combine(plugins, Plugin), plugins);
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort()) { SizeMiB = 64 };
        string toml = $"plugin_directories = [\"{plugins}\"]\n" + disk.Toml().Replace("type = \"file\"", $"type = \"file\"\nio = \"{io}\"\ncache = \"{cache}\"", StringComparison.Ordinal);
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, toml);
        using CancellationTokenSource end = new();
        Task load = UpgradeTests.LoadAsync(disk.Address, daemon, end.Token);

        for (int i = 0; i < 6; i++)
        {
            string said = await MustAsync(directory, "plugin", "upgrade", Plugin, "--to", i % 2 == 0 ? present : Higher);
            StringAssert.Contains(said, "upgraded  sessions notice nothing", StringComparison.Ordinal);
            if (load.IsCompleted) await load; // which has failed
        }

        await end.CancelAsync();
        await load.WaitAsync(Limit);
        StringAssert.Contains(await MustAsync(directory, "store", "show", "disk"), Higher, StringComparison.Ordinal);
        await daemon.StopAsync();
    }

    /// <summary>Copies our plugin with another version in its manifest.</summary>
    /// <returns>The version it has.</returns>
    private static string Renumber(string folder, string plugins)
    {
        OutsidePlugin.PrivateDirectory(plugins);
        OutsidePlugin.PrivateDirectory(folder);
        string source = Path.Combine(Repository.Tree, "plugins", Plugin);
        foreach (string file in Directory.GetFiles(source))
        {
            string copy = Path.Combine(folder, Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        string manifest = Path.Combine(folder, "plugin.toml");
        string text = File.ReadAllText(manifest);
        Match version = Regex.Match(text, "(?m)^version = \"([^\"]+)\"");
        File.WriteAllText(manifest, text.Replace(version.Value, $"version = \"{Higher}\"", StringComparison.Ordinal));
        return version.Groups[1].Value;
    }

    private static async Task<string> MustAsync(TempDirectory directory, params string[] arguments) => (await Tool.RunAsync(
        Path.Combine(Repository.Tree, "tgtctl"), [.. arguments, "--socket", Path.Combine(directory.File("state"), "control.sock")], Limit)).MustSucceed();
}
