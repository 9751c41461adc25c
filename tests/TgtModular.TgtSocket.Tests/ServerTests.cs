using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Plugins;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Serving;

namespace TgtModular.TgtSocket.Tests;

/// <summary>The socket itself: clients that hang, the end, and one daemon per port.</summary>
[TestClass]
public sealed class ServerTests
{
    private static readonly byte[] ShowRequest = new ManagementRequest { Mode = ManagementMode.System, Operation = ManagementOperation.Show }.Encode();
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("tgts").FullName;

    private string SocketPath => Path.Combine(_directory, "s.0");

    [TestCleanup]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [TestMethod]
    public async Task Client_ThatHangs_IsSentAwayAndBlocksNobody()
    {
        await using ManagementServer server = Serve(new ServerLimits { Clients = 2, RequestTime = TimeSpan.FromMilliseconds(300) });
        using Socket hanging = await ConnectAsync();
        _ = await hanging.SendAsync(ShowRequest.AsMemory(0, 60));

        StringAssert.StartsWith(await AskAsync(), "System:\n    State: ready\n", StringComparison.Ordinal);
        byte[] one = new byte[1];
        Assert.AreEqual(0, await hanging.ReceiveAsync(one).WaitAsync(Limit), "closed without an answer");
    }

    [TestMethod]
    public async Task Clients_BeyondTheLimit_WaitAndAreServed()
    {
        await using ManagementServer server = Serve(new ServerLimits { Clients = 1, RequestTime = TimeSpan.FromMilliseconds(300) });
        using Socket hanging = await ConnectAsync();

        Task<string>[] others = [.. Enumerable.Range(0, 5).Select(_ => AskAsync())];

        foreach (string text in await Task.WhenAll(others).WaitAsync(Limit)) StringAssert.StartsWith(text, "System:", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Socket_OfARunningDaemon_IsNotTaken()
    {
        await using ManagementServer server = Serve();

        // Record locks belong to processes: only another one sees them.
        using System.Diagnostics.Process other = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("/usr/bin/env", ["python3", "-c", LockProbe, ManagementSocketPath.LockFor(SocketPath)]) { UseShellExecute = false })!;
        await other.WaitForExitAsync();
        if (other.ExitCode == 127) Assert.Inconclusive("python3 is not installed");
        Assert.AreEqual(7, other.ExitCode, "another process got the lock");
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
    }

    [TestMethod]
    public async Task Server_Ended_RefusesAndCanBeStartedAgain()
    {
        await Serve().DisposeAsync();
        SocketException refused = await Assert.ThrowsExactlyAsync<SocketException>(ConnectAsync);
        Assert.AreEqual(SocketError.ConnectionRefused, refused.SocketErrorCode);

        await using ManagementServer second = Serve();
        StringAssert.StartsWith(await AskAsync(), "System:", StringComparison.Ordinal);
    }

    private const string LockProbe = """
        import fcntl, sys
        f = open(sys.argv[1], 'r+')
        try:
            fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit(7)
        """;

    private ManagementServer Serve(ServerLimits? limits = null)
    {
        var engine = new Mock<IEngineControl>();
        _ = engine.Setup(control => control.GetSnapshot()).Returns(EngineSnapshot.Empty);
        var schemas = new Mock<ISchemaSource>();
        _ = schemas.Setup(source => source.GetNames(It.IsAny<PluginKind>())).Returns([]);
        return ManagementServer.Start(SocketPath, new FaceContext(engine.Object, schemas.Object, () => { }, _ => { }, NullLogger.Instance), limits);
    }

    private async Task<Socket> ConnectAsync()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    private async Task<string> AskAsync()
    {
        using Socket socket = await ConnectAsync();
        _ = await socket.SendAsync(ShowRequest);
        using NetworkStream stream = new(socket);
        byte[] header = new byte[ManagementResponse.HeaderLength];
        await stream.ReadExactlyAsync(header);
        Assert.IsTrue(ManagementResponse.TryReadHeader(header, out ManagementError error, out int length));
        Assert.AreEqual(ManagementError.None, error);
        byte[] body = new byte[length];
        await stream.ReadExactlyAsync(body);
        return System.Text.Encoding.UTF8.GetString(body);
    }
}
