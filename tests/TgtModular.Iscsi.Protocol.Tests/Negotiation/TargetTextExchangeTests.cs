using System.Text;
using TgtModular.Iscsi.Protocol.Naming;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Tests.Negotiation;

[TestClass]
public sealed class TargetTextExchangeTests
{
    private const uint Reserved = BasicHeader.ReservedTag;

    private readonly Negotiator _negotiator = new(IscsiRole.Target, SessionType.Discovery, new NegotiationPolicy());
    private readonly byte[] _response = new byte[48];
    private TargetTextExchange? _exchange;

    private TargetTextExchange Exchange => _exchange ??= new TargetTextExchange(_negotiator, new TextLimits(4096, 1024));

    [TestMethod]
    public void TextRequest_SendTargets_IsAnsweredWithTheList()
    {
        Assert.AreEqual(TextExchangeAction.ListTargets, Send(TextFlags.Final, "SendTargets=All\0"));
        Assert.AreEqual("All", Exchange.SendTargets);
        SendTargets.Write(Exchange.Answers, "iqn.2026-11.org.example:db", [new TargetAddress("10.0.0.1", 3260, 1), new TargetAddress("::1", 3260, 2)]);
        SendTargets.Write(Exchange.Answers, "iqn.2026-11.org.example:b", []);
        string text = Respond(out TextFlags flags, out uint tag);
        Assert.AreEqual((TextFlags.Final, Reserved), (flags, tag));
        Assert.IsTrue(SendTargets.TryRead(Encoding.UTF8.GetBytes(text), TextLimits.Default, out IReadOnlyList<DiscoveredTarget> targets));
        Assert.AreEqual("iqn.2026-11.org.example:db 10.0.0.1:3260,1 [::1]:3260,2;iqn.2026-11.org.example:b", string.Join(';', targets.Select(t => string.Join(' ', [t.TargetName, .. t.Addresses.Select(a => a.ToString())]))));
    }

    [TestMethod]
    public void TextResponse_LongerThanTheInitiatorTakes_ComesInPiecesByTag()
    {
        Assert.AreEqual(TextExchangeAction.ListTargets, Send(TextFlags.Final, "MaxRecvDataSegmentLength=512\0SendTargets=All\0"));
        for (int index = 0; index < 30; index++)
            SendTargets.Write(Exchange.Answers, $"iqn.2026-11.org.example:disk{index:d2}", [new TargetAddress("10.0.0.1", 3260, 1)]);
        string joined = Respond(out TextFlags flags, out uint tag);
        int pieces = 1;
        while (flags == TextFlags.Continue)
        {
            Assert.AreNotEqual(Reserved, tag);
            Assert.AreEqual(TextExchangeAction.Respond, Send(TextFlags.Final, string.Empty, tag));
            joined += Respond(out flags, out tag);
            pieces++;
        }

        Assert.AreEqual((TextFlags.Final, Reserved), (flags, tag));
        Assert.AreEqual((joined.Length + 511) / 512, pieces);
        Assert.IsTrue(SendTargets.TryRead(Encoding.UTF8.GetBytes(joined), TextLimits.Default, out IReadOnlyList<DiscoveredTarget> targets));
        Assert.AreEqual(30, targets.Count);
    }

    [TestMethod]
    public void TextRequest_InPieces_IsAnsweredAtItsEnd()
    {
        Assert.AreEqual(TextExchangeAction.Respond, Send(TextFlags.Continue, "SendTar"));
        Assert.AreEqual(string.Empty, Respond(out TextFlags flags, out uint tag));
        Assert.AreEqual(TextFlags.None, flags);
        Assert.AreEqual(TextExchangeAction.ListTargets, Send(TextFlags.Final, "gets=\0", tag));
        Assert.AreEqual(string.Empty, Exchange.SendTargets);
    }

    [TestMethod]
    public void TextRequest_WithoutFinal_LeavesTheExchangeOpen()
    {
        Send(TextFlags.None, "HeaderDigest=CRC32C\0");
        Assert.AreEqual("HeaderDigest=Reject\0", Respond(out TextFlags flags, out uint tag));
        Assert.AreEqual(TextFlags.None, flags);
        Assert.AreEqual(TextExchangeAction.Respond, Send(TextFlags.Final, string.Empty, tag));
        Assert.AreEqual(string.Empty, Respond(out flags, out tag));
        Assert.AreEqual((TextFlags.Final, Reserved), (flags, tag));
    }

    [TestMethod]
    public void TextRequest_MoreTextAfterSendTargets_ListsOnlyOnce()
    {
        Assert.AreEqual(TextExchangeAction.ListTargets, Send(TextFlags.None, "SendTargets=All\0"));
        Respond(out _, out uint tag);
        Assert.AreEqual(TextExchangeAction.Respond, Send(TextFlags.Final, "X-a.b=1\0", tag));
    }

    [TestMethod]
    public void TextRequest_ReservedTag_StartsAnew()
    {
        Send(TextFlags.Continue, "SendTargets=A");
        Respond(out _, out _);
        Assert.AreEqual(TextExchangeAction.Respond, Send(TextFlags.Final, "X-a.b=1\0"));
        Assert.AreEqual("X-a.b=NotUnderstood\0", Respond(out _, out _));
    }

    [TestMethod]
    [DataRow(TextFlags.Final | TextFlags.Continue, "A=1\0", Reserved, DisplayName = "F and C")]
    [DataRow(TextFlags.Final, "A=1\0", 77u, DisplayName = "A tag never given")]
    [DataRow(TextFlags.Final, "A=1", Reserved, DisplayName = "Not terminated")]
    [DataRow(TextFlags.Final, "MaxRecvDataSegmentLength=1\0", Reserved)]
    [DataRow(TextFlags.Final, "SendTargets=All\0SendTargets=All\0", Reserved)]
    public void TextRequest_Hostile_IsRejected(TextFlags flags, string text, uint tag) => Assert.AreEqual(TextExchangeAction.Reject, Send(flags, text, tag));

    [TestMethod]
    public void TextRequest_OtherTaskTagInOneExchange_IsRejected()
    {
        Send(TextFlags.Continue, "SendTargets=A");
        Respond(out _, out uint tag);
        Assert.AreEqual(TextExchangeAction.Reject, Send(TextFlags.Final, "ll\0", tag, initiatorTaskTag: 6));
    }

    [TestMethod]
    public void TextRequest_TextWhileTheAnswerIsUnfinished_IsRejected()
    {
        Send(TextFlags.Final, "MaxRecvDataSegmentLength=512\0SendTargets=All\0");
        for (int index = 0; index < 30; index++)
            SendTargets.Write(Exchange.Answers, $"iqn.2026-11.org.example:disk{index:d2}", []);
        Respond(out _, out uint tag);
        Assert.AreEqual(TextExchangeAction.Reject, Send(TextFlags.Final, "A=1\0", tag));
    }

    [TestMethod]
    public void TextRequest_EndlessPieces_AreRejectedAtTheLimit()
    {
        Send(TextFlags.Continue, new string('a', 4000));
        Respond(out _, out uint tag);
        Assert.AreEqual(TextExchangeAction.Reject, Send(TextFlags.Continue, new string('a', 4000), tag));
    }

    [TestMethod]
    [DataRow("TargetAddress=10.0.0.1\0")]
    [DataRow("TargetName=disk\0")]
    [DataRow("TargetName=iqn.2026-11.org.example:a\0TargetAddress=[\0")]
    [DataRow("TargetName=iqn.2026-11.org.example:a")]
    public void SendTargetsAnswer_Malformed_IsRefused(string text) =>
        Assert.IsFalse(SendTargets.TryRead(Encoding.UTF8.GetBytes(text), TextLimits.Default, out _));

    private TextExchangeAction Send(TextFlags flags, string text, uint tag = Reserved, uint initiatorTaskTag = 5)
    {
        byte[] data = Encoding.UTF8.GetBytes(text);
        byte[] bhs = new byte[48];
        TextRequestWriter.Write(bhs, false, flags, initiatorTaskTag, tag, default, data.Length);
        return Exchange.Receive(new TextRequestHeader(bhs), data);
    }

    private string Respond(out TextFlags flags, out uint tag)
    {
        ReadOnlyMemory<byte> text = Exchange.WriteResponse(_response, default);
        TextResponseHeader header = new(_response);
        (flags, tag) = (header.Flags, header.TargetTransferTag);
        Assert.AreEqual(text.Length, header.Basic.DataSegmentLength);
        Assert.AreEqual(5u, header.InitiatorTaskTag);
        return Encoding.UTF8.GetString(text.Span);
    }
}
