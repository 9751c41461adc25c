using System.Text;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Tests.Negotiation;

/// <summary>Negotiations as scripts: what the initiator says, what the target answers.</summary>
[TestClass]
public sealed class NegotiatorTests
{
    private static readonly NegotiationPolicy Policy = new()
    {
        MaxRecvDataSegmentLength = 65536,
        MaxBurstLength = 1048576,
        FirstBurstLength = 131072,
        MaxOutstandingR2T = 4,
    };

    [TestMethod]
    [DataRow("HeaderDigest=CRC32C,None", "HeaderDigest=CRC32C")]
    [DataRow("HeaderDigest=None,CRC32C", "HeaderDigest=None")]
    [DataRow("DataDigest=X-org.example.sum,CRC32C", "DataDigest=CRC32C")]
    [DataRow("DataDigest=MD5", "DataDigest=Reject")]
    [DataRow("DataDigest=", "DataDigest=Reject")]
    [DataRow("MaxConnections=8", "MaxConnections=1")]
    [DataRow("MaxConnections=0", "MaxConnections=Reject")]
    [DataRow("MaxConnections=65536", "MaxConnections=Reject")]
    [DataRow("InitialR2T=No", "InitialR2T=No")]
    [DataRow("InitialR2T=Yes", "InitialR2T=Yes")]
    [DataRow("InitialR2T=Perhaps", "InitialR2T=Reject")]
    [DataRow("ImmediateData=Yes", "ImmediateData=Yes")]
    [DataRow("ImmediateData=No", "ImmediateData=No")]
    [DataRow("MaxBurstLength=16776192", "MaxBurstLength=1048576")]
    [DataRow("MaxBurstLength=4096", "MaxBurstLength=4096")]
    [DataRow("MaxBurstLength=0x1000", "MaxBurstLength=4096")]
    [DataRow("MaxBurstLength=511", "MaxBurstLength=Reject")]
    [DataRow("MaxBurstLength=16777216", "MaxBurstLength=Reject")]
    [DataRow("MaxBurstLength=many", "MaxBurstLength=Reject")]
    [DataRow("DefaultTime2Wait=0", "DefaultTime2Wait=2")]
    [DataRow("DefaultTime2Wait=9", "DefaultTime2Wait=9")]
    [DataRow("DefaultTime2Retain=0", "DefaultTime2Retain=0")]
    [DataRow("DefaultTime2Retain=3601", "DefaultTime2Retain=Reject")]
    [DataRow("MaxOutstandingR2T=65535", "MaxOutstandingR2T=4")]
    [DataRow("DataPDUInOrder=No", "DataPDUInOrder=Yes")]
    [DataRow("DataSequenceInOrder=No", "DataSequenceInOrder=Yes")]
    [DataRow("ErrorRecoveryLevel=2", "ErrorRecoveryLevel=0")]
    [DataRow("ErrorRecoveryLevel=3", "ErrorRecoveryLevel=Reject")]
    [DataRow("TaskReporting=FastAbort,ResponseFence,RFC3720", "TaskReporting=RFC3720")]
    [DataRow("iSCSIProtocolLevel=2", "iSCSIProtocolLevel=1")]
    [DataRow("IFMarker=Yes", "IFMarker=No")]
    [DataRow("OFMarker=No", "OFMarker=No")]
    [DataRow("OFMarkInt=1~65535", "OFMarkInt=Reject")]
    [DataRow("IFMarkInt=8", "IFMarkInt=Reject")]
    [DataRow("RDMAExtensions=Yes", "RDMAExtensions=No")]
    [DataRow("InitiatorRecvDataSegmentLength=8192", "InitiatorRecvDataSegmentLength=Irrelevant")]
    [DataRow("X-org.example.speed=11", "X-org.example.speed=NotUnderstood")]
    [DataRow("maxburstlength=4096", "maxburstlength=NotUnderstood", DisplayName = "Names are case sensitive")]
    [DataRow("MaxRecvDataSegmentLength=512", "", DisplayName = "A declaration is not answered")]
    [DataRow("InitiatorAlias=host a", "")]
    public void Proposal_AtTarget_IsAnsweredByItsResultFunction(string proposal, string answer)
    {
        Script script = new(IscsiRole.Target, Policy);
        Assert.AreEqual(answer, script.Say(proposal));
    }

    [TestMethod]
    [DataRow("MaxBurstLength=4096|MaxBurstLength=8192", NegotiationError.Duplicate)]
    [DataRow("MaxRecvDataSegmentLength=8192|MaxRecvDataSegmentLength=8192", NegotiationError.Duplicate)]
    [DataRow("FirstBurstLength=512|FirstBurstLength=512", NegotiationError.Duplicate)]
    [DataRow("InitiatorName=iqn.a|InitiatorName=iqn.b", NegotiationError.Duplicate)]
    [DataRow("TargetPortalGroupTag=1", NegotiationError.WrongSender)]
    [DataRow("TargetAlias=x", NegotiationError.WrongSender)]
    [DataRow("SendTargets=All", NegotiationError.WrongPhase)]
    [DataRow("MaxRecvDataSegmentLength=511", NegotiationError.BadDeclaration)]
    [DataRow("MaxRecvDataSegmentLength=16777216", NegotiationError.BadDeclaration)]
    [DataRow("MaxRecvDataSegmentLength=-1", NegotiationError.BadDeclaration)]
    [DataRow("MaxBurstLength=Reject", NegotiationError.UnexpectedAnswer)]
    [DataRow("MaxBurstLength=NotUnderstood", NegotiationError.UnexpectedAnswer)]
    [DataRow("X-foo=NotUnderstood", NegotiationError.UnexpectedAnswer)]
    public void Proposal_AgainstTheProtocol_IsAnError(string proposals, NegotiationError error)
    {
        Script script = new(IscsiRole.Target, Policy);
        Assert.IsNull(script.Say(proposals.Split('|')));
        Assert.AreEqual(error, script.Negotiator.Error);
        Assert.IsNotNull(script.Negotiator.FaultyKey);
    }

    [TestMethod]
    public void Proposal_IdentityRepeatedUnchanged_IsTolerated()
    {
        Script script = new(IscsiRole.Target, Policy);
        Assert.AreEqual(string.Empty, script.Say("InitiatorName=iqn.a", "SessionType=Normal"));
        Assert.AreEqual(string.Empty, script.Say("InitiatorName=iqn.a", "SessionType=Normal"));
    }

    [TestMethod]
    public void Proposal_ManyUnknownKeys_IsAnAttack()
    {
        Script script = new(IscsiRole.Target, Policy);
        Assert.IsNotNull(script.Say([.. Enumerable.Range(0, Negotiator.MaxUnknownKeys).Select(i => $"K{i}=1")]));
        Assert.IsNull(script.Say("L=1"));
        Assert.AreEqual(NegotiationError.TooManyUnknownKeys, script.Negotiator.Error);
    }

    [TestMethod]
    public void Proposal_OperationalKeyInSecurityStage_IsAnError()
    {
        Script script = new(IscsiRole.Target, Policy) { Phase = NegotiationPhase.Security };
        Assert.AreEqual(string.Empty, script.Say("InitiatorAlias=x", "SessionType=Normal"));
        Assert.IsNull(script.Say("MaxBurstLength=4096"));
        Assert.AreEqual(NegotiationError.WrongPhase, script.Negotiator.Error);
    }

    [TestMethod]
    public void FirstBurstLength_BeforeMaxBurstLength_StaysWithinIt()
    {
        Script script = new(IscsiRole.Target, Policy);
        Assert.AreEqual("MaxBurstLength=65536|FirstBurstLength=65536", script.Say("FirstBurstLength=262144", "MaxBurstLength=65536"));
        Assert.AreEqual(65536, script.Negotiator.ToSessionParameters().FirstBurstLength);
    }

    [TestMethod]
    public void FirstBurstLength_LeftAtDefault_StaysWithinMaxBurstLength()
    {
        Script script = new(IscsiRole.Target, Policy);
        script.Say("MaxBurstLength=512");
        Assert.AreEqual(512, script.Negotiator.ToSessionParameters().FirstBurstLength);
    }

    [TestMethod]
    public void Discovery_SessionKeys_AreIrrelevant()
    {
        Script script = new(IscsiRole.Target, Policy, SessionType.Discovery);
        Assert.AreEqual("MaxBurstLength=Irrelevant|ErrorRecoveryLevel=0|HeaderDigest=None", script.Say("MaxBurstLength=4096", "ErrorRecoveryLevel=2", "HeaderDigest=None"));
        Assert.AreEqual(262144, script.Negotiator.ToSessionParameters().MaxBurstLength);
    }

    [TestMethod]
    public void LaterConnection_LeadingOnlyKeys_AreRejected()
    {
        Script script = new(IscsiRole.Target, Policy, isLeading: false);
        Assert.AreEqual("MaxBurstLength=Reject|HeaderDigest=CRC32C", script.Say("MaxBurstLength=4096", "HeaderDigest=CRC32C"));
        Assert.IsTrue(script.Negotiator.TryConclude());
    }

    [TestMethod]
    public void FullFeaturePhase_InitializeOnlyKeys_AreRejectedAndOthersTaken()
    {
        Script script = new(IscsiRole.Target, Policy) { Phase = NegotiationPhase.FullFeature };
        script.Negotiator.BeginText();
        Assert.AreEqual("MaxBurstLength=Reject|HeaderDigest=Reject", script.Say("MaxBurstLength=4096", "MaxRecvDataSegmentLength=4096", "HeaderDigest=CRC32C", "SendTargets=All"));
        Assert.AreEqual("All", script.Negotiator.SendTargets);
        Assert.AreEqual(4096, script.Negotiator.ToConnectionParameters().MaxSendDataSegmentLength);
        script.Negotiator.BeginText();
        Assert.IsNull(script.Negotiator.SendTargets);
        Assert.AreEqual(string.Empty, script.Say("MaxRecvDataSegmentLength=8192"));
        Assert.AreEqual(8192, script.Negotiator.ToConnectionParameters().MaxSendDataSegmentLength);
    }

    [TestMethod]
    public void Target_InsistingOnDigest_ProposesItAndTakesNoOther()
    {
        NegotiationPolicy strict = Policy with { HeaderDigests = [DigestAlgorithm.Crc32C], ImmediateData = false };
        Script script = new(IscsiRole.Target, strict);
        Assert.IsFalse(script.Negotiator.TryConclude());
        TextBuffer text = new();
        Assert.IsTrue(script.Negotiator.ProposeWhereDefaultIsRefused(text));
        Assert.AreEqual("HeaderDigest=CRC32C|ImmediateData=No", Script.Show(text));
        Assert.IsFalse(script.Negotiator.TryConclude());
        Assert.AreEqual(NegotiationError.NoAnswer, script.Negotiator.Error);
        Assert.AreEqual(string.Empty, script.Say("HeaderDigest=CRC32C"));
        Assert.IsTrue(script.Negotiator.TryConclude());
        Assert.IsTrue(script.Negotiator.ToConnectionParameters().HeaderDigest);
        Assert.IsFalse(script.Negotiator.ToSessionParameters().ImmediateData);
    }

    [TestMethod]
    [DataRow("HeaderDigest=None", NegotiationError.BadAnswer)]
    [DataRow("HeaderDigest=Reject", NegotiationError.PolicyViolated)]
    [DataRow("HeaderDigest=NotUnderstood", NegotiationError.PolicyViolated)]
    public void Target_InsistingOnDigestWithoutSuccess_Fails(string answer, NegotiationError error)
    {
        Script script = new(IscsiRole.Target, Policy with { HeaderDigests = [DigestAlgorithm.Crc32C] });
        Assert.IsTrue(script.Negotiator.ProposeWhereDefaultIsRefused(new TextBuffer()));
        Assert.IsNull(script.Say(answer));
        Assert.AreEqual(error, script.Negotiator.Error);
    }

    [TestMethod]
    public void Target_RejectingAnInsufficientOffer_CannotConclude()
    {
        Script script = new(IscsiRole.Target, Policy with { HeaderDigests = [DigestAlgorithm.Crc32C] });
        Assert.AreEqual("HeaderDigest=Reject", script.Say("HeaderDigest=None"));
        Assert.IsFalse(script.Negotiator.ProposeWhereDefaultIsRefused(new TextBuffer()));
        Assert.IsFalse(script.Negotiator.TryConclude());
        Assert.AreEqual(NegotiationError.PolicyViolated, script.Negotiator.Error);
    }

    [TestMethod]
    public void Initiator_Offer_IsAnsweredIntoResults()
    {
        NegotiationPolicy wishes = Policy with { HeaderDigests = [DigestAlgorithm.Crc32C, DigestAlgorithm.None] };
        Script initiator = new(IscsiRole.Initiator, wishes);
        TextBuffer offer = new();
        initiator.Negotiator.ProposeAll(offer);
        initiator.Negotiator.Declare(offer);
        string offered = Script.Show(offer);
        StringAssert.StartsWith(offered, "HeaderDigest=CRC32C,None|DataDigest=None,CRC32C|MaxConnections=1|InitialR2T=No|ImmediateData=Yes|", StringComparison.Ordinal);
        StringAssert.EndsWith(offered, "MaxRecvDataSegmentLength=65536", StringComparison.Ordinal);
        Assert.IsFalse(offered.Contains("RDMAExtensions", StringComparison.Ordinal));

        Script target = new(IscsiRole.Target, new NegotiationPolicy { MaxBurstLength = 262144, ImmediateData = false, MaxRecvDataSegmentLength = 131072 });
        string answers = target.Say(offered.Split('|'))!;
        TextBuffer declared = new();
        target.Negotiator.Declare(declared);
        Assert.AreEqual(string.Empty, initiator.Say([.. answers.Split('|'), Script.Show(declared)]));
        Assert.IsTrue(initiator.Negotiator.TryConclude());
        Assert.IsTrue(target.Negotiator.TryConclude());
        Assert.AreEqual(target.Negotiator.ToSessionParameters(), initiator.Negotiator.ToSessionParameters());
        Assert.AreEqual(262144, initiator.Negotiator.ToSessionParameters().MaxBurstLength);
        Assert.IsFalse(initiator.Negotiator.ToSessionParameters().ImmediateData);
        ConnectionParameters connection = initiator.Negotiator.ToConnectionParameters();
        Assert.IsTrue(connection.HeaderDigest);
        Assert.AreEqual((65536, 131072), (connection.MaxRecvDataSegmentLength, connection.MaxSendDataSegmentLength));
    }

    [TestMethod]
    [DataRow("MaxBurstLength=16776192", NegotiationError.BadAnswer, DisplayName = "More than offered")]
    [DataRow("DefaultTime2Wait=1", NegotiationError.BadAnswer, DisplayName = "Less than offered, of a maximum")]
    [DataRow("InitialR2T=Maybe", NegotiationError.BadAnswer)]
    [DataRow("DataPDUInOrder=No", NegotiationError.BadAnswer, DisplayName = "No, where Yes settled it")]
    [DataRow("DataDigest=X", NegotiationError.BadAnswer)]
    public void Initiator_AnswerBeyondTheOffer_IsAnError(string answer, NegotiationError error)
    {
        Script initiator = new(IscsiRole.Initiator, Policy);
        initiator.Negotiator.ProposeAll(new TextBuffer());
        Assert.IsNull(initiator.Say(answer));
        Assert.AreEqual(error, initiator.Negotiator.Error);
    }

    [TestMethod]
    public void Initiator_SettledOffers_NeedNoAnswer()
    {
        NegotiationPolicy none = Policy with { InitialR2T = true, ImmediateData = false };
        Script initiator = new(IscsiRole.Initiator, none);
        initiator.Negotiator.ProposeAll(new TextBuffer());
        string? said = initiator.Say(
            "HeaderDigest=None", "DataDigest=None", "MaxConnections=1", "MaxBurstLength=512", "FirstBurstLength=512",
            "DefaultTime2Wait=2", "DefaultTime2Retain=0", "MaxOutstandingR2T=1", "ErrorRecoveryLevel=0");
        Assert.AreEqual(string.Empty, said);
        Assert.IsTrue(initiator.Negotiator.TryConclude(), initiator.Negotiator.FaultyKey);
        Assert.IsTrue(initiator.Negotiator.ToSessionParameters().InitialR2T);
        Assert.IsFalse(initiator.Negotiator.ToSessionParameters().ImmediateData);
    }

    [TestMethod]
    public void Iser_BothSides_AgreeAndDeclare()
    {
        NegotiationPolicy iser = Policy with
        {
            RdmaExtensions = true,
            TargetRecvDataSegmentLength = 16384,
            InitiatorRecvDataSegmentLength = 262144,
            MaxOutstandingUnexpectedPdus = 128,
        };
        Script target = new(IscsiRole.Target, iser);
        string? answers = target.Say(
            "TargetRecvDataSegmentLength=8192", "InitiatorRecvDataSegmentLength=262144", "MaxOutstandingUnexpectedPDUs=0", "iSERHelloRequired=Yes", "RDMAExtensions=Yes");
        Assert.AreEqual("RDMAExtensions=Yes|TargetRecvDataSegmentLength=8192|InitiatorRecvDataSegmentLength=262144", answers);
        TextBuffer declared = new();
        target.Negotiator.Declare(declared);
        Assert.AreEqual("MaxRecvDataSegmentLength=65536|MaxOutstandingUnexpectedPDUs=128", Script.Show(declared));
        SessionParameters session = target.Negotiator.ToSessionParameters();
        Assert.IsTrue(session.RdmaExtensions && session.IserHelloRequired);
        Assert.AreEqual(8192, target.Negotiator.ToConnectionParameters().TargetRecvDataSegmentLength);
    }

    [TestMethod]
    public void Table_Rows_StandAtTheirNumberAndPolicyCoversThem()
    {
        for (int index = 0; index < KeyTable.All.Count; index++)
            Assert.AreEqual(index, (int)KeyTable.All[index].Id, KeyTable.All[index].Name);
        Assert.AreEqual(Enum.GetValues<KeyId>().Length, KeyTable.All.Count);
        foreach (KeyDefinition row in KeyTable.All.Where(row => row.IsNegotiated))
            Assert.IsTrue(row.Kind == KeyKind.List ? Policy.GetChoices(row.Id).Count > 0 : Policy.TryGetNumber(row.Id, out _), row.Name);
    }

    [TestMethod]
    public void Policy_OutOfRange_IsRefused()
    {
        Assert.IsTrue(new NegotiationPolicy().TryValidate(out _));
        Assert.IsFalse((Policy with { MaxBurstLength = 100 }).TryValidate(out string? error));
        StringAssert.Contains(error, "MaxBurstLength", StringComparison.Ordinal);
        Assert.IsFalse((Policy with { FirstBurstLength = 2000000 }).TryValidate(out _));
        Assert.IsFalse((Policy with { HeaderDigests = [] }).TryValidate(out _));
        Assert.IsFalse((Policy with { MaxOutstandingUnexpectedPdus = 1 }).TryValidate(out _));
        Assert.ThrowsExactly<ArgumentException>(() => new Negotiator(IscsiRole.Target, SessionType.Normal, Policy with { MaxConnections = 0 }));
    }

    /// <summary>One side of a negotiation, spoken to in lines.</summary>
    private sealed class Script(IscsiRole role, NegotiationPolicy policy, SessionType type = SessionType.Normal, bool isLeading = true)
    {
        public Negotiator Negotiator { get; } = new(role, type, policy, isLeading);

        public NegotiationPhase Phase { get; init; } = NegotiationPhase.Operational;

        /// <summary>The answers, or null after an error.</summary>
        public string? Say(params string[] lines)
        {
            TextBuffer answers = new();
            byte[] text = Encoding.UTF8.GetBytes(string.Concat(lines.SelectMany(line => line.Split('|')).Where(line => line.Length > 0).Select(line => line + '\0')));
            TextPairReader reader = new(text, TextLimits.Default);
            while (reader.TryRead(out TextPair pair))
            {
                if (!Negotiator.Receive(pair, Phase, answers))
                    return null;
            }

            Assert.AreEqual(TextError.None, reader.Error);
            return Negotiator.EndText(answers) ? Show(answers) : null;
        }

        public static string Show(TextBuffer text) => Encoding.UTF8.GetString(text.Written).TrimEnd('\0').Replace('\0', '|');
    }
}
