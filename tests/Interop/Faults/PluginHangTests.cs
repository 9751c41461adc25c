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

    private static ulong LunField(int port, int lun) => new TargetAddress(new IPEndPoint(IPAddress.Loopback, port), TargetName, lun).LunField;

    private static void SendRead(Session session, int port, int lun, uint tag, byte block) =>
        session.Send(LunField(port, lun), tag, [0x28, 0, 0, 0, 0, block, 0, 0, 1, 0], BlockLength, 0, default);

    private static void SendAbort(Session session, int port, uint task, uint taskCmdSN)
    {
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        TaskManagementRequestWriter.Write(
            bhs, immediate: true, TaskManagementFunction.AbortTask, LunField(port, BadLun), AbortTag,
            new InitiatorSequence(session.CmdSN, session.ExpStatSN), task, taskCmdSN);
        session.Stream.Send(bhs, default);
    }

    /// <summary>Nothing but this read is answered. A unit attention of the unit is an answer as well.</summary>
    private static void ProbeGoodUnit(Session session, int port)
    {
        SendRead(session, port, GoodLun, ProbeTag, block: 0);
        for (bool ended = false; !ended;)
        {
            ReceivedPdu pdu = session.Stream.Receive()!;
            Assert.AreEqual(ProbeTag, new BasicHeader(pdu.Bhs).InitiatorTaskTag, $"{pdu.Opcode}");
            if (pdu.Opcode == Opcode.DataIn) CollectionAssert.AreEqual(Kept, pdu.Data);
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
