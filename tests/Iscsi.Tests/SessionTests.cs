using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;
using TgtModular.TestKit;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Tests;

/// <summary>Sessions: ISID and TSIH, reinstatement, connections of a session (RFC 7143 sections 4.4 and 6.3.4 to 6.3.6).</summary>
[TestClass]
public sealed class SessionTests
{
    private static readonly string[] Identity = [$"InitiatorName={WireInitiator.Name}", $"TargetName={Bench.TargetName}"];

    [TestMethod]
    public async Task Login_SameInitiatorPort_ReinstatesSession()
    {
        await using Bench bench = new();
        using WireInitiator first = await bench.LoginAsync();
        bench.Target.HoldOpCode = 0x28;
        await first.ReadAsync(0, 1);
        await first.PingAsync();

        using WireInitiator second = await bench.LoginAsync(); // the engine throws if the old nexus is open when the new one opens

        await first.ExpectClosedAsync(EndReason.Reinstated);
        Assert.HasCount(2, bench.Target.Nexuses);
        Assert.AreEqual(NexusEnd.Reinstated, bench.Target.Nexuses[0].End);
        Assert.HasCount(1, bench.Transport.GetSessions());
        await second.PingAsync();
    }

    [TestMethod]
    public async Task Login_OtherIsid_SecondSession()
    {
        await using Bench bench = new();
        using WireInitiator first = await bench.LoginAsync();
        using WireInitiator second = bench.Connect();
        second.Isid = new Isid(0x400001370001);

        await second.LoginAsync(Bench.TargetName);

        Assert.AreNotEqual(first.Tsih, second.Tsih);
        Assert.HasCount(2, bench.Transport.GetSessions());
        await first.PingAsync();
        Assert.AreNotEqual(bench.Target.Nexuses[0].Initiator, bench.Target.Nexuses[1].Initiator);
        Assert.AreEqual($"{WireInitiator.Name},i,0x400001370001", bench.Target.Nexuses[1].Initiator.ToString());
    }

    [TestMethod]
    public async Task Login_UnknownTsih_SessionDoesNotExist()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        initiator.Tsih = 4711;

        ReceivedPdu response = await initiator.SendLoginAsync(LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Identity);

        Assert.AreEqual(LoginStatus.SessionDoesNotExist, response.Login.Status);
    }

    [TestMethod]
    public async Task Login_SecondConnection_TooManyConnections()
    {
        await using Bench bench = new();
        using WireInitiator first = await bench.LoginAsync();
        using WireInitiator second = bench.Connect();
        second.Tsih = first.Tsih;
        second.Cid = 2;

        ReceivedPdu response = await second.SendLoginAsync(LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Identity);

        Assert.AreEqual(LoginStatus.TooManyConnections, response.Login.Status);
        await first.PingAsync();
    }

    [TestMethod]
    public async Task Login_SameConnectionId_ReinstatesConnection()
    {
        await using Bench bench = new();
        using WireInitiator first = await bench.LoginAsync("InitialR2T=No", "MaxBurstLength=8192", "FirstBurstLength=4096");
        using WireInitiator second = bench.Connect();
        second.Tsih = first.Tsih;

        ReceivedPdu response = await second.SendLoginAsync(LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Identity);

        Assert.AreEqual(LoginStatus.Success, response.Login.Status);
        Assert.AreEqual(first.Tsih, response.Login.Tsih);
        await first.ExpectClosedAsync(EndReason.Reinstated);
        SessionDescription session = bench.Transport.GetSessions().Single();
        Assert.AreEqual("8192", session.Parameters["MaxBurstLength"], "the session's keys stay");
        Assert.AreEqual("No", session.Parameters["InitialR2T"]);
    }

    [TestMethod]
    public async Task Connection_Lost_NexusClosedAndCommandsDropped()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        bench.Target.HoldOpCode = 0x28;
        await initiator.ReadAsync(0, 1);
        await initiator.WriteAsync(0, 16, null); // waits for data
        await initiator.ReceiveAsync(Opcode.ReadyToTransfer);

        initiator.Abort();

        await initiator.Ended;
        Assert.AreEqual(EndReason.PeerClosed, initiator.Connection.Reason);
        EngineNexus nexus = bench.Target.Nexus;
        Assert.AreEqual(NexusEnd.ConnectionLost, nexus.End);
        Assert.AreEqual(0, nexus.InFlight);
    }

    [TestMethod]
    public async Task Login_AfterClosingASessionOfAnotherIsid_FindsItsNexusLost()
    {
        await using Bench bench = new();
        // The loss was a race of threads: many rounds, so that one would be seen.
        for (ulong round = 1; round <= 100; round++)
        {
            using WireInitiator first = bench.Connect();
            first.Isid = new Isid(0x400001370000 + round);
            await first.LoginAsync(Bench.TargetName);
            EngineNexus nexus = bench.Target.Nexuses[^1];
            first.Abort();

            using WireInitiator second = bench.Connect();
            second.Isid = new Isid(0x400001380000 + round);
            await second.LoginAsync(Bench.TargetName);

            Assert.IsTrue(nexus.IsClosed, $"round {round}");
        }
    }

    [TestMethod]
    public async Task Session_Described_WithNegotiatedParameters()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("InitiatorAlias=host one", "HeaderDigest=CRC32C", "MaxRecvDataSegmentLength=65536",
            "MaxBurstLength=262144");

        SessionDescription session = bench.Transport.GetSessions().Single();

        Assert.AreEqual(initiator.Tsih, session.SessionId);
        Assert.AreEqual(Bench.TargetName, session.TargetName);
        Assert.AreEqual(WireInitiator.Name, session.InitiatorName);
        Assert.AreEqual("host one", session.InitiatorAlias);
        Assert.AreEqual(
            new ConnectionDescription(1, "192.0.2.99:50000", "full feature") { Traffic = new ConnectionTraffic(0, 0, Commands: 0) }, session.Connections.Single());
        Assert.AreEqual("CRC32C", session.Parameters["HeaderDigest"]);
        Assert.AreEqual("None", session.Parameters["DataDigest"]);
        Assert.AreEqual("65536", session.Parameters["MaxXmitDataSegmentLength"]);
        Assert.AreEqual("262144", session.Parameters["MaxBurstLength"]);
        Assert.AreEqual("400001370000", session.Parameters["ISID"]);
    }

    [TestMethod]
    public async Task Session_ClosedByAdministrator_AnnouncedAndClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        Assert.IsFalse(bench.Transport.Close(0, null));
        Assert.IsFalse(bench.Transport.Close((ulong)initiator.Tsih + 1, null));
        Assert.IsFalse(bench.Transport.Close(initiator.Tsih, 9), "there is no connection 9");
        Assert.IsTrue(bench.Transport.Close(initiator.Tsih, 1));

        ReceivedPdu message = await initiator.ReceiveAsync(Opcode.AsyncMessage);
        Assert.AreEqual(AsyncEvent.SessionDrop, message.Async.Event);
        Assert.AreEqual(2, message.Async.Parameter2);
        await initiator.ExpectClosedAsync(EndReason.Administrative);
        Assert.AreEqual(NexusEnd.Administrative, bench.Target.Nexus.End);
    }

    [TestMethod]
    public async Task Nexus_CloseRequestedByEngine_AnnouncedAndClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        bench.Target.Nexus.Observer.CloseRequested(NexusEnd.Reset);

        ReceivedPdu message = await initiator.ReceiveAsync(Opcode.AsyncMessage);
        Assert.AreEqual(AsyncEvent.SessionDrop, message.Async.Event);
        await initiator.ExpectClosedAsync(EndReason.TargetClosed);
        Assert.IsTrue(bench.Target.Nexus.IsClosed);
    }

    [TestMethod]
    public async Task Nexus_SmallerThanAskedFor_WindowFits()
    {
        await using Bench bench = new();
        bench.Target.MaxCommands = 24;
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.LoginAsync(Bench.TargetName);

        Assert.AreEqual(4u, response.Sequence.MaxCmdSN - response.Sequence.ExpCmdSN + 1);
    }
}
