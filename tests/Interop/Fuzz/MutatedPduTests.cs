using System.Globalization;
using System.Net;
using System.Text;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.Interop.Fuzz;

/// <summary>
/// Mutated PDUs against the running daemon while another session, on another target, does verified I/O. Each worker has a target of its own, as a
/// TARGET COLD RESET ends every session with the target. FUZZ_PDUS says how many (tests/fuzz sets it), FUZZ_SEED where the randomness begins.
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
        TargetAddress good = new(new IPEndPoint(IPAddress.Loopback, port), "iqn.2026-11.org.tgtmodular.test:good", 1);
        TargetAddress[] fuzzed = [.. Enumerable.Range(0, Workers).Select(number => good with { TargetName = $"iqn.2026-11.org.tgtmodular.test:fuzzed{number}" })];
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, Configuration(directory, [good, .. fuzzed]));

        using CancellationTokenSource enough = new();
        Task<LoadResult> verifying = Task.Factory.StartNew(() => LoadRun.Execute(Verification(good), stop: enough.Token), TaskCreationOptions.LongRunning);
        FuzzTally tally = new();
        FuzzWorker[] workers = [.. Enumerable.Range(0, Workers).Select(number => new FuzzWorker(fuzzed[number], tally, (seed * Workers) + number))];
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
        foreach (TargetAddress address in fuzzed)
            AssertAnswers(address);
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
            bool isRunning = daemon.IsRunning;
            if (isRunning)
                await daemon.StopAsync(); // only then its log is whole
            Assert.Fail($"{exception.Message} (daemon {(isRunning ? "ran" : "is gone")})\n{worker.LastBurst}\n{daemon.Log}");
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

    /// <summary>INQUIRY is answered whatever was done to the medium: a FORMAT UNIT may have been cut off, which leaves the unit not ready by rights.</summary>
    private static void AssertAnswers(TargetAddress address)
    {
        using Session session = Session.Open(address, new LoginWishes());
        ScsiReply inquiry = session.Execute([0x12, 0, 0, 0, 36, 0], 36);
        Assert.AreEqual(ScsiReply.Good, inquiry.Status, inquiry.ToString());
        Assert.AreEqual(36, inquiry.Data.Length);
        session.Logout();
    }

    /// <summary>A target with a small unit for each name; nothing that is said to one can reach another.</summary>
    private static string Configuration(TempDirectory directory, TargetAddress[] addresses)
    {
        StringBuilder text = new($"""
            state_directory = "{directory.File("state")}"

            [transport.iscsi]
            listen = ["{addresses[0].Portal}"]

            """);
        foreach (TargetAddress address in addresses)
        {
            string name = address.TargetName[(address.TargetName.LastIndexOf(':') + 1)..];
            _ = text.Append(CultureInfo.InvariantCulture, $$"""

                [store.{{name}}]
                type = "file"
                path = "{{directory.File(name)}}.img"
                size = "1MiB"

                [unit.{{name}}]
                device = "sbc"
                store = "{{name}}"

                [[target]]
                iscsi.name = "{{address.TargetName}}"
                access = { addresses = ["127.0.0.0/8"] }
                luns = [{ number = 1, unit = "{{name}}" }]

                """);
        }

        return text.ToString();
    }
}
