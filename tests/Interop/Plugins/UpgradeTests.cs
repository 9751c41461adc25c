using System.Text;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.Interop.Plugins;

/// <summary>Stores go to another version of their plugin under a daemon that runs, by <c>tgtctl plugin upgrade</c>.</summary>
[TestClass]
public sealed class UpgradeTests
{
    private const string PowerOn = "29/00";
    private const string MicrocodeChanged = "3f/01";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [TestMethod]
    [DataRow(false, DisplayName = "store")]
    [DataRow(true, DisplayName = "filter over a store, of one plugin")]
    public async Task Upgrade_TenTimesToAndFroUnderVerifiedLoad_NothingIsLostAndNobodyNotices(bool veiled)
    {
        await using Shelf shelf = await Shelf.StartAsync(veiled: veiled);
        await shelf.AddNewAsync();
        using CancellationTokenSource end = new();
        Task<long> witness = Task.Factory.StartNew(() => Witness(shelf, end.Token), TaskCreationOptions.LongRunning);
        Task load = LoadAsync(shelf.Address, shelf.Daemon, end.Token);
        await UntilUsedAsync(shelf, load);

        for (int i = 0; i < 10; i++)
        {
            string to = i % 2 == 0 ? Shelf.New : Shelf.Old;
            _ = await shelf.MustAsync("plugin", "upgrade", Shelf.Plugin, "--to", to);
            Assert.AreEqual(to, await shelf.VersionAsync());
            if (veiled) Assert.AreEqual(to, await shelf.VersionAsync("veil"));
            if (load.IsCompleted) await load; // which has failed
            Assert.IsFalse(witness.IsCompleted, "the session of the witness has ended");
        }

        await end.CancelAsync();
        Assert.IsTrue(await witness.WaitAsync(Limit) > 10);
        await load.WaitAsync(Limit);
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Upgrade_StoreThatDoesNotDeclareIt_MicrocodeHasBeenChangedAndSessionStays()
    {
        await using Shelf shelf = await Shelf.StartAsync("shelf-announced");
        await shelf.AddNewAsync();
        using Session session = shelf.Open();
        Assert.AreEqual(PowerOn, Sense(session.ExecuteOnce(new byte[6], 0)));
        Write(session, 7, "before");

        StringAssert.Contains(await shelf.MustAsync("plugin", "upgrade", Shelf.Plugin), "initiators get a unit attention", StringComparison.Ordinal);

        Assert.AreEqual(MicrocodeChanged, Sense(session.ExecuteOnce(new byte[6], 0)));
        Assert.AreEqual(ScsiReply.Good, session.ExecuteOnce(new byte[6], 0).Status, "told once");
        Assert.AreEqual("before", Read(session, 7));
        Assert.AreEqual(Shelf.New, await shelf.VersionAsync());
        session.Logout();
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Upgrade_CallDoesNotEnd_NothingChangesAndEverythingGoesOn()
    {
        await using Shelf shelf = await Shelf.StartAsync();
        await shelf.AddNewAsync();
        using Session session = shelf.Open();
        session.TestUnitReady();
        Write(session, 3, "before");
        string hangs = shelf.Image + ".hangs";
        File.Create(hangs).Dispose();
        Task<string> reading = Task.Factory.StartNew(() => Read(session, 3), TaskCreationOptions.LongRunning);
        await UntilRunningAsync(shelf);

        ToolResult refused = await shelf.RunAsync("plugin", "upgrade", Shelf.Plugin, "--timeout", "0.5");

        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        StringAssert.Contains(refused.Output, "did not end within 0.5 s: nothing was changed, version 1.0.0 serves on", StringComparison.Ordinal);
        Assert.IsFalse(reading.IsCompleted);
        File.Delete(hangs);
        Assert.AreEqual("before", await reading.WaitAsync(Limit));
        Assert.AreEqual(Shelf.Old, await shelf.VersionAsync());
        _ = await shelf.MustAsync("plugin", "upgrade", Shelf.Plugin);
        Assert.AreEqual("before", Read(session, 3));
        Assert.AreEqual(Shelf.New, await shelf.VersionAsync());
        session.Logout();
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    [DataRow("fails", "version 1.1.0 was told to fail")]
    [DataRow("coarse", "it wants multiples of 4096 bytes, and gets those of 512")]
    public async Task Upgrade_NewVersionDoesNotOpenOrFit_OldOneServesOn(string fault, string reason)
    {
        await using Shelf shelf = await Shelf.StartAsync();
        await shelf.AddNewAsync();
        File.Create($"{shelf.Image}.{fault}-{Shelf.New}").Dispose();
        using CancellationTokenSource end = new();
        Task load = LoadAsync(shelf.Address, shelf.Daemon, end.Token);
        await UntilUsedAsync(shelf, load);

        ToolResult failed = await shelf.RunAsync("plugin", "upgrade", Shelf.Plugin);

        Assert.AreEqual(1, failed.ExitCode, failed.Output);
        StringAssert.Contains(failed.Output, reason, StringComparison.Ordinal);
        StringAssert.Contains(failed.Output, "version 1.0.0 was opened again and serves on", StringComparison.Ordinal);
        Assert.AreEqual(Shelf.Old, await shelf.VersionAsync());
        await end.CancelAsync();
        await load.WaitAsync(Limit);
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Upgrade_NeitherVersionOpens_StoreIsClosedUntilAnUpgradeOpensIt()
    {
        await using Shelf shelf = await Shelf.StartAsync();
        await shelf.AddNewAsync();
        using Session session = shelf.Open();
        session.TestUnitReady();
        Write(session, 5, "before");
        foreach (string version in new[] { Shelf.Old, Shelf.New }) File.Create($"{shelf.Image}.fails-{version}").Dispose();

        StringAssert.Contains((await shelf.RunAsync("plugin", "upgrade", Shelf.Plugin)).Output, "it is closed: mend what is wrong", StringComparison.Ordinal);

        Assert.AreEqual(ScsiReply.CheckCondition, session.Execute(ReadCdb(5), 512).Status);
        StringAssert.Contains(await shelf.MustAsync("store", "show", "shelf"), "offline: version 1.1.0 could not open it", StringComparison.Ordinal);
        File.Delete($"{shelf.Image}.fails-{Shelf.New}");
        _ = await shelf.MustAsync("plugin", "upgrade", Shelf.Plugin);
        Assert.AreEqual("before", Read(session, 5));
        StringAssert.Contains(await shelf.MustAsync("store", "show", "shelf"), "online", StringComparison.Ordinal);
        session.Logout();
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Upgrade_StoreThatForbidsIt_RefusedUntouched()
    {
        await using Shelf shelf = await Shelf.StartAsync("shelf-gone");
        await shelf.AddNewAsync();

        ToolResult refused = await shelf.RunAsync("plugin", "upgrade", Shelf.Plugin);

        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        StringAssert.Contains(refused.Output, "cannot change their version while the daemon runs", StringComparison.Ordinal);
        Assert.AreEqual(Shelf.Old, await shelf.VersionAsync());
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Upgrade_DryRun_TellsAndChangesNothing()
    {
        await using Shelf shelf = await Shelf.StartAsync("shelf@1.0", veiled: true);
        await shelf.AddNewAsync();

        string planned = await shelf.MustAsync("plugin", "upgrade", Shelf.Plugin, "--dry-run");

        StringAssert.Matches(planned, new System.Text.RegularExpressions.Regex(@"shelf +1\.0\.0 +1\.1\.0 +skipped +its configuration pins shelf@1\.0"));
        StringAssert.Matches(planned, new System.Text.RegularExpressions.Regex(@"veil +1\.0\.0 +1\.1\.0 +planned +sessions notice nothing"));
        Assert.AreEqual(Shelf.Old, await shelf.VersionAsync("veil"));
        _ = await shelf.MustAsync("plugin", "upgrade", Shelf.Plugin);
        Assert.AreEqual(Shelf.Old, await shelf.VersionAsync());
        Assert.AreEqual(Shelf.New, await shelf.VersionAsync("veil"));
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    [DataRow(new[] { "store-shalf" }, "there is no plugin 'store-shalf' (did you mean 'store-shelf'?)")]
    [DataRow(new[] { "store-shelf", "--to", "2" }, "there is no version 2; there is 1.0.0")]
    [DataRow(new[] { "store-shelf", "--timeout", "0" }, "the timeout is more than 0")]
    public async Task Upgrade_AskedForWhatIsNotThere_RefusedInWords(string[] arguments, string message)
    {
        await using Shelf shelf = await Shelf.StartAsync();

        ToolResult refused = await shelf.RunAsync(["plugin", "upgrade", .. arguments]);

        Assert.AreNotEqual(0, refused.ExitCode);
        StringAssert.Contains(refused.Output, message, StringComparison.Ordinal);
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Upgrade_FolderHoldsTheNewVersionInstead_OldOneGoesAndNewOneServes()
    {
        await using Shelf shelf = await Shelf.StartAsync();
        using Session session = shelf.Open();
        session.TestUnitReady();
        Write(session, 9, "before");
        await OutsidePlugin.DropInAsync(Shelf.New, Path.Combine(shelf.Plugins, Shelf.Old), Shelf.Plugin);
        _ = await shelf.MustAsync("plugin", "rescan");

        _ = await shelf.MustAsync("plugin", "upgrade", Shelf.Plugin);

        Assert.AreEqual(Shelf.New, await shelf.VersionAsync());
        Assert.AreEqual("before", Read(session, 9));
        StringAssert.Contains(
            (await shelf.RunAsync("plugin", "upgrade", Shelf.Plugin, "--to", Shelf.Old)).Output, "the folder of version 1.0.0 is gone", StringComparison.Ordinal);
        session.Logout();
        await shelf.Daemon.StopAsync();
    }

    /// <summary>A session that asks again and again, and is to hear of nothing.</summary>
    private static long Witness(Shelf shelf, CancellationToken end)
    {
        using Session session = shelf.Open();
        session.TestUnitReady();
        long count = 0;
        for (; !end.IsCancellationRequested; count++)
        {
            ScsiReply reply = session.ExecuteOnce(new byte[6], 0);
            Assert.AreEqual(ScsiReply.Good, reply.Status, $"TEST UNIT READY: {reply}");
            _ = end.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(1));
        }

        return count;
    }

    /// <summary>Reads and writes until told to end, every block compared.</summary>
    internal static Task LoadAsync(TargetAddress address, TargetDaemon daemon, CancellationToken end) => Task.Factory.StartNew(
        () =>
        {
            do
            {
                LoadResult result = LoadRun.Execute(new LoadOptions
                {
                    Address = address,
                    Pattern = AccessPattern.RandomMix,
                    Sessions = 2,
                    Depth = 16,
                    Verify = true,
                    CommandLimit = 40_000,
                });
                Assert.IsTrue(
                    result.IsClean, $"{result.Tally.Errors} errors, {result.Tally.Mismatches} mismatches; first: {result.Tally.FirstFault}\n{daemon.Log}");
                Assert.IsTrue(result.Tally.Verified > 0, "nothing verified");
            }
            while (!end.IsCancellationRequested);
        },
        TaskCreationOptions.LongRunning);

    /// <summary>Until the load has done something.</summary>
    internal static Task UntilUsedAsync(Shelf shelf, Task load) => UntilAsync(shelf, statistics => statistics.GetProperty("write_commands").GetInt64() > 100, load);

    private static Task UntilRunningAsync(Shelf shelf) => UntilAsync(shelf, statistics => statistics.GetProperty("running").GetInt32() > 0, null);

    private static async Task UntilAsync(Shelf shelf, Func<System.Text.Json.JsonElement, bool> reached, Task? load)
    {
        using CancellationTokenSource limit = new(Limit);
        while (true)
        {
            string text = await shelf.MustAsync("stats", "--output", "json");
            if (reached(System.Text.Json.JsonDocument.Parse(text).RootElement[0])) return;
            Assert.IsFalse(limit.IsCancellationRequested || load is { IsCompleted: true }, text);
        }
    }

    internal static byte[] ReadCdb(byte block) => [0x28, 0, 0, 0, 0, block, 0, 0, 1, 0];

    internal static string Read(Session session, byte block)
    {
        ScsiReply reply = session.Execute(ReadCdb(block), 512);
        Assert.AreEqual(ScsiReply.Good, reply.Status, $"READ (10): {reply}");
        return Encoding.ASCII.GetString(reply.Data).TrimEnd('\0');
    }

    internal static void Write(Session session, byte block, string text)
    {
        byte[] data = new byte[512];
        _ = Encoding.ASCII.GetBytes(text, data);
        ScsiReply reply = session.Execute([0x2A, 0, 0, 0, 0, block, 0, 0, 1, 0], 0, data);
        Assert.AreEqual(ScsiReply.Good, reply.Status, $"WRITE (10): {reply}");
    }

    internal static string Sense(ScsiReply reply) => reply.Sense.Length < 14 ? $"{reply}" : (reply.Sense[0] & 0x7F) >= 0x72
        ? $"{reply.Sense[2]:x2}/{reply.Sense[3]:x2}" : $"{reply.Sense[12]:x2}/{reply.Sense[13]:x2}";
}
