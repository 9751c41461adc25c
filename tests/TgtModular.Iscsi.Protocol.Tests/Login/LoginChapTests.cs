using System.Diagnostics.CodeAnalysis;
using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Login;
using TgtModular.Iscsi.Protocol.Naming;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Tests.Login;

/// <summary>Authentication within the login, and both ends talking to each other.</summary>
[TestClass]
public sealed class LoginChapTests
{
    private static readonly ChapCredential User = new("user", "secret of the user"u8.ToArray());
    private static readonly ChapCredential Target = new("target", "secret of the target"u8.ToArray());

    private static LoginAdmission Chap => LoginAdmission.Accept(new NegotiationPolicy(), new ChapAuthentication(new Credentials(), ChapPolicy.Default), 1);

    [TestMethod]
    [DataRow("T1>3", "", LoginFault.AuthenticationSequence, DisplayName = "Security stage left out")]
    [DataRow("T0>1", "|AuthMethod=None", LoginFault.Authentication)]
    [DataRow("T0>3", "|AuthMethod=KRB5", LoginFault.Authentication)]
    [DataRow("T0>1", "", LoginFault.AuthenticationSequence, DisplayName = "No AuthMethod")]
    public void RequiredChap_Evaded_IsAuthenticationFailure(string flags, string more, LoginFault fault)
    {
        LoginScript script = new() { Admission = Chap };
        StringAssert.Contains(script.Say(flags, LoginScript.Identity + more), " 0201", StringComparison.Ordinal);
        Assert.AreEqual(fault, script.Login.Fault);
    }

    [TestMethod]
    public void RequiredChap_TransitBeforeTheEnd_IsNotGranted()
    {
        LoginScript script = new() { Admission = Chap };
        Assert.AreEqual("0 0000 TargetPortalGroupTag=1|AuthMethod=CHAP", script.Say("T0>1", LoginScript.Identity + "|AuthMethod=None,CHAP"));
        StringAssert.StartsWith(script.Say("T0>1", "CHAP_A=5"), "0 0000 CHAP_A=5|CHAP_I=", StringComparison.Ordinal);
        Assert.AreEqual("0 0000", script.Say("T0>1", ""));
        StringAssert.Contains(script.Say("T0>3", "CHAP_N=user|CHAP_R=0x00112233445566778899aabbccddeeff"), " 0201", StringComparison.Ordinal);
        Assert.AreEqual(AuthenticationFailure.WrongResponse, script.Login.AuthenticationFailure);
        Assert.IsNull(script.Login.AuthenticatedName);
    }

    [TestMethod]
    public void RequiredChap_MethodAndAlgorithmInOneText_AreTaken()
    {
        LoginScript script = new() { Admission = Chap };
        StringAssert.Contains(script.Say("0", LoginScript.Identity + "|AuthMethod=CHAP|CHAP_A=7"), "AuthMethod=CHAP|CHAP_A=7|CHAP_I=", StringComparison.Ordinal);
    }

    [TestMethod]
    public void RequiredChap_RenegotiatedMethod_IsRefused()
    {
        LoginScript script = new() { Admission = Chap };
        script.Say("0", LoginScript.Identity + "|AuthMethod=CHAP");
        StringAssert.Contains(script.Say("T0>1", "AuthMethod=None"), " 0200", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void BothEnds_WithChap_ReachFullFeaturePhase(bool mutual)
    {
        TargetLogin target = new(new LoginSettings());
        InitiatorLogin initiator = new(Settings with { Credential = User, TargetCredential = mutual ? Target : null });
        Run(initiator, target, Chap);
        Assert.AreEqual((LoginState.Succeeded, LoginState.Succeeded), (initiator.State, target.State), $"{initiator.Fault} {target.Fault} {target.AuthenticationFailure}");
        Assert.AreEqual("user", target.AuthenticatedName);
        Assert.AreEqual(9, initiator.Tsih);
        Assert.AreEqual(1, initiator.Negotiator.ToSessionParameters().TargetPortalGroupTag);
        ConnectionParameters ours = initiator.Negotiator.ToConnectionParameters();
        ConnectionParameters theirs = target.Negotiator!.ToConnectionParameters();
        Assert.AreEqual((ours.MaxSendDataSegmentLength, ours.MaxRecvDataSegmentLength), (theirs.MaxRecvDataSegmentLength, theirs.MaxSendDataSegmentLength));
        Assert.AreEqual(
            target.Negotiator.ToSessionParameters(),
            initiator.Negotiator.ToSessionParameters() with { TargetPortalGroupTag = null, PeerAlias = null });
    }

    [TestMethod]
    public void BothEnds_WrongSecret_EndWithAuthenticationFailure()
    {
        TargetLogin target = new(new LoginSettings());
        InitiatorLogin initiator = new(Settings with { Credential = User with { Secret = new byte[16] } });
        Run(initiator, target, Chap);
        Assert.AreEqual((LoginState.Failed, LoginStatus.AuthenticationFailure), (initiator.State, initiator.Status));
        Assert.AreEqual(AuthenticationFailure.WrongResponse, target.AuthenticationFailure);
    }

    [TestMethod]
    public void BothEnds_TargetWithWrongSecret_InitiatorGivesUp()
    {
        TargetLogin target = new(new LoginSettings());
        InitiatorLogin initiator = new(Settings with { Credential = User, TargetCredential = Target with { Secret = new byte[16] } });
        Run(initiator, target, Chap);
        Assert.AreEqual((LoginState.Failed, LoginFault.Authentication, AuthenticationFailure.WrongResponse), (initiator.State, initiator.Fault, initiator.AuthenticationFailure));
    }

    [TestMethod]
    public void BothEnds_Discovery_ReachFullFeaturePhase()
    {
        TargetLogin target = new(new LoginSettings());
        InitiatorLogin initiator = new(Settings with { TargetName = null });
        Run(initiator, target, LoginAdmission.Accept(new NegotiationPolicy(), NoAuthentication.Instance, 1));
        Assert.AreEqual((LoginState.Succeeded, LoginState.Succeeded), (initiator.State, target.State));
        Assert.AreEqual(SessionType.Discovery, target.Identity!.SessionType);
    }

    [TestMethod]
    public void BothEnds_TargetInsistsOnDigest_InitiatorFollows()
    {
        TargetLogin target = new(new LoginSettings());
        InitiatorLogin initiator = new(Settings with { Negotiation = new NegotiationPolicy { DataDigests = [DigestAlgorithm.Crc32C] } });
        Run(initiator, target, LoginAdmission.Accept(new NegotiationPolicy { DataDigests = [DigestAlgorithm.Crc32C] }, NoAuthentication.Instance, 1));
        Assert.AreEqual((LoginState.Succeeded, LoginState.Succeeded), (initiator.State, target.State));
        Assert.IsTrue(initiator.Negotiator.ToConnectionParameters().DataDigest);
    }

    [TestMethod]
    public void BothEnds_Redirection_ReachesTheInitiator()
    {
        TargetLogin target = new(new LoginSettings());
        InitiatorLogin initiator = new(Settings);
        Run(initiator, target, LoginAdmission.Redirect(new TargetAddress("::1", 3261, null), isPermanent: true));
        Assert.AreEqual((LoginState.Failed, LoginStatus.TargetMovedPermanently), (initiator.State, initiator.Status));
        Assert.AreEqual("[::1]:3261", initiator.MovedTo?.ToString());
    }

    private static InitiatorLoginSettings Settings => new()
    {
        InitiatorName = "iqn.2026-11.org.example:host",
        TargetName = "iqn.2026-11.org.example:db",
        Isid = new Isid(0x800000000001),
    };

    private static void Run(InitiatorLogin initiator, TargetLogin target, LoginAdmission admission)
    {
        byte[] bhs = new byte[48];
        for (uint round = 0; initiator.State == LoginState.AwaitingRequest; round++)
        {
            byte[] request = initiator.WriteRequest(bhs, 1, new InitiatorSequence(1, round)).ToArray();
            LoginState state = target.Receive(bhs, request);
            if (state == LoginState.AwaitingAdmission)
                state = target.Admit(admission);
            if (state == LoginState.AwaitingSession)
                state = target.Complete(9);
            Assert.AreEqual(LoginState.AwaitingResponse, state);
            byte[] response = target.WriteResponse(bhs, new TargetSequence(round, 1, 32)).ToArray();
            initiator.Receive(bhs, response);
        }
    }

    private sealed class Credentials : IChapCredentials
    {
        public ChapCredential? Own => Target;

        public bool TryFind(string name, [NotNullWhen(true)] out ChapCredential? credential)
        {
            credential = name == User.Name ? User : null;
            return credential is not null;
        }
    }
}
