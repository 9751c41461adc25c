using System.Globalization;
using System.Net;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Tgt;

/// <summary>
/// One script of calls of tgtadm and tgt-admin: by Debian's against Debian's daemon and ours, and by Debian's and ours against our daemon. The same answers, but
/// for lists with reasons.
/// </summary>
[TestClass]
public sealed class TgtComparisonTests
{
    private const string Target = "iqn.2026-11.org.example:one";
    private const int TransferLength = 4096;

    [TestMethod]
    public async Task Script_AgainstDebiansDaemonAndOurs_AnswersAreEqual()
    {
        await using DebianTgtDaemon debian = await DebianTgtDaemon.StartAsync();
        await using OurTgtDaemon our = await OurTgtDaemon.StartAsync();

        await MustAnswerAlikeAsync(new ScriptRun(debian), new ScriptRun(our), "differences.txt", our);

        await our.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Script_ByDebiansToolsAndOurs_AnswersAreEqual()
    {
        await using OurTgtDaemon first = await OurTgtDaemon.StartAsync();
        await using OurTgtDaemon second = await OurTgtDaemon.StartAsync();

        await MustAnswerAlikeAsync(new ScriptRun(first), new ScriptRun(second, Repository.Tree), "differences-of-tools.txt", second);

        await first.Daemon.StopAsync();
        await second.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task MediumRemovalPrevented_ChangesOfTheMedium_AnswersAreEqual()
    {
        await using DebianTgtDaemon debian = await DebianTgtDaemon.StartAsync();
        await using OurTgtDaemon our = await OurTgtDaemon.StartAsync();

        string theirs = await WithPreventedRemovalAsync(debian);
        string ours = await WithPreventedRemovalAsync(our);

        Assert.AreEqual(theirs, ours);
        StringAssert.Contains(ours, "Prevent Removal set", StringComparison.Ordinal);
        await our.Daemon.StopAsync();
    }

    /// <summary>What tgtadm answers while an initiator prevents the removal of the medium, and after it allows it again.</summary>
    private static async Task<string> WithPreventedRemovalAsync(ITgtDaemon daemon)
    {
        await daemon.MakeDiskAsync();
        _ = (await UpdateAsync("removable=1")).MustSucceed();
        using Session session = Session.Open(daemon.DiskAddress(), new LoginWishes());
        session.TestUnitReady();
        List<string> answers = [];
        foreach (byte prevent in (byte[])[1, 0])
        {
            Assert.AreEqual(ScsiReply.Good, session.Execute([0x1e, 0, 0, 0, prevent, 0], 0).Status);
            string show = await daemon.ShowTargetsAsync();
            answers.Add(show[show.LastIndexOf("Prevent removal", StringComparison.Ordinal)..].Split('\n')[0]);
            foreach (string change in (string[])["online=0", $"path={daemon.Directory.File("disk")}", "online=1", "readonly=1", "readonly=0", "removable=0", "removable=1"])
            {
                ToolResult result = await UpdateAsync(change);
                answers.Add($"{change.Split('/')[0]} => {result.ExitCode} {result.Output.Trim()}");
            }
        }

        session.Logout();
        return string.Join('\n', answers);

        Task<ToolResult> UpdateAsync(string change) =>
            daemon.AdmAsync("--lld", "iscsi", "--mode", "logicalunit", "--op", "update", "--tid", "1", "--lun", "1", "--params", change);
    }

    private static async Task MustAnswerAlikeAsync(ScriptRun theirs, ScriptRun ours, string differences, OurTgtDaemon our)
    {
        KnownDifferences known = KnownDifferences.Read(differences);
        List<string> unknown = [];
        theirs.Prepare();
        ours.Prepare();

        unknown.AddRange(known.Compare(await theirs.RunAsync("1-make.sh"), await ours.RunAsync("1-make.sh")));
        using (Session theirSession = Work(theirs.Daemon))
        using (Session ourSession = Work(ours.Daemon))
        {
            unknown.AddRange(known.Compare(
                await theirs.RunAsync("2-live.sh", await SessionOfAsync(theirs.Daemon)), await ours.RunAsync("2-live.sh", await SessionOfAsync(ours.Daemon))));
            theirSession.Logout();
            ourSession.Logout();
        }

        await theirs.Daemon.WithoutSessionsAsync(1);
        await ours.Daemon.WithoutSessionsAsync(1);
        unknown.AddRange(known.Compare(await theirs.RunAsync("3-end.sh"), await ours.RunAsync("3-end.sh")));
        unknown.AddRange(known.Compare(await theirs.RunAsync("4-refused.sh"), await ours.RunAsync("4-refused.sh")));

        Assert.IsEmpty(unknown, $"{string.Join("\n\n", unknown)}\n\n{our.Log}");
        Assert.IsEmpty(known.Unused, $"{differences} lists calls whose answers are equal, or that are not made");
    }

    /// <summary>The number under which the daemon shows the only session.</summary>
    private static async Task<int> SessionOfAsync(ITgtDaemon daemon)
    {
        string show = (await daemon.AdmAsync("--lld", "iscsi", "--mode", "conn", "--op", "show", "--tid", "1")).MustSucceed();
        return int.Parse(show.Split('\n')[0]["Session: ".Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>A session with commands whose data are as long as asked for.</summary>
    private static Session Work(ITgtDaemon daemon)
    {
        Session session = Session.Open(new TargetAddress(new IPEndPoint(IPAddress.Loopback, daemon.Port), Target, 1), new LoginWishes());
        session.TestUnitReady();
        byte[] read = new byte[10];
        read[0] = 0x28;
        read[8] = TransferLength / 512;
        for (int i = 0; i < 3; i++) Assert.AreEqual(ScsiReply.Good, session.Execute(read, TransferLength).Status);
        return session;
    }
}
