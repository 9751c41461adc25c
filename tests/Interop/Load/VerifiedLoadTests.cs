using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.Interop.Load;

/// <summary>Many commands at once, every block read compared with what was written last.</summary>
[TestClass]
public sealed class VerifiedLoadTests
{
    private const long Commands = 100_000;

    [TestMethod]
    [DataRow(4096, 4, 32, false, DisplayName = "4 KiB, 4 sessions of 32")]
    [DataRow(4096, 2, 32, true, DisplayName = "4 KiB, 2 sessions of 32, digests")]
    [DataRow(512, 1, 64, false, DisplayName = "single blocks, 64 outstanding")]
    [DataRow(69632, 2, 8, true, DisplayName = "68 KiB, digests: more than one burst of unsolicited data")]
    [DataRow(1048576, 2, 4, false, DisplayName = "1 MiB: several R2Ts and Data-In sequences")]
    public async Task RandomMix_EveryReadCompared_NoMismatch(int transferLength, int sessions, int depth, bool digests)
    {
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort()) { SizeMiB = 64 };
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, disk.Toml());
        LoadOptions options = new()
        {
            Address = disk.Address,
            Pattern = AccessPattern.RandomMix,
            TransferLength = transferLength,
            Sessions = sessions,
            Depth = depth,
            Threads = Math.Min(sessions, 2),
            Verify = true,
            CommandLimit = Math.Min(Commands, (4L << 30) / transferLength),
            Login = new LoginWishes { HeaderDigest = digests, DataDigest = digests },
        };

        LoadResult result = await Task.Factory.StartNew(() => LoadRun.Execute(options), TaskCreationOptions.LongRunning);

        Assert.IsTrue(result.IsClean, $"{result.Tally.Errors} errors, {result.Tally.Mismatches} mismatches; first: {result.Tally.FirstFault}\n{daemon.Log}");
        Assert.AreEqual(options.CommandLimit, result.Tally.Commands);
        Assert.IsTrue(result.Tally.Verified > 0, "nothing verified");
        await daemon.StopAsync();
    }
}
