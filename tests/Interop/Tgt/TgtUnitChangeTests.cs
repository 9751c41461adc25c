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
}
