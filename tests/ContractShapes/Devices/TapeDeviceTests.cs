using TgtModular.ContractShapes.Engine;
using TgtModular.Scsi;

namespace TgtModular.ContractShapes.Devices;

[TestClass]
public sealed class TapeDeviceTests
{
    private readonly Cartridge _cartridge = new(100_000);
    private readonly DirectTransport _initiator;

    public TapeDeviceTests()
    {
        MiniUnit unit = new("tape", null, ("store", _cartridge));
        _initiator = new DirectTransport(new MiniTarget("target", (0, new TapeDevice(unit))));
    }

    [TestMethod]
    public async Task Records_OfAnyLength_ComeBackAsTheyWere()
    {
        await WriteAsync(10, 700, 1);
        await RunAsync(TapeDevice.Rewind);
        foreach (int length in new[] { 10, 700, 1 })
        {
            Reply read = await RunAsync(TapeDevice.Read6, length);
            Assert.AreEqual(ScsiOutcome.Good, read.Outcome);
            Assert.HasCount(length, read.DataIn);
        }

        Assert.AreEqual(ScsiOutcome.Check(Sense.EndOfDataDetected(512)), (await RunAsync(TapeDevice.Read6, 512)).Outcome);
    }

    [TestMethod]
    public async Task Read_RecordOfAnotherLength_SaysByHowMuchAndGivesWhatFits()
    {
        await WriteAsync(300, 900);
        await RunAsync(TapeDevice.Rewind);
        Reply shorter = await RunAsync(TapeDevice.Read6, 512);
        Assert.AreEqual(ScsiOutcome.Check(Sense.IncorrectLength(212)), shorter.Outcome);
        Assert.HasCount(300, shorter.DataIn);
        Reply longer = await RunAsync(TapeDevice.Read6, 512);
        Assert.AreEqual(ScsiOutcome.Check(Sense.IncorrectLength(-388)), longer.Outcome);
        Assert.HasCount(512, longer.DataIn);
    }

    [TestMethod]
    public async Task Read_ShortRecordWithSuppression_IsGood()
    {
        await WriteAsync(300);
        await RunAsync(TapeDevice.Rewind);
        Reply read = await _initiator.RunAsync([TapeDevice.Read6, 0x02, 0, 2, 0, 0]);
        Assert.AreEqual(ScsiOutcome.Good, read.Outcome);
        Assert.HasCount(300, read.DataIn);
    }

    [TestMethod]
    public async Task Filemarks_StopReadsAndAreSpacedOver()
    {
        await WriteAsync(100);
        await RunAsync(TapeDevice.WriteFilemarks6, 1);
        await WriteAsync(200);
        await RunAsync(TapeDevice.Rewind);
        await RunAsync(TapeDevice.Read6, 100);
        Reply atMark = await RunAsync(TapeDevice.Read6, 100);
        Assert.AreEqual(ScsiOutcome.Check(Sense.FilemarkDetected(100)), atMark.Outcome);
        Assert.HasCount(200, (await RunAsync(TapeDevice.Read6, 200)).DataIn);
        Assert.AreEqual(ScsiOutcome.Good, (await _initiator.RunAsync([TapeDevice.Space6, 1, 0xFF, 0xFF, 0xFF, 0])).Outcome);
        Assert.AreEqual(SenseKey.NoSense, (await RunAsync(TapeDevice.Read6, 200)).Outcome.Sense.Key, "in front of the mark again");
        Assert.AreEqual(SenseKey.BlankCheck, (await _initiator.RunAsync([TapeDevice.Space6, 1, 0, 0, 5, 0])).Outcome.Sense.Key);
    }

    [TestMethod]
    public async Task Write_InTheMiddle_DropsWhatIsBehind()
    {
        await WriteAsync(10, 20, 30);
        await RunAsync(TapeDevice.Rewind);
        await WriteAsync(5);
        Assert.AreEqual(SenseKey.BlankCheck, (await RunAsync(TapeDevice.Read6, 20)).Outcome.Sense.Key);
    }

    [TestMethod]
    public async Task Write_NearTheEnd_WarnsAndIsRecorded()
    {
        Reply write = await _initiator.RunAsync([TapeDevice.Write6, 0, 1, 0x73, 0x18, 0], new byte[95_000]);
        Assert.AreEqual(ScsiOutcome.Check(Sense.EarlyWarning), write.Outcome);
        Assert.AreEqual(1, _cartridge.GetPartition(0).ObjectCount);
    }

    private async Task WriteAsync(params int[] lengths)
    {
        foreach (int length in lengths)
            Assert.AreEqual(ScsiOutcome.Good, (await _initiator.RunAsync(Cdb(TapeDevice.Write6, length), new byte[length])).Outcome);
    }

    private Task<Reply> RunAsync(byte operationCode, int count = 0) => _initiator.RunAsync(Cdb(operationCode, count));

    private static byte[] Cdb(byte operationCode, int count) => [operationCode, 0, (byte)(count >> 16), (byte)(count >> 8), (byte)count, 0];
}
