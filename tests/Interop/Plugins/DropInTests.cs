using System.Text;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Plugins;

/// <summary>Plugin folders that come and change without the daemon being built anew.</summary>
[TestClass]
public sealed class DropInTests
{
    private const string Old = "1.0.0";
    private const string New = "1.1.0";
    private const int ExitInvalid = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [TestMethod]
    public async Task Folder_DroppedIn_ServesWhatWasUnknownBefore()
    {
        using TempDirectory directory = new();
        string plugins = PluginDirectory(directory);
        int port = TargetDaemon.FreePort();
        string configuration = Configuration(directory, plugins, port, "label");
        await using (TargetDaemon without = TargetDaemon.Launch(directory, configuration))
            Assert.AreEqual(ExitInvalid, await without.ExitAsync(Limit), without.Log.ToString());

        await OutsidePlugin.DropInAsync(Old, Path.Combine(plugins, OutsidePlugin.Name));
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, configuration);

        Assert.AreEqual($"store-label {Old}", ReadLabel(port, lun: 1));
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Folder_OverwrittenByHigherVersionWhileLoaded_OldServesUntilTheNextStart()
    {
        using TempDirectory directory = new();
        string plugins = PluginDirectory(directory);
        string folder = Path.Combine(plugins, OutsidePlugin.Name);
        int port = TargetDaemon.FreePort();
        string configuration = Configuration(directory, plugins, port, "label");
        await OutsidePlugin.DropInAsync(Old, folder);
        await using (TargetDaemon first = await TargetDaemon.StartAsync(directory, configuration))
        {
            await OutsidePlugin.DropInAsync(New, folder);
            Assert.AreEqual($"store-label {Old}", ReadLabel(port, lun: 1));
            await first.StopAsync();
        }

        await using TargetDaemon second = await TargetDaemon.StartAsync(directory, configuration);

        Assert.AreEqual($"store-label {New}", ReadLabel(port, lun: 1));
        await second.StopAsync();
    }

    [TestMethod]
    public async Task TwoVersions_Unpinned_HighestServes()
    {
        using TempDirectory directory = new();
        string plugins = PluginDirectory(directory);
        int port = TargetDaemon.FreePort();
        await OutsidePlugin.DropInAsync(New, Path.Combine(plugins, "a"));
        await OutsidePlugin.DropInAsync(Old, Path.Combine(plugins, "b"));
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, Configuration(directory, plugins, port, "label"));

        Assert.AreEqual($"store-label {New}", ReadLabel(port, lun: 1));
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task TwoVersions_PinnedByTwoUnits_ServeSideBySide()
    {
        using TempDirectory directory = new();
        string plugins = PluginDirectory(directory);
        int port = TargetDaemon.FreePort();
        await OutsidePlugin.DropInAsync(Old, Path.Combine(plugins, "old"));
        await OutsidePlugin.DropInAsync(New, Path.Combine(plugins, "new"));
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, Configuration(directory, plugins, port, "label@1.0", "label@1.1"));

        Assert.AreEqual($"store-label {Old}", ReadLabel(port, lun: 1));
        Assert.AreEqual($"store-label {New}", ReadLabel(port, lun: 2));
        await daemon.StopAsync();
    }

    private static string PluginDirectory(TempDirectory directory)
    {
        string plugins = directory.File("plugins");
        OutsidePlugin.PrivateDirectory(plugins);
        return plugins;
    }

    /// <summary>LUNs from 1 on, one for each type of store.</summary>
    private static string Configuration(TempDirectory directory, string plugins, int port, params ReadOnlySpan<string> types)
    {
        StringBuilder text = new($$"""
            state_directory = "{{directory.File("state")}}"
            plugin_directories = ["{{plugins}}"]

            [transport.iscsi]
            listen = ["127.0.0.1:{{port}}"]

            """);
        List<string> luns = [];
        foreach (string type in types)
        {
            int lun = luns.Count + 1;
            luns.Add($$"""{ number = {{lun}}, unit = "u{{lun}}" }""");
            _ = text.Append($"""

                [store.s{lun}]
                type = "{type}"

                [unit.u{lun}]
                device = "sbc"
                store = "s{lun}"

                """);
        }

        _ = text.Append($$"""

            [[target]]
            iscsi.name = "{{DiskConfiguration.TargetName}}"
            access = { addresses = ["127.0.0.0/8"] }
            luns = [{{string.Join(", ", luns)}}]

            """);
        return text.ToString();
    }

    /// <summary>What block 0 of the unit holds.</summary>
    private static string ReadLabel(int port, int lun)
    {
        TargetAddress address = new(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port), DiskConfiguration.TargetName, lun);
        using Session session = Session.Open(address, new LoginWishes());
        ScsiReply reply = session.Execute([0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0], 512);
        Assert.AreEqual(ScsiReply.Good, reply.Status, $"READ (10): {reply}");
        session.Logout();
        return Encoding.ASCII.GetString(reply.Data).TrimEnd('\0');
    }
}
