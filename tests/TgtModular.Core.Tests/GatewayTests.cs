using System.Buffers.Binary;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Tests;

[TestClass]
public sealed class GatewayTests
{
    private const int NoUnit = 7;

    [TestMethod]
    public async Task FirstCommand_NewNexus_PowerOnUnitAttentionOnce()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = new(engine.Open().Nexus!);
        Answer first = await initiator.SendAsync(ProbeDevice.Reply, dataIn: 8, length: 8);
        Assert.AreEqual(Sense.UnitAttention(AdditionalSense.PowerOnResetOrBusDeviceReset), first.Outcome.Sense);
        CollectionAssert.AreEqual(
            new byte[] { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0, 0, 0, 0, 0 }, first.Sense);
        Assert.AreEqual(ScsiStatus.Good, (await initiator.SendAsync(ProbeDevice.Reply, dataIn: 8, length: 8)).Outcome.Status);
    }

    [TestMethod]
    public async Task IllegalCdbBit_KnownCommand_FieldPointerNamesByteAndBit()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Answer answer = await initiator.SendAsync([ProbeDevice.Reply, 0, 0x24, 0, 0, 0]);
        Assert.AreEqual(Sense.InvalidFieldInCdb(2, 5), answer.Outcome.Sense);
        Assert.AreEqual(Sense.InvalidOperationCode, (await initiator.SendAsync([0xFE, 0, 0, 0, 0, 0])).Outcome.Sense);
    }

    [TestMethod]
    public async Task Reply_LongerOrShorterThanExpected_ResidualTellsAndDataIsCut()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Answer under = await initiator.SendAsync(ProbeDevice.Reply, dataIn: 20, length: 255);
        Assert.AreEqual(12, under.ResidualIn);
        Assert.HasCount(8, under.Data);
        Answer over = await initiator.SendAsync(ProbeDevice.Reply, dataIn: 3, length: 255);
        Assert.AreEqual(-5, over.ResidualIn);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, over.Data);
        Answer allocation = await initiator.SendAsync(ProbeDevice.Reply, dataIn: 4, length: 4);
        Assert.AreEqual(0, allocation.ResidualIn);
    }

    [TestMethod]
    public async Task DataOut_LongerThanEngineGrants_RefusedBeforeDataIsAskedFor()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        initiator.HoldsData = true;
        Answer answer = await initiator.SendAsync(ProbeDevice.Huge, 1, dataOut: 1L << 30);
        Assert.AreEqual(SenseKey.IllegalRequest, answer.Outcome.Sense.Key);
        Assert.AreEqual(0, engine.Engine.LeasedBufferBytes);
    }

    [TestMethod]
    public async Task Residual_CommandRefusedByItsCheck_StillTellsWhatTheCdbAsked()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Answer answer = await initiator.SendAsync(ProbeDevice.Refused, dataOut: 200);
        Assert.AreEqual(Sense.LbaOutOfRange, answer.Outcome.Sense);
        Assert.AreEqual(200 - 512, answer.ResidualOut);
    }

    [TestMethod]
    public async Task Buffers_OneNexusHoldsItsShare_ItGetsBusyAndOthersWork()
    {
        await using TestEngine small = await TestEngine.StartAsync(new() { BufferMemory = 1, MaximumTransferLength = 1024 });
        TestInitiator first = await small.LoginAsync();
        first.HoldsData = true;
        Task<Answer>[] waiting = [.. Enumerable.Range(0, 4).Select(_ => first.SendAsync(ProbeDevice.Write, 1, dataOut: 512))];
        Assert.AreEqual(ScsiStatus.Busy, (await first.SendAsync(ProbeDevice.Write, 1, dataOut: 512)).Outcome.Status);
        TestInitiator second = await small.LoginAsync();
        small.Probe.LetGo(2);
        Assert.AreEqual(ScsiStatus.Good, (await second.SendAsync(ProbeDevice.Write, 2, dataOut: 512)).Outcome.Status);
        await first.Nexus.CloseAsync(NexusEnd.Logout);
        await Task.WhenAll(waiting);
    }

    [TestMethod]
    public async Task Buffers_OfTheTransportsOwn_DoNotCountAgainstThePool()
    {
        await using TestEngine small = await TestEngine.StartAsync(new() { BufferMemory = 1, MaximumTransferLength = 1024 });
        TestInitiator initiator = await small.LoginAsync();
        initiator.HasMemory = true;
        Task<Answer>[] writes = [.. Enumerable.Range(0, 30).Select(_ => initiator.SendAsync(ProbeDevice.Write, 1, dataOut: 512))];
        Task<Answer> read = initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        Assert.AreEqual(0, small.Engine.LeasedBufferBytes);
        small.Probe.LetGo(1);
        Assert.IsTrue((await Task.WhenAll([.. writes, read])).All(answer => answer.Outcome.IsGood));

        // What is the pool's still counts.
        initiator.HasMemory = false;
        initiator.HoldsData = true;
        _ = Enumerable.Range(0, 4).Select(_ => initiator.SendAsync(ProbeDevice.Write, 2, dataOut: 512)).ToArray();
        Assert.AreEqual(ScsiStatus.Busy, (await initiator.SendAsync(ProbeDevice.Write, 2, dataOut: 512)).Outcome.Status);
    }

    [TestMethod]
    public async Task DataOut_TransferFailed_SenseNamesTheCauseAndHandlerNeverRuns()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        initiator.HoldsData = true;
        Task<Answer> write = initiator.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        initiator.SendData(initiator.LastTag, DataOutResult.DigestError);
        Assert.AreEqual(Sense.ProtocolServiceCrcError, (await write).Outcome.Sense);
        Assert.IsFalse(engine.Probe.HasStarted(1));
    }

    [TestMethod]
    public async Task BufferPool_Exhausted_AnswersBusyAndRecovers()
    {
        await using TestEngine engine = await TestEngine.StartAsync(new() { BufferMemory = 1, MaximumCommands = 1024, MaximumTransferLength = 1 << 20 });
        TestInitiator initiator = new(engine.Open(maxCommands: 1024).Nexus!);
        await initiator.ReadyAsync();
        Task<Answer>[] reads = [.. Enumerable.Range(0, 600).Select(i => initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512))];
        await engine.Probe.Started(1);
        engine.Probe.LetGo(1);
        Answer[] answers = await Task.WhenAll(reads[..128]);
        Assert.IsTrue(answers.All(answer => answer.Outcome.IsGood));
        Assert.AreEqual(0, (await Task.WhenAll(reads)).Count(answer => answer.Outcome.Status is not (ScsiStatus.Good or ScsiStatus.Busy)));
        Assert.AreEqual(ScsiStatus.Good, (await initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512)).Outcome.Status);
    }

    [TestMethod]
    public async Task BufferPool_InitiatorsNeverSendTheirData_LeaveSomeForOthers()
    {
        await using TestEngine engine = await TestEngine.StartAsync(new() { BufferMemory = 2 << 20, MaximumCommands = 1024, MaximumTransferLength = 1 << 20 });
        for (int i = 0; i < 2; i++)
        {
            TestInitiator silent = await new TestInitiator(engine.Open(maxCommands: 1024).Nexus!) { HoldsData = true }.ReadyAsync();
            for (int k = 0; k < 600; k++) _ = silent.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        }

        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> write = initiator.SendAsync(ProbeDevice.Write, 2, dataOut: 512);
        engine.Probe.LetGo(2);
        Assert.AreEqual(ScsiStatus.Good, (await write).Outcome.Status);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Lun_RemovedUnderCommands_TheyAreAnswered(bool waitForData)
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        initiator.HoldsData = waitForData;
        Task<Answer> write = initiator.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        if (!waitForData) await engine.Probe.Started(1);
        Task<ControlResult> removal = engine.Engine.ChangeTargetAsync(TestEngine.TargetName, new TargetChange { RemoveLuns = [new LunSpec(1, "probe")] }, default).AsTask();
        engine.Probe.LetGo(1);
        TestEngine.Done(await removal);
        Answer answer = await write;
        Assert.IsFalse(answer.Dropped, "a session that lives on waits for its answer");
        Assert.AreEqual(ScsiStatus.TaskAborted, answer.Outcome.Status);
    }

    [TestMethod]
    public async Task Lun_RemovedOnlyIfIdle_StaysWhileCommandsAreUnderWay()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        var removal = new TargetChange { RemoveLuns = [new LunSpec(1, "probe")], RemoveIdleOnly = true };
        Task<Answer> write = initiator.SendAsync(ProbeDevice.Write, 1, dataOut: 512);
        await engine.Probe.Started(1);

        ControlResult refused = await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, removal, default);

        Assert.AreEqual(ControlError.InUse, refused.Error, refused.Message);
        engine.Probe.LetGo(1);
        Assert.AreEqual(ScsiStatus.Good, (await write).Outcome.Status);
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, removal, default));
        Assert.AreEqual(Sense.LogicalUnitNotSupported, (await initiator.SendAsync(ProbeDevice.Read)).Outcome.Sense);
    }

    [TestMethod]
    public async Task Handler_Throws_InternalTargetFailureAndNextCommandRuns()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Assert.AreEqual(Sense.InternalTargetFailure, (await initiator.SendAsync(ProbeDevice.Throw)).Outcome.Sense);
        Assert.AreEqual(ScsiStatus.Good, (await initiator.SendAsync(ProbeDevice.Reply)).Outcome.Status);
    }

    [TestMethod]
    public async Task AbsentLun_InquiryRequestSenseAndOthers_AnswerAsSam5Says()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Answer inquiry = await initiator.SendAsync([OpCode.Inquiry, 0, 0, 0, 36, 0], dataIn: 36, lun: Lun.FromNumber(NoUnit));
        Assert.AreEqual(0x7F, inquiry.Data[0]);
        Answer sense = await initiator.SendAsync([OpCode.RequestSense, 0, 0, 0, 18, 0], dataIn: 18, lun: Lun.FromNumber(NoUnit));
        Assert.AreEqual(0x25, sense.Data[12]);
        Assert.AreEqual(ScsiStatus.Good, sense.Outcome.Status);
        Answer other = await initiator.SendAsync(ProbeDevice.Read, lun: NoUnit);
        Assert.AreEqual(Sense.LogicalUnitNotSupported, other.Outcome.Sense);
        byte[] reportLuns = [OpCode.ReportLuns, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0];
        Assert.AreEqual(Sense.LogicalUnitNotSupported, (await initiator.SendAsync(reportLuns, dataIn: 256, lun: Lun.FromNumber(NoUnit))).Outcome.Sense);
        Answer luns = await initiator.SendAsync(reportLuns, dataIn: 256, lun: Lun.ReportLunsWellKnown);
        Assert.AreEqual(8, BinaryPrimitives.ReadInt32BigEndian(luns.Data));
        Assert.AreEqual(Lun.FromNumber(1), Lun.Read(luns.Data.AsSpan(8)));
    }

    [TestMethod]
    public async Task LunMap_UnitAddedWhileLoggedIn_ReportedLunsChangedAndNewLunWorks()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (INexus? nexus, RecordingObserver observer) = engine.Open();
        TestInitiator initiator = await new TestInitiator(nexus!).ReadyAsync();
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("second"), Owner.File, default));
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, new TargetChange { AddLuns = [new LunSpec(300, "second")] }, default));
        Assert.AreEqual(1, observer.LunMapChanges);
        Assert.AreEqual(AdditionalSense.ReportedLunsDataHasChanged, (await initiator.SendAsync(ProbeDevice.Reply)).Outcome.Sense.Additional);
        await initiator.ReadyAsync(lun: 300);
        TestEngine.Done(await engine.Engine.RemoveUnitAsync("second", force: true, default));
        Assert.AreEqual(Sense.LogicalUnitNotSupported, (await initiator.SendAsync(ProbeDevice.Reply, lun: 300)).Outcome.Sense);
    }

    [TestMethod]
    public async Task Nexus_Closed_CommandsDroppedDeviceToldAndNothingLeased()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        TestInitiator initiator = await engine.LoginAsync();
        Task<Answer> read = initiator.SendAsync(ProbeDevice.Read, 1, dataIn: 512);
        await engine.Probe.Started(1);
        Task close = initiator.Nexus.CloseAsync(NexusEnd.ConnectionLost).AsTask();
        Assert.IsFalse(close.IsCompleted);
        engine.Probe.LetGo(1);
        await close;
        Assert.IsTrue((await read).Dropped);
        CollectionAssert.AreEqual(new object[] { initiator.Nexus }, engine.Probe.LostNexuses);
        Assert.AreEqual(0, engine.Engine.GetSnapshot().Targets.Single().Sessions);
        Assert.AreEqual(0, engine.Engine.LeasedBufferBytes);
        Assert.IsTrue((await initiator.SendAsync(ProbeDevice.Reply)).Dropped);
    }

    [TestMethod]
    public async Task Access_Withdrawn_SessionIsClosedAndNewOneRefused()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        (_, RecordingObserver observer) = engine.Open();
        TestEngine.Done(await engine.Engine.ChangeTargetAsync(TestEngine.TargetName, new TargetChange { Access = AccessRules.Nobody }, default));
        CollectionAssert.AreEqual(new[] { NexusEnd.Administrative }, observer.CloseRequests);
        Assert.IsNull(engine.Open().Nexus);
    }

    [TestMethod]
    public async Task Submit_MillionCommands_AllocatesNothing()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        INexus nexus = engine.Open().Nexus!;
        CountingTransport transport = new(nexus);
        transport.Run(100_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        transport.Run(1_000_000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(1_100_000 - 1, transport.Good);
        Assert.IsTrue(allocated < 1_000_000, $"{allocated} bytes for a million commands");
    }

    private sealed class CountingTransport(INexus nexus) : ICommandTransport
    {
        private static readonly byte[] Cdb = [ProbeDevice.Reply, 0, 0, 0, 8, 0];

        public int Good { get; private set; }

        public void Run(int count)
        {
            for (int i = 0; i < count; i++)
            {
                Devices.ScsiCommand command = nexus.TryRentCommand()!;
                command.SetCdb(Cdb);
                command.Lun = Lun.FromNumber(1);
                command.ExpectedDataIn = 8;
                command.Transport = this;
                nexus.Submit(command);
            }
        }

        public DataOutProgress ReceiveDataOut(Devices.ScsiCommand command) => DataOutProgress.Completed;

        public void Complete(Devices.ScsiCommand command)
        {
            if (command.Outcome.IsGood) Good++;
            command.Release();
        }

        public void Drop(Devices.ScsiCommand command) => command.Release();
    }
}
