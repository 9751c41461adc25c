using TgtModular.Core.Tests;
using TgtModular.Lio.Tcmu;
using TgtModular.Scsi;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>Commands of a ring, carried out by the engine.</summary>
[TestClass]
public sealed class RingServerTests
{
    [TestMethod]
    public async Task Write_OnePiece_IsCarriedOutInTheRingsPages()
    {
        await using RingBench bench = await RingBench.StartAsync();
        byte[] data = Pattern(4096);

        KernelAnswer answer = await bench.DoAsync(RingBench.Cdb10(RamDevice.Write, 3, 8), data);

        Assert.AreEqual(0, answer.Status);
        CollectionAssert.AreEqual(data, bench.Ram.Medium.AsSpan(3 * 512, 4096).ToArray());
        Assert.AreEqual(bench.Kernel.Mapping.GetSegment(bench.Kernel.DataStart, 1).Pointer, bench.Ram.LastPointer);
    }

    [TestMethod]
    public async Task Read_ManyPieces_ComesWhole()
    {
        await using RingBench bench = await RingBench.StartAsync();
        bench.Kernel.Scatters = true;
        Pattern(512 * 90).CopyTo(bench.Ram.Medium, 512);

        KernelAnswer answer = await bench.DoAsync(RingBench.Cdb10(RamDevice.Read, 1, 90), dataIn: 512 * 90);

        Assert.AreEqual(0, answer.Status);
        CollectionAssert.AreEqual(bench.Ram.Medium.AsSpan(512, 512 * 90).ToArray(), answer.Data);
    }

    [TestMethod]
    public async Task Read_CdbAsksMoreThanTheInitiatorTakes_FirstPartComes()
    {
        await using RingBench bench = await RingBench.StartAsync();
        Pattern(4096).CopyTo(bench.Ram.Medium, 0);

        KernelAnswer answer = await bench.DoAsync(RingBench.Cdb10(RamDevice.Read, 0, 8), dataIn: 1000);

        CollectionAssert.AreEqual(bench.Ram.Medium.AsSpan(0, 1000).ToArray(), answer.Data);
    }

    [TestMethod]
    public async Task Inquiry_ShorterThanAllocationLength_ReadLengthTells()
    {
        await using RingBench bench = await RingBench.StartAsync();

        KernelAnswer answer = await bench.DoAsync([RamDevice.Inquiry, 0, 0, 0, 200, 0], dataIn: 200);

        Assert.HasCount(36, answer.Data);
        Assert.AreEqual((byte)'T', answer.Data[8]);
    }

    [TestMethod]
    public async Task Inquiry_KernelWithoutReadLength_RestIsZeroes()
    {
        await using RingBench bench = await RingBench.StartAsync(kernel: new KernelRing(flags: MailboxFlags.OutOfOrder));
        await LeaveTracesAsync(bench);

        KernelAnswer answer = await bench.DoAsync([RamDevice.Inquiry, 0, 0, 0, 200, 0], dataIn: 200);

        Assert.HasCount(200, answer.Data);
        Assert.AreEqual((byte)'T', answer.Data[8]);
        Assert.IsTrue(answer.Data.AsSpan(36).IndexOfAnyExcept((byte)0) < 0);
    }

    [TestMethod]
    public async Task Reply_WithoutData_LeavesNothingOfEarlierCommands()
    {
        await using RingBench bench = await RingBench.StartAsync();
        await LeaveTracesAsync(bench);

        KernelAnswer answer = await bench.DoAsync([RamDevice.Silent, 0, 0, 0, 64, 0], dataIn: 64);

        Assert.AreEqual(0, answer.Status);
        CollectionAssert.AreEqual(new byte[1], answer.Data);
    }

    [TestMethod]
    public async Task CheckCondition_WithData_BothCome()
    {
        await using RingBench bench = await RingBench.StartAsync();

        KernelAnswer answer = await bench.DoAsync(RingBench.Cdb10(RamDevice.Refuse, 0, 0), dataIn: 8);

        Assert.AreEqual(2, answer.Status);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, answer.Data);
        Assert.AreEqual(0x21, answer.Sense[12]);
        Assert.AreEqual((byte)SenseKey.IllegalRequest, answer.Sense[2]);
    }

    [TestMethod]
    public async Task UnknownCommand_InvalidOperationCode_AndNoData()
    {
        await using RingBench bench = await RingBench.StartAsync();
        await LeaveTracesAsync(bench);

        KernelAnswer answer = await bench.DoAsync(RingBench.Cdb10(0x44, 0, 0), dataIn: 64);

        Assert.AreEqual(2, answer.Status);
        Assert.AreEqual(0x20, answer.Sense[12]);
        Assert.IsEmpty(answer.Data);
    }

    [TestMethod]
    public async Task Inquiry_WithTheLunInTheCdbAsScsi2HadIt_IsAnswered()
    {
        await using RingBench bench = await RingBench.StartAsync();

        KernelAnswer answer = await bench.DoAsync([RamDevice.Inquiry, 0x40, 0, 0, 36, 0], dataIn: 36);

        Assert.AreEqual(0, answer.Status);
        Assert.AreEqual(0, bench.Ram.LastByteOne);
    }

    [TestMethod]
    public async Task VariableLengthCdb_LongerThanTheEngineTakes_IsRefused()
    {
        await using RingBench bench = await RingBench.StartAsync();
        byte[] cdb = new byte[8 + 255];
        (cdb[0], cdb[7]) = (0x7F, 255);

        KernelAnswer answer = await bench.DoAsync(cdb);

        Assert.AreEqual(2, answer.Status);
        Assert.AreEqual(0x24, answer.Sense[12]);
    }

    [TestMethod]
    public async Task BidirectionalCommand_IsRefused()
    {
        await using RingBench bench = await RingBench.StartAsync();
        uint at = bench.Kernel.Head;
        ushort identifier = bench.Send(RingBench.Cdb10(RamDevice.Read, 0, 1), dataIn: 512);
        bench.Kernel.Mapping.Write32(KernelRing.At(at) + RingLayout.BidirectionalCountOffset, 1);

        bench.Server.Serve();
        KernelAnswer answer = await bench.AnswerOf(identifier);

        Assert.AreEqual(2, answer.Status);
        Assert.AreEqual(0x20, answer.Sense[12]);
    }

    [TestMethod]
    public async Task Commands_HeldAndLetGoInAnotherOrder_AreAnsweredAsTheyEnd()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1);
        ushort first = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        ushort second = bench.Send(RingBench.Probe(ProbeDevice.Read, 2), dataIn: 512);
        ushort third = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 3));
        bench.Server.Serve();

        bench.Engine.Probe.LetGo(3);
        await bench.AnswerOf(third);
        bench.Engine.Probe.LetGo(2);
        await bench.AnswerOf(second);

        Assert.IsFalse(bench.AnswerOf(first).IsCompleted);
        Assert.AreEqual(1, bench.Server.InFlight);
        bench.Engine.Probe.LetGo(1);
        await bench.AnswerOf(first);
        Assert.IsNull(bench.Kernel.Broken);
        Assert.AreEqual(bench.Kernel.Head, bench.Kernel.Tail);
    }

    [TestMethod]
    public async Task Commands_KernelWithoutOutOfOrder_AreAnsweredInOrder()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1, kernel: new KernelRing(flags: MailboxFlags.ReadLength));
        ushort first = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        ushort second = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 2));
        bench.Server.Serve();

        bench.Engine.Probe.LetGo(2);
        Assert.IsFalse(bench.AnswerOf(second).IsCompleted);
        Assert.AreEqual(0u, bench.Kernel.Tail);
        bench.Engine.Probe.LetGo(1);

        await bench.AnswerOf(first);
        await bench.AnswerOf(second);
        Assert.AreEqual(bench.Kernel.Head, bench.Kernel.Tail);
    }

    [TestMethod]
    public async Task Answers_ManyInOnePass_OneCallOfTheKernelForABatch()
    {
        await using RingBench bench = await RingBench.StartAsync();
        ushort[] sent = [.. Enumerable.Range(0, 32).Select(i => bench.Send(RingBench.Cdb10(RamDevice.Read, i, 1), dataIn: 512))];

        bench.Server.Serve();

        foreach (ushort identifier in sent) Assert.AreEqual(0, (await bench.AnswerOf(identifier)).Status);
        Assert.IsLessThanOrEqualTo(3, bench.Kernel.Rings);
    }

    [TestMethod]
    public async Task Ring_RunsRoundManyTimes_EveryCommandIsAnswered()
    {
        using KernelRing kernel = new(ringLength: 4096, pages: 64);
        await using RingBench bench = await RingBench.StartAsync(kernel: kernel);
        Random random = new(5);

        for (int i = 0; i < 2000; i++)
        {
            int blocks = random.Next(1, 40);
            byte[] data = Pattern(blocks * 512, i);
            Assert.AreEqual(0, (await bench.DoAsync(RingBench.Cdb10(RamDevice.Write, i % 1000, blocks), data)).Status);
            CollectionAssert.AreEqual(data, (await bench.DoAsync(RingBench.Cdb10(RamDevice.Read, i % 1000, blocks), dataIn: data.Length)).Data);
        }

        Assert.IsNull(kernel.Broken);
        Assert.IsNull(bench.Server.Failure);
    }

    [TestMethod]
    public async Task Nexus_NoCommandFree_RingStallsAndGoesOn()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1, maxCommands: 2);
        ushort[] sent = [.. Enumerable.Range(1, 3).Select(i => bench.Send(RingBench.Probe(ProbeDevice.Concurrent, (byte)i)))];
        int ended = 0;
        bench.Server.CommandEnded = () => ended++;

        Assert.AreEqual(ServeResult.Stalled, bench.Server.Serve());
        bench.Engine.Probe.LetGo(1);
        await bench.AnswerOf(sent[0]);
        Assert.AreEqual(1, ended);
        Assert.AreEqual(ServeResult.Idle, bench.Server.Serve());
        bench.Engine.Probe.LetGo(2);
        bench.Engine.Probe.LetGo(3);

        await Task.WhenAll(sent.Select(bench.AnswerOf));
    }

    [TestMethod]
    public async Task UnknownOperation_IsMarkedAndPassed()
    {
        await using RingBench bench = await RingBench.StartAsync();
        uint at = bench.Kernel.SendOperation(5);

        KernelAnswer answer = await bench.DoAsync(RingBench.Cdb10(RamDevice.Read, 0, 1), dataIn: 512);

        Assert.AreEqual(0, answer.Status);
        Assert.AreEqual((byte)HandlerFlags.UnknownOperation, bench.Kernel.Mapping.Read8(KernelRing.At(at) + RingLayout.HandlerFlagsOffset));
        Assert.Contains(entry => entry.EventId.Id == 712, bench.Logger.Entries);
    }

    [TestMethod]
    public async Task CommandThatTimedOutInTheKernel_AnsweredLate_RingStaysWhole()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1);
        ushort late = bench.Send(RingBench.Probe(ProbeDevice.Read, 1), dataIn: 512);
        bench.Server.Serve();
        bench.Kernel.Expire(late);
        ushort next = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 2));
        bench.Server.Serve();

        bench.Engine.Probe.LetGo(2);
        bench.Engine.Probe.LetGo(1);

        await bench.AnswerOf(next);
        Assert.IsFalse(bench.AnswerOf(late).IsCompleted);
        Assert.IsNull(bench.Kernel.Broken);
        Assert.AreEqual(bench.Kernel.Head, bench.Kernel.Tail);
    }

    [TestMethod]
    public async Task Device_GoneAtTheAnswer_ServingEnds()
    {
        await using RingBench bench = await RingBench.StartAsync();
        bench.Kernel.IsThere = false;
        bench.Send(RingBench.Cdb10(RamDevice.Read, 0, 1), dataIn: 512);

        Assert.AreEqual(ServeResult.Ended, bench.Server.Serve());

        Assert.AreEqual(0, bench.Server.InFlight);
        Assert.IsNotNull(bench.Server.Failure);
    }

    [TestMethod]
    public async Task Stop_CommandsUnderWay_AreAnsweredAndNoneIsTaken()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1);
        ushort running = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        bench.Server.Serve();
        ushort waiting = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 2));

        bench.Server.Stop();
        Assert.AreEqual(ServeResult.Ended, bench.Server.Serve());
        Task idle = bench.Server.WaitIdleAsync();
        Assert.IsFalse(idle.IsCompleted);
        bench.Engine.Probe.LetGo(1);

        await idle;
        await bench.AnswerOf(running);
        Assert.IsFalse(bench.AnswerOf(waiting).IsCompleted);
        Assert.IsFalse(bench.Engine.Probe.HasStarted(2));
        Assert.IsNull(bench.Server.Failure);
    }

    [TestMethod]
    public async Task Nexus_ClosedUnderTheRing_CommandsEndAborted()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1);
        ushort running = bench.Send(RingBench.Probe(ProbeDevice.Read, 1), dataIn: 512);
        bench.Server.Serve();

        Task closing = bench.Nexus.CloseAsync(Transports.NexusEnd.Administrative).AsTask();
        bench.Engine.Probe.LetGo(1);
        await closing;

        Assert.AreEqual((byte)ScsiStatus.TaskAborted, (await bench.AnswerOf(running)).Status);
        Assert.AreEqual((byte)ScsiStatus.TaskAborted, (await bench.DoAsync(RingBench.Probe(ProbeDevice.Concurrent, 2))).Status);
    }

    internal static byte[] Pattern(int length, int seed = 1)
    {
        byte[] data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }

    /// <summary>Leaves something in the pages that the next command gets.</summary>
    private static async Task LeaveTracesAsync(RingBench bench) =>
        Assert.AreEqual(0, (await bench.DoAsync(RingBench.Cdb10(RamDevice.Write, 100, 8), Pattern(4096))).Status);
}
