using System.Net;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;

namespace TgtModular.Iscsi.Tests;

/// <summary>Discovery sessions and text (RFC 7143 sections 4.3, 11.10, 11.11 and appendix C).</summary>
[TestClass]
public sealed class DiscoveryTests
{
    [TestMethod]
    public async Task SendTargets_All_ListsAdmittedTargetsOnly()
    {
        await using Bench bench = new();
        bench.Engine.Add(new IscsiTarget("iqn.2026-11.org.example:hidden", bench.Host.Buffers) { Admission = _ => false });
        bench.Engine.Add(new IscsiTarget("iqn.2026-11.org.example:zoo", bench.Host.Buffers));
        using WireInitiator initiator = bench.Connect();
        await initiator.LoginAsync(null);

        await initiator.TextAsync(TextFlags.Final, WireInitiator.Text("SendTargets=All"));

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TextResponse);
        Assert.AreEqual(TextFlags.Final, response.Text.Flags);
        CollectionAssert.AreEqual(
            new[] { $"TargetName={Bench.TargetName}", "TargetName=iqn.2026-11.org.example:zoo" }, response.Pairs.Where(pair => pair.StartsWith("TargetName",
            StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public async Task SendTargets_WildcardPortal_AddressTheInitiatorCameInAt()
    {
        await using Bench bench = new([("listen", (IReadOnlyList<string>)["0.0.0.0:0", "[::]:0", "127.0.0.1:0,7"])], []);
        await bench.Transport.StartAsync(CancellationToken.None);
        int[] ports = [.. bench.Transport.Portals.Select(portal => IPEndPoint.Parse(portal.Address).Port)];
        using WireInitiator initiator = bench.Connect();
        await initiator.LoginAsync(null);

        await initiator.TextAsync(TextFlags.Final, WireInitiator.Text("SendTargets=All"));

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TextResponse);
        CollectionAssert.AreEqual(
            new[] { $"TargetName={Bench.TargetName}", $"TargetAddress=192.0.2.1:{ports[0]},1", $"TargetAddress=127.0.0.1:{ports[2]},7" },
            response.Pairs.ToArray());
    }

    [TestMethod]
    [DataRow("SendTargets=iqn.2026-11.org.example:disk", "TargetName=iqn.2026-11.org.example:disk")]
    [DataRow("SendTargets=iqn.2026-11.org.example:none", null)]
    [DataRow("SendTargets=", "SendTargets=Reject")]
    public async Task SendTargets_InDiscovery_Answers(string request, string? answer)
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        await initiator.LoginAsync(null);

        await initiator.TextAsync(TextFlags.Final, WireInitiator.Text(request));

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TextResponse);
        CollectionAssert.AreEqual(answer is null ? [] : new[] { answer }, response.Pairs.ToArray());
    }

    [TestMethod]
    [DataRow("SendTargets=", "TargetName=iqn.2026-11.org.example:disk")]
    [DataRow("SendTargets=iqn.2026-11.org.example:disk", "TargetName=iqn.2026-11.org.example:disk")]
    [DataRow("SendTargets=All", "SendTargets=Reject")]
    [DataRow("SendTargets=iqn.2026-11.org.example:zoo", "SendTargets=Reject")]
    public async Task SendTargets_InNormalSession_OwnTargetOnly(string request, string answer)
    {
        await using Bench bench = new();
        bench.Engine.Add(new IscsiTarget("iqn.2026-11.org.example:zoo", bench.Host.Buffers));
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TextAsync(TextFlags.Final, WireInitiator.Text(request));

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TextResponse);
        CollectionAssert.AreEqual(new[] { answer }, response.Pairs.ToArray());
    }

    [TestMethod]
    public async Task SendTargets_LongAnswer_ContinuesUnderTransferTag()
    {
        await using Bench bench = new();
        for (int i = 0; i < 60; i++) bench.Engine.Add(new IscsiTarget($"iqn.2026-11.org.example:disk-{i:000}", bench.Host.Buffers));
        using WireInitiator initiator = bench.Connect();
        await initiator.LoginAsync(null, "MaxRecvDataSegmentLength=512");
        byte[] text = [];
        uint tag = await initiator.TextAsync(TextFlags.Final, WireInitiator.Text("SendTargets=All"));
        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TextResponse);
        int parts = 1;
        while ((response.Text.Flags & TextFlags.Final) == 0)
        {
            Assert.AreEqual(512, response.Data.Length);
            Assert.AreEqual(TextFlags.Continue, response.Text.Flags);
            Assert.AreNotEqual(BasicHeader.ReservedTag, response.Text.TargetTransferTag);
            text = [.. text, .. response.Data];
            await initiator.TextAsync(TextFlags.Final, [], response.Text.TargetTransferTag, tag);
            response = await initiator.ReceiveAsync(Opcode.TextResponse);
            parts++;
        }

        text = [.. text, .. response.Data];
        Assert.IsTrue(parts > 3);
        Assert.AreEqual(BasicHeader.ReservedTag, response.Text.TargetTransferTag);
        Assert.AreEqual(61, System.Text.Encoding.UTF8.GetString(text).Split('\0').Count(pair => pair.StartsWith("TargetName=", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task TextRequest_InPieces_AnsweredWhenWhole()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        await initiator.LoginAsync(null);
        byte[] text = WireInitiator.Text("SendTargets=All");

        uint tag = await initiator.TextAsync(TextFlags.Continue, text[..5]);
        ReceivedPdu first = await initiator.ReceiveAsync(Opcode.TextResponse);
        Assert.IsEmpty(first.Data);
        Assert.AreEqual(TextFlags.None, first.Text.Flags);
        await initiator.TextAsync(TextFlags.Final, text[5..], first.Text.TargetTransferTag, tag);

        ReceivedPdu second = await initiator.ReceiveAsync(Opcode.TextResponse);
        CollectionAssert.Contains(second.Pairs.ToList(), $"TargetName={Bench.TargetName}");
    }

    [TestMethod]
    public async Task TextRequest_WrongTransferTag_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        await initiator.LoginAsync(null);

        await initiator.TextAsync(TextFlags.Final, [], transferTag: 99);

        ReceivedPdu reject = await initiator.ReceiveAsync(Opcode.Reject);
        Assert.AreEqual(RejectReason.ProtocolError, reject.Reject.Reason);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task TextRequest_FinalAndContinue_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        await initiator.LoginAsync(null);

        await initiator.TextAsync(TextFlags.Final | TextFlags.Continue, WireInitiator.Text("SendTargets=All"));

        ReceivedPdu reject = await initiator.ReceiveAsync(Opcode.Reject);
        Assert.AreEqual(RejectReason.ProtocolError, reject.Reject.Reason);
    }

    [TestMethod]
    public async Task TextRequest_UnknownKey_NotUnderstood()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TextAsync(TextFlags.Final, WireInitiator.Text("X-org.example.mood=fine"));

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.TextResponse);
        CollectionAssert.AreEqual(new[] { "X-org.example.mood=NotUnderstood" }, response.Pairs.ToArray());
    }

    [TestMethod]
    public async Task TextRequest_NewMaxRecvDataSegmentLength_DataInFollows()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("MaxRecvDataSegmentLength=8192");

        await initiator.TextAsync(TextFlags.Final, WireInitiator.Text("MaxRecvDataSegmentLength=1024"));
        await initiator.ReceiveAsync(Opcode.TextResponse);
        await initiator.ReadAsync(0, 4);

        Assert.AreEqual(1024, (await initiator.ReceiveAsync(Opcode.DataIn)).Data.Length);
        Assert.AreEqual(1024, (await initiator.ReceiveAsync(Opcode.DataIn)).Data.Length);
    }

    [TestMethod]
    public async Task TextRequest_LeadingOnlyKey_ProtocolErrorOrReject()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.TextAsync(TextFlags.Final, WireInitiator.Text("MaxBurstLength=512"));

        ReceivedPdu? response = await initiator.TryReceiveAsync();
        if (response!.Opcode == Opcode.TextResponse) CollectionAssert.AreEqual(new[] { "MaxBurstLength=Reject" }, response.Pairs.ToArray());
        else Assert.AreEqual(RejectReason.ProtocolError, response.Reject.Reason);
        Assert.AreEqual("262144", bench.Transport.GetSessions().Single().Parameters["MaxBurstLength"]);
    }

    [TestMethod]
    public async Task Discovery_ScsiCommand_Rejected()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        await initiator.LoginAsync(null);

        await initiator.ReadAsync(0, 1);

        ReceivedPdu reject = await initiator.ReceiveAsync(Opcode.Reject);
        Assert.AreEqual(RejectReason.CommandNotSupported, reject.Reject.Reason);
        await initiator.PingAsync();
    }

    [TestMethod]
    public async Task Discovery_TwoOfOneInitiator_Coexist()
    {
        await using Bench bench = new();
        using WireInitiator first = bench.Connect();
        await first.LoginAsync(null);
        using WireInitiator second = bench.Connect();

        await second.LoginAsync(null);

        await first.PingAsync();
        await second.PingAsync();
        Assert.IsTrue(bench.Transport.GetSessions().All(session => session.TargetName is null));
    }

    [TestMethod]
    public async Task Discovery_Logout_Closed()
    {
        await using Bench bench = new();
        using WireInitiator initiator = bench.Connect();
        await initiator.LoginAsync(null);

        await initiator.LogoutAsync();

        Assert.AreEqual(LogoutResponseCode.Closed, (await initiator.ReceiveAsync(Opcode.LogoutResponse)).Logout.Response);
        await initiator.ExpectClosedAsync(EndReason.Logout);
    }
}
