using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Tests;

/// <summary>Login phase (RFC 7143 sections 6.3 and 11.12 to 11.13).</summary>
[TestClass]
public sealed class LoginTests
{
    private static readonly string Initiator = $"InitiatorName={WireInitiator.Name}";

    [TestMethod]
    public async Task Login_OperationalOnly_FullFeaturePhase()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.LoginAsync(Bench.TargetName);

        Assert.AreNotEqual(0, response.Login.Tsih);
        CollectionAssert.Contains(response.Pairs.ToList(), "TargetPortalGroupTag=1");
        Assert.AreEqual(initiator.CmdSN, response.Sequence.ExpCmdSN);
        Assert.AreEqual(initiator.CmdSN + 127, response.Sequence.MaxCmdSN, "the default queue depth");
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task Login_BothStages_FullFeaturePhase()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu security = await initiator.SendLoginAsync(
            LoginFlags.Transit, LoginStage.SecurityNegotiation, LoginStage.OperationalNegotiation, Initiator, $"TargetName={Bench.TargetName}",
            "AuthMethod=CHAP,None");
        Assert.AreEqual(LoginStatus.Success, security.Login.Status);
        CollectionAssert.Contains(security.Pairs.ToList(), "AuthMethod=None");
        Assert.AreEqual(0, security.Login.Tsih, "the handle comes with the last response");
        ReceivedPdu operational = await initiator.SendLoginAsync(LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase,
            "InitialR2T=No");

        Assert.AreEqual(LoginStage.FullFeaturePhase, operational.Login.NextStage);
        Assert.AreEqual(security.Sequence.StatSN + 1, operational.Sequence.StatSN);
        CollectionAssert.Contains(operational.Pairs.ToList(), "InitialR2T=No");
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task Login_OperationalKeys_AnsweredAsConfigured()
    {
        await using Bench bench = new(
            ("max_recv_data_segment_length", 65536L), ("initial_r2t", true), ("immediate_data", false), ("first_burst_length", 16384L), ("max_burst_length",
            131072L),
            ("max_outstanding_r2t", 4L), ("default_time2wait", 5L), ("default_time2retain", 7L), ("alias", "my disk"));
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.LoginAsync(
            Bench.TargetName, "InitialR2T=No", "ImmediateData=Yes", "FirstBurstLength=262144", "MaxBurstLength=16776192", "MaxOutstandingR2T=16",
            "DefaultTime2Wait=2",
            "DefaultTime2Retain=20", "MaxConnections=4", "ErrorRecoveryLevel=2", "HeaderDigest=None,CRC32C", "DataDigest=None", "DataPDUInOrder=No",
            "DataSequenceInOrder=No");

        string[] expected =
        [
            "TargetAlias=my disk", "MaxRecvDataSegmentLength=65536", "InitialR2T=Yes", "ImmediateData=No", "FirstBurstLength=16384", "MaxBurstLength=131072",
            "MaxOutstandingR2T=4", "DefaultTime2Wait=5", "DefaultTime2Retain=7", "MaxConnections=1", "ErrorRecoveryLevel=0", "HeaderDigest=None",
            "DataDigest=None",
            "DataPDUInOrder=Yes", "DataSequenceInOrder=Yes",
        ];
        CollectionAssert.IsSubsetOf(expected, response.Pairs.ToList());
    }

    [TestMethod]
    public async Task Login_WrongTarget_TargetNotFound()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.SendLoginAsync(
            LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Initiator, "TargetName=iqn.2026-11.org.example:other");

        Assert.AreEqual(LoginStatus.NotFound, response.Login.Status);
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Login_NotAdmitted_TargetNotFound()
    {
        await using Bench bench = new();
        InitiatorIdentity? seen = null;
        bench.Target.Admission = identity =>
        {
            seen = identity;
            return false;
        };
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.SendLoginAsync(
            LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Initiator, $"TargetName={Bench.TargetName}");

        Assert.AreEqual(LoginStatus.NotFound, response.Login.Status);
        Assert.AreEqual(WireInitiator.Name, seen!.Name);
        Assert.AreEqual("192.0.2.99", seen.Address!.ToString());
        Assert.AreEqual("192.0.2.1:3260", seen.PortalAddress!.ToString());
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Login_TargetGoneMeanwhile_TargetNotFound()
    {
        await using Bench bench = new();
        bench.Target.IsGone = true;
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.SendLoginAsync(
            LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Initiator, $"TargetName={Bench.TargetName}");

        Assert.AreEqual(LoginStatus.NotFound, response.Login.Status);
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    [DataRow("TargetName=iqn.2026-11.org.example:disk", LoginStatus.MissingParameter, DisplayName = "no InitiatorName")]
    [DataRow("InitiatorName=iqn.2026-11.org.example:initiator", LoginStatus.MissingParameter, DisplayName = "no TargetName")]
    [DataRow("InitiatorName=nonsense", LoginStatus.InitiatorError, DisplayName = "bad InitiatorName")]
    [DataRow("SessionType=Sightseeing", LoginStatus.SessionTypeNotSupported, DisplayName = "bad SessionType")]
    public async Task Login_BadIdentity_Refused(string pair, LoginStatus status)
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.SendLoginAsync(LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, pair);

        Assert.AreEqual(status, response.Login.Status);
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Login_FirstPduIsNoLogin_InvalidDuringLogin()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();

        await initiator.NopAsync();

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.LoginResponse);
        Assert.AreEqual(LoginStatus.InvalidDuringLogin, response.Login.Status);
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Login_VersionTooHigh_Refused()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        byte[] bhs = new byte[BasicHeader.Length];
        LoginRequestWriter.Write(
            bhs, LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, initiator.Isid, 0, 1, 1, initiator.Sequence, 0,
            versionMax: 2, versionMin: 1);

        await initiator.SendAsync(bhs);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.LoginResponse);
        Assert.AreEqual(LoginStatus.UnsupportedVersion, response.Login.Status);
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Login_SegmentBeyond8192Bytes_ConnectionClosed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        byte[] bhs = new byte[BasicHeader.Length];
        LoginRequestWriter.Write(
            bhs, LoginFlags.None, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, initiator.Isid, 0, 1, 1, initiator.Sequence, 8193);

        await initiator.SendRawAsync(bhs); // the limit is applied before the body has come

        await initiator.ExpectClosedAsync(EndReason.PduTooLong);
    }

    [TestMethod]
    public async Task Login_TextBeyond64KiB_Refused()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        ReceivedPdu response;
        int sent = 0;
        do
        {
            response = await initiator.SendLoginAsync(
                LoginFlags.Continue, LoginStage.OperationalNegotiation, LoginStage.OperationalNegotiation, "X-filler=" + new string('a', 8000));
            sent += 8000;
        }
        while (response.Login.Status == LoginStatus.Success && sent < 200_000);

        Assert.AreEqual(LoginStatus.InitiatorError, response.Login.Status);
        Assert.IsTrue(sent <= 72_000, $"{sent} bytes were taken");
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Login_EndlessRequests_Refused()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        ReceivedPdu response = await initiator.SendLoginAsync(
            LoginFlags.None, LoginStage.OperationalNegotiation, LoginStage.OperationalNegotiation, Initiator, $"TargetName={Bench.TargetName}");
        int requests = 1;
        while (response.Login.Status == LoginStatus.Success && requests < 100)
        {
            response = await initiator.SendLoginAsync(LoginFlags.None, LoginStage.OperationalNegotiation, LoginStage.OperationalNegotiation);
            requests++;
        }

        Assert.AreEqual(LoginStatus.InitiatorError, response.Login.Status);
        Assert.IsTrue(requests < 50);
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Login_TooSlow_ConnectionClosed()
    {
        await using Bench bench = new([("login_timeout", TimeSpan.FromSeconds(5))], []);
        await bench.Transport.StartAsync(CancellationToken.None);
        using WireInitiator initiator = bench.Connect();
        await initiator.SendLoginAsync(LoginFlags.None, LoginStage.OperationalNegotiation, LoginStage.OperationalNegotiation, Initiator,
            $"TargetName={Bench.TargetName}");

        bench.Host.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.IsNull(initiator.Connection.Reason);
        bench.Host.Clock.Advance(TimeSpan.FromSeconds(2));

        await initiator.ExpectClosedAsync(EndReason.LoginTimeout);
    }

    [TestMethod]
    public async Task Login_ClosedMidway_Recorded()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        await initiator.SendLoginAsync(LoginFlags.None, LoginStage.OperationalNegotiation, LoginStage.OperationalNegotiation, Initiator,
            $"TargetName={Bench.TargetName}");

        initiator.Abort();

        await initiator.Ended;
        Assert.AreEqual(EndReason.PeerClosed, initiator.Connection.Reason);
    }

    [TestMethod]
    public async Task Login_WhileDraining_ServiceUnavailable()
    {
        await using Bench bench = new();
        await bench.Transport.DrainAsync(CancellationToken.None);
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.SendLoginAsync(
            LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Initiator, $"TargetName={Bench.TargetName}");

        Assert.AreEqual(LoginStatus.ServiceUnavailable, response.Login.Status);
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    [DataRow(false, LoginStatus.TargetMovedTemporarily)]
    [DataRow(true, LoginStatus.TargetMovedPermanently)]
    public async Task Login_RedirectConfigured_TargetMoved(bool permanent, LoginStatus status)
    {
        await using Bench bench = new(("redirect", "[2001:db8::7]:3261"), ("redirect_permanent", permanent));
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.SendLoginAsync(
            LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Initiator, $"TargetName={Bench.TargetName}");

        Assert.AreEqual(status, response.Login.Status);
        CollectionAssert.AreEqual(new[] { "TargetAddress=[2001:db8::7]:3261" }, response.Pairs.ToList());
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Login_TargetMisconfigured_TargetErrorAndLogged()
    {
        await using Bench bench = new(("chap_algorithms", (IReadOnlyList<string>)["rot13"]));
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.SendLoginAsync(
            LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Initiator, $"TargetName={Bench.TargetName}");

        Assert.AreEqual(LoginStatus.TargetError, response.Login.Status);
        Assert.IsTrue(bench.Host.Log.Entries.Any(entry => entry.EventId.Id == 514 && entry.Text.Contains("rot13")));
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Login_DigestRequiredButNotOffered_Refused()
    {
        await using Bench bench = new(("header_digest", "required"));
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.SendLoginAsync(
            LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, Initiator, $"TargetName={Bench.TargetName}",
            "HeaderDigest=None");

        Assert.AreNotEqual(LoginStage.FullFeaturePhase, response.Login.Status == LoginStatus.Success ? response.Login.NextStage
            : LoginStage.SecurityNegotiation);
    }

    [TestMethod]
    public async Task Login_Succeeded_OneLogLine()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        string[] lines = [.. bench.Host.Log.Entries.Where(entry => entry.EventId.Id == 510).Select(entry => entry.Text)];

        Assert.HasCount(1, lines);
        Assert.AreEqual($"login: {WireInitiator.Name} to {Bench.TargetName} from 192.0.2.99:50000, session {initiator.Tsih}", lines[0]);
    }
}
