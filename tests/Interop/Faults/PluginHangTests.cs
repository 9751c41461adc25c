using System.Net;
using TgtModular.Interop.Harness;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Faults;

/// <summary>The rows of the fault table about calls that do not return.</summary>
public sealed partial class PluginFaultTests
{
    private const uint HungTag = 1;
    private const uint AbortTag = 2;
    private const uint ProbeTag = 3;
    private const uint ReleaseTag = 4;
    private const int Probes = 16;

    /// <summary>SAM-5 section 7.2: FUNCTION COMPLETE says that the task is no more, so it waits for the store's call.</summary>
    [TestMethod]
    public async Task CallThatHangs_AbortTask_NotCompleteBeforeItReturns_OthersGoOn()
    {
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, await ConfigureAsync(directory, port, "hangs"));
        using (Session good = Open(port, GoodLun)) Write(good);
        using Session session = Open(port, BadLun);

        SendRead(session, port, BadLun, HungTag, block: 1);
        SendAbort(session, port, HungTag, session.CmdSN - 1);
        for (int probe = 0; probe < Probes; probe++) ProbeGoodUnit(session, port);
        SendRead(session, port, BadLun, ReleaseTag, block: 2);

        AssertAbortedOnly(session);
        ProbeGoodUnit(session, port);
        await daemon.StopAsync();
    }

    /// <summary>The loop is all the connections'; after 15 to 20 s the plugin is fenced.</summary>
    [TestMethod]
    public async Task CallThatHangs_DeclaredInline_ConnectionsOfTheLoopGoOnAndThePluginIsFenced()
    {
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        string gate = await MakeGateAsync(directory);
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, await ConfigureAsync(directory, port, "blocks", execution: "Inline"));
        using Session good = Open(port, GoodLun);
        Write(good);
        using Session stuck = Open(port, BadLun);

        SendRead(stuck, port, BadLun, HungTag, block: 1);
        for (int probe = 0; probe < Probes; probe++) ProbeGoodUnit(good, port);
        SendTaskManagement(good, port, TaskManagementFunction.LogicalUnitReset);
        _ = await daemon.Log.WaitForAsync(line => line.Contains("is not ready any more", StringComparison.Ordinal)).WaitAsync(Limit);

        Assert.AreEqual(1, daemon.Log.Count("a call of store 'bad' does not return"), daemon.Log.ToString());
        for (int probe = 0; probe < Probes; probe++) ProbeGoodUnit(good, port);
        using (Session other = Connect(port, BadLun))
        {
            ScsiReply fenced = Read(other, block: 0);
            while (fenced.SenseKey == ScsiReply.UnitAttention) fenced = Read(other, block: 0);
            Assert.AreEqual(NotReady, fenced.SenseKey, $"{fenced}");
        }

        File.WriteAllText(gate, "");
        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, new TaskManagementResponseHeader(good.Stream.Receive()!.Bhs).Response);
        Assert.AreEqual(ScsiReply.Good, stuck.Execute([0x12, 0, 0, 0, 36, 0], 36).Status, "the connection goes on, without an answer for what was aborted");
        await daemon.StopAsync();
    }

    /// <summary>What the call writes when it returns at last is its own memory, though nobody waits for it any more.</summary>
    [TestMethod]
    [DataRow("Blocking")]
    [DataRow("Inline")]
    public async Task CallThatHangs_ConnectionGone_ItsBufferIsNobodyElsesBeforeItReturns(string execution)
    {
        const int Reads = 2000;
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        string gate = await MakeGateAsync(directory);
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, await ConfigureAsync(directory, port, "blocks", execution: execution));
        using Session good = Open(port, GoodLun);
        Write(good);
        using (Session stuck = Open(port, BadLun)) SendRead(stuck, port, BadLun, HungTag, block: 1);

        for (int read = 0; read < Reads; read++)
        {
            if (read == Reads / 4) File.WriteAllText(gate, "");
            ProbeGoodUnit(good, port);
        }

        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task CallThatHangs_DeclaredBlocking_AbortNotCompleteBeforeItReturns_OthersGoOn()
    {
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        string gate = await MakeGateAsync(directory);
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, await ConfigureAsync(directory, port, "blocks", execution: "Blocking"));
        using (Session good = Open(port, GoodLun)) Write(good);
        using Session session = Open(port, BadLun);

        SendRead(session, port, BadLun, HungTag, block: 1);
        SendAbort(session, port, HungTag, session.CmdSN - 1);
        for (int probe = 0; probe < Probes; probe++) ProbeGoodUnit(session, port);
        SendRead(session, port, BadLun, ReleaseTag, block: 0); // another call of the store: it has threads to spare
        AssertAnswered(session, ReleaseTag);
        File.WriteAllText(gate, "");

        Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, new TaskManagementResponseHeader(session.Stream.Receive()!.Bhs).Response);
        await daemon.StopAsync();
    }

    [TestMethod]
    [DataRow("Blocking")]
    [DataRow("Inline")]
    public async Task CallThatHangs_DaemonIsStopped_EndsWithoutItAndSaysSo(string execution)
    {
        using TempDirectory directory = new();
        int port = TargetDaemon.FreePort();
        _ = await MakeGateAsync(directory);
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, await ConfigureAsync(directory, port, "blocks", execution: execution));
        using Session good = Open(port, GoodLun);
        Write(good);
        using Session stuck = Open(port, BadLun);
        SendRead(stuck, port, BadLun, HungTag, block: 1);
        ProbeGoodUnit(good, port);

        Assert.AreEqual(1, await daemon.TerminateAsync());

        Assert.AreEqual(1, daemon.Log.Count("did not close in time"), daemon.Log.ToString());
    }

    /// <summary>Whoever opens it to read waits until somebody opens it to write.</summary>
    private static async Task<string> MakeGateAsync(TempDirectory directory)
    {
        using System.Diagnostics.Process mkfifo = System.Diagnostics.Process.Start("mkfifo", directory.File("gate"));
        await mkfifo.WaitForExitAsync();
        return directory.File("gate");
    }

    private static ulong LunField(int port, int lun) => new TargetAddress(new IPEndPoint(IPAddress.Loopback, port), TargetName, lun).LunField;

    private static void SendRead(Session session, int port, int lun, uint tag, byte block) =>
        session.Send(LunField(port, lun), tag, [0x28, 0, 0, 0, 0, block, 0, 0, 1, 0], BlockLength, 0, default);

    private static void SendAbort(Session session, int port, uint task, uint taskCmdSN) =>
        SendTaskManagement(session, port, TaskManagementFunction.AbortTask, task, taskCmdSN);

    private static void SendTaskManagement(Session session, int port, TaskManagementFunction function, uint task = BasicHeader.ReservedTag, uint taskCmdSN = 0)
    {
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        TaskManagementRequestWriter.Write(
            bhs, immediate: true, function, LunField(port, BadLun), AbortTag,
            new InitiatorSequence(session.CmdSN, session.ExpStatSN), task, taskCmdSN);
        session.Stream.Send(bhs, default);
    }

    /// <summary>Nothing but this read is answered. A unit attention of the unit is an answer as well.</summary>
    private static void ProbeGoodUnit(Session session, int port)
    {
        SendRead(session, port, GoodLun, ProbeTag, block: 0);
        AssertAnswered(session, ProbeTag, Kept);
    }

    private static void AssertAnswered(Session session, uint tag, byte[]? data = null)
    {
        for (bool ended = false; !ended;)
        {
            ReceivedPdu pdu = session.Stream.Receive()!;
            Assert.AreEqual(tag, new BasicHeader(pdu.Bhs).InitiatorTaskTag, $"{pdu.Opcode}");
            if (pdu.Opcode == Opcode.DataIn && data is not null) CollectionAssert.AreEqual(data, pdu.Data);
            ended = Ends(pdu);
        }
    }

    /// <summary>The abort is complete and the release has its status; the command that was aborted has no answer.</summary>
    private static void AssertAbortedOnly(Session session)
    {
        bool aborted = false;
        for (bool released = false; !aborted || !released;)
        {
            ReceivedPdu pdu = session.Stream.Receive()!;
            uint tag = new BasicHeader(pdu.Bhs).InitiatorTaskTag;
            Assert.AreNotEqual(HungTag, tag, $"{pdu.Opcode}");
            if (pdu.Opcode == Opcode.TaskManagementResponse)
            {
                Assert.AreEqual(TaskManagementResponseCode.FunctionComplete, new TaskManagementResponseHeader(pdu.Bhs).Response);
                aborted = true;
            }
            else if (tag == ReleaseTag)
            {
                released |= Ends(pdu);
            }
        }
    }

    private static bool Ends(ReceivedPdu pdu) =>
        pdu.Opcode == Opcode.ScsiResponse || (pdu.Opcode == Opcode.DataIn && (new DataInHeader(pdu.Bhs).Flags & DataInFlags.Status) != 0);
}
