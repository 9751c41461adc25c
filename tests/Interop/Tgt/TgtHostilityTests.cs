using System.Net.Sockets;
using TgtModular.Interop.Harness;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;
using TgtModular.Tgt.Protocol;

namespace TgtModular.Interop.Tgt;

/// <summary>The management socket under clients that hang, send rubbish or come all at once, and objects removed under load.</summary>
[TestClass]
public sealed class TgtHostilityTests
{
    private const int Clients = 50;
    private const byte TaskAborted = 0x40;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    private static readonly ManagementRequest DeleteLun =
        new() { Mode = ManagementMode.LogicalUnit, Operation = ManagementOperation.Delete, Driver = "iscsi", TargetId = 1, Lun = 1 };

    [TestMethod]
    public async Task FiftyClients_SomeHangingSomeSendingRubbish_OthersAreAnswered()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        (await daemon.AdmAsync("--lld", "iscsi", "--mode", "target", "--op", "new", "--tid", "1", "-T", TgtDaemonExtensions.DiskTarget)).MustSucceed();
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
        StringAssert.StartsWith(show, $"Target 1: {TgtDaemonExtensions.DiskTarget}", StringComparison.Ordinal);
        foreach (Socket socket in hanging) socket.Dispose();
        await daemon.Daemon.StopAsync();
    }

    [TestMethod]
    [DataRow(false, DisplayName = "without --force")]
    [DataRow(true, DisplayName = "with --force")]
    public async Task TargetDelete_UnderLoad_IsRefusedOrEndsTheSessions(bool force)
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await daemon.MakeDiskAsync();
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
    public async Task LunDelete_UnderLoadWithForce_EndsItsCommandsAndNothingElse()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await daemon.MakeDiskAsync();
        using CancellationTokenSource enough = new();
        Task<LoadResult> load = LoadAsync(daemon, enough.Token);
        await UnderLoadAsync(daemon);

        Assert.AreEqual(ManagementError.None, await AskAsync(daemon, DeleteLun with { Force = 1 }));

        await enough.CancelAsync();
        LoadResult ended = await load.WaitAsync(AnswerLimit);
        Assert.IsFalse(ended.IsClean, "the unit went on");
        string show = (await daemon.AdmAsync("--mode", "target", "--op", "show")).MustSucceed();
        Assert.DoesNotContain("LUN: 1", show);
        (await daemon.AdmAsync("--lld", "iscsi", "--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "-b", daemon.Directory.File("disk")))
            .MustSucceed();
        using Session session = Session.Open(daemon.DiskAddress(), new LoginWishes());
        session.TestUnitReady();
        session.Logout();
        await daemon.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task LunDelete_CommandUnderWay_IsRefused()
    {
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        await daemon.MakeDiskAsync();
        using Session session = Session.Open(daemon.DiskAddress(), new LoginWishes());
        session.TestUnitReady();
        session.Send(daemon.DiskAddress().LunField, tag: 1, [0x2a, 0, 0, 0, 0, 0, 0, 0, 8, 0], expectedDataIn: 0, dataOutLength: 4096, immediateData: []);
        Assert.AreEqual(Opcode.ReadyToTransfer, session.Stream.Receive()!.Opcode, "the write waits for its data");

        ToolResult refused = await daemon.AdmAsync("--lld", "iscsi", "--mode", "logicalunit", "--op", "delete", "--tid", "1", "--lun", "1");

        Assert.AreEqual(22, refused.ExitCode, refused.Output);
        Assert.AreEqual("tgtadm: this logical unit is still active", refused.Output.Trim());
        Assert.AreEqual(ManagementError.None, await AskAsync(daemon, DeleteLun with { Force = 1 }));
        Assert.AreEqual(TaskAborted, new ScsiResponseHeader(session.Stream.Receive()!.Bhs).Status);
        session.Logout();
        await daemon.Daemon.StopAsync();
    }

    private static Task<LoadResult> LoadAsync(OurTgtDaemon daemon, CancellationToken stop)
    {
        LoadOptions options = new()
        {
            Address = daemon.DiskAddress(),
            Pattern = AccessPattern.RandomMix,
            Sessions = 2,
            Depth = 16,
            Threads = 1,
            Warmup = TimeSpan.Zero,
            Duration = TimeSpan.FromMinutes(2),
        };
        return Task.Factory.StartNew(() => LoadRun.Execute(options, stop: stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
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
        var request = new ManagementRequest { Mode = ManagementMode.Target, Operation = ManagementOperation.Show, Driver = "iscsi" };
        for (int i = 0; i < times; i++)
        {
            ManagementError error = await AskAsync(daemon, request);
            if (error != ManagementError.None) return error;
        }

        return ManagementError.None;
    }

    /// <summary>One request as it is, also what tgtadm does not let through.</summary>
    private static async Task<ManagementError> AskAsync(OurTgtDaemon daemon, ManagementRequest request)
    {
        using Socket socket = await ConnectAsync(daemon);
        _ = await socket.SendAsync(request.Encode());
        byte[] header = new byte[ManagementResponse.HeaderLength];
        int received = 0;
        while (received < header.Length)
        {
            int more = await socket.ReceiveAsync(header.AsMemory(received));
            if (more == 0) return ManagementError.Unknown;
            received += more;
        }

        _ = ManagementResponse.TryReadHeader(header, out ManagementError error, out _);
        return error;
    }
}
