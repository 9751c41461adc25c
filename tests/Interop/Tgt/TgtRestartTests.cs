using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Durability;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Tgt;

/// <summary>A daemon with tgt's flags that is killed keeps no targets, as tgt; reservations with APTPL wait for their units to be made again.</summary>
[TestClass]
public sealed class TgtRestartTests
{
    private const byte ReservationConflict = 0x18;
    private static readonly byte[] Write10OfNothing = [0x2a, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [TestMethod]
    public async Task KillNine_Restart_SocketIsServedAgainAndEmpty()
    {
        using TempDirectory directory = new();
        await using (OurTgtDaemon first = await OurTgtDaemon.StartAsync(directory))
        {
            await first.MakeDiskAsync();
            await first.Daemon.KillAsync();
        }

        await using OurTgtDaemon second = await OurTgtDaemon.StartAsync(directory);
        Assert.AreEqual("", (await second.AdmAsync("--mode", "target", "--op", "show")).MustSucceed());
        await second.MakeDiskAsync();
        await second.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task KillNine_TargetMadeAgain_ReservationWithAptplIsThere()
    {
        using TempDirectory directory = new();
        await using (OurTgtDaemon first = await OurTgtDaemon.StartAsync(directory))
        {
            await first.MakeDiskAsync();
            await ReserveAndKillAsync(first);
        }

        await using OurTgtDaemon second = await OurTgtDaemon.StartAsync(directory);
        await second.MakeDiskAsync();

        using Session stranger = Session.Open(second.DiskAddress(), new LoginWishes { InitiatorName = "iqn.2026-11.org.example:stranger" });
        Assert.IsNull(ReservationKeeper.FindLoss(stranger));
        Assert.AreEqual(ReservationConflict, stranger.Execute(Write10OfNothing, 0).Status);
        using Session registered = Registrant(second, 1);
        Assert.AreEqual(ScsiReply.Good, registered.Execute(Write10OfNothing, 0).Status);
        stranger.Logout();
        registered.Logout();
        await second.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task KillNine_TargetMadeAgainWithAnotherNumber_ReservationWithAptplIsThere()
    {
        using TempDirectory directory = new();
        await using (OurTgtDaemon first = await OurTgtDaemon.StartAsync(directory))
        {
            await first.MakeDiskAsync();
            await ReserveAndKillAsync(first);
        }

        await using OurTgtDaemon second = await OurTgtDaemon.StartAsync(directory);
        await second.MakeDiskAsync(number: 2);

        using Session stranger = Session.Open(second.DiskAddress(), new LoginWishes { InitiatorName = "iqn.2026-11.org.example:stranger" });
        Assert.IsNull(ReservationKeeper.FindLoss(stranger));
        stranger.Logout();
        await second.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task KillNine_OtherTargetWithTheNumberAndTheFile_HasNoReservation()
    {
        const string other = "iqn.2026-11.org.example:other";
        using TempDirectory directory = new();
        await using (OurTgtDaemon first = await OurTgtDaemon.StartAsync(directory))
        {
            await first.MakeDiskAsync();
            await ReserveAndKillAsync(first);
        }

        await using OurTgtDaemon second = await OurTgtDaemon.StartAsync(directory);
        await second.MakeDiskAsync(name: other);

        using Session stranger = Session.Open(
            second.DiskAddress() with { TargetName = other }, new LoginWishes { InitiatorName = "iqn.2026-11.org.example:stranger" });
        Assert.AreEqual(ScsiReply.Good, stranger.Execute(Write10OfNothing, 0).Status);
        stranger.Logout();
        await second.Daemon.StopAsync();
    }

    private static async Task ReserveAndKillAsync(OurTgtDaemon daemon)
    {
        Session[] registrants = [.. Enumerable.Range(0, DurabilityWriter.Sessions).Select(number => Registrant(daemon, number))];
        foreach ((int number, Session session) in registrants.Index()) ReservationKeeper.Register(session, number);
        ReservationKeeper.Reserve(registrants[0], 0);
        await daemon.Daemon.KillAsync();
        foreach (Session session in registrants) session.Dispose();
    }

    private static Session Registrant(OurTgtDaemon daemon, int number) =>
        Session.Open(daemon.DiskAddress(), new LoginWishes { Isid = 0x8000_0000_0100 + (ulong)number });
}
