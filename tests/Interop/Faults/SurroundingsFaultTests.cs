using System.Net;
using System.Net.Sockets;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Faults;

/// <summary>Files, ports and plugin folders that are not as the configuration would have them: one clear message each, the rest works.</summary>
[TestClass]
public sealed class SurroundingsFaultTests
{
    private const int ExitFailed = 1;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [TestMethod]
    public async Task MissingImage_OfOneStore_NamedAndTheOtherUnitServed()
    {
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        string missing = directory.File("nowhere/lost.img");
        string configuration = disk.Toml() + $$"""

            [store.lost]
            type = "file"
            path = "{{missing}}"

            [unit.lost]
            device = "sbc"
            store = "lost"

            [[target]]
            iscsi.name = "iqn.2026-11.org.tgtmodular.test:lost"
            access = { addresses = ["127.0.0.0/8"] }
            luns = [{ number = 1, unit = "lost" }]

            """;
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, configuration);

        _ = ConfigurationFaultTests.OneMessage(daemon, missing);
        AssertServed(disk.Address);
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task MissingSecretFile_OneMessage()
    {
        using TempDirectory directory = new();
        string missing = directory.File("nowhere.secret");
        string configuration = new DiskConfiguration(directory, TargetDaemon.FreePort()).Toml()
            .Replace("luns =", $$"""chap = [{ user = "u", secret_file = "{{missing}}" }]""" + "\nluns =", StringComparison.Ordinal);
        await using TargetDaemon daemon = TargetDaemon.Launch(directory, configuration);

        Assert.AreEqual(2, await daemon.ExitAsync(Limit), daemon.Log.ToString());

        _ = ConfigurationFaultTests.OneMessage(daemon, missing);
    }

    [TestMethod]
    public async Task PortInUse_OfOneTransport_NamedAndTheOtherServes()
    {
        using TempDirectory directory = new();
        using Socket occupied = Occupy(out int port);
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        string configuration = disk.Toml().Replace("[store.disk]", $"""
            [transport.second]
            plugin = "iscsi"
            listen = ["127.0.0.1:{port}"]

            [store.disk]
            """, StringComparison.Ordinal);
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, configuration);

        StringAssert.Contains(ConfigurationFaultTests.OneMessage(daemon, $"127.0.0.1:{port}"), "in use");
        AssertServed(disk.Address);
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task PortInUse_OneOfTwoPortals_NamedAndTheOtherServes()
    {
        using TempDirectory directory = new();
        using Socket occupied = Occupy(out int port);
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        string configuration = disk.Toml().Replace($"\"127.0.0.1:{disk.Port}\"", $"\"127.0.0.1:{port}\", \"127.0.0.1:{disk.Port}\"", StringComparison.Ordinal);
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, configuration);

        StringAssert.Contains(ConfigurationFaultTests.OneMessage(daemon, $"listen on 127.0.0.1:{port}"), "in use");
        AssertServed(disk.Address);
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task PortInUse_TheOnlyOne_OneMessageAndNoStart()
    {
        using TempDirectory directory = new();
        using Socket occupied = Occupy(out int port);
        await using TargetDaemon daemon = TargetDaemon.Launch(directory, new DiskConfiguration(directory, port).Toml());

        Assert.AreEqual(ExitFailed, await daemon.ExitAsync(Limit), daemon.Log.ToString());

        StringAssert.Contains(ConfigurationFaultTests.OneMessage(daemon, $"127.0.0.1:{port}"), "in use");
    }

    [TestMethod]
    public async Task StateDirectory_OfAnotherDaemon_OneMessageAndNoStart()
    {
        using TempDirectory directory = new();
        using TempDirectory second = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        await using TargetDaemon first = await TargetDaemon.StartAsync(directory, disk.Toml());
        string configuration = disk.Toml().Replace($":{disk.Port}", $":{TargetDaemon.FreePort()}", StringComparison.Ordinal);
        await using TargetDaemon daemon = TargetDaemon.Launch(second, configuration);

        Assert.AreEqual(ExitFailed, await daemon.ExitAsync(Limit), daemon.Log.ToString());

        StringAssert.Contains(ConfigurationFaultTests.OneMessage(daemon, directory.File("state")), $"{first.ProcessId}");
        AssertServed(disk.Address);
        await first.StopAsync();
    }

    [TestMethod]
    public async Task PluginDirectory_FullOfRubbish_OneMessageEachAndTheRestServes()
    {
        using TempDirectory directory = new();
        string plugins = directory.File("plugins");
        string store = Path.Combine(Repository.Tree, "plugins", "store-file");
        OutsidePlugin.PrivateDirectory(plugins);
        OutsidePlugin.PrivateDirectory(Path.Combine(plugins, "empty-folder"));
        Write(plugins, "not-toml", "this is = = no manifest");
        Write(plugins, "no-manifest", "", "something.dll");
        Copy(store, Path.Combine(plugins, "truncated-assembly"), truncate: true);
        Copy(store, Path.Combine(plugins, "others-may-write"), truncate: false);
        File.SetUnixFileMode(Path.Combine(plugins, "others-may-write"), (UnixFileMode)0b111_111_111);
        File.WriteAllText(Path.Combine(plugins, "a-file.txt"), "left here by mistake");
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, $"plugin_directories = [\"{plugins}\"]\n{disk.Toml()}");

        foreach (string folder in (string[])["empty-folder", "not-toml", "no-manifest", "truncated-assembly", "others-may-write"])
            _ = ConfigurationFaultTests.OneMessage(daemon, Path.Combine(plugins, folder));
        AssertServed(disk.Address);
        await daemon.StopAsync();
    }

    private static void AssertServed(TargetAddress address)
    {
        using Session session = Session.Open(address, new LoginWishes());
        session.TestUnitReady();
        session.Logout();
    }

    private static Socket Occupy(out int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }

    private static void Write(string plugins, string folder, string content, string file = "plugin.toml")
    {
        string path = Path.Combine(plugins, folder);
        OutsidePlugin.PrivateDirectory(path);
        File.WriteAllText(Path.Combine(path, file), content);
    }

    private static void Copy(string source, string destination, bool truncate)
    {
        OutsidePlugin.PrivateDirectory(destination);
        foreach (string file in Directory.EnumerateFiles(source))
        {
            string copy = Path.Combine(destination, Path.GetFileName(file));
            File.Copy(file, copy);
            if (truncate && copy.EndsWith(".dll", StringComparison.Ordinal))
            {
                using FileStream stream = File.OpenWrite(copy);
                stream.SetLength(stream.Length / 2);
            }
        }
    }
}
