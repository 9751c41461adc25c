using System.Text.Json;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.Interop.Load;

/// <summary>The whole daemon, from socket to store and back, over a million commands: steady state allocates nothing on the managed heap.</summary>
[TestClass]
[DoNotParallelize]
public sealed class AllocationTests
{
    private const int Commands = 1_000_000;
    private const int WarmUpCommands = 100_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    [DataRow("file", AccessPattern.RandomRead)]
    [DataRow("file", AccessPattern.RandomWrite)]
    [DataRow("memory", AccessPattern.RandomRead)]
    [DataRow("memory", AccessPattern.RandomWrite)]
    public async Task MillionCommands_OverSockets_LessThanOneByteEach(string store, AccessPattern pattern)
    {
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort()) { SizeMiB = 64, Type = store };
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, disk.Toml());
        LoadOptions options = new() { Address = disk.Address, Pattern = pattern, Sessions = 4, Depth = 16, CommandLimit = WarmUpCommands };
        // A memory store makes its pages at the first write.
        _ = await LoadAsync(options with { Pattern = AccessPattern.Write });
        _ = await LoadAsync(options);
        _ = await AllocatedAsync(directory);

        long before = await AllocatedAsync(directory);
        LoadResult result = await LoadAsync(options with { CommandLimit = Commands });
        long allocated = await AllocatedAsync(directory) - before;

        Assert.IsTrue(result.IsClean, result.Tally.FirstFault);
        Assert.IsTrue(allocated < Commands, $"{allocated} bytes for {Commands} commands");
        await daemon.StopAsync();
    }

    private static Task<LoadResult> LoadAsync(LoadOptions options) =>
        Task.Factory.StartNew(() => LoadRun.Execute(options), TaskCreationOptions.LongRunning);

    private static async Task<long> AllocatedAsync(TempDirectory directory)
    {
        string tool = Path.Combine(Repository.Tree, "tgtctl");
        string socket = Path.Combine(directory.File("state"), "control.sock");
        string json = (await Tool.RunAsync(tool, ["--socket", socket, "--output", "json", "daemon"], Limit)).MustSucceed();
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("allocated_bytes").GetInt64();
    }
}
