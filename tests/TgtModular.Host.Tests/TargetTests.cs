using System.Text.Json;
using TgtModular.Host.Tests.Harness;

namespace TgtModular.Host.Tests;

/// <summary>Targets over a transport that listens, by the verbs of tgtctl and by the file.</summary>
[TestClass]
public sealed class TargetTests
{
    private const string Name = "iqn.2026-11.org.example:t";

    [TestMethod]
    public async Task Target_MadeAtRunTime_IsChangedByEveryVerb()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start());
        _ = (await sandbox.ToolAsync("target", "add", Name.ToUpperInvariant(), "--lun", "1=a", "--address", "10.0.0.0/8")).MustSucceed();
        _ = (await sandbox.ToolAsync("lun", "add", Name, "7", "b", "--initiator", "iqn.i:*")).MustSucceed();
        (await sandbox.ToolAsync("lun", "add", Name, "1", "b")).MustFail(2, $"tgtctl: LUN 1 of target '{Name}' is unit 'a' already");
        (await sandbox.ToolAsync("lun", "add", Name, "2", "c")).MustFail(1, "tgtctl: there is no unit 'c'");
        _ = (await sandbox.ToolAsync("lun", "remove", Name, "1")).MustSucceed();
        (await sandbox.ToolAsync("lun", "remove", Name, "1")).MustFail(2, $"tgtctl: target '{Name}' has no LUN 1");
        _ = (await sandbox.ToolAsync("target", "access", Name, "--address", "all", "--initiator", "iqn.x:*")).MustSucceed();
        (await sandbox.ToolAsync("target", "access", Name, "--address", "10.0.0.1/8")).MustFail(2,
            "tgtctl: '10.0.0.1/8' has bits set behind its prefix; the network is 10.0.0.0/8");
        _ = sandbox.Write("secret", "secret-of-twelve\n");
        _ = (await sandbox.ToolAsync("target", "chap", Name, "--chap", "u=secret")).MustSucceed();
        _ = (await sandbox.ToolAsync("target", "offline", Name)).MustSucceed();
        using JsonDocument shown = JsonDocument.Parse((await sandbox.ToolAsync("target", "show", Name, "-o", "json")).MustSucceed());
        JsonElement target = shown.RootElement;
        Assert.IsFalse(target.GetProperty("online").GetBoolean());
        Assert.AreEqual("runtime", target.GetProperty("owner").GetString());
        Assert.AreEqual("u", target.GetProperty("chap_users")[0].GetString());
        Assert.AreEqual("all", target.GetProperty("access")[0].GetProperty("addresses")[0].GetString());
        JsonElement lun = target.GetProperty("luns").EnumerateArray().Single();
        Assert.AreEqual("7 b iqn.i:*", $"{lun.GetProperty("number")} {lun.GetProperty("unit")} {lun.GetProperty("initiators")[0]}");
        (await sandbox.ToolAsync("unit", "remove", "b")).MustFail(1, $"tgtctl: unit 'b' is mapped by target {Name}");
        _ = (await sandbox.ToolAsync("unit", "remove", "b", "--force")).MustSucceed();
        _ = (await sandbox.ToolAsync("target", "online", Name)).MustSucceed();
        _ = (await sandbox.ToolAsync("target", "remove", Name)).MustSucceed();
        Assert.AreEqual("[]\n", (await sandbox.ToolAsync("target", "list", "-o", "json")).MustSucceed());
        await daemon.StopAsync();
        Assert.IsFalse(daemon.Log.Contains("twelve", StringComparison.Ordinal), "a secret is never logged");
    }

    [TestMethod]
    public async Task Target_NameIsNone_IsRefusedByTheTransport()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start());
        CommandResult result = await sandbox.ToolAsync("target", "add", "not a name");
        Assert.AreEqual(2, result.Status);
        StringAssert.StartsWith(result.Errors, "tgtctl: 'not a name' is no target name of transport 'iscsi': ", StringComparison.Ordinal);
        (await sandbox.ToolAsync("session", "close", "iscsi", "1")).MustFail(1, "tgtctl: there is no session of transport iscsi '1'");
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Export_TargetWithAccount_IsAFileThatChangesNothing()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start());
        _ = sandbox.Write("secret", "secret-of-twelve\n");
        _ = (await sandbox.ToolAsync("target", "add", Name, "--lun", "1=a", "--address", "10.0.0.0/8", "--chap", "u=secret", "--key", "t", "--option",
            "max_burst_length=64KiB")).MustSucceed();
        string exported = sandbox.Write("exported.toml", (await sandbox.ToolAsync("config", "export")).MustSucceed());
        Assert.AreEqual("~ target 't': made at run time, from now on owned by the file\n", (await sandbox.ToolAsync("apply", exported)).MustSucceed());
        Assert.AreEqual("Nothing to do: everything is as the file says.\n", (await sandbox.ToolAsync("plan", exported)).MustSucceed());
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Apply_NewPortal_TransportGoesOnWithBoth()
    {
        await using var sandbox = new Sandbox();
        string start = Start();
        DaemonProcess daemon = await sandbox.StartAsync(start);
        int second = Sandbox.FreePort();
        _ = sandbox.Write("tgt.toml", start.Replace("listen = [", $"listen = [\"127.0.0.1:{second}\", ", StringComparison.Ordinal));
        daemon.HangUp();
        Dictionary<string, string> ready = await daemon.Notify.WaitForAsync("READY=1", daemon);
        StringAssert.Contains(ready["STATUS"], $"127.0.0.1:{second}", StringComparison.Ordinal);
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Example_OfThePackage_IsRight()
    {
        await using var sandbox = new Sandbox();
        string example = File.ReadAllText(Path.Combine(Tree.Root, "host/packaging/tgt.toml"));
        string configuration = sandbox.Write("tgt.toml", example);
        Assert.AreEqual($"{configuration}: right\n", (await sandbox.ToolAsync("config", "check", configuration)).MustSucceed());
    }

    private static string Start() => $"""
        [transport.iscsi]
        listen = ["127.0.0.1:{Sandbox.FreePort()}"]
        [store.a]
        type = "memory"
        size = "1MiB"
        [store.b]
        type = "memory"
        size = "1MiB"
        [unit.a]
        device = "sbc"
        store = "a"
        [unit.b]
        device = "sbc"
        store = "b"

        """;
}
