using TgtModular.Interop.Harness;
using TgtModular.Tgt.Protocol;
using TgtModular.Tgt.Tools.Tests.Harness;
using TgtModular.Tgt.Tools.Tgtadm;

namespace TgtModular.Tgt.Tools.Tests.Tgtadm;

/// <summary>What comes back from the socket, also when no target daemon sent it.</summary>
[TestClass]
public sealed class DaemonConnectionTests
{
    private static readonly string[] Show = ["--mode", "target", "--op", "show"];

    [TestMethod]
    public void Run_AnswerWithText_PrintsItAsItIs()
    {
        Captured captured = new();
        using AnsweringSocket socket = new(new ManagementResponse(ManagementError.None, "Target 1: a\n").Encode());

        Assert.AreEqual(0, AdminTool.Run(["--lld", "iscsi", .. Show, "-t", "5"], captured.Streams, _ => socket.Path));

        Assert.AreEqual("Target 1: a\n", captured.Output);
        Assert.AreEqual("", captured.Error);
        ManagementRequest request = socket.Requests.Single();
        Assert.AreEqual(new ManagementRequest { Mode = ManagementMode.Target, Operation = ManagementOperation.Show, Driver = "iscsi", TargetId = 5 }, request);
    }

    [TestMethod]
    public void Run_EveryError_PrintsItsTextWithStatus22()
    {
        for (uint error = 1; error < 27; error++)
        {
            Captured captured = new();
            using AnsweringSocket socket = new(new ManagementResponse((ManagementError)error).Encode());

            Assert.AreEqual(ExitStatus.InvalidArgument, AdminTool.Run(Show, captured.Streams, _ => socket.Path));

            Assert.AreEqual($"tgtadm: {((ManagementError)error).Message()}\n", captured.Error);
        }
    }

    [TestMethod]
    [DataRow(new byte[0], "tgtadm: tgtd closed the socket\n")]
    [DataRow(new byte[] { 0, 0 }, "tgtadm: a partial response\n")]
    [DataRow(new byte[] { 0, 0, 0, 0, 7, 0, 0, 0 }, "tgtadm: the response has an impossible length\n")]
    [DataRow(new byte[] { 0, 0, 0, 0, 255, 255, 255, 255 }, "tgtadm: the response has an impossible length\n")]
    [DataRow(new byte[] { 0, 0, 0, 0, 255, 255, 255, 127 }, "tgtadm: the response has an impossible length\n")]
    [DataRow(new byte[] { 0, 0, 0, 0, 100, 0, 0, 0, 65 }, "tgtadm: a partial response\n")]
    public void Run_AnswerIsNone_EndsWithAnError(byte[] answer, string expected)
    {
        Captured captured = new();
        using AnsweringSocket socket = new(answer);

        Assert.AreEqual(ExitStatus.ProtocolError, AdminTool.Run(Show, captured.Streams, _ => socket.Path));

        Assert.AreEqual(expected, captured.Error);
        Assert.AreEqual("", captured.Output);
    }

    [TestMethod]
    public void Run_NobodyListens_EndsAsNotConnected()
    {
        using TempDirectory directory = new();
        Captured captured = new();

        Assert.AreEqual(ExitStatus.NotConnected, AdminTool.Run(Show, captured.Streams, _ => directory.File("none")));

        Assert.AreEqual("tgtadm: failed to send request hdr to tgt daemon, Transport endpoint is not connected\n", captured.Error);
    }

    [TestMethod]
    public void Run_PathTooLong_SaysSo()
    {
        Captured captured = new();
        string path = "/" + new string('x', 200);

        Assert.AreEqual(ExitStatus.NotConnected, AdminTool.Run(Show, captured.Streams, _ => path));

        Assert.AreEqual($"tgtadm: management path too long: {path}\n", captured.Error);
    }

    [TestMethod]
    public void Run_BodyTooLong_SendsNothing()
    {
        Captured captured = new();

        Assert.AreEqual(ExitStatus.InvalidArgument, AdminTool.Run(
            ["-m", "lu", "-o", "update", "-t", "1", "-l", "1", "-P", new string('x', 9000)], captured.Streams, _ => "/nowhere"));

        StringAssert.Contains(captured.Error, "8192");
    }

    [TestMethod]
    public async Task Run_SystemDelete_ReturnsWhenNobodyListensAnyMore()
    {
        Captured captured = new();
        AnsweringSocket socket = new(ManagementResponse.Done.Encode());
        Task<int> run = Task.Run(() => AdminTool.Run(["-m", "system", "-o", "delete"], captured.Streams, _ => socket.Path));
        while (socket.Requests.Count == 0) await Task.Yield();
        Assert.IsFalse(run.IsCompleted);

        socket.Dispose();

        Assert.AreEqual(0, await run);
    }
}
