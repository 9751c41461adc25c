using System.Buffers.Binary;
using TgtModular.Scsi;

namespace TgtModular.TestKit;

internal static class TransferCases
{
    private const byte Read10 = 0x28;
    private const byte Invalid = 0xC0;
    private const int Block = EngineNexus.BlockLength;

    public static async Task RoundTripAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        Random random = new(1);
        foreach (int blocks in new[] { 1, 2, 7, 8, 16, 17, 127, 128, 129, 512, 1024 })
        {
            byte[] data = new byte[blocks * Block];
            random.NextBytes(data);
            await fixture.GoodAsync(fixture.WriteAsync(client, 3, data));
            Assert.IsTrue(fixture.Target.Disk.AsSpan(3 * Block, data.Length).SequenceEqual(data), $"{blocks} blocks arrived as they were sent");
            ClientAnswer answer = await fixture.GoodAsync(fixture.ReadAsync(client, 3, blocks));
            Assert.IsTrue(answer.DataIn.AsSpan().SequenceEqual(data), $"{blocks} blocks came back as they were");
        }
    }

    public static async Task ShortReadAsync(TransportFixture fixture)
    {
        new Random(2).NextBytes(fixture.Target.Disk);
        TransportClient client = await fixture.ConnectAsync();
        foreach (int expected in new[] { 0, 4, 512, 1000, 4096, 5000 })
        {
            ClientAnswer answer = await fixture.GoodAsync(fixture.ReadAsync(client, 0, 8, expected));
            int there = Math.Min(expected, 8 * Block);
            Assert.IsTrue(answer.DataIn.AsSpan().SequenceEqual(fixture.Target.Disk.AsSpan(0, there)), $"of 8 blocks, {expected} bytes expected, {answer.DataIn.Length} came");
        }
    }

    public static async Task SenseAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        ClientAnswer answer = await fixture.InTime(client.SendAsync(new ClientCommand(fixture.NextTag(), 1, [Invalid, 0, 0, 0, 0, 0], [], 0)), "a refusal");
        Assert.AreEqual(ScsiStatus.CheckCondition, answer.Status);
        byte[] wanted = new byte[SenseData.MaxLength];
        int length = Sense.InvalidOperationCode.Write(wanted, descriptorFormat: false);
        CollectionAssert.AreEqual(wanted[..length], answer.Sense, "sense data go with the status");
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(client));
    }

    /// <summary>A variable length CDB; the engine gives back what arrived.</summary>
    public static async Task LongCdbAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        foreach (int length in new[] { 12, 16, 32, 200, 260 })
        {
            byte[] cdb = new byte[length];
            new Random(length).NextBytes(cdb);
            cdb[0] = OpCode.VariableLength;
            cdb[7] = (byte)(length - 8);
            ClientAnswer answer = await fixture.GoodAsync(client.SendAsync(new ClientCommand(fixture.NextTag(), 1, cdb, [], length)));
            CollectionAssert.AreEqual(cdb, answer.DataIn, $"a CDB of {length} bytes");
        }
    }

    public static async Task LunAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        foreach (int lun in new[] { 0, 1, 2, 255, 256, 1000 })
        {
            ClientAnswer answer = await fixture.InTime(client.SendAsync(new ClientCommand(fixture.NextTag(), lun, new byte[6], [], 0)), "an answer");
            Assert.AreEqual(lun <= 1 ? ScsiStatus.Good : ScsiStatus.CheckCondition, answer.Status, $"LUN {lun}: the target has 0 and 1");
        }
    }

    public static async Task OrderAsync(TransportFixture fixture)
    {
        const int Count = 16;
        fixture.Target.ParkCommands = true;
        TransportClient client = await fixture.ConnectAsync();
        EngineNexus nexus = fixture.Target.Nexus;
        Task<ClientAnswer>[] answers = [.. Enumerable.Range(0, Count).Select(i => fixture.ReadAsync(client, i, 1))];
        await fixture.UntilAsync(() => nexus.WaitingCount == Count, "all commands are there");
        int[] blocks = [.. nexus.WaitingCdbs.Select(cdb => BinaryPrimitives.ReadInt32BigEndian(cdb.AsSpan(2)))];
        CollectionAssert.AreEqual(Enumerable.Range(0, Count).ToArray(), blocks, "commands are submitted in the order in which they were sent");
        nexus.StartParked();
        await fixture.InTime(Task.WhenAll(answers), "all answers");
    }

    public static async Task OutOfOrderAsync(TransportFixture fixture)
    {
        new Random(3).NextBytes(fixture.Target.Disk);
        fixture.Target.HoldOpCode = Read10;
        TransportClient client = await fixture.ConnectAsync();
        EngineNexus nexus = fixture.Target.Nexus;
        Task<ClientAnswer>[] reads = [.. Enumerable.Range(0, 8).Select(i => fixture.ReadAsync(client, i, i + 1))];
        await fixture.UntilAsync(() => nexus.WaitingCount == reads.Length, "all commands are there");
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(client));
        nexus.ReleaseHeld();
        for (int i = 0; i < reads.Length; i++)
        {
            ClientAnswer answer = await fixture.GoodAsync(reads[i]);
            Assert.IsTrue(answer.DataIn.AsSpan().SequenceEqual(fixture.Target.Disk.AsSpan(i * Block, (i + 1) * Block)), $"read {i} has its own data");
        }
    }

    public static async Task ManySessionsAsync(TransportFixture fixture)
    {
        fixture.Target.CompleteElsewhere = true;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(session => Task.Run(async () =>
        {
            TransportClient client = await fixture.ConnectAsync(session);
            for (int round = 0; round < 20; round++)
            {
                byte[] data = new byte[8 * Block];
                data.AsSpan().Fill((byte)((session * 20) + round));
                await fixture.GoodAsync(fixture.WriteAsync(client, session * 8, data));
                ClientAnswer answer = await fixture.GoodAsync(fixture.ReadAsync(client, session * 8, 8));
                Assert.IsTrue(answer.DataIn.AsSpan().SequenceEqual(data), $"session {session}, round {round}");
            }
        })));
    }

    public static async Task BackPressureAsync(TransportFixture fixture)
    {
        const int Most = 4;
        fixture.Target.MaxCommands = Most;
        fixture.Target.ParkCommands = true;
        TransportClient client = await fixture.ConnectAsync();
        EngineNexus nexus = fixture.Target.Nexus;
        Task all = Task.WhenAll(Enumerable.Range(0, 40).Select(i => fixture.GoodAsync(fixture.ReadAsync(client, i, 1))));
        await fixture.UntilAsync(() =>
        {
            Assert.IsTrue(nexus.InFlight <= Most, $"{nexus.InFlight} commands are in flight, the nexus holds {Most}");
            nexus.StartParked();
            return all.IsCompleted;
        }, "all commands are answered");
        await all;
    }

    public static async Task AbortAsync(TransportFixture fixture)
    {
        fixture.Target.HoldOpCode = Read10;
        TransportClient client = await fixture.ConnectAsync();
        EngineNexus nexus = fixture.Target.Nexus;
        uint tag = fixture.NextTag();
        byte[] cdb = [Read10, 0, 0, 0, 0, 0, 0, 0, 1, 0];
        Task<ClientAnswer> aborted = client.SendAsync(new ClientCommand(tag, 1, cdb, [], Block));
        Task<ClientAnswer> other = fixture.ReadAsync(client, 1, 1);
        await fixture.UntilAsync(() => nexus.WaitingCount == 2, "both commands are there");
        Assert.AreEqual(TaskManagementResponse.FunctionComplete, await fixture.InTime(client.AbortAsync(tag, 1), "the abort"));
        await fixture.UntilAsync(() => nexus.InFlight == 1, "the aborted command is released");
        nexus.ReleaseHeld();
        await fixture.GoodAsync(other);
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(client));
        Assert.IsFalse(aborted.IsCompletedSuccessfully, "an aborted command is not answered");
    }

    public static async Task AbortUnknownAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        Assert.AreEqual(TaskManagementResponse.TaskDoesNotExist, await fixture.InTime(client.AbortAsync(4711, 1), "the abort"));
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(client));
    }
}
