using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Login;
using TgtModular.Iscsi.Protocol.Naming;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Tests.Login;

[TestClass]
public sealed class TargetLoginTests
{
    private const string Identity = LoginScript.Identity;
    private const string Declared = "MaxRecvDataSegmentLength=262144";

    [TestMethod]
    public void Login_OperationalOnly_ReachesFullFeaturePhase()
    {
        LoginScript script = new();
        Assert.AreEqual($"T1>3 0000 TargetPortalGroupTag=1|HeaderDigest=CRC32C|{Declared}", script.Say("T1>3", Identity + "|HeaderDigest=CRC32C|MaxRecvDataSegmentLength=4096"));
        Assert.AreEqual(LoginState.Succeeded, script.Login.State);
        LoginResponseHeader final = new(script.Header);
        Assert.AreEqual(7, final.Tsih);
        Assert.AreEqual(script.Isid, final.Isid);
        Assert.AreEqual(new TargetSequence(100, 42, 73), final.Sequence);
        LoginIdentity identity = script.Login.Identity!;
        Assert.AreEqual(("iqn.2026-11.org.example:host", "iqn.2026-11.org.example:db", SessionType.Normal), (identity.InitiatorName, identity.TargetName, identity.SessionType));
        Assert.AreEqual(42u, identity.CmdSN);
        Assert.IsTrue(identity.IsLeading);
        ConnectionParameters connection = script.Login.Negotiator!.ToConnectionParameters();
        Assert.AreEqual((true, 262144, 4096), (connection.HeaderDigest, connection.MaxRecvDataSegmentLength, connection.MaxSendDataSegmentLength));
    }

    [TestMethod]
    public void Login_SecurityWithoutAuthentication_GoesOnToOperational()
    {
        LoginScript script = new();
        Assert.AreEqual("T0>1 0000 TargetPortalGroupTag=1|AuthMethod=None", script.Say("T0>1", Identity + "|AuthMethod=CHAP,None"));
        Assert.AreEqual(0, new LoginResponseHeader(script.Header).Tsih, "no handle before the final response");
        Assert.AreEqual($"1 0000 InitialR2T=No|{Declared}", script.Say("1", "InitialR2T=No"));
        Assert.AreEqual("T1>3 0000 ImmediateData=Yes", script.Say("T1>3", "ImmediateData=Yes"));
        Assert.AreEqual(LoginState.Succeeded, script.Login.State);
    }

    [TestMethod]
    public void Login_SecurityStraightToFullFeature_TakesDefaults()
    {
        LoginScript script = new();
        Assert.AreEqual("T0>3 0000 TargetPortalGroupTag=1|AuthMethod=None", script.Say("T0>3", Identity + "|AuthMethod=None"));
        Assert.AreEqual(8192, script.Login.Negotiator!.ToConnectionParameters().MaxRecvDataSegmentLength);
    }

    [TestMethod]
    public void Login_DiscoveryWithoutTarget_IsAdmitted()
    {
        LoginScript script = new() { Admission = LoginAdmission.Accept(new NegotiationPolicy(), NoAuthentication.Instance, null, "alias") };
        Assert.AreEqual(
            $"T1>3 0000 TargetAlias=alias|MaxBurstLength=Irrelevant|{Declared}",
            script.Say("T1>3", "InitiatorName=iqn.2026-11.org.example:host|SessionType=Discovery|MaxBurstLength=65536"));
        Assert.AreEqual(SessionType.Discovery, script.Login.Identity!.SessionType);
        Assert.IsNull(script.Login.Identity.TargetName);
    }

    [TestMethod]
    public void Login_IdentityRepeatedInSecondStage_IsTolerated()
    {
        LoginScript script = new();
        script.Say("T0>1", Identity + "|AuthMethod=None");
        StringAssert.StartsWith(script.Say("T1>3", Identity + "|MaxBurstLength=65536"), "T1>3 0000", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Login_AddingConnection_KeepsTheSessionsHandle()
    {
        LoginScript script = new() { Tsih = 3, NewTsih = 3, Cid = 1 };
        Assert.AreEqual($"T1>3 0000 TargetPortalGroupTag=1|MaxBurstLength=Reject|{Declared}", script.Say("T1>3", Identity + "|MaxBurstLength=65536"));
        Assert.IsFalse(script.Login.Identity!.IsLeading);
        Assert.AreEqual(3, new LoginResponseHeader(script.Header).Tsih);
    }

    [TestMethod]
    [DataRow("T1>3", "TargetName=iqn.2026-11.org.example:db", 0x0207, LoginFault.Identity, DisplayName = "No InitiatorName")]
    [DataRow("T1>3", "InitiatorName=iqn.2026-11.org.example:host", 0x0207, LoginFault.Identity, DisplayName = "No TargetName")]
    [DataRow("T1>3", "MaxBurstLength=4096", 0x0207, LoginFault.Identity)]
    [DataRow("T1>3", "", 0x0207, LoginFault.Identity)]
    [DataRow("T1>3", Identity + "x", 0x0209, LoginFault.Identity, DisplayName = "Unknown SessionType")]
    [DataRow("T1>3", "InitiatorName=host|TargetName=iqn.2026-11.org.example:db", 0x0200, LoginFault.Identity)]
    [DataRow("T1>3", "InitiatorName=iqn.2026-11.org.example:host|TargetName=disk", 0x0203, LoginFault.Identity)]
    [DataRow("T1>3", Identity + "|novalue", 0x0200, LoginFault.Identity)]
    [DataRow("T1>3", Identity + "|InitiatorName=iqn.2026-11.org.example:other", 0x0200, LoginFault.Negotiation)]
    [DataRow("T1>3", Identity + "|SendTargets=All", 0x0200, LoginFault.Negotiation)]
    [DataRow("T1>3", Identity + "|MaxRecvDataSegmentLength=0", 0x0200, LoginFault.Negotiation)]
    [DataRow("T0>1", Identity + "|MaxBurstLength=4096", 0x0200, LoginFault.Negotiation, DisplayName = "Operational key in the security stage")]
    [DataRow("T0>1", Identity + "|CHAP_A=5", 0x0200, LoginFault.AuthenticationSequence)]
    [DataRow("T0>1", Identity + "|AuthMethod=None|CHAP_A=5", 0x0200, LoginFault.AuthenticationSequence)]
    [DataRow("T0>1", Identity + "|AuthMethod=None|AuthMethod=None", 0x0200, LoginFault.AuthenticationSequence)]
    [DataRow("T0>1", Identity + "|AuthMethod=CHAP", 0x0201, LoginFault.Authentication, DisplayName = "Only CHAP, where there is none")]
    [DataRow("TC1>3", Identity, 0x0200, LoginFault.StageBits)]
    [DataRow("T1>1", Identity, 0x0200, LoginFault.StageBits)]
    [DataRow("T1>0", Identity, 0x0200, LoginFault.StageBits)]
    [DataRow("T0>2", Identity, 0x0200, LoginFault.StageBits)]
    [DataRow("T0>0", Identity, 0x0200, LoginFault.StageBits)]
    [DataRow("2", Identity, 0x0200, LoginFault.StageBits)]
    [DataRow("T3>3", Identity, 0x0200, LoginFault.StageBits)]
    public void FirstRequest_Hostile_IsRefused(string flags, string lines, int status, LoginFault fault)
    {
        LoginScript script = new();
        string response = script.Say(flags, lines);
        StringAssert.Contains(response, $" {status:x4}", StringComparison.Ordinal);
        Assert.IsFalse(response.Contains('=', StringComparison.Ordinal), "a refusal carries no answers");
        Assert.AreEqual(0, script.Header[1] & 0xc0, "a refusal does not transit");
        Assert.AreEqual(LoginState.Failed, script.Login.State);
        Assert.AreEqual(fault, script.Login.Fault);
    }

    [TestMethod]
    public void FirstRequest_TextNotTerminated_IsRefused()
    {
        LoginScript script = new();
        StringAssert.StartsWith(script.Say("T1>3", "InitiatorName=iqn.2026-11.org.example:host", rawText: true), "1 0200", StringComparison.Ordinal);
    }

    [TestMethod]
    public void FirstRequest_OtherVersion_IsRefused()
    {
        LoginScript script = new() { VersionMin = 1 };
        Assert.AreEqual("0 0205", script.Say("T1>3", Identity));
        Assert.AreEqual(LoginFault.Version, script.Login.Fault);
    }

    [TestMethod]
    public void FirstRequest_OtherPdu_IsRefusedAsInvalidDuringLogin()
    {
        LoginScript script = new();
        byte[] bhs = new byte[48];
        NopOutWriter.Write(bhs, true, 0, script.InitiatorTaskTag, BasicHeader.ReservedTag, default);
        Assert.AreEqual("0 020b", script.Send(bhs, default));
        Assert.AreEqual(LoginFault.NotALoginRequest, script.Login.Fault);
    }

    [TestMethod]
    public void LaterRequest_ChangedIdentifiers_AreRefused()
    {
        foreach (Action<LoginScript> change in new Action<LoginScript>[] { s => s.Cid++, s => s.Isid = new Isid(1), s => s.InitiatorTaskTag++ })
        {
            LoginScript script = new();
            script.Say("0", Identity);
            change(script);
            StringAssert.Contains(script.Say("T0>1", ""), " 0200", StringComparison.Ordinal);
            Assert.AreEqual(LoginFault.IdentifierChanged, script.Login.Fault);
        }
    }

    [TestMethod]
    public void LaterRequest_StageSkippedWithoutTransition_IsRefused()
    {
        LoginScript script = new();
        Assert.AreEqual("0 0000 TargetPortalGroupTag=1", script.Say("0", Identity));
        StringAssert.Contains(script.Say("T1>3", ""), " 0200", StringComparison.Ordinal);
        Assert.AreEqual(LoginFault.StageBits, script.Login.Fault);
    }

    [TestMethod]
    public void Requests_WithoutEnd_AreCutOff()
    {
        LoginScript script = new(new LoginSettings { MaxRequests = 5 });
        script.Say("0", Identity);
        for (int request = 1; request < 5; request++)
            Assert.AreEqual("0 0000", script.Say("0", ""));
        Assert.AreEqual("0 0200", script.Say("0", ""));
        Assert.AreEqual(LoginFault.TooManyRequests, script.Login.Fault);
    }

    [TestMethod]
    public void Text_InPieces_IsAnsweredWhenComplete()
    {
        LoginScript script = new();
        string text = Identity.Replace('|', '\0') + "\0HeaderDigest=CRC32C\0";
        for (int offset = 0; offset < text.Length - 20; offset += 20)
            Assert.AreEqual("1 0000", script.Say("C1", text.Substring(offset, 20), rawText: true));
        int rest = (text.Length - 1) / 20 * 20;
        Assert.AreEqual($"T1>3 0000 TargetPortalGroupTag=1|HeaderDigest=CRC32C|{Declared}", script.Say("T1>3", text[rest..], rawText: true));
    }

    [TestMethod]
    public void Text_EndlessPieces_AreCutOffAtTheLimit()
    {
        LoginScript script = new(new LoginSettings { Text = new TextLimits(16384, 8192), MaxRequests = 1000 });
        string piece = new('x', 8000);
        Assert.AreEqual("1 0000", script.Say("C1", piece, rawText: true));
        Assert.AreEqual("1 0000", script.Say("C1", piece, rawText: true));
        Assert.AreEqual("0 0200", script.Say("C1", piece, rawText: true).Replace("1 ", "0 ", StringComparison.Ordinal));
        Assert.AreEqual(LoginFault.Text, script.Login.Fault);
    }

    [TestMethod]
    public void Answer_LongerThanTheInitiatorTakes_IsSentInPieces()
    {
        LoginScript script = new();
        string offers = "MaxRecvDataSegmentLength=512|" + string.Join('|', Enumerable.Range(0, 60).Select(i => $"X-org.example.key{i:d2}=1"));
        string first = script.Say("T1>3", Identity + "|" + offers);
        StringAssert.StartsWith(first, "C1 0000 TargetPortalGroupTag=1|X-org.example.key00=NotUnderstood|", StringComparison.Ordinal);
        Assert.AreEqual(512, new LoginResponseHeader(script.Header).Basic.DataSegmentLength);
        string joined = first["C1 0000 ".Length..];
        string next;
        while ((next = script.Say("T1>3", "")).StartsWith('C'))
            joined += next["C1 0000 ".Length..];
        StringAssert.StartsWith(next, "T1>3 0000 ", StringComparison.Ordinal);
        StringAssert.Contains(joined + next["T1>3 0000 ".Length..], "key59=NotUnderstood", StringComparison.Ordinal);
        Assert.AreEqual(LoginState.Succeeded, script.Login.State);
    }

    [TestMethod]
    public void Answer_InPiecesInterruptedByText_IsRefused()
    {
        LoginScript script = new();
        string offers = "MaxRecvDataSegmentLength=512|" + string.Join('|', Enumerable.Range(0, 60).Select(i => $"X-org.example.key{i:d2}=1"));
        script.Say("T1>3", Identity + "|" + offers);
        StringAssert.Contains(script.Say("T1>3", "MaxBurstLength=4096"), " 0200", StringComparison.Ordinal);
        Assert.AreEqual(LoginFault.UnexpectedText, script.Login.Fault);
    }

    [TestMethod]
    public void TargetProposal_WhereDefaultIsNotAcceptable_HoldsTheTransition()
    {
        NegotiationPolicy strict = new() { DataDigests = [DigestAlgorithm.Crc32C] };
        LoginScript script = new() { Admission = LoginAdmission.Accept(strict, NoAuthentication.Instance, 1) };
        Assert.AreEqual($"1 0000 TargetPortalGroupTag=1|{Declared}|DataDigest=CRC32C", script.Say("T1>3", Identity));
        Assert.AreEqual("T1>3 0000", script.Say("T1>3", "DataDigest=CRC32C"));
        Assert.IsTrue(script.Login.Negotiator!.ToConnectionParameters().DataDigest);
    }

    [TestMethod]
    public void TargetProposal_LeftUnanswered_EndsTheLogin()
    {
        NegotiationPolicy strict = new() { DataDigests = [DigestAlgorithm.Crc32C] };
        LoginScript script = new() { Admission = LoginAdmission.Accept(strict, NoAuthentication.Instance, 1) };
        script.Say("T1>3", Identity);
        Assert.AreEqual("1 0200", script.Say("T1>3", ""));
        Assert.AreEqual((NegotiationError.NoAnswer, "DataDigest"), (script.Login.NegotiationError, script.Login.FaultyKey));
    }

    [TestMethod]
    public void Admission_Refused_GivesItsStatus()
    {
        LoginScript script = new() { Admission = LoginAdmission.Refuse(LoginStatus.AuthorizationFailure) };
        Assert.AreEqual("1 0202", script.Say("T1>3", Identity));
        Assert.AreEqual(LoginFault.Caller, script.Login.Fault);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LoginAdmission.Refuse(LoginStatus.Success));
    }

    [TestMethod]
    public void Admission_Moved_GivesTheAddress()
    {
        LoginScript script = new() { Admission = LoginAdmission.Redirect(new TargetAddress("10.0.0.2", 3261, null), isPermanent: false) };
        Assert.AreEqual("1 0101 TargetAddress=10.0.0.2:3261", script.Say("T1>3", Identity));
        Assert.AreEqual(LoginState.Failed, script.Login.State);
    }

    [TestMethod]
    public void Session_RefusedAtTheEnd_GivesNoTransition()
    {
        LoginScript script = new();
        byte[] bhs = new byte[48];
        byte[] text = System.Text.Encoding.UTF8.GetBytes(Identity.Replace('|', '\0') + '\0');
        LoginRequestWriter.Write(
            bhs, LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, script.Isid, 0, script.InitiatorTaskTag, 0, default, text.Length);
        Assert.AreEqual(LoginState.AwaitingAdmission, script.Login.Receive(bhs, text));
        Assert.AreEqual(LoginState.AwaitingSession, script.Login.Admit(script.Admission));
        Assert.AreEqual(LoginState.AwaitingResponse, script.Login.Fail(LoginStatus.OutOfResources));
        Assert.AreEqual("1 0302", script.Respond());
    }

    [TestMethod]
    public void Calls_OutOfOrder_Throw()
    {
        LoginScript script = new();
        Assert.ThrowsExactly<InvalidOperationException>(() => script.Login.Complete(1));
        Assert.ThrowsExactly<InvalidOperationException>(() => script.Login.Admit(script.Admission));
        Assert.ThrowsExactly<InvalidOperationException>(() => script.Login.WriteResponse(new byte[48], default));
        script.Say("T1>3", Identity);
        Assert.ThrowsExactly<InvalidOperationException>(() => script.Login.Receive(new byte[48], default));
    }
}
