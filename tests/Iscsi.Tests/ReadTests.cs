using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;

namespace TgtModular.Iscsi.Tests;

/// <summary>Data-In, status and residuals (RFC 7143 sections 11.4 and 11.7).</summary>
[TestClass]
public sealed class ReadTests
{
    private const DataInFlags Last = DataInFlags.Final | DataInFlags.Status;

    [TestMethod]
    public async Task ScsiCommand_Read_StatusRidesOnLastDataIn()
    {
        await using Bench bench = new();
        Random.Shared.NextBytes(bench.Target.Disk);
        using WireInitiator initiator = await bench.LoginAsync();
        uint statSN = initiator.ExpStatSN;

        uint tag = await initiator.ReadAsync(3, 8);

        ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
        Assert.AreEqual(tag, data.Tag);
        Assert.AreEqual(Last, data.DataIn.Flags);
        Assert.AreEqual(0, data.DataIn.Status);
        Assert.AreEqual(statSN, data.Sequence.StatSN);
        Assert.AreEqual(initiator.CmdSN, data.Sequence.ExpCmdSN);
        CollectionAssert.AreEqual(bench.Target.Disk[(3 * 512)..(11 * 512)], data.Data);
    }

    [TestMethod]
    public async Task ScsiCommand_ReadLargerThanMaxRecv_SplitsDataIn()
    {
        await using Bench bench = new();
        Random.Shared.NextBytes(bench.Target.Disk);
        using WireInitiator initiator = await bench.LoginAsync("MaxRecvDataSegmentLength=1024", "MaxBurstLength=262144");

        await initiator.ReadAsync(0, 7);

        byte[] received = [];
        for (uint i = 0; i < 4; i++)
        {
            ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
            Assert.AreEqual(i, data.DataIn.DataSN);
            Assert.AreEqual(i * 1024, data.DataIn.BufferOffset);
            Assert.AreEqual(i == 3 ? Last : DataInFlags.None, data.DataIn.Flags);
            Assert.AreEqual(i == 3 ? 512 : 1024, data.Data.Length);
            received = [.. received, .. data.Data];
        }

        CollectionAssert.AreEqual(bench.Target.Disk[..(7 * 512)], received);
    }

    [TestMethod]
    public async Task ScsiCommand_ReadLargerThanMaxBurst_FinalBitPerSequence()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync("MaxRecvDataSegmentLength=1024", "MaxBurstLength=2048", "FirstBurstLength=512");

        await initiator.ReadAsync(0, 9); // 4608 bytes: sequences of 2048, 2048 and 512

        DataInFlags[] expected = [DataInFlags.None, DataInFlags.Final, DataInFlags.None, DataInFlags.Final, Last];
        foreach (DataInFlags flags in expected) Assert.AreEqual(flags, (await initiator.ReceiveAsync(Opcode.DataIn)).DataIn.Flags);
    }

    [TestMethod]
    public async Task ScsiCommand_ReadOfScatteredMemory_ArrivesWhole()
    {
        await using Bench bench = new();
        bench.Host.Buffers.SegmentLength = 700; // more segments than one send takes
        bench.Host.Buffers.HidePointers = true;
        Random.Shared.NextBytes(bench.Target.Disk);
        using WireInitiator initiator = await bench.LoginAsync("MaxRecvDataSegmentLength=262144");

        await initiator.ReadAsync(0, 400);

        byte[] received = [];
        ReceivedPdu data;
        do
        {
            data = await initiator.ReceiveAsync(Opcode.DataIn);
            Assert.AreEqual((uint)received.Length, data.DataIn.BufferOffset);
            received = [.. received, .. data.Data];
        }
        while ((data.DataIn.Flags & DataInFlags.Status) == 0);
        CollectionAssert.AreEqual(bench.Target.Disk[..(400 * 512)], received);
    }

    [TestMethod]
    public async Task ScsiCommand_ExpectsMoreThanThereIs_Underflow()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.ReadAsync(0, 1, expected: 4096);

        ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
        Assert.AreEqual(Last | DataInFlags.Underflow, data.DataIn.Flags);
        Assert.AreEqual(4096u - 512u, data.DataIn.ResidualCount);
        Assert.HasCount(512, data.Data);
    }

    [TestMethod]
    public async Task ScsiCommand_ExpectsLessThanThereIs_Overflow()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.ReadAsync(0, 4, expected: 512);

        ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
        Assert.AreEqual(Last | DataInFlags.Overflow, data.DataIn.Flags);
        Assert.AreEqual(3u * 512u, data.DataIn.ResidualCount);
        Assert.HasCount(512, data.Data);
    }

    [TestMethod]
    public async Task ScsiCommand_ExpectsNothing_OverflowInResponse()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        await initiator.CommandAsync([0x12, 0, 0, 0, 36, 0], ScsiCommandFlags.Final, 0);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(ScsiResponseFlags.Overflow, response.Response.Flags);
        Assert.AreEqual(36u, response.Response.ResidualCount);
        Assert.IsEmpty(response.Data);
    }

    [TestMethod]
    public async Task ScsiCommand_CheckCondition_SenseWithItsLength()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        uint tag = await initiator.ReadAsync(100_000, 1);

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(tag, response.Tag);
        Assert.AreEqual(ScsiServiceResponse.CommandCompleted, response.Response.Response);
        Assert.AreEqual(0x02, response.Response.Status);
        CollectionAssert.AreEqual(new byte[] { 0, 18, 0x70 }, response.Data[..3]);
        Assert.HasCount(20, response.Data);
        Assert.AreEqual((5, 0x21, 0), response.Sense);
        Assert.AreEqual(ScsiResponseFlags.Underflow, response.Response.Flags);
        Assert.AreEqual(512u, response.Response.ResidualCount);
    }

    [TestMethod]
    public async Task ScsiCommand_NoData_Response()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();

        uint tag = await initiator.TestUnitReadyAsync();

        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);
        Assert.AreEqual(tag, response.Tag);
        Assert.AreEqual(0, response.Response.Status);
        Assert.AreEqual(ScsiResponseFlags.None, response.Response.Flags);
        Assert.IsEmpty(response.Data);
    }

    [TestMethod]
    public async Task ScsiCommand_ManyReadsInOneSegment_AllAnsweredWithRisingStatSN()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] all = [];
        byte[] bhs = new byte[BasicHeader.Length];
        for (uint i = 0; i < 100; i++)
        {
            ScsiCommandWriter.Write(
                bhs, false, ScsiCommandFlags.Read | ScsiCommandFlags.Final, TaskAttribute.Simple, 0, 1000 + i, 4096, initiator.Sequence,
                WireInitiator.Cdb10(0x28, i, 8));
            initiator.CmdSN++;
            all = [.. all, .. bhs];
        }

        uint statSN = initiator.ExpStatSN;
        await initiator.SendRawAsync(all);

        for (uint i = 0; i < 100; i++)
        {
            ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
            Assert.AreEqual(1000 + i, data.Tag);
            Assert.AreEqual(statSN + i, data.Sequence.StatSN);
        }
    }

    [TestMethod]
    public async Task ScsiCommand_CompletedOnOtherThreads_AllAnswered()
    {
        await using Bench bench = new();
        Random.Shared.NextBytes(bench.Target.Disk);
        bench.Target.CompleteElsewhere = true;
        using WireInitiator initiator = await bench.LoginAsync();
        Dictionary<uint, uint> outstanding = [];
        for (uint i = 0; i < 2000; i++)
        {
            if (i >= 100)
            {
                ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
                Assert.IsTrue(outstanding.Remove(data.Tag, out uint lba));
                Assert.IsTrue(bench.Target.Disk.AsSpan((int)lba * 512, 4096).SequenceEqual(data.Data));
            }

            outstanding.Add(await initiator.ReadAsync(i, 8), i);
        }

        while (outstanding.Count > 0)
        {
            ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
            Assert.IsTrue(outstanding.Remove(data.Tag));
        }
    }

    [TestMethod]
    public async Task ScsiCommand_TagUsedAgainAtOnce_Accepted()
    {
        await using Bench bench = new();
        bench.Target.CompleteElsewhere = true;
        using WireInitiator initiator = await bench.LoginAsync();

        for (int i = 0; i < 500; i++)
        {
            await initiator.TestUnitReadyAsync(tag: 7);
            Assert.AreEqual(7u, (await initiator.ReceiveAsync(Opcode.ScsiResponse)).Tag);
        }
    }

    [TestMethod]
    public async Task ScsiCommand_SlowReader_AnswersWaitAndArrive()
    {
        await using Bench bench = new();
        Random.Shared.NextBytes(bench.Target.Disk);
        using WireInitiator initiator = bench.Connect(capacity: 4096); // smaller than one answer
        await initiator.LoginAsync(Bench.TargetName, "MaxRecvDataSegmentLength=262144");
        for (uint i = 0; i < 20; i++) await initiator.ReadAsync(i, 64);

        for (int i = 0; i < 20; i++)
        {
            ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
            Assert.IsTrue(bench.Target.Disk.AsSpan(i * 512, 32768).SequenceEqual(data.Data));
        }
    }
}
