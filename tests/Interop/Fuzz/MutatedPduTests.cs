using System.Globalization;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.Interop.Fuzz;

/// <summary>
/// Mutated PDUs against the running daemon while another session, on another target, does verified I/O. FUZZ_PDUS says how many
/// (tests/fuzz sets it), FUZZ_SEED where the randomness begins.
/// </summary>
[TestClass]
public sealed class MutatedPduTests
{
    private const long OrdinaryCount = 200_000;
    private const long MemoryLimit = 300L << 20;
    private const int Workers = 2;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task MutatedPdus_BesideAVerifyingSession_NoCrashNoHangBoundedMemory()
    {
        long wanted = Setting("FUZZ_PDUS") ?? OrdinaryCount;
        int seed = (int)(Setting("FUZZ_SEED") ?? 1);
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        TargetAddress fuzzed = new(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port), "iqn.2026-11.org.tgtmodular.test:fuzzed", 1);
        TargetAddress good = fuzzed with { TargetName = "iqn.2026-11.org.tgtmodular.test:good" };
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, Configuration(directory, fuzzed, good));

        using CancellationTokenSource enough = new();
        Task<LoadResult> verifying = Task.Factory.StartNew(() => LoadRun.Execute(Verification(good), enough.Token), TaskCreationOptions.LongRunning);
        FuzzTally tally = new();
        FuzzWorker[] workers = [.. Enumerable.Range(0, Workers).Select(number => new FuzzWorker(fuzzed, tally, (seed * Workers) + number))];
        await Task.WhenAll(workers.Select(worker => RunAsync(worker, wanted, daemon, enough)));
        Assert.IsFalse(verifying.IsFaulted, $"the good session: {verifying.Exception?.InnerException?.Message}\n{daemon.Log}");
        await enough.CancelAsync();
        LoadResult result = await verifying;

        TestContext.WriteLine($"{tally}; {result.Tally.Commands} commands of the good session, {result.Tally.Verified} reads verified; "
            + $"peak memory {daemon.Memory("VmHWM") >> 20} MiB");
        Assert.IsTrue(result.IsClean, result.Tally.FirstFault);
        Assert.IsTrue(result.Tally.Verified > 0, "the good session has verified nothing");
        Assert.IsTrue(tally.PassingHeader * 2 >= tally.Total, $"{tally}: fewer than half got past the header");
        Assert.IsTrue(tally.BeforeLogin * 10 >= tally.Total, $"{tally}: too few before login");
        Assert.IsTrue(daemon.Memory("VmHWM") < MemoryLimit, $"peak memory {daemon.Memory("VmHWM") >> 20} MiB");
        using (Session session = Session.Open(fuzzed, new LoginWishes()))
        {
            session.TestUnitReady();
            session.Logout();
        }

        await daemon.StopAsync();
    }

    private static async Task RunAsync(FuzzWorker worker, long wanted, TargetDaemon daemon, CancellationTokenSource enough)
    {
        try
        {
            await Task.Factory.StartNew(() => worker.Run(wanted, enough.Token), TaskCreationOptions.LongRunning);
        }
        catch (InitiatorException exception)
        {
            await enough.CancelAsync();
            Assert.Fail($"{exception.Message} (daemon {(daemon.IsRunning ? "runs" : "is gone")})\n{worker.LastBurst}\n{daemon.Log}");
        }
    }

    private static LoadOptions Verification(TargetAddress address) => new()
    {
        Address = address,
        Pattern = AccessPattern.RandomMix,
        Depth = 8,
        Verify = true,
        // It ends when the fuzzing does.
        Duration = TimeSpan.FromDays(1),
        Login = new LoginWishes { HeaderDigest = true, DataDigest = true },
    };

    private static long? Setting(string name) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>The fuzzed unit is small, and nothing that is said to it can reach the good one.</summary>
    private static string Configuration(TempDirectory directory, TargetAddress fuzzed, TargetAddress good) => $$"""
        state_directory = "{{directory.File("state")}}"

        [transport.iscsi]
        listen = ["{{fuzzed.Portal}}"]

        [store.fuzzed]
        type = "file"
        path = "{{directory.File("fuzzed.img")}}"
        size = "1MiB"

        [store.good]
        type = "file"
        path = "{{directory.File("good.img")}}"
        size = "4MiB"

        [unit.fuzzed]
        device = "sbc"
        store = "fuzzed"

        [unit.good]
        device = "sbc"
        store = "good"

        [[target]]
        iscsi.name = "{{fuzzed.TargetName}}"
        access = { addresses = ["127.0.0.0/8"] }
        luns = [{ number = 1, unit = "fuzzed" }]

        [[target]]
        iscsi.name = "{{good.TargetName}}"
        access = { addresses = ["127.0.0.0/8"] }
        luns = [{ number = 1, unit = "good" }]

        """;
}
