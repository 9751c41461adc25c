using System.Text;
using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Login;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Tests.Login;

/// <summary>An initiator against targets that do not behave.</summary>
[TestClass]
public sealed class InitiatorLoginTests
{
    private static readonly InitiatorLoginSettings Settings = new()
    {
        InitiatorName = "iqn.2026-11.org.example:host",
        TargetName = "iqn.2026-11.org.example:db",
        Isid = new Isid(0x800000000001),
    };

    [TestMethod]
    public void FirstRequest_WithoutCredential_OffersEverythingAtOnce()
    {
        byte[] bhs = new byte[48];
        string text = Encoding.UTF8.GetString(new InitiatorLogin(Settings).WriteRequest(bhs, 3, new InitiatorSequence(9, 0)).Span);
        LoginRequestHeader header = new(bhs);
        Assert.AreEqual((LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase), (header.Flags, header.CurrentStage, header.NextStage));
        StringAssert.StartsWith(
            text, "InitiatorName=iqn.2026-11.org.example:host\0SessionType=Normal\0TargetName=iqn.2026-11.org.example:db\0HeaderDigest=", StringComparison.Ordinal);
        StringAssert.EndsWith(text, "MaxRecvDataSegmentLength=262144\0", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(0x83, "", LoginFault.StageBits, DisplayName = "Another stage than asked")]
    [DataRow(0x86, "", LoginFault.StageBits, DisplayName = "Reserved next stage")]
    [DataRow(0xc7, "", LoginFault.StageBits, DisplayName = "T and C")]
    [DataRow(0x87, "", LoginFault.Negotiation, DisplayName = "Transit without answers")]
    [DataRow(0x87, "MaxBurstLength=16777215\0", LoginFault.Negotiation, DisplayName = "More than offered")]
    [DataRow(0x04, "InitiatorName=iqn.x\0", LoginFault.Negotiation, DisplayName = "A key that targets may not send")]
    [DataRow(0x04, "MaxBurstLength", LoginFault.Text)]
    public void Response_Hostile_EndsTheLogin(int flags, string text, LoginFault fault)
    {
        InitiatorLogin login = Begin(Settings);
        Assert.AreEqual(LoginState.Failed, Respond(login, flags, text));
        Assert.AreEqual(fault, login.Fault);
    }

    [TestMethod]
    public void Response_OtherPdu_EndsTheLogin()
    {
        InitiatorLogin login = Begin(Settings);
        byte[] bhs = new byte[48];
        NopInWriter.Write(bhs, 0, BasicHeader.ReservedTag, 1, default);
        Assert.AreEqual(LoginState.Failed, login.Receive(bhs, default));
        Assert.AreEqual(LoginFault.NotALoginRequest, login.Fault);
    }

    [TestMethod]
    public void Response_NeverTransiting_IsCutOff()
    {
        InitiatorLogin login = Begin(Settings with { Limits = new LoginSettings { MaxRequests = 4 } });
        int rounds = 0;
        while (Respond(login, 0x04, string.Empty) == LoginState.AwaitingRequest)
        {
            rounds++;
            _ = login.WriteRequest(new byte[48], 1, default);
        }

        Assert.AreEqual(3, rounds);
        Assert.AreEqual(LoginFault.TooManyRequests, login.Fault);
    }

    [TestMethod]
    public void Response_SkippingChap_EndsTheLogin()
    {
        ChapCredential user = new("user", "secret of the user"u8.ToArray());
        InitiatorLogin login = Begin(Settings with { Credential = user });
        Assert.AreEqual(LoginState.Failed, Respond(login, 0x81, "AuthMethod=None\0"));
        Assert.AreEqual(LoginState.Failed, Respond(Begin(Settings with { Credential = user }), 0x81, string.Empty));
    }

    [TestMethod]
    public void Responses_Mutated_NeverThrow()
    {
        Random random = new(3720);
        byte[] good = Encoding.UTF8.GetBytes("TargetPortalGroupTag=1\0HeaderDigest=None\0MaxBurstLength=262144\0CHAP_A=7\0CHAP_I=1\0CHAP_C=0x00\0AuthMethod=CHAP\0");
        ChapCredential user = new("user", "secret of the user"u8.ToArray());
        for (int round = 0; round < 10_000; round++)
        {
            InitiatorLogin login = new(Settings with { Credential = random.Next(2) == 0 ? user : null });
            for (int request = 0; request < 6 && login.State == LoginState.AwaitingRequest; request++)
            {
                _ = login.WriteRequest(new byte[48], 1, default);
                byte[] text = good.AsSpan(random.Next(good.Length)).ToArray();
                text[random.Next(text.Length)] = (byte)random.Next(256);
                byte[] bhs = new byte[48];
                LoginResponseWriter.Write(bhs, LoginFlags.None, 0, 0, new Isid(1), 1, 1, default, random.Next(9) == 0 ? (LoginStatus)random.Next(0x400) : 0, text.Length);
                bhs[1] = (byte)random.Next(256);
                LoginState state = login.Receive(bhs, text);
                Assert.IsTrue(state is LoginState.AwaitingRequest or LoginState.Failed or LoginState.Succeeded);
            }
        }
    }

    private static InitiatorLogin Begin(InitiatorLoginSettings settings)
    {
        InitiatorLogin login = new(settings);
        _ = login.WriteRequest(new byte[48], 1, default);
        return login;
    }

    private static LoginState Respond(InitiatorLogin login, int flags, string text)
    {
        byte[] data = Encoding.UTF8.GetBytes(text);
        byte[] bhs = new byte[48];
        LoginResponseWriter.Write(bhs, LoginFlags.None, 0, 0, new Isid(1), 1, 1, default, LoginStatus.Success, data.Length);
        bhs[1] = (byte)flags;
        return login.Receive(bhs, data);
    }
}
