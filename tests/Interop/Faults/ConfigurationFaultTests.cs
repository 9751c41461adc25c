using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Faults;

/// <summary>Configurations that are wrong: one clear message for each fault, with its place; nothing that works stops working.</summary>
[TestClass]
public sealed class ConfigurationFaultTests
{
    private const int ExitInvalid = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [TestMethod]
    [DataRow("size = \"256MiB\"", "sise = \"256MiB\"", "sise", "size", DisplayName = "unknown key of a store")]
    [DataRow("store = \"disk\"", "stor = \"disk\"", "stor", "store", DisplayName = "unknown key of a unit")]
    [DataRow("listen = [", "lisen = [", "lisen", "listen", DisplayName = "unknown key of a transport")]
    [DataRow("store = \"disk\"", "store = \"dsik\"", "dsik", "disk", DisplayName = "unknown store")]
    [DataRow("device = \"sbc\"", "device = \"sbd\"", "sbd", "sbc", DisplayName = "unknown device type")]
    [DataRow("type = \"file\"", "type = \"fiel\"", "fiel", "file", DisplayName = "unknown type of store")]
    public async Task Start_MisspeltName_OneMessageWithPlaceAndSuggestion(string right, string wrong, string faulty, string suggestion)
    {
        using TempDirectory directory = new();
        string configuration = new DiskConfiguration(directory, TargetDaemon.FreePort()).Toml();
        await using TargetDaemon daemon = TargetDaemon.Launch(directory, configuration.Replace(right, wrong, StringComparison.Ordinal));

        Assert.AreEqual(ExitInvalid, await daemon.ExitAsync(Limit), daemon.Log.ToString());

        string message = OneMessage(daemon, $"'{faulty}'");
        StringAssert.Contains(message, $"did you mean '{suggestion}'?");
        AssertPlace(message, configuration.Replace(right, wrong, StringComparison.Ordinal), wrong);
    }

    [TestMethod]
    [DataRow("size = \"256MiB\"", "size = \"many\"", "size", DisplayName = "size that is none")]
    [DataRow("device = \"sbc\"", "device = 5", "device", DisplayName = "number for a name")]
    [DataRow("number = 1", "number = \"one\"", "number", DisplayName = "text for a number")]
    [DataRow("listen = [", "listen = true #", "listen", DisplayName = "boolean for a list")]
    [DataRow("127.0.0.0/8", "127.0.0.0/99", "127.0.0.0/99", DisplayName = "address range that is none")]
    [DataRow("iqn.2026-11.org.tgtmodular.test:t1", "not a name", "not a name", DisplayName = "target name that is none")]
    public async Task Start_WrongTypeOrValue_OneMessageWithPlace(string right, string wrong, string named)
    {
        using TempDirectory directory = new();
        string configuration = new DiskConfiguration(directory, TargetDaemon.FreePort()).Toml().Replace(right, wrong, StringComparison.Ordinal);
        await using TargetDaemon daemon = TargetDaemon.Launch(directory, configuration);

        Assert.AreEqual(ExitInvalid, await daemon.ExitAsync(Limit), daemon.Log.ToString());

        AssertPlace(OneMessage(daemon, $"'{named}'"), configuration, wrong);
    }

    [TestMethod]
    public async Task Start_SeveralFaults_AllToldAtOnce()
    {
        using TempDirectory directory = new();
        string configuration = new DiskConfiguration(directory, TargetDaemon.FreePort()).Toml()
            .Replace("size =", "sise =", StringComparison.Ordinal)
            .Replace("device = \"sbc\"", "device = 5", StringComparison.Ordinal)
            .Replace("number = 1", "number = -1", StringComparison.Ordinal);
        await using TargetDaemon daemon = TargetDaemon.Launch(directory, configuration);

        Assert.AreEqual(ExitInvalid, await daemon.ExitAsync(Limit), daemon.Log.ToString());

        _ = OneMessage(daemon, "'sise'");
        _ = OneMessage(daemon, "'device'");
        _ = OneMessage(daemon, "'number'");
    }

    [TestMethod]
    public async Task Start_NotToml_TellsWhere()
    {
        using TempDirectory directory = new();
        await using TargetDaemon daemon = TargetDaemon.Launch(directory, "[transport.iscsi]\nlisten = [\"127.0.0.1:0\"\n\n[store.x]\ntype = \"file\"\n");

        Assert.AreEqual(ExitInvalid, await daemon.ExitAsync(Limit), daemon.Log.ToString());

        StringAssert.Matches(daemon.Log.ToString(), new System.Text.RegularExpressions.Regex(@"tgt\.toml:[234]:\d+: "));
    }

    [TestMethod]
    public async Task Start_NoSuchFile_NamesIt()
    {
        using TempDirectory directory = new();
        string missing = directory.File("nowhere.toml");
        await using TargetDaemon daemon = TargetDaemon.LaunchWith(directory, ["--config", missing]);

        Assert.AreEqual(ExitInvalid, await daemon.ExitAsync(Limit), daemon.Log.ToString());

        _ = OneMessage(daemon, missing);
    }

    [TestMethod]
    public async Task Reload_MisspeltKey_ToldAndOldStateServesOn()
    {
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, disk.Toml());
        using Session before = Session.Open(disk.Address, new LoginWishes());
        before.TestUnitReady();

        await daemon.ReloadAsync(directory, disk.Toml().Replace("store = \"disk\"", "stor = \"disk\"", StringComparison.Ordinal));

        StringAssert.Contains(OneMessage(daemon, "'stor'"), "did you mean 'store'?");
        before.TestUnitReady();
        before.Logout();
        using Session after = Session.Open(disk.Address, new LoginWishes());
        after.TestUnitReady();
        after.Logout();
        await daemon.StopAsync();
    }

    /// <summary>The only line that contains the text.</summary>
    internal static string OneMessage(TargetDaemon daemon, string text)
    {
        IReadOnlyList<string> found = [.. daemon.Log.Lines.Where(line => line.Contains(text, StringComparison.Ordinal))];
        Assert.HasCount(1, found, $"messages that contain {text}\n{daemon.Log}");
        return found[0];
    }

    /// <summary>The message names file, line and a column within the line of what is wrong.</summary>
    private static void AssertPlace(string message, string configuration, string faulty)
    {
        string[] lines = configuration.Split('\n');
        int line = Array.FindIndex(lines, text => text.Contains(faulty, StringComparison.Ordinal)) + 1;
        StringAssert.Contains(message, $"tgt.toml:{line}:");
    }
}
