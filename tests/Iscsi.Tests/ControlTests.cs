using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Tests;

/// <summary>NOP, logout, reject, SNACK and PDUs that nobody should send (RFC 7143 sections 11.14 to 11.19).</summary>
[TestClass]
public sealed class ControlTests
{
    [TestMethod]
    public async Task NopOut_Ping_DataComesBack()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] data = WriteTests.RandomBytes(3001);
        uint statSN = initiator.ExpStatSN;

        uint tag = await initiator.NopAsync(data);

        ReceivedPdu answer = await initiator.ReceiveAsync(Opcode.NopIn);
        Assert.AreEqual(tag, answer.Tag);
        Assert.AreEqual(BasicHeader.ReservedTag, answer.NopIn.TargetTransferTag);
        Assert.AreEqual(statSN, answer.Sequence.StatSN);
        CollectionAssert.AreEqual(data, answer.Data);
    }

    [TestMethod]
    public async Task NopOut_LongerThanInitiatorTakes_CutOff()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("MaxRecvDataSegmentLength=512");

        await initiator.NopAsync(new byte[2000]);

        Assert.HasCount(512, (await initiator.ReceiveAsync(Opcode.NopIn)).Data);
    }

    [TestMethod]
    public async Task NopOut_LongerThanReceiveBuffer_Answered()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("MaxRecvDataSegmentLength=262144");
        byte[] data = WriteTests.RandomBytes(262144);

        await initiator.NopAsync(data);

        CollectionAssert.AreEqual(data, (await initiator.ReceiveAsync(Opcode.NopIn)).Data);
    }

    [TestMethod]
    public async Task NopOut_WithCmdSN_TakesOne()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.NopAsync(immediate: false);

        ReceivedPdu answer = await initiator.ReceiveAsync(Opcode.NopIn);
        Assert.AreEqual(initiator.CmdSN, answer.Sequence.ExpCmdSN);
        Assert.AreEqual(initiator.CmdSN + 127, answer.Sequence.MaxCmdSN);
    }

    [TestMethod]
    public async Task NopOut_NoAnswerWantedYetNumbered_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.NopAsync(immediate: false, tag: BasicHeader.ReservedTag);

        ReceivedPdu reject = await initiator.ReceiveAsync(Opcode.Reject);
        Assert.AreEqual(RejectReason.InvalidPduField, reject.Reject.Reason);
        Assert.AreEqual(initiator.CmdSN, reject.Sequence.ExpCmdSN);
    }

    [TestMethod]
    public async Task NopIn_SilentInitiator_PingedThenClosed()
    {
        await using Bench bench = new([("nop_interval", TimeSpan.FromSeconds(10)), ("nop_count", 2L)], []);
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync();

        bench.Host.Clock.Advance(TimeSpan.FromSeconds(12));
        ReceivedPdu first = await initiator.ReceiveAsync(Opcode.NopIn);
        Assert.AreEqual(BasicHeader.ReservedTag, first.Tag);
        Assert.AreNotEqual(BasicHeader.ReservedTag, first.NopIn.TargetTransferTag);
        Assert.AreEqual(initiator.ExpStatSN, first.Sequence.StatSN, "the next StatSN, not taken");
        bench.Host.Clock.Advance(TimeSpan.FromSeconds(10));
        await initiator.ReceiveAsync(Opcode.NopIn);
        Assert.IsNull(initiator.Connection.Reason);
        bench.Host.Clock.Advance(TimeSpan.FromSeconds(10));

        await initiator.ExpectClosedAsync(EndReason.NopTimeout);
        Assert.AreEqual(NexusEnd.TimedOut, bench.Target.Nexus.End);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "asked for by R2T")]
    [DataRow(false, DisplayName = "announced")]
    public async Task DataOut_NeverSent_ConnectionClosedAfterDataOutTimeout(bool solicited)
    {
        await using Bench bench = new([("nop_interval", TimeSpan.Zero), ("data_out_timeout", TimeSpan.FromSeconds(30))], []);
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync(solicited ? "InitialR2T=Yes" : "InitialR2T=No", "ImmediateData=No");
        await initiator.WriteAsync(1, 16, null, final: solicited);
        if (solicited)
            await initiator.ReceiveAsync(Opcode.ReadyToTransfer);
        await initiator.PingAsync();
        bench.PassSeconds(29);
        await initiator.PingAsync();
        Assert.IsNull(initiator.Connection.Reason);

        bench.PassSeconds(3);

        await initiator.ExpectClosedAsync(EndReason.DataOutTimeout);
        Assert.AreEqual(NexusEnd.TimedOut, bench.Target.Nexus.End);
    }

    [TestMethod]
    public async Task DataOut_SentInTime_StaysOpenHoweverLongItTakes()
    {
        await using Bench bench = new([("nop_interval", TimeSpan.Zero), ("data_out_timeout", TimeSpan.FromSeconds(30))], []);
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync("InitialR2T=Yes", "ImmediateData=No");
        uint tag = await initiator.WriteAsync(1, 16, null);
        ReceivedPdu r2t = await initiator.ReceiveAsync(Opcode.ReadyToTransfer);

        for (uint part = 0; part < 4; part++)
        {
            bench.PassSeconds(25);
            await initiator.DataOutAsync(tag, r2t.R2T.TargetTransferTag, part, part * 2048, new byte[2048], final: part == 3);
            if (part < 3)
                await initiator.PingAsync(); // so that the data is in before time goes on
        }

        Assert.AreEqual(0, (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Response.Status);
        bench.PassSeconds(100);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task NopIn_Answered_StaysOpen()
    {
        await using Bench bench = new([("nop_interval", TimeSpan.FromSeconds(10)), ("nop_count", 1L)], []);
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync();

        for (int i = 0; i < 5; i++)
        {
            bench.Host.Clock.Advance(TimeSpan.FromSeconds(12));
            ReceivedPdu ping = await initiator.ReceiveAsync(Opcode.NopIn);
            await initiator.NopAsync(tag: BasicHeader.ReservedTag, transferTag: ping.NopIn.TargetTransferTag);
            await initiator.PingAsync();
        }

        Assert.IsNull(initiator.Connection.Reason);
    }

    [TestMethod]
    public async Task NopIn_IntervalZero_NeverSent()
    {
        await using Bench bench = new([("nop_interval", TimeSpan.Zero)], []);
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync();

        bench.Host.Clock.Advance(TimeSpan.FromHours(1));

        await initiator.PingAsync(); // the next PDU is the answer to this
    }

    [TestMethod]
    public async Task NopIn_IntervalOfTarget_CountsFirst()
    {
        await using Bench bench = new([("nop_interval", TimeSpan.FromHours(1))], [("nop_interval", TimeSpan.FromSeconds(3))]);
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync();

        bench.Host.Clock.Advance(TimeSpan.FromSeconds(5));

        await initiator.ReceiveAsync(Opcode.NopIn);
    }

    [TestMethod]
    [DataRow(LogoutReason.CloseSession, (ushort)77)]
    [DataRow(LogoutReason.CloseConnection, (ushort)1)]
    public async Task Logout_SessionOrOwnConnection_AnsweredAfterCommandsEnded(LogoutReason reason, ushort cid)
    {
        await using Bench bench = new();
        bench.Target.HoldOpCode = 0x28;
        using WireInitiator initiator = await bench.LoginAsync();
        await initiator.ReadAsync(0, 1);

        uint tag = await initiator.LogoutAsync(reason, cid);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.LogoutResponse);
        Assert.AreEqual(tag, response.Tag);
        Assert.AreEqual(LogoutResponseCode.Closed, response.Logout.Response);
        Assert.AreEqual(NexusEnd.Logout, bench.Target.Nexus.End, "nothing of the session is left when the answer comes");
        await initiator.ExpectClosedAsync(EndReason.Logout);
        string line = bench.Host.Log.Entries.Single(entry => entry.EventId.Id == 512).Text;
        Assert.Contains("Logout", line);
    }

    [TestMethod]
    public async Task Logout_OtherConnection_CidNotFound()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.LogoutAsync(LogoutReason.CloseConnection, 5);

        Assert.AreEqual(LogoutResponseCode.CidNotFound, (await initiator.ReceiveAsync(Opcode.LogoutResponse)).Logout.Response);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task Logout_ForRecovery_NotSupported()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.LogoutAsync(LogoutReason.RemoveConnectionForRecovery);

        Assert.AreEqual(LogoutResponseCode.RecoveryNotSupported, (await initiator.ReceiveAsync(Opcode.LogoutResponse)).Logout.Response);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task Logout_UnknownReason_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.LogoutAsync((LogoutReason)9);

        Assert.AreEqual(RejectReason.InvalidPduField, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
    }

    [TestMethod]
    public async Task Logout_InitiatorDoesNotClose_ClosedForIt()
    {
        await using Bench bench = new();
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync();
        await initiator.LogoutAsync();
        await initiator.ReceiveAsync(Opcode.LogoutResponse);
        Assert.IsNull(await initiator.TryReceiveAsync());
        Assert.HasCount(1, bench.Transport.Connections);

        bench.Host.Clock.Advance(TimeSpan.FromSeconds(4));

        await initiator.Ended;
        Assert.AreEqual(EndReason.Logout, initiator.Connection.Reason);
    }

    [TestMethod]
    public async Task Snack_AtLevelZero_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] bhs = new byte[BasicHeader.Length];
        SnackRequestWriter.Write(bhs, SnackType.Status, 0, BasicHeader.ReservedTag, BasicHeader.ReservedTag, initiator.ExpStatSN, 0, 1);

        await initiator.SendAsync(bhs);

        ReceivedPdu reject = await initiator.ReceiveAsync(Opcode.Reject);
        Assert.AreEqual(RejectReason.SnackReject, reject.Reject.Reason);
        CollectionAssert.AreEqual(bhs, reject.Data);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task LoginRequest_InFullFeaturePhase_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] bhs = new byte[BasicHeader.Length];
        LoginRequestWriter.Write(
            bhs, LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, initiator.Isid, 0, 1, 1, initiator.Sequence, 0);

        await initiator.SendAsync(bhs);

        Assert.AreEqual(RejectReason.ProtocolError, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
        await initiator.PingAsync();
    }

    [TestMethod]
    [DataRow(0x07)]
    [DataRow(0x1F)]
    [DataRow(0x21, DisplayName = "an opcode of targets")]
    [DataRow(0x3F)]
    public async Task Opcode_Unknown_Rejected(int opcode)
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] bhs = new byte[BasicHeader.Length];
        bhs[0] = (byte)opcode;
        bhs[7] = 100;

        await initiator.SendAsync(bhs, new byte[100]);

        Assert.AreEqual(RejectReason.CommandNotSupported, (await initiator.ReceiveAsync(Opcode.Reject)).Reject.Reason);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task DataSegment_BeyondWhatWasDeclared_ConnectionClosed()
    {
        await using Bench bench = new(("max_recv_data_segment_length", 8192L));
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] bhs = new byte[BasicHeader.Length];
        NopOutWriter.Write(bhs, true, 0, 1, BasicHeader.ReservedTag, initiator.Sequence, 8196);

        await initiator.SendRawAsync(bhs);

        await initiator.ExpectClosedAsync(EndReason.PduTooLong);
    }

    [TestMethod]
    public async Task Initiator_DoesNotRead_SendTimeout()
    {
        await using Bench bench = new([("send_timeout", TimeSpan.FromSeconds(30)), ("nop_interval", TimeSpan.Zero)], []);
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = bench.Connect(capacity: 4096);
        await initiator.LoginAsync(Bench.TargetName);
        await initiator.ReadAsync(0, 64);

        await WriteTests.UntilAsync(() =>
        {
            bench.Host.Clock.Advance(TimeSpan.FromSeconds(1));
            return initiator.Connection.Reason is not null;
        });

        await initiator.Ended;
        Assert.AreEqual(EndReason.SendTimeout, initiator.Connection.Reason);
        Assert.AreEqual(0, bench.Target.Nexus.InFlight);
    }

    [TestMethod]
    public async Task Drain_Sessions_AskedToLogOut()
    {
        await using Bench bench = new();
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync();

        Task drain = bench.Transport.DrainAsync(CancellationToken.None).AsTask();
        ReceivedPdu message = await initiator.ReceiveAsync(Opcode.AsyncMessage);
        Assert.AreEqual(AsyncEvent.LogoutRequest, message.Async.Event);
        Assert.AreEqual(10, message.Async.Parameter3);
        await initiator.LogoutAsync();
        await initiator.ReceiveAsync(Opcode.LogoutResponse);
        await initiator.ExpectClosedAsync(EndReason.Logout);

        await drain.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.IsEmpty(bench.Transport.Portals);
    }

    [TestMethod]
    public async Task Drain_InitiatorStays_SessionDropped()
    {
        await using Bench bench = new([("nop_interval", TimeSpan.Zero)], []);
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync();
        using WireInitiator stranger = bench.Connect();
        Task drain = bench.Transport.DrainAsync(CancellationToken.None).AsTask();
        await initiator.ReceiveAsync(Opcode.AsyncMessage);
        await stranger.ExpectClosedAsync(EndReason.Drained);

        bench.Host.Clock.Advance(TimeSpan.FromSeconds(11));

        Assert.AreEqual(AsyncEvent.SessionDrop, (await initiator.ReceiveAsync(Opcode.AsyncMessage)).Async.Event);
        await initiator.ExpectClosedAsync(EndReason.Drained);
        await drain.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [TestMethod]
    public async Task Drain_Cancelled_ReturnsAtOnce()
    {
        await using Bench bench = new();
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = await bench.LoginAsync();
        using CancellationTokenSource cancel = new();
        Task drain = bench.Transport.DrainAsync(cancel.Token).AsTask();

        await cancel.CancelAsync();

        await drain.WaitAsync(TimeSpan.FromSeconds(20));
        await initiator.Ended;
        Assert.AreEqual(EndReason.Drained, initiator.Connection.Reason);
    }
}
