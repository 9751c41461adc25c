using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Lab;

/// <summary>
/// The Linux kernel's own initiator, in User-Mode Linux (tests/lab), against the daemon of this tree. The limit is four times what the
/// slowest of them took on a busy machine of two processors (25 s; 8 s on an idle one).
/// </summary>
[TestClass]
public sealed class KernelInitiatorTests
{
    private const int NotPossibleHere = 77;
    private const int LimitSeconds = 100;
    private static readonly TimeSpan OuterLimit = TimeSpan.FromSeconds(LimitSeconds + 15);

    [TestMethod]
    public Task Disk_DiscoverFormatCopyCheckCompareLogout_DataIntact() => RunAsync("disk", "disk");

    [TestMethod]
    public Task Disk_HeaderAndDataDigests_DataIntact() => RunAsync("digests", "disk");

    [TestMethod]
    public Task Chap_RightAndWrongSecrets_OnlyRightGetsIn() => RunAsync("chap", "chap");

    [TestMethod]
    public Task ChapMutual_WrongTargetSecret_InitiatorRefuses() => RunAsync("chap-mutual", "chap-mutual");

    [TestMethod]
    public Task Crash_KilledInMidWriteAndStartedAgain_InitiatorRecoversAndDataMatch() => RunAsync("crash", "crash");

    private static async Task RunAsync(string setup, string guest)
    {
        TargetDaemon.Require();
        string lab = Path.Combine(Repository.Root, "tests", "lab", "lab");
        ToolResult result = await Tool.RunAsync(lab, ["-t", $"{LimitSeconds}", setup, guest], OuterLimit);
        if (result.ExitCode == NotPossibleHere)
            Assert.Inconclusive(result.Output);
        _ = result.MustSucceed();
    }
}
