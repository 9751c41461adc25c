using System.Text.Json;
using TgtModular.Host.Tests.Harness;

namespace TgtModular.Host.Tests;

/// <summary>The verbs of tgtctl that need no transport.</summary>
[TestClass]
public sealed class ToolTests
{
    private const string Start = "[store.m]\ntype = \"memory\"\nsize = \"1MiB\"\n[unit.m]\ndevice = \"sbc\"\nstore = \"m\"\nserial = \"S1\"\n";

    [TestMethod]
    public async Task Tool_NoDaemon_SaysSoWithItsOwnStatus()
    {
        await using var sandbox = new Sandbox();
        (await sandbox.ToolAsync("store", "list")).MustFail(3,
            $"tgtctl: there is no {sandbox.Socket}: start tgtd, or name the control socket of the daemon with --socket");
    }

    [TestMethod]
    public async Task Tool_SocketOfAnotherUser_PermissionDenied()
    {
        if (Environment.IsPrivilegedProcess) Assert.Inconclusive("root may open every socket");
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        File.SetUnixFileMode(sandbox.Socket, UnixFileMode.None);
        (await sandbox.ToolAsync("store", "list")).MustFail(3, $"tgtctl: permission denied for {sandbox.Socket}: run as the user of the daemon");
        await daemon.StopAsync();
    }

    [TestMethod]
    [DataRow("store", "tgtctl: Required command was not provided.\ntgtctl: see tgtctl store --help")]
    [DataRow("store add x", "tgtctl: Option '--type' is required.\ntgtctl: see tgtctl store add --help")]
    [DataRow("store list -o xml", "tgtctl: 'xml' is no output format: table or json is wanted\ntgtctl: see tgtctl store list --help")]
    [DataRow("store resize x tall", "tgtctl: 'tall' is no size: a number of bytes, or text such as \"512\", \"64KiB\", \"20GiB\" or \"1TB\" is wanted")]
    [DataRow("store add x --type memory --option size", "tgtctl: 'size' is not KEY=VALUE")]
    [DataRow("lun add t one u", "tgtctl: 'one' is no LUN: a number is wanted")]
    [DataRow("target access t", "tgtctl: either --address and --initiator are wanted, or --nobody")]
    [DataRow("plan /nowhere.toml", "tgtctl: /nowhere.toml: Could not find file '/nowhere.toml'.")]
    public async Task CommandLine_IsWrong_OneClearMessage(string line, string expected)
    {
        await using var sandbox = new Sandbox();
        (await sandbox.ToolAsync(line.Split(' '))).MustFail(2, expected);
    }

    [TestMethod]
    public async Task Lists_ForPrograms_AreJsonWithTomlNames()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        using JsonDocument stores = JsonDocument.Parse((await sandbox.ToolAsync("store", "list", "--output", "json")).MustSucceed());
        JsonElement store = stores.RootElement[0];
        Assert.AreEqual("m", store.GetProperty("name").GetString());
        Assert.AreEqual(1 << 20, store.GetProperty("size").GetInt64());
        Assert.AreEqual("file", store.GetProperty("owner").GetString());
        Assert.AreEqual("unit m", store.GetProperty("used_by")[0].GetString());
        Assert.AreEqual("1MiB", store.GetProperty("options").GetProperty("size").GetString());
        using JsonDocument unit = JsonDocument.Parse((await sandbox.ToolAsync("-o", "json", "unit", "show", "m")).MustSucceed());
        Assert.AreEqual("S1", unit.RootElement.GetProperty("serial").GetString());
        Assert.AreEqual(512, unit.RootElement.GetProperty("block_length").GetInt32());
        Assert.AreEqual(2048, unit.RootElement.GetProperty("block_count").GetInt64());
        using JsonDocument statistics = JsonDocument.Parse((await sandbox.ToolAsync("stats", "m", "-o", "json")).MustSucceed());
        Assert.AreEqual(0, statistics.RootElement[0].GetProperty("errors").GetInt64());
        using JsonDocument plugins = JsonDocument.Parse((await sandbox.ToolAsync("plugin", "list", "-o", "json")).MustSucceed());
        CollectionAssert.Contains(
            plugins.RootElement.EnumerateArray().Select(plugin => $"{plugin.GetProperty("name")} {plugin.GetProperty("state")}").ToArray(),
            "store-memory loaded");
        using JsonDocument view = JsonDocument.Parse((await sandbox.ToolAsync("daemon", "-o", "json")).MustSucceed());
        Assert.AreEqual(daemon.Id, view.RootElement.GetProperty("process_id").GetInt32());
        foreach (string empty in (string[])["target", "session", "transport"])
            Assert.AreEqual("[]\n", (await sandbox.ToolAsync(empty, "list", "-o", "json")).MustSucceed());
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Objects_MadeAtRunTime_LiveUntilRemoved()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        _ = (await sandbox.ToolAsync("store", "add", "f", "--type", "file", "--option", "path=f.img", "--option", "size=1MiB")).MustSucceed();
        Assert.AreEqual(1 << 20, new FileInfo(sandbox.Path("f.img")).Length, "the path counts from where the tool ran");
        _ = (await sandbox.ToolAsync("store", "add", "slow", "--type", "fault", "--over", "f")).MustSucceed();
        _ = (await sandbox.ToolAsync("unit", "add", "u", "--device", "sbc", "--store", "slow", "--option", "serial=XYZ", "--option",
            "block_size=4096")).MustSucceed();
        string units = (await sandbox.ToolAsync("unit", "list")).MustSucceed();
        StringAssert.Contains(units, "u     sbc     1 MiB  4096   slow    XYZ     online  runtime", StringComparison.Ordinal);
        (await sandbox.ToolAsync("store", "remove", "f")).MustFail(1, "tgtctl: store 'f' is in use by store slow");
        _ = (await sandbox.ToolAsync("store", "resize", "f", "2MiB")).MustSucceed();
        (await sandbox.ToolAsync("store", "resize", "f", "1MiB")).MustFail(
            2, "tgtctl: store 'f' has 2MiB: to make it smaller destroys what lies behind 1MiB; ask for it with --shrink");
        _ = (await sandbox.ToolAsync("unit", "remove", "u")).MustSucceed();
        _ = (await sandbox.ToolAsync("store", "remove", "f", "--force")).MustSucceed();
        Assert.AreEqual(2 << 20, new FileInfo(sandbox.Path("f.img")).Length, "removing a store keeps its data");
        StringAssert.Contains((await sandbox.ToolAsync("store", "list")).MustSucceed(), "m     memory", StringComparison.Ordinal);
        await daemon.StopAsync();
        foreach (string line in (string[])["+ store 'slow': fault over f", "- store 'f': refused: store 'f' is in use by store slow", "~ store 'f': size 2MiB"])
            StringAssert.Contains(daemon.Log, line, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("", "")]
    [DataRow("size = \"1MiB\"\n", "tgtctl: note: write size = \"2MiB\" into [store.f] of the configuration file, too")]
    public async Task Resize_StoreOfTheFile_NextApplyDoesNotTouchIt(string size, string note)
    {
        await using var sandbox = new Sandbox();
        await using (FileStream image = File.Create(sandbox.Path("f.img"))) image.SetLength(1 << 20);
        string file = $"[store.f]\ntype = \"file\"\npath = \"f.img\"\n{size}[unit.f]\ndevice = \"sbc\"\nstore = \"f\"\n";
        DaemonProcess daemon = await sandbox.StartAsync(file);
        CommandResult resize = await sandbox.ToolAsync("store", "resize", "f", "2MiB");
        Assert.AreEqual(0, resize.Status, resize.Errors);
        Assert.AreEqual(note, resize.Errors.Trim());
        string same = sandbox.Write("tgt.toml", file.Replace("1MiB", "2MiB", StringComparison.Ordinal));
        Assert.AreEqual("Nothing to do: everything is as the file says.\n", (await sandbox.ToolAsync("plan", same)).MustSucceed());
        await daemon.StopAsync();
    }

    [TestMethod]
    [DataRow("store add m --type memory --option size=1MiB", 1, "tgtctl: there is a store 'm' already")]
    [DataRow("store add x --type memori", 2, "tgtctl: there is no store 'memori' (did you mean 'memory'?)")]
    [DataRow("store add x --type memory --option sise=1", 2, "tgtctl: unknown option 'sise' of store 'x' (type 'memory') (did you mean 'size'?)\ntgtctl: option 'size' of store 'x' (type 'memory') is missing: Size of the disk; also the most memory its data can take.")]
    [DataRow("store add x/y --type memory --option size=1", 2, "tgtctl: 'x/y' is no name for a store: letters, digits, '.', '_' and '-' are wanted, 64 at most, a letter or digit first")]
    [DataRow("store add x --type file --option path=/nowhere/x.img", 1, null)]
    [DataRow("store remove x", 1, "tgtctl: there is no store 'x'")]
    [DataRow("store show x", 1, "tgtctl: there is no store 'x'")]
    [DataRow("unit add u --device sbc --store n", 2, "tgtctl: unit 'u' names store 'n', which does not exist (there is m)")]
    [DataRow("unit add u --device sbc --store m", 1, null)]
    [DataRow("unit remove u", 1, "tgtctl: there is no unit 'u'")]
    [DataRow("target remove t", 1, "tgtctl: there is no target 't'")]
    [DataRow("target add iqn.x:t", 2, "tgtctl: there is no transport 'iscsi'")]
    [DataRow("session close iscsi 1", 1, "tgtctl: there is no transport 'iscsi'")]
    [DataRow("stats u", 1, "tgtctl: there is no unit 'u'")]
    public async Task Request_CannotBeDone_IsRefusedWithItsReason(string line, int status, string? expected)
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        CommandResult result = await sandbox.ToolAsync(line.Split(' '));
        if (expected is not null) result.MustFail(status, expected);
        Assert.AreEqual(status, result.Status, result.Errors);
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task PlanAndApply_ChangedFile_ShowThenDo()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        _ = (await sandbox.ToolAsync("store", "add", "r", "--type", "memory", "--option", "size=1MiB")).MustSucceed();
        string next = sandbox.Write("next.toml", Start.Replace("1MiB", "2MiB", StringComparison.Ordinal) + "[store.n]\ntype = \"null\"\nsize = \"1GiB\"\n");
        const string Expected =
            "~ store 'm': grows from 1MiB to 2MiB\n+ store 'n': null size=1GiB\nLeft alone, made at run time (--prune removes them): store 'r'\n";
        Assert.AreEqual(Expected, (await sandbox.ToolAsync("plan", next)).MustSucceed());
        Assert.AreEqual(4, (await sandbox.ToolAsync("plan", next, "--exit-code")).Status);
        Assert.AreEqual(Expected, (await sandbox.ToolAsync("apply", next)).MustSucceed());
        Assert.AreEqual(0, (await sandbox.ToolAsync("plan", next, "--exit-code")).Status);
        Assert.AreEqual("- store 'r': its data stay where they are\n", (await sandbox.ToolAsync("apply", next, "--prune")).MustSucceed());
        Assert.AreEqual("Nothing to do: everything is as the file says.\n", (await sandbox.ToolAsync("plan", next)).MustSucceed());
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Apply_OneStepFails_TellsWhichAndEndsWithStatusOne()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        string next = sandbox.Write("next.toml",
            $"{Start}[store.f]\ntype = \"file\"\npath = \"/nowhere/f.img\"\n[store.n]\ntype = \"null\"\nsize = \"1GiB\"\n");
        CommandResult result = await sandbox.ToolAsync("apply", next);
        Assert.AreEqual(1, result.Status);
        StringAssert.Contains(result.Output, "+ store 'f': file path=/nowhere/f.img\n    store 'f': ", StringComparison.Ordinal);
        StringAssert.Contains(result.Output, "+ store 'n': null size=1GiB\n", StringComparison.Ordinal);
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Apply_FileIsWrong_ChangesNothing()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        string next = sandbox.Write("next.toml", "[store.m]\ntype = \"memory\"\nsize = true\n");
        (await sandbox.ToolAsync("apply", next)).MustFail(
            2, $"tgtctl: {next}:3:8: option 'size' of store 'm' (type 'memory') wants a number of bytes, or text such as \"512\", \"64KiB\", \"20GiB\" or \"1TB\", not a boolean");
        StringAssert.Contains((await sandbox.ToolAsync("store", "list")).MustSucceed(), "unit m", StringComparison.Ordinal);
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task Export_OfWhatIsThere_IsAFileThatChangesNothing()
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        _ = (await sandbox.ToolAsync("store", "add", "r", "--type", "memory", "--option", "size=1MiB")).MustSucceed();
        string exported = sandbox.Write("exported.toml", (await sandbox.ToolAsync("config", "export")).MustSucceed());
        _ = (await sandbox.ToolAsync("config", "check", exported)).MustSucceed();
        Assert.AreEqual("~ store 'r': made at run time, from now on owned by the file\n", (await sandbox.ToolAsync("apply", exported)).MustSucceed());
        Assert.AreEqual("Nothing to do: everything is as the file says.\n", (await sandbox.ToolAsync("plan", exported)).MustSucceed());
        await daemon.StopAsync();
    }

    [TestMethod]
    [DataRow("tgtctl sto", "store")]
    [DataRow("tgtctl store re", "remove,resize")]
    [DataRow("tgtctl store show ", "m")]
    [DataRow("tgtctl completion ", "bash")]
    public async Task Completion_InBash_OffersCommandsAndNames(string line, string expected)
    {
        await using var sandbox = new Sandbox();
        DaemonProcess daemon = await sandbox.StartAsync(Start);
        const string Script = """
            PATH="$1:$PATH"
            source <(tgtctl completion bash)
            COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<<"$2"; [[ $2 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _tgtctl
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        CommandResult result = await sandbox.RunAsync("/bin/bash", "-c", Script, "bash", Path.GetDirectoryName(Tree.Tool)!, line);
        string[] offered = result.MustSucceed().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string word in expected.Split(',')) CollectionAssert.Contains(offered, word, string.Join(' ', offered));
        await daemon.StopAsync();
    }
}
