using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Lab;

/// <summary>
/// The Linux kernel's own initiator, in User-Mode Linux (tests/lab), against the daemon of this tree. Limits are four times what the
/// slowest of several runs on a busy two-processor machine took.
/// </summary>
[TestClass]
public sealed class KernelInitiatorTests
{
    private const int NotPossibleHere = 77;
    private static readonly TimeSpan s_outerMargin = TimeSpan.FromSeconds(15);

    [TestMethod]
    public Task Disk_DiscoverFormatCopyCheckCompareLogout_DataIntact() => RunAsync("disk", "disk", limitSeconds: 40);

    [TestMethod]
    public Task Disk_HeaderAndDataDigests_DataIntact() => RunAsync("digests", "disk", limitSeconds: 40);

    [TestMethod]
    public Task Chap_RightAndWrongSecrets_OnlyRightGetsIn() => RunAsync("chap", "chap", limitSeconds: 32);

    [TestMethod]
    public Task ChapMutual_WrongTargetSecret_InitiatorRefuses() => RunAsync("chap-mutual", "chap-mutual", limitSeconds: 40);

    [TestMethod]
    public Task Crash_KilledInMidWriteAndStartedAgain_InitiatorRecoversAndDataMatch() => RunAsync("crash", "crash", limitSeconds: 50);

    private static async Task RunAsync(string setup, string guest, int limitSeconds)
    {
        TargetDaemon.Require();
        string lab = Path.Combine(Repository.Root, "tests", "lab", "lab");
        ToolResult result = await Tool.RunAsync(lab, ["-t", $"{limitSeconds}", setup, guest], TimeSpan.FromSeconds(limitSeconds) + s_outerMargin);
        if (result.ExitCode == NotPossibleHere)
            Assert.Inconclusive(result.Output);
        _ = result.MustSucceed();
    }
}
