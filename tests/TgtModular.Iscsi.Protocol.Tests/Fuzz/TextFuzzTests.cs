using System.Text;
using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Login;
using TgtModular.Iscsi.Protocol.Naming;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Tests.Fuzz;

/// <summary>Mutated texts and logins: no exception, bounded memory, and no way past the authentication.</summary>
[TestClass]
public sealed class TextFuzzTests
{
    private const string Identity = "InitiatorName=iqn.2026-11.org.example:host\0TargetName=iqn.2026-11.org.example:db\0";

    private static readonly string[] SecurityLines =
    [
        "SessionType=Normal", "AuthMethod=CHAP,None", "AuthMethod=None", "CHAP_A=5,7", "CHAP_N=user\0CHAP_R=0x00112233445566778899aabbccddeeff",
        "CHAP_R=0bAAECAwQFBgcICQoLDA0ODw==", "CHAP_I=1\0CHAP_C=0bAAECAwQFBgcICQoLDA0ODw==", "InitiatorAlias=a", "X-org.example.a=b",
    ];

    private static readonly string[] OperationalLines =
    [
        "SessionType=Normal", "SessionType=Discovery", "HeaderDigest=CRC32C,None", "DataDigest=None", "MaxConnections=1", "InitialR2T=No", "ImmediateData=Yes",
        "MaxRecvDataSegmentLength=262144", "MaxRecvDataSegmentLength=512", "MaxBurstLength=0x40000", "FirstBurstLength=65536", "DefaultTime2Wait=2",
        "ErrorRecoveryLevel=Reject", "OFMarkInt=1~2", "IFMarker=No", "TaskReporting=FastAbort", "X-org.example.a=b", "SendTargets=All", "RDMAExtensions=Yes",
    ];

    private static readonly string[] Stages = ["T0>1", "0", "T1>3", "1", "C0", "C1", "T0>3", "TC1>3", "T2>3"];

    [TestMethod]
    public void Logins_Mutated_NeverThrowAndNeverPassAuthentication()
    {
        const int Rounds = 30_000;
        Random random = new(7143);
        byte[] bhs = new byte[48];
        byte[] response = new byte[48];
        int requests = 0;
        int answered = 0;
        int succeeded = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < Rounds; round++)
        {
            bool isChapRequired = random.Next(2) == 0;
            TargetLogin login = new(new LoginSettings { MaxRequests = 8, Text = new TextLimits(4096, 2048) });
            int stage = isChapRequired && random.Next(5) != 0 ? 0 : random.Next(2);
            for (int request = 0; request < 8 && login.State == LoginState.AwaitingRequest; request++)
            {
                byte[] text = MakeText(random, request == 0, stage);
                LoginRequestWriter.Write(bhs, LoginFlags.None, 0, 0, new Isid(1), 0, 1, 0, default, text.Length);
                bhs[1] = MakeFlags(random, stage);
                if (random.Next(20) == 0)
                    bhs[random.Next(48)] ^= (byte)(1 << random.Next(8));
                Step(login, bhs, text, isChapRequired);
                requests++;
                answered += login.Status == LoginStatus.Success ? 1 : 0;
                _ = login.WriteResponse(response, default);
                stage = (response[1] & 0x80) != 0 ? response[1] & 3 : (response[1] >> 2) & 3;
            }

            succeeded += login.State == LoginState.Succeeded ? 1 : 0;
            Assert.IsFalse(isChapRequired && login.State == LoginState.Succeeded, $"round {round} got in without a secret");
        }

        Assert.IsTrue(answered > requests / 3, $"only {answered} of {requests} requests got a good answer");
        Assert.IsTrue(succeeded > Rounds / 10, $"only {succeeded} logins succeeded");
        Assert.IsTrue((GC.GetAllocatedBytesForCurrentThread() - before) / Rounds < 256 * 1024);
    }

    [TestMethod]
    public void Values_RandomBytes_NeverThrow()
    {
        Random random = new(1);
        byte[] destination = new byte[64];
        byte[] alphabet = "0123456789abcdefxXbB=+/~,.:-[]% iqneua\0"u8.ToArray();
        for (int round = 0; round < 50_000; round++)
        {
            byte[] value = new byte[random.Next(40)];
            for (int index = 0; index < value.Length; index++)
                value[index] = random.Next(10) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            if (random.Next(2) == 0 && value.Length > 2)
                (value[0], value[1]) = ((byte)'0', random.Next(2) == 0 ? (byte)'x' : (byte)'b');
            if (TextValue.TryDecodeBinary(value, destination, out int written))
                Assert.IsTrue(written > 0 && written <= destination.Length);
            _ = TextValue.TryParseNumber(value, out _);
            _ = TextValue.TryParseRange(value, out _, out _);
            string text = Encoding.Latin1.GetString(value);
            if (TargetAddress.TryParse(text, out TargetAddress? address))
                Assert.IsTrue(TargetAddress.TryParse(address!.ToString(), out TargetAddress? again) && again == address, text);
            byte[] name = [.. "iqn."u8, .. value];
            if (IscsiName.TryNormalize(name, out string normalized, out _))
                Assert.IsTrue(IscsiName.TryNormalize(normalized, out string twice, out _) && twice == normalized, text);
        }
    }

    private static void Step(TargetLogin login, byte[] bhs, byte[] text, bool isChapRequired)
    {
        LoginState state = login.Receive(bhs, text);
        if (state == LoginState.AwaitingAdmission)
        {
            ITargetAuthentication authentication = isChapRequired ? new ChapAuthentication(new NoCredentials(), ChapPolicy.Default) : NoAuthentication.Instance;
            state = login.Admit(LoginAdmission.Accept(new NegotiationPolicy(), authentication, 1));
        }

        if (state == LoginState.AwaitingSession)
            state = login.Complete(1);
        Assert.AreEqual(LoginState.AwaitingResponse, state);
    }

    private static byte[] MakeText(Random random, bool isFirst, int stage)
    {
        StringBuilder text = new(isFirst && random.Next(20) != 0 ? Identity : string.Empty);
        string[] lines = random.Next(30) != 0 == (stage == 0) ? SecurityLines : OperationalLines;
        string[] chosen = [.. lines];
        random.Shuffle(chosen);
        foreach (string line in chosen.Take(random.Next(stage == 0 ? 3 : 8)).Where(line => !line.StartsWith("CHAP", StringComparison.Ordinal) || random.Next(4) == 0))
            text.Append(line).Append('\0');
        byte[] bytes = Encoding.ASCII.GetBytes(text.ToString());
        if (bytes.Length > 0 && random.Next(8) == 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(40) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
    }

    private static byte MakeFlags(Random random, int stage)
    {
        string flags = random.Next(20) == 0 ? Stages[random.Next(Stages.Length)] : random.Next(3) == 0 ? $"{stage}" : stage == 0 ? "T0>1" : "T1>3";
        int packed = (flags.Contains('T') ? 0x80 : 0) | (flags.Contains('C') ? 0x40 : 0);
        string[] numbers = flags.TrimStart('T', 'C').Split('>');
        return (byte)(packed | ((numbers[0][0] - '0') << 2) | (numbers.Length > 1 ? numbers[1][0] - '0' : 0));
    }

    private sealed class NoCredentials : IChapCredentials
    {
        public ChapCredential? Own => null;

        public bool TryFind(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ChapCredential? credential)
        {
            credential = new ChapCredential(name, "nobody knows this one"u8.ToArray());
            return true;
        }
    }
}
