using System.Globalization;
using System.Text;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;
using TgtModular.Transports;
using ChapCredential = TgtModular.Transports.ChapCredential;

namespace TgtModular.Iscsi.Tests;

/// <summary>CHAP in both directions, by the accounts of the target and of discovery (RFC 7143 section 12.1.3).</summary>
[TestClass]
public sealed class ChapTests
{
    private static readonly Authentication OneWay = new([new ChapCredential("alice", "secret-of-alice"u8.ToArray())], null);
    private static readonly Authentication BothWays = OneWay with { Outgoing = new ChapCredential("disk", "secret-of-the-disk"u8.ToArray()) };

    [TestMethod]
    [DataRow(ChapAlgorithm.Md5)]
    [DataRow(ChapAlgorithm.Sha1)]
    [DataRow(ChapAlgorithm.Sha256)]
    [DataRow(ChapAlgorithm.Sha3256)]
    public async Task Chap_RightSecret_LoggedIn(ChapAlgorithm algorithm)
    {
        if (!ChapAlgorithms.IsSupported(algorithm)) Assert.Inconclusive($"this platform has no {algorithm}");
        await using Bench bench = new();
        bench.Target.Authentication = OneWay;
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await AuthenticateAsync(initiator, Bench.TargetName, algorithm, "alice", "secret-of-alice");

        Assert.AreEqual(LoginStatus.Success, response.Login.Status);
        Assert.AreEqual(LoginStage.OperationalNegotiation, response.Login.NextStage);
        ReceivedPdu last = await initiator.SendLoginAsync(LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase);
        Assert.AreEqual(LoginStatus.Success, last.Login.Status);
        await initiator.PingAsync();
    }

    [TestMethod]
    [DataRow("alice", "wrong-secret-000", DisplayName = "wrong secret")]
    [DataRow("mallory", "secret-of-alice", DisplayName = "unknown user")]
    public async Task Chap_WrongAccount_AuthenticationFailure(string user, string secret)
    {
        await using Bench bench = new();
        bench.Target.Authentication = OneWay;
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await AuthenticateAsync(initiator, Bench.TargetName, ChapAlgorithm.Sha256, user, secret);

        Assert.AreEqual(LoginStatus.AuthenticationFailure, response.Login.Status);
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
        string line = bench.Host.Log.Entries.Single(entry => entry.EventId.Id == 511).Text;
        Assert.Contains("AuthenticationFailure", line);
        Assert.DoesNotContain("secret", line);
    }

    [TestMethod]
    public async Task Chap_NotOffered_AuthenticationFailure()
    {
        await using Bench bench = new();
        bench.Target.Authentication = OneWay;
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await initiator.SendLoginAsync(
            LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, $"InitiatorName={WireInitiator.Name}",
            $"TargetName={Bench.TargetName}");

        Assert.AreEqual(LoginStatus.AuthenticationFailure, response.Login.Status);
        await initiator.ExpectClosedAsync(EndReason.LoginRefused);
    }

    [TestMethod]
    public async Task Chap_Stranger_DoesNotDisplaceASession()
    {
        await using Bench bench = new();
        using WireInitiator first = await bench.LoginAsync();
        bench.Target.Authentication = OneWay;
        using WireInitiator stranger = bench.Connect(); // same name, same ISID

        await AuthenticateAsync(stranger, Bench.TargetName, ChapAlgorithm.Md5, "alice", "wrong-secret-000");

        await first.PingAsync();
        Assert.IsNull(first.Connection.Reason);
    }

    [TestMethod]
    public async Task Chap_Mutual_TargetAnswersChallenge()
    {
        await using Bench bench = new();
        bench.Target.Authentication = BothWays;
        using WireInitiator initiator = bench.Connect();
        byte[] challenge = Encoding.ASCII.GetBytes("a challenge of the initiator");

        ReceivedPdu response = await AuthenticateAsync(initiator, Bench.TargetName, ChapAlgorithm.Sha256, "alice", "secret-of-alice", challenge);

        Assert.AreEqual(LoginStatus.Success, response.Login.Status);
        Assert.AreEqual("disk", Value(response, "CHAP_N"));
        Assert.AreEqual("0x" + Convert.ToHexStringLower(Response(ChapAlgorithm.Sha256, 7, "secret-of-the-disk", challenge)), Value(response, "CHAP_R"));
    }

    [TestMethod]
    public async Task Chap_MutualWithoutOutgoingAccount_AuthenticationFailure()
    {
        await using Bench bench = new();
        bench.Target.Authentication = OneWay;
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await AuthenticateAsync(initiator, Bench.TargetName, ChapAlgorithm.Sha256, "alice", "secret-of-alice", [1, 2, 3, 4, 5, 6, 7,
            8, 9]);

        Assert.AreEqual(LoginStatus.AuthenticationFailure, response.Login.Status);
    }

    [TestMethod]
    public async Task Chap_Discovery_UsesItsOwnAccounts()
    {
        await using Bench bench = new();
        bench.Engine.DiscoveryAuthentication = new Authentication([new ChapCredential("finder", "secret-of-finder"u8.ToArray())], null);
        using WireInitiator wrong = bench.Connect();
        ReceivedPdu refused = await AuthenticateAsync(wrong, null, ChapAlgorithm.Md5, "alice", "secret-of-alice");
        Assert.AreEqual(LoginStatus.AuthenticationFailure, refused.Login.Status);

        using WireInitiator right = bench.Connect();
        ReceivedPdu accepted = await AuthenticateAsync(right, null, ChapAlgorithm.Md5, "finder", "secret-of-finder");

        Assert.AreEqual(LoginStatus.Success, accepted.Login.Status);
    }

    [TestMethod]
    public async Task Chap_AlgorithmsOfTarget_OthersRefused()
    {
        await using Bench bench = new(("chap_algorithms", (IReadOnlyList<string>)["sha256"]));
        bench.Target.Authentication = OneWay;
        using WireInitiator initiator = bench.Connect();
        await BeginAsync(initiator, Bench.TargetName);

        ReceivedPdu response = await initiator.SendLoginAsync(LoginFlags.None, LoginStage.SecurityNegotiation, LoginStage.SecurityNegotiation, "CHAP_A=5,6");

        Assert.AreEqual(LoginStatus.AuthenticationFailure, response.Login.Status);
    }

    [TestMethod]
    [DataRow(12L, LoginStatus.AuthenticationFailure)]
    [DataRow(0L, LoginStatus.Success)]
    public async Task Chap_ShortSecret_ByPolicy(long minimum, LoginStatus status)
    {
        await using Bench bench = new([("chap_min_secret_length", minimum)], []);
        bench.Target.Authentication = new Authentication([new ChapCredential("bob", "short"u8.ToArray())], null);
        using WireInitiator initiator = bench.Connect();

        ReceivedPdu response = await AuthenticateAsync(initiator, Bench.TargetName, ChapAlgorithm.Md5, "bob", "short");

        Assert.AreEqual(status, response.Login.Status);
    }

    private static string Value(ReceivedPdu response, string key) => response.Pairs.Single(pair => pair.StartsWith(key + "=",
        StringComparison.Ordinal))[(key.Length + 1)..];

    private static Task<ReceivedPdu> BeginAsync(WireInitiator initiator, string? target) => initiator.SendLoginAsync(
        LoginFlags.None, LoginStage.SecurityNegotiation, LoginStage.SecurityNegotiation, $"InitiatorName={WireInitiator.Name}",
        target is null ? "SessionType=Discovery" : $"TargetName={target}", "AuthMethod=CHAP");

    private static async Task<ReceivedPdu> AuthenticateAsync(
        WireInitiator initiator, string? target, ChapAlgorithm algorithm, string user, string secret, byte[]? challengeBack = null)
    {
        await BeginAsync(initiator, target);
        ReceivedPdu challenge = await initiator.SendLoginAsync(LoginFlags.None, LoginStage.SecurityNegotiation, LoginStage.SecurityNegotiation,
            $"CHAP_A={(int)algorithm}");
        Assert.AreEqual(LoginStatus.Success, challenge.Login.Status);
        byte identifier = byte.Parse(Value(challenge, "CHAP_I"), CultureInfo.InvariantCulture);
        byte[] response = Response(algorithm, identifier, secret, Convert.FromHexString(Value(challenge, "CHAP_C")[2..]));
        List<string> pairs = [$"CHAP_N={user}", $"CHAP_R=0x{Convert.ToHexStringLower(response)}"];
        if (challengeBack is not null) pairs.AddRange(["CHAP_I=7", $"CHAP_C=0x{Convert.ToHexStringLower(challengeBack)}"]);
        return await initiator.SendLoginAsync(LoginFlags.Transit, LoginStage.SecurityNegotiation, LoginStage.OperationalNegotiation, [.. pairs]);
    }

    private static byte[] Response(ChapAlgorithm algorithm, byte identifier, string secret, byte[] challenge)
    {
        byte[] hash = new byte[ChapAlgorithms.MaxHashLength];
        int length = ChapAlgorithms.ComputeResponse(algorithm, identifier, Encoding.UTF8.GetBytes(secret), challenge, hash);
        return hash[..length];
    }
}
