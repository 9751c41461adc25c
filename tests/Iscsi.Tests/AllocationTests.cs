using System.Buffers.Binary;
using TgtModular.Core.Buffers;
using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Channels;
using TgtModular.Iscsi.Tests.Wire;
using TgtModular.Plugins;
using TgtModular.TestKit;

namespace TgtModular.Iscsi.Tests;

/// <summary>Steady state allocates nothing on the managed heap.</summary>
[TestClass]
[DoNotParallelize]
public sealed class AllocationTests
{
    private const int Depth = 32;
    private const int Rounds = 1_000_000 / Depth;
    private const int BlockLength = EngineNexus.BlockLength;

    [TestMethod]
    public async Task MillionReads_LessThanOneByteEach()
    {
        int answer = BasicHeader.Length + BlockLength;

        long allocated = await MeasureAsync(ScsiCommandFlags.Read, 0x28, [], answer);

        Assert.IsTrue(allocated < Rounds * Depth, $"{allocated} bytes for {Rounds * Depth} reads");
    }

    [TestMethod]
    public async Task MillionWrites_LessThanOneByteEach()
    {
        long allocated = await MeasureAsync(ScsiCommandFlags.Write, 0x2A, new byte[BlockLength], BasicHeader.Length);

        Assert.IsTrue(allocated < Rounds * Depth, $"{allocated} bytes for {Rounds * Depth} writes");
    }

    private static async Task<long> MeasureAsync(ScsiCommandFlags direction, byte operationCode, byte[] data, int answerLength)
    {
        BufferPool pool = new(64 << 20);
        using QuietHost host = new(pool);
        TestEngine engine = new();
        engine.Add(new IscsiTarget(Bench.TargetName, pool));
        OptionValues options = new(TransportOptions.Schema, new Dictionary<string, object> { ["listen"] = (IReadOnlyList<string>)[] });
        await using IscsiTransport transport = (IscsiTransport)new IscsiTransportFactory().Create(new Transports.TransportCreateContext(options, engine, host));
        (MemoryChannel targetSide, MemoryChannel initiatorSide) = MemoryChannel.CreatePair(inline: true);
        (Connections.Connection connection, Task ended) = transport.Serve(targetSide, 1);
        using WireInitiator initiator = new(initiatorSide, connection, ended);
        await initiator.LoginAsync(Bench.TargetName);

        byte[] requests = MakeRequests(direction, operationCode, data);
        byte[] answers = new byte[answerLength * Depth];
        uint cmdSN = initiator.CmdSN;
        for (int i = 0; i < 2000; i++) cmdSN = await RoundAsync(initiatorSide, requests, answers, cmdSN); // everything is made that will be made
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Rounds; i++) cmdSN = await RoundAsync(initiatorSide, requests, answers, cmdSN);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static byte[] MakeRequests(ScsiCommandFlags direction, byte operationCode, byte[] data)
    {
        int length = BasicHeader.Length + data.Length;
        byte[] requests = new byte[length * Depth];
        for (int i = 0; i < Depth; i++)
        {
            Span<byte> request = requests.AsSpan(i * length, length);
            ScsiCommandWriter.Write(
                request, false, direction | ScsiCommandFlags.Final, TaskAttribute.Simple, 0, (uint)i, BlockLength, default,
                WireInitiator.Cdb10(operationCode, (uint)i, 1), data.Length);
        }

        return requests;
    }

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<uint> RoundAsync(MemoryChannel channel, byte[] requests, byte[] answers, uint cmdSN)
    {
        int length = requests.Length / Depth;
        for (int i = 0; i < Depth; i++) BinaryPrimitives.WriteUInt32BigEndian(requests.AsSpan((i * length) + 24), cmdSN++);
        await channel.SendAsync(requests);
        int received = 0;
        while (received < answers.Length)
        {
            int count = await channel.ReceiveAsync(answers.AsMemory(received));
            if (count == 0) throw new AssertFailedException("the target closed");
            received += count;
        }

        return cmdSN;
    }
}
