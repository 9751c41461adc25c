using System.Globalization;
using System.Net;
using TgtModular.Interop.Harness;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Load;

/// <summary>A store that hangs holds up its own unit: others behind the same connection do not notice.</summary>
[TestClass]
public sealed class IsolationTests
{
    private const string TargetName = "iqn.2026-11.org.tgtmodular.test:isolation";
    private const int BlockLength = 512;
    private const int Writes = 8;
    private const int Reads = 200;

    [TestMethod]
    [DataRow("epoll")]
    [DataRow("socket")]
    public async Task HangingStore_OtherUnitOfTheSameConnection_IsServed(string engine)
    {
        using TempDirectory directory = new();
        string rules = directory.Write("rules", "write hang\n");
        int port = TargetDaemon.FreePort();
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, Configuration(directory, port, engine));
        TargetAddress quick = new(new IPEndPoint(IPAddress.Loopback, port), TargetName, 2);
        using Session session = Session.Open(quick, new LoginWishes());
        session.TestUnitReady();
        Send(session, 1, tag: 1, [0, 0, 0, 0, 0, 0], []); // takes its unit attention
        _ = Answer(session);

        for (uint tag = 1; tag <= Writes; tag++) Send(session, 1, tag, [0x2a, 0, 0, 0, 0, (byte)tag, 0, 0, 1, 0], new byte[BlockLength]);
        byte[] read = [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0];
        for (int i = 0; i < Reads; i++) Assert.AreEqual(ScsiReply.Good, session.Execute(read, BlockLength).Status); // refuses an answer that is not its own

        await File.WriteAllTextAsync(rules, "");
        for (int i = 0; i < Writes; i++) Assert.AreEqual(ScsiReply.Good, Answer(session));
        session.Logout();
        await daemon.StopAsync();
    }

    private static void Send(Session session, int lun, uint tag, byte[] cdb, byte[] data) =>
        session.Send((ulong)lun << 48, tag, cdb, expectedDataIn: 0, data.Length, data);

    private static byte Answer(Session session)
    {
        ReceivedPdu pdu = session.Stream.Receive()!;
        Assert.AreEqual(Opcode.ScsiResponse, pdu.Opcode);
        ScsiResponseHeader response = new(pdu.Bhs);
        session.Note(response.Sequence, carriesStatus: true);
        return response.Status;
    }

    private static string Configuration(TempDirectory directory, int port, string engine) => string.Create(CultureInfo.InvariantCulture, $$"""
        state_directory = "{{directory.File("state")}}"
        [transport.iscsi]
        listen = ["127.0.0.1:{{port}}"]
        engine = "{{engine}}"
        loops = 1
        [store.plain]
        type = "file"
        path = "{{directory.File("slow.img")}}"
        size = "16MiB"
        [store.slow]
        type = "fault"
        over = ["plain"]
        rules_file = "{{directory.File("rules")}}"
        [store.quick]
        type = "file"
        path = "{{directory.File("quick.img")}}"
        size = "16MiB"
        [unit.slow]
        device = "sbc"
        store = "slow"
        [unit.quick]
        device = "sbc"
        store = "quick"
        [[target]]
        iscsi.name = "{{TargetName}}"
        access = { addresses = ["127.0.0.0/8"] }
        luns = [{ number = 1, unit = "slow" }, { number = 2, unit = "quick" }]
        """);
}
