using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Tgt;

/// <summary>What happens to a unit of the socket when the things around it change: its file, its target, another face.</summary>
[TestClass]
public sealed class TgtUnitChangeTests
{
    private static readonly string[] Unit = ["--lld", "iscsi", "--mode", "logicalunit", "--tid", "1", "--lun", "1", "--op"];

    [TestMethod]
    public async Task Identity_AfterAnotherFileTookTheName_StaysOnItsOwnFile()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await daemon.MakeDiskAsync();
        File.Move(daemon.Directory.File("disk"), daemon.Directory.File("moved"));
        using (FileStream other = new(daemon.Directory.File("disk"), FileMode.CreateNew)) other.SetLength(32 << 20);

        _ = (await daemon.AdmAsync([.. Unit, "update", "--params", "vendor_id=ACME"])).MustSucceed();

        string show = await daemon.ShowTargetsAsync();
        StringAssert.Contains(show, "Size: 67 MB", StringComparison.Ordinal);
        await daemon.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Identity_AfterTheFileIsGone_IsChangedAndTheUnitServes()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await daemon.MakeDiskAsync();
        File.Delete(daemon.Directory.File("disk"));

        _ = (await daemon.AdmAsync([.. Unit, "update", "--params", "scsi_sn=another"])).MustSucceed();

        StringAssert.Contains(await daemon.ShowTargetsAsync(), "SCSI SN: another", StringComparison.Ordinal);
        using (Session session = Session.Open(daemon.DiskAddress(), new LoginWishes()))
        {
            Assert.AreEqual(ScsiReply.Good, session.Execute([0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0], 512).Status);
            session.Logout();
        }

        await daemon.WithoutSessionsAsync(1);
        _ = (await daemon.AdmAsync([.. Unit, "delete"])).MustSucceed();
        await daemon.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Target_RemovedByTgtctl_IsMadeAgain()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await daemon.MakeDiskAsync();
        _ = await CtlAsync(daemon, "target", "remove", TgtDaemonExtensions.DiskTarget);
        Assert.AreEqual("", await daemon.ShowTargetsAsync());

        _ = (await daemon.AdmAsync("--lld", "iscsi", "--mode", "target", "--op", "new", "--tid", "1", "-T", TgtDaemonExtensions.DiskTarget)).MustSucceed();
        _ = (await daemon.AdmAsync([.. Unit, "new", "-b", daemon.Directory.File("disk")])).MustSucceed();

        StringAssert.Contains(await daemon.ShowTargetsAsync(), "Size: 67 MB", StringComparison.Ordinal);
        await daemon.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Lun_RemovedByTgtctl_IsGoneAndMadeAgain()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await daemon.MakeDiskAsync();
        _ = await CtlAsync(daemon, "lun", "remove", TgtDaemonExtensions.DiskTarget, "1");
        Assert.IsFalse((await daemon.ShowTargetsAsync()).Contains("LUN: 1", StringComparison.Ordinal));
        StringAssert.Contains((await daemon.AdmAsync([.. Unit, "delete"])).Output, "can't find the logical unit", StringComparison.Ordinal);

        _ = (await daemon.AdmAsync([.. Unit, "new", "-b", daemon.Directory.File("disk")])).MustSucceed();

        StringAssert.Contains(await daemon.ShowTargetsAsync(), "Size: 67 MB", StringComparison.Ordinal);
        await daemon.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Lun_MovedByTgtctl_IsShownAndKeepsItsNumberAndItsUnit()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await daemon.MakeDiskAsync();
        string unit = (await CtlAsync(daemon, "unit", "list")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .First(word => word.StartsWith("tgt-", StringComparison.Ordinal));
        _ = await CtlAsync(daemon, "lun", "remove", TgtDaemonExtensions.DiskTarget, "1");
        _ = await CtlAsync(daemon, "lun", "add", TgtDaemonExtensions.DiskTarget, "2", unit);

        StringAssert.Contains(await daemon.ShowTargetsAsync(), "LUN: 2", StringComparison.Ordinal);
        string disk = daemon.Directory.File("disk");
        string taken = (await daemon.AdmAsync("--lld", "iscsi", "--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "2", "-b", disk)).Output;
        StringAssert.Contains(taken, "this logical unit number already exists", StringComparison.Ordinal);
        StringAssert.Contains((await daemon.AdmAsync([.. Unit, "new", "-b", disk])).Output, "invalid request", StringComparison.Ordinal);
        StringAssert.Contains(await daemon.ShowTargetsAsync(), "Size: 67 MB", StringComparison.Ordinal);
        await daemon.Daemon.StopAsync();
    }

    private static async Task<string> CtlAsync(OurTgtDaemon daemon, params string[] arguments)
    {
        string socket = Path.Combine(daemon.Directory.File("state"), "control.sock");
        return (await Tool.RunAsync(Path.Combine(Repository.Tree, "tgtctl"), [.. arguments, "--socket", socket], TimeSpan.FromSeconds(30))).MustSucceed();
    }
}
