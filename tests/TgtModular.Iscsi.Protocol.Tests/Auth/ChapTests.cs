using System.Text;
using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Tests.Auth;

[TestClass]
public sealed class ChapTests
{
    private static readonly ChapCredential User = new("user", "secret of the user"u8.ToArray());
    private static readonly ChapCredential Target = new("target", "secret of the target"u8.ToArray());

    /// <summary>Computed independently, with OpenSSL's digests over identifier, secret and challenge.</summary>
    [TestMethod]
    [DataRow(ChapAlgorithm.Md5, "de76d926a9be8c9bb5bc44a5d19a3abf")]
    [DataRow(ChapAlgorithm.Sha1, "66f4f58ec7e2e59edca638ae85ef698de07698e8")]
    [DataRow(ChapAlgorithm.Sha256, "ea75c4d92afcc1e79db7de4919fe5feeb8209194972ff226ad96bae1e55e8086")]
    [DataRow(ChapAlgorithm.Sha3256, "b6d22eb2ac56d8c92d3368cd42a3e86ab1adea37d706b2e61aedde24d95f74a2")]
    public void Response_KnownVector_Matches(ChapAlgorithm algorithm, string expected)
    {
        if (!ChapAlgorithms.IsSupported(algorithm))
            Assert.Inconclusive($"This platform has no {algorithm}.");
        byte[] challenge = Hex.Parse("000102030405060708090a0b0c0d0e0f");
        byte[] response = new byte[ChapAlgorithms.MaxHashLength];
        int length = ChapAlgorithms.ComputeResponse(algorithm, 0x27, "open sesame!"u8, challenge, response);
        Assert.AreEqual(ChapAlgorithms.GetHashLength(algorithm), length);
        Hex.AssertEqual(expected, response.AsSpan(0, length));
    }

    [TestMethod]
    [DataRow(ChapAlgorithm.Md5, 16)]
    [DataRow(ChapAlgorithm.Sha1, 20)]
    [DataRow(ChapAlgorithm.Sha256, 32)]
    [DataRow(ChapAlgorithm.Sha3256, 32)]
    public void Chap_OneWayAndMutual_Succeed(ChapAlgorithm algorithm, int challengeLength)
    {
        if (!ChapAlgorithms.IsSupported(algorithm))
            Assert.Inconclusive($"This platform has no {algorithm}.");
        ChapPolicy policy = new() { Algorithms = [algorithm] };
        foreach (ChapCredential? mutual in new[] { null, Target })
        {
            ChapInitiatorExchange initiator = new(User, mutual, policy);
            IAuthenticationExchange target = Begin(policy);
            TextBuffer text = new();
            initiator.Begin(text);
            Assert.AreEqual($"CHAP_A={(int)algorithm}", Show(text));
            TextBuffer challenge = new();
            Assert.AreEqual(AuthenticationProgress.Continue, Feed(target, Show(text), challenge));
            Assert.AreEqual(2 + (2 * challengeLength), Value(challenge, "CHAP_C").Length);
            TextBuffer response = new();
            Assert.AreEqual(AuthenticationProgress.Continue, Feed(initiator, Show(challenge), response));
            TextBuffer proof = new();
            Assert.AreEqual(AuthenticationProgress.Succeeded, Feed(target, Show(response), proof));
            Assert.AreEqual("user", target.PeerName);
            Assert.AreEqual(mutual is null, proof.Length == 0);
            Assert.AreEqual(AuthenticationProgress.Succeeded, Feed(initiator, Show(proof), new TextBuffer()));
            Assert.AreEqual(mutual?.Name, initiator.PeerName);
        }
    }

    [TestMethod]
    public void Algorithm_SeveralOffered_TargetPrefersItsOwnOrder()
    {
        ChapPolicy policy = new() { Algorithms = [ChapAlgorithm.Sha256, ChapAlgorithm.Sha1, ChapAlgorithm.Md5] };
        foreach ((string offer, string chosen) in new[] { ("5,6,7", "7"), ("6,5", "6"), ("5", "5"), ("250,5", "5"), ("0x7,5", "7") })
        {
            TextBuffer answers = new();
            Assert.AreEqual(AuthenticationProgress.Continue, Feed(Begin(policy), $"CHAP_A={offer}", answers));
            Assert.AreEqual(chosen, Value(answers, "CHAP_A"));
        }
    }

    [TestMethod]
    [DataRow("CHAP_A=8", AuthenticationFailure.NothingInCommon)]
    [DataRow("CHAP_A=", AuthenticationFailure.NothingInCommon)]
    [DataRow("CHAP_A=7|CHAP_N=user", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_N=user|CHAP_R=0x00", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_C=0x00|CHAP_I=1", AuthenticationFailure.MalformedExchange)]
    public void FirstText_WithoutCommonAlgorithmOrWithOtherKeys_Fails(string text, AuthenticationFailure failure)
    {
        IAuthenticationExchange target = Begin(new ChapPolicy { Algorithms = [ChapAlgorithm.Md5, ChapAlgorithm.Sha256] });
        Assert.AreEqual(AuthenticationProgress.Failed, Feed(target, text, new TextBuffer()));
        Assert.AreEqual(failure, target.Failure);
    }

    [TestMethod]
    [DataRow("CHAP_N=nobody|CHAP_R={0}", AuthenticationFailure.UnknownName)]
    [DataRow("CHAP_N=user|CHAP_R=0x00112233445566778899aabbccddeeff", AuthenticationFailure.WrongResponse)]
    [DataRow("CHAP_N=user|CHAP_R=0x00", AuthenticationFailure.WrongResponse)]
    [DataRow("CHAP_N=user|CHAP_R={0}00", AuthenticationFailure.WrongResponse)]
    [DataRow("CHAP_N=user|CHAP_R=zz", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_N=user|CHAP_R=0x", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_N=|CHAP_R={0}", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_N=user", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_R={0}", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_A=5|CHAP_N=user|CHAP_R={0}", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_N=user|CHAP_R={0}|CHAP_I=1", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_N=user|CHAP_R={0}|CHAP_C=0x0102", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_N=user|CHAP_R={0}|CHAP_I=256|CHAP_C=0x0102", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_N=user|CHAP_R={0}|CHAP_I=1|CHAP_C={1}", AuthenticationFailure.Reflection)]
    public void SecondText_Hostile_Fails(string form, AuthenticationFailure failure)
    {
        IAuthenticationExchange target = Begin(new ChapPolicy { Algorithms = [ChapAlgorithm.Md5] });
        Assert.AreEqual(AuthenticationProgress.Failed, Feed(target, Fill(form, target), new TextBuffer()));
        Assert.AreEqual(failure, target.Failure);
        Assert.IsNull(target.PeerName);
    }

    [TestMethod]
    public void SecondText_Base64Response_IsTaken()
    {
        IAuthenticationExchange target = Begin(new ChapPolicy { Algorithms = [ChapAlgorithm.Md5] });
        string hex = Fill("{0}", target);
        string base64 = "0b" + Convert.ToBase64String(Convert.FromHexString(hex[2..]));
        Assert.AreEqual(AuthenticationProgress.Succeeded, Feed(target, $"CHAP_N=user|CHAP_R={base64}", new TextBuffer()));
    }

    [TestMethod]
    public void SecondText_ChallengeOver1024Bytes_Fails()
    {
        foreach ((int bytes, AuthenticationProgress progress) in new[] { (1024, AuthenticationProgress.Succeeded), (1025, AuthenticationProgress.Failed) })
        {
            IAuthenticationExchange target = Begin(new ChapPolicy { Algorithms = [ChapAlgorithm.Md5] });
            string text = Fill("CHAP_N=user|CHAP_R={0}|CHAP_I=1|CHAP_C=0x", target) + new string('a', 2 * bytes);
            Assert.AreEqual(progress, Feed(target, text, new TextBuffer()), $"{bytes}");
        }
    }

    [TestMethod]
    public void Keys_RepeatedInOneText_AreNotTaken()
    {
        IAuthenticationExchange target = Begin(ChapPolicy.Default);
        Assert.IsTrue(Take(target, "CHAP_A", "7"));
        Assert.IsFalse(Take(target, "CHAP_A", "7"));
        Assert.IsFalse(Take(target, "KRB_AP_REQ", "0x00"));
    }

    [TestMethod]
    public void Exchange_KeysAfterSuccess_Fail()
    {
        IAuthenticationExchange target = Begin(new ChapPolicy { Algorithms = [ChapAlgorithm.Md5] });
        Assert.AreEqual(AuthenticationProgress.Succeeded, Feed(target, Fill("CHAP_N=user|CHAP_R={0}", target), new TextBuffer()));
        Assert.AreEqual(AuthenticationProgress.Succeeded, Feed(target, string.Empty, new TextBuffer()));
        Assert.AreEqual(AuthenticationProgress.Failed, Feed(target, "CHAP_A=5", new TextBuffer()));
    }

    [TestMethod]
    public void Secret_ShorterThanPolicy_FailsUnlessPermitted()
    {
        Credentials credentials = new(new ChapCredential("user", "short"u8.ToArray()), null);
        foreach ((int minimum, AuthenticationFailure failure) in new[] { (12, AuthenticationFailure.SecretTooShort), (5, AuthenticationFailure.WrongResponse) })
        {
            ChapPolicy policy = new() { Algorithms = [ChapAlgorithm.Md5], MinSecretLength = minimum };
            IAuthenticationExchange target = new ChapAuthentication(credentials, policy).TryBegin("CHAP"u8)!;
            Assert.AreEqual(AuthenticationProgress.Failed, Feed(target, Fill("CHAP_N=user|CHAP_R=0x00", target), new TextBuffer()));
            Assert.AreEqual(failure, target.Failure);
        }
    }

    [TestMethod]
    public void Mutual_SameSecretBothWays_FailsUnlessPermitted()
    {
        Credentials credentials = new(User, Target with { Secret = User.Secret });
        foreach (bool allow in new[] { false, true })
        {
            ChapPolicy policy = new() { Algorithms = [ChapAlgorithm.Md5], AllowSameSecretBothWays = allow };
            IAuthenticationExchange target = new ChapAuthentication(credentials, policy).TryBegin("CHAP"u8)!;
            AuthenticationProgress progress = Feed(target, Fill("CHAP_N=user|CHAP_R={0}|CHAP_I=1|CHAP_C=0x0102030405060708", target), new TextBuffer());
            Assert.AreEqual(allow ? AuthenticationProgress.Succeeded : AuthenticationProgress.Failed, progress);
            Assert.AreEqual(allow ? AuthenticationFailure.None : AuthenticationFailure.SameSecretBothWays, target.Failure);
        }
    }

    [TestMethod]
    public void Mutual_WithoutOwnCredential_Fails()
    {
        IAuthenticationExchange target = new ChapAuthentication(new Credentials(User, null), new ChapPolicy { Algorithms = [ChapAlgorithm.Md5] }).TryBegin("CHAP"u8)!;
        Feed(target, Fill("CHAP_N=user|CHAP_R={0}|CHAP_I=1|CHAP_C=0x01020304", target), new TextBuffer());
        Assert.AreEqual(AuthenticationFailure.NoCredentialsForPeer, target.Failure);
    }

    [TestMethod]
    [DataRow("CHAP_N=target|CHAP_R=0x00112233445566778899aabbccddeeff", AuthenticationFailure.WrongResponse)]
    [DataRow("CHAP_N=other|CHAP_R=0x00112233445566778899aabbccddeeff", AuthenticationFailure.UnknownName)]
    [DataRow("", AuthenticationFailure.MalformedExchange, DisplayName = "A target that does not prove itself")]
    public void Initiator_TargetWithoutProof_IsRefused(string proof, AuthenticationFailure failure)
    {
        ChapInitiatorExchange initiator = new(User, Target, new ChapPolicy { Algorithms = [ChapAlgorithm.Md5] });
        Feed(initiator, "CHAP_A=5|CHAP_I=9|CHAP_C=0x000102030405060708090a0b0c0d0e0f", new TextBuffer());
        Assert.AreEqual(AuthenticationProgress.Failed, Feed(initiator, proof, new TextBuffer()));
        Assert.AreEqual(failure, initiator.Failure);
    }

    [TestMethod]
    [DataRow("CHAP_A=6|CHAP_I=9|CHAP_C=0x0001", AuthenticationFailure.NothingInCommon, DisplayName = "An algorithm not offered")]
    [DataRow("CHAP_A=5|CHAP_I=9", AuthenticationFailure.MalformedExchange)]
    [DataRow("CHAP_A=5,6|CHAP_I=9|CHAP_C=0x0001", AuthenticationFailure.MalformedExchange)]
    public void Initiator_BadChallenge_IsRefused(string challenge, AuthenticationFailure failure)
    {
        ChapInitiatorExchange initiator = new(User, null, new ChapPolicy { Algorithms = [ChapAlgorithm.Md5] });
        Assert.AreEqual(AuthenticationProgress.Failed, Feed(initiator, challenge, new TextBuffer()));
        Assert.AreEqual(failure, initiator.Failure);
    }

    [TestMethod]
    public void Challenges_OfManyExchanges_AllDiffer()
    {
        HashSet<string> seen = [];
        for (int round = 0; round < 200; round++)
        {
            TextBuffer answers = new();
            Feed(Begin(ChapPolicy.Default), "CHAP_A=7", answers);
            Assert.IsTrue(seen.Add(Value(answers, "CHAP_C")));
        }
    }

    [TestMethod]
    public void Credential_ToString_ShowsNoSecret() => Assert.AreEqual("user", User.ToString());

    private static IAuthenticationExchange Begin(ChapPolicy policy) => new ChapAuthentication(new Credentials(User, Target), policy).TryBegin("CHAP"u8)!;

    /// <summary>Lets the target challenge with MD5, then fills {0} with the right response of "user" and {1} with the challenge.</summary>
    private static string Fill(string form, IAuthenticationExchange target)
    {
        TextBuffer answers = new();
        Assert.AreEqual(AuthenticationProgress.Continue, Feed(target, "CHAP_A=5", answers));
        string challenge = Value(answers, "CHAP_C");
        byte[] response = new byte[ChapAlgorithms.MaxHashLength];
        byte identifier = byte.Parse(Value(answers, "CHAP_I"));
        int length = ChapAlgorithms.ComputeResponse(ChapAlgorithm.Md5, identifier, User.Secret.Span, Convert.FromHexString(challenge[2..]), response);
        return string.Format(null, form, "0x" + Convert.ToHexString(response.AsSpan(0, length)), challenge);
    }

    private static AuthenticationProgress Feed(IAuthenticationExchange exchange, string lines, TextBuffer answers)
    {
        foreach (string line in lines.Split('|', StringSplitOptions.RemoveEmptyEntries))
            Assert.IsTrue(Take(exchange, line.Split('=')[0], line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]), line);
        return exchange.EndText(answers);
    }

    private static bool Take(IAuthenticationExchange exchange, string key, string value)
    {
        TextPairReader reader = new(Encoding.UTF8.GetBytes($"{key}={value}\0"), TextLimits.Default);
        Assert.IsTrue(reader.TryRead(out TextPair pair));
        return exchange.TryTake(pair);
    }

    private static string Show(TextBuffer text) => Encoding.UTF8.GetString(text.Written).TrimEnd('\0').Replace('\0', '|');

    private static string Value(TextBuffer text, string key) => Show(text).Split('|').Single(line => line.StartsWith(key + "=", StringComparison.Ordinal))[(key.Length + 1)..];

    private sealed class Credentials(ChapCredential peer, ChapCredential? own) : IChapCredentials
    {
        public ChapCredential? Own => own;

        public bool TryFind(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ChapCredential? credential)
        {
            credential = name == peer.Name ? peer : null;
            return credential is not null;
        }
    }
}
