using System.Globalization;
using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Channels;
using TgtModular.Iscsi.Tests.Wire;
using TgtModular.Plugins;
using TgtModular.TestKit;

namespace TgtModular.Iscsi.Tests;

/// <summary>
/// Mutated PDUs before and after login, while another session does verified I/O. The seed is fixed; <c>FUZZ_PDUS</c> sets how many PDUs are sent.
/// </summary>
[TestClass]
public sealed class FuzzTests
{
    private const string FuzzTarget = "iqn.2026-11.org.example:fuzz";
    private const int PdusPerConnection = 60;
    private const int Seed = 7143;

    private readonly DiagnosticBufferPool _pool = new();
    private int _verified; // blocks that the other session wrote and read back
    private readonly TestEngine _engine = new();

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task MutatedPdus_WhileAnotherSessionWorks_NothingBreaks()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("FUZZ_PDUS") ?? "20000", CultureInfo.InvariantCulture);
        using QuietHost host = new(_pool);
        TestTarget good = _engine.Add(new IscsiTarget(Bench.TargetName, _pool));
        TestTarget fuzzed = _engine.Add(new IscsiTarget(FuzzTarget, _pool) { CompleteElsewhere = true });
        OptionValues options = new(TransportOptions.Schema, new Dictionary<string, object> { ["listen"] = (IReadOnlyList<string>)[] });
        IscsiTransport transport = (IscsiTransport)new IscsiTransportFactory().Create(new Transports.TransportCreateContext(options, _engine, host));
        using CancellationTokenSource stop = new();
        Task work = Task.Run(() => VerifyAsync(transport, stop.Token), CancellationToken.None);

        Random random = new(Seed);
        FuzzCounts counts = new();
        await WriteTests.UntilAsync(() => Volatile.Read(ref _verified) > 0 || work.IsCompleted);
        while (counts.Sent < count && !work.IsCompleted)
        {
            await FuzzConnectionAsync(transport, random, counts);
            fuzzed.ForgetEnded();
        }

        int before = Volatile.Read(ref _verified);
        await WriteTests.UntilAsync(() => Volatile.Read(ref _verified) > before || work.IsCompleted); // it still works afterwards
        await stop.CancelAsync();
        await work;
        Assert.IsTrue(before > 0, "the other session verified nothing before the fuzzing ended");
        Assert.IsTrue(_verified > before, "the other session verified nothing after the fuzzing");
        await transport.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        TestContext.WriteLine($"{counts.Sent} PDUs on {counts.Connections} connections, {counts.Framed} with right digests, {_verified} blocks verified");
        TestContext.WriteLine(string.Join(", ", counts.Ends.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value}")));
        Assert.IsTrue(counts.Framed * 2 >= counts.Sent, "half of the PDUs must pass the digests");
        Assert.IsEmpty(host.Errors, string.Join("\n", host.Errors.Take(3)));
        Assert.IsFalse(counts.Ends.ContainsKey(EndReason.InternalError));
        foreach (EngineNexus nexus in good.Nexuses.Concat(fuzzed.Nexuses))
        {
            Assert.IsTrue(nexus.IsClosed);
            Assert.AreEqual(0, nexus.InFlight);
        }

        _pool.Verify();
    }

    private async Task VerifyAsync(IscsiTransport transport, CancellationToken stop)
    {
        using WireInitiator initiator = Connect(transport);
        await initiator.LoginAsync(Bench.TargetName);
        Random random = new(Seed + 1);
        while (!stop.IsCancellationRequested)
        {
            byte[] data = new byte[2048];
            random.NextBytes(data);
            uint lba = (uint)random.Next(2040);
            await initiator.WriteAsync(lba, 4, data);
            Assert.AreEqual(0, (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Response.Status);
            await initiator.ReadAsync(lba, 4);
            CollectionAssert.AreEqual(data, (await initiator.ReceiveAsync(Opcode.DataIn)).Data);
            Interlocked.Add(ref _verified, 4);
        }
    }

    private static WireInitiator Connect(IscsiTransport transport)
    {
        (MemoryChannel targetSide, MemoryChannel initiatorSide) = MemoryChannel.CreatePair();
        (Connection connection, Task ended) = transport.Serve(targetSide, 1);
        return new WireInitiator(initiatorSide, connection, ended);
    }

    private static async Task FuzzConnectionAsync(IscsiTransport transport, Random random, FuzzCounts counts)
    {
        using WireInitiator initiator = Connect(transport);
        initiator.Isid = new Isid((ulong)random.Next(4));
        bool loggedIn = random.Next(4) != 0;
        bool digests = random.Next(2) == 0;
        if (loggedIn)
        {
            await initiator.LoginAsync(
                FuzzTarget, digests ? "HeaderDigest=CRC32C" : "HeaderDigest=None", digests ? "DataDigest=CRC32C" : "DataDigest=None", "InitialR2T=No",
                "MaxOutstandingR2T=3", "MaxBurstLength=8192", "FirstBurstLength=4096", "MaxRecvDataSegmentLength=4096");
        }

        counts.Connections++;
        Task drain = DrainAsync(initiator);
        PduMutator mutator = new(random, initiator);
        try
        {
            for (int i = 0; i < PdusPerConnection && initiator.Connection.Reason is null; i++)
            {
                (byte[] pdu, bool framed) = mutator.Next(loggedIn);
                await initiator.SendRawAsync(pdu);
                counts.Sent++;
                if (framed) counts.Framed++;
            }
        }
        catch (IOException)
        {
            // The target has closed: what it should do with most of this.
        }

        initiator.Abort();
        await drain;
        await initiator.Ended;
        counts.Ends[initiator.Connection.Reason!.Value] = counts.Ends.GetValueOrDefault(initiator.Connection.Reason!.Value) + 1;
    }

    private static async Task DrainAsync(WireInitiator initiator)
    {
        while (await initiator.TryReceiveAnyAsync())
        {
        }
    }

    private sealed class FuzzCounts
    {
        public int Sent { get; set; }

        public int Framed { get; set; }

        public int Connections { get; set; }

        public Dictionary<EndReason, int> Ends { get; } = [];
    }
}
