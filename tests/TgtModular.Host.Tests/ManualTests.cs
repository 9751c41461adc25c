using System.Text.Json;
using System.Text.RegularExpressions;
using TgtModular.Host.Tests.Harness;

namespace TgtModular.Host.Tests;

/// <summary>What README and manuals say is so: commands run, examples are right, options exist.</summary>
[TestClass]
public sealed partial class ManualTests
{
    private const string RunCommand = "dotnet run -c Release --project host/tgtd";
    private const string Portal = "127.0.0.1:3260";

    [TestMethod]
    public async Task Readme_RunAndConnect_Work()
    {
        string[] blocks = Blocks("README.md", "sh");
        Assert.AreEqual(RunCommand, blocks[0], "the first command of the README");
        string[] connect = Blocks("README.md", "sh connect").Single().Split('\n');
        string[] missing = [.. connect.Select(line => line.Split(' ')[0]).Distinct().Where(tool => !File.Exists($"/usr/bin/{tool}"))];
        if (missing.Length > 0) Assert.Inconclusive($"not installed: {string.Join(", ", missing)}");
        await using var sandbox = new Sandbox();
        string portal = $"127.0.0.1:{Sandbox.FreePort()}";

        // The command as it stands, without the build that others would trip over, and with a port and a directory of the test's own.
        string[] command = RunCommand.Replace("host/tgtd", Path.Combine(Tree.Root, "host/tgtd"), StringComparison.Ordinal).Split(' ');
        DaemonProcess daemon = sandbox.Launch(
            [.. command[1..], "--no-build", "--", "--portal", portal, "--state-directory", sandbox.Path("state")], executable: command[0]);
        _ = await daemon.Notify.WaitForAsync("READY=1", daemon);
        foreach (string line in connect)
        {
            CommandResult result = await sandbox.RunAsync("/bin/bash", "-c", line.Replace(Portal, portal, StringComparison.Ordinal));
            Assert.AreEqual(0, result.Status, $"{line}\n{result.Output}{result.Errors}");
            Assert.IsFalse(result.Output.Contains("verification failed", StringComparison.Ordinal), result.Output);
            StringAssert.Contains(daemon.Log, line.Contains("ls -s", StringComparison.Ordinal) ? $"iscsi-ls -s iscsi://{portal}" : portal, StringComparison.Ordinal);
        }

        using JsonDocument view = JsonDocument.Parse((await sandbox.ToolAsync("daemon", "-o", "json")).MustSucceed());
        DaemonProcess.Terminate(view.RootElement.GetProperty("process_id").GetInt32());
        Assert.AreEqual(0, await daemon.ExitAsync(), daemon.Log);
    }

    [TestMethod]
    [DataRow("README.md")]
    [DataRow("host/CONFIGURATION.md")]
    [DataRow("host/TGT.md")]
    public async Task Examples_OfConfigurations_AreRight(string manual)
    {
        await using var sandbox = new Sandbox();
        string[] examples = Blocks(manual, "toml");
        Assert.IsNotEmpty(examples);
        foreach (string example in examples)
        {
            // Secrets lie where the example says, but below this test's directory.
            string moved = example.Replace("/etc/tgt/", sandbox.Path("") + "/", StringComparison.Ordinal);
            foreach (Match secret in SecretFile().Matches(moved))
                _ = sandbox.Write(Path.GetFileName(secret.Groups["path"].Value), $"secret of {Path.GetFileName(secret.Groups["path"].Value)}\n");
            string file = sandbox.Write("tgt.toml", moved);
            CommandResult result = await sandbox.ToolAsync("config", "check", file);
            Assert.AreEqual($"{file}: right\n", result.MustSucceed());
        }
    }

    [TestMethod]
    public async Task DaemonManual_AndHelp_NameTheSameOptions()
    {
        await using var sandbox = new Sandbox();
        string help = (await sandbox.RunAsync(Tree.Daemon, "--help")).MustSucceed();
        string[] rows = [.. ReadManual("host/tgtd/README.md").Split('\n').Where(line => line.StartsWith("| `--", StringComparison.Ordinal))];
        CollectionAssert.AreEquivalent(
            Options(help[help.IndexOf("Options:", StringComparison.Ordinal)..]), rows.SelectMany(row => Options(row.Split('|')[1])).ToArray());
    }

    [TestMethod]
    public async Task ToolManual_AndHelp_NameTheSameCommands()
    {
        await using var sandbox = new Sandbox();
        string[] said = [.. ToolCommand().Matches(ReadManual("host/tgtctl/README.md")).Select(match => match.Groups["command"].Value.Trim()).Distinct()];
        var inHelp = new List<string>();
        await CollectAsync(sandbox, [], inHelp);
        // What follows a command without commands below it is an argument.
        string[] inManual = [.. said.Select(command => inHelp.Contains(command) ? command : command.Split(' ')[0])];
        CollectionAssert.AreEquivalent(inHelp, inManual);
    }

    [TestMethod]
    public async Task ToolManual_Options_AreThoseOfTheHelp()
    {
        await using var sandbox = new Sandbox();
        foreach (string row in ReadManual("host/tgtctl/README.md").Split('\n').Where(line => line.StartsWith("| `tgtctl ", StringComparison.Ordinal)))
        {
            string command = ToolCommand().Match(row).Groups["command"].Value.Trim();
            string help = (await sandbox.ToolAsync([.. command.Split(' '), "--help"])).MustSucceed();
            string[] own = [.. Options(help).Except(["--help", "--output", "--socket"])];
            CollectionAssert.AreEquivalent(own, Options(row).Except(["--output"]).ToArray(), command);
        }
    }

    /// <summary>Commands below a group, as the help lists them.</summary>
    private static async Task CollectAsync(Sandbox sandbox, string[] path, List<string> commands)
    {
        string help = (await sandbox.ToolAsync([.. path, "--help"])).MustSucceed();
        int start = help.IndexOf("Commands:", StringComparison.Ordinal);
        if (start < 0)
        {
            commands.Add(string.Join(' ', path));
            return;
        }

        foreach (Match match in ListedCommand().Matches(help[start..])) await CollectAsync(sandbox, [.. path, match.Groups["name"].Value], commands);
    }

    private static string[] Options(string text) => [.. LongOption().Matches(text).Select(match => match.Value).Distinct()];

    private static string ReadManual(string path) => File.ReadAllText(Path.Combine(Tree.Root, path));

    /// <summary>The fenced blocks of a kind.</summary>
    private static string[] Blocks(string manual, string kind) =>
        [.. FencedBlock().Matches(ReadManual(manual)).Where(match => match.Groups["kind"].Value == kind).Select(match => match.Groups["text"].Value)];

    [GeneratedRegex(@"^```(?<kind>[^\n]+)\n(?<text>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedBlock();

    [GeneratedRegex("secret_file = \"(?<path>[^\"]+)\"")]
    private static partial Regex SecretFile();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]+")]
    private static partial Regex LongOption();

    [GeneratedRegex(@"\| `tgtctl (?<command>[a-z]+( [a-z]+)?)")]
    private static partial Regex ToolCommand();

    [GeneratedRegex(@"^  (?<name>[a-z]+)\b", RegexOptions.Multiline)]
    private static partial Regex ListedCommand();
}
