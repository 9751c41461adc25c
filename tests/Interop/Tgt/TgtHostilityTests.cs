using System.Net;
using System.Net.Sockets;
using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;
using TgtModular.Tgt.Protocol;

namespace TgtModular.Interop.Tgt;

/// <summary>The management socket under clients that hang, send rubbish or come all at once, and objects removed under load.</summary>
[TestClass]
public sealed class TgtHostilityTests
{
    private const string TargetName = "iqn.2026-11.org.example:load";
    private const int Clients = 50;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task FiftyClients_SomeHangingSomeSendingRubbish_OthersAreAnswered()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        (await daemon.AdmAsync("--lld", "iscsi", "--mode", "target", "--op", "new", "--tid", "1", "-T", TargetName)).MustSucceed();
        List<Socket> hanging = [];
        Random random = new(1);
        List<Task<ManagementError>> honest = [];
        List<Task> rubbish = [];
        for (int i = 0; i < Clients; i++)
        {
            switch (i % 3)
            {
                case 0:
                    Socket silent = await ConnectAsync(daemon);
                    _ = await silent.SendAsync(new byte[i]);
                    hanging.Add(silent);
                    break;
                case 1:
                    byte[] noise = new byte[random.Next(1, 9000)];
                    random.NextBytes(noise);
                    rubbish.Add(SendRubbishAsync(daemon, noise));
                    break;
                default:
                    honest.Add(AskManyAsync(daemon, times: 20));
                    break;
            }
        }

        ManagementError[] answers = await Task.WhenAll(honest).WaitAsync(AnswerLimit);
        await Task.WhenAll(rubbish).WaitAsync(AnswerLimit);

        Assert.IsTrue(Array.TrueForAll(answers, error => error == ManagementError.None), string.Join(", ", answers));
        string show = (await daemon.AdmAsync("--mode", "target", "--op", "show")).MustSucceed();
        StringAssert.StartsWith(show, $"Target 1: {TargetName}", StringComparison.Ordinal);
        foreach (Socket socket in hanging) socket.Dispose();
        await daemon.Daemon.StopAsync();
    }

    [TestMethod]
    [DataRow(false, DisplayName = "without --force")]
    [DataRow(true, DisplayName = "with --force")]
    public async Task TargetDelete_UnderLoad_IsRefusedOrEndsTheSessions(bool force)
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await MakeDiskAsync(daemon);
        using CancellationTokenSource enough = new();
        Task<LoadResult> load = LoadAsync(daemon, enough.Token);
        await UnderLoadAsync(daemon);

        string[] delete = ["--lld", "iscsi", "--mode", "target", "--op", "delete", "--tid", "1"];
        ToolResult result = await daemon.AdmAsync(force ? [.. delete, "--force"] : delete);

        if (force)
        {
            _ = result.MustSucceed();
            InitiatorException ended = await Assert.ThrowsExactlyAsync<InitiatorException>(() => load.WaitAsync(AnswerLimit));
            StringAssert.Contains(ended.Message, "SessionDrop", StringComparison.Ordinal);
            Assert.AreEqual("", (await daemon.AdmAsync("--mode", "target", "--op", "show")).MustSucceed());
        }
        else
        {
            Assert.AreEqual(22, result.ExitCode, result.Output);
            Assert.AreEqual("tgtadm: this target is still active", result.Output.Trim());
            await enough.CancelAsync();
            LoadResult ended = await load.WaitAsync(AnswerLimit);
            Assert.IsTrue(ended.IsClean, $"{ended.Tally.FirstFault}");
        }

        await daemon.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task LunDelete_UnderLoad_EndsItsCommandsAndNothingElse()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await MakeDiskAsync(daemon);
        using CancellationTokenSource enough = new();
        Task<LoadResult> load = LoadAsync(daemon, enough.Token);
        await UnderLoadAsync(daemon);

        (await daemon.AdmAsync("--lld", "iscsi", "--mode", "logicalunit", "--op", "delete", "--tid", "1", "--lun", "1")).MustSucceed();

        await enough.CancelAsync();
        LoadResult ended = await load.WaitAsync(AnswerLimit);
        Assert.IsFalse(ended.IsClean, "the unit went on");
        string show = (await daemon.AdmAsync("--mode", "target", "--op", "show")).MustSucceed();
        Assert.DoesNotContain("LUN: 1", show);
        (await daemon.AdmAsync("--lld", "iscsi", "--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "-b", daemon.Directory.File("disk")))
            .MustSucceed();
        using Session session = Session.Open(Address(daemon), new LoginWishes());
        session.TestUnitReady();
        await daemon.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task KillNine_Restart_SocketIsServedAgainAndEmpty()
    {
        using TempDirectory directory = new();
        await using (OurTgtDaemon first = await OurTgtDaemon.StartAsync(directory))
        {
            await MakeDiskAsync(first);
            await first.Daemon.KillAsync();
        }

        await using OurTgtDaemon second = await OurTgtDaemon.StartAsync(directory);
        Assert.AreEqual("", (await second.AdmAsync("--mode", "target", "--op", "show")).MustSucceed());
        await MakeDiskAsync(second);
        await second.Daemon.StopAsync();
    }

    internal static async Task MakeDiskAsync(OurTgtDaemon daemon)
    {
        using (FileStream image = File.Create(daemon.Directory.File("disk"))) image.SetLength(64 << 20);
        string[] lld = ["--lld", "iscsi", "--mode"];
        (await daemon.AdmAsync([.. lld, "target", "--op", "new", "--tid", "1", "-T", TargetName])).MustSucceed();
        (await daemon.AdmAsync([.. lld, "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "-b", daemon.Directory.File("disk")])).MustSucceed();
        (await daemon.AdmAsync([.. lld, "target", "--op", "bind", "--tid", "1", "-I", "127.0.0.1"])).MustSucceed();
    }

    internal static TargetAddress Address(OurTgtDaemon daemon) => new(new IPEndPoint(IPAddress.Loopback, daemon.Port), TargetName, 1);

    private static Task<LoadResult> LoadAsync(OurTgtDaemon daemon, CancellationToken stop)
    {
        LoadOptions options = new()
        {
            Address = Address(daemon),
            Pattern = AccessPattern.RandomMix,
            Sessions = 2,
            Depth = 16,
            Threads = 1,
            Warmup = TimeSpan.Zero,
            Duration = TimeSpan.FromMinutes(2),
        };
        return Task.Factory.StartNew(() => LoadRun.Execute(options, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Returns when both sessions have done something, by the daemon's own account.</summary>
    private static async Task UnderLoadAsync(OurTgtDaemon daemon)
    {
        using CancellationTokenSource over = new(AnswerLimit);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(50));
        while (await pause.WaitForNextTickAsync(over.Token))
        {
            string stat = (await daemon.AdmAsync("--lld", "iscsi", "--mode", "logicalunit", "--op", "stat", "--tid", "1", "--lun", "1")).MustSucceed();
            string[][] rows = [.. stat.Split('\n').Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(row => row.Length > 9)];
            if (rows.Length >= 2 && rows.All(row => row[8] != "0")) return;
        }
    }

    private static async Task<Socket> ConnectAsync(OurTgtDaemon daemon)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket()));
        return socket;
    }

    /// <summary>Whatever comes back, it comes to an end.</summary>
    private static async Task SendRubbishAsync(OurTgtDaemon daemon, byte[] noise)
    {
        using Socket socket = await ConnectAsync(daemon);
        byte[] buffer = new byte[4096];
        try
        {
            _ = await socket.SendAsync(noise);
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(buffer) > 0)
            {
                // An answer, or none.
            }
        }
        catch (SocketException)
        {
            // Closed while we still sent: as it should be.
        }
    }

    private static async Task<ManagementError> AskManyAsync(OurTgtDaemon daemon, int times)
    {
        byte[] request = new ManagementRequest { Mode = ManagementMode.Target, Operation = ManagementOperation.Show, Driver = "iscsi" }.Encode();
        for (int i = 0; i < times; i++)
        {
            using Socket socket = await ConnectAsync(daemon);
            _ = await socket.SendAsync(request);
            byte[] header = new byte[ManagementResponse.HeaderLength];
            int received = 0;
            while (received < header.Length)
            {
                int more = await socket.ReceiveAsync(header.AsMemory(received));
                if (more == 0) return ManagementError.Unknown;
                received += more;
            }

            _ = ManagementResponse.TryReadHeader(header, out ManagementError error, out _);
            if (error != ManagementError.None) return error;
        }

        return ManagementError.None;
    }
}
