using TgtModular.ContractShapes.Engine;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Devices;

[TestClass]
public sealed class WriteOnceDeviceTests
{
    private const byte Empty = 0;
    private const byte Appendable = 1;
    private const byte Complete = 2;

    private readonly Cartridge _disc = new(1 << 20, writeOnce: true);

    [TestMethod]
    public async Task Sessions_AreAppendedAndFoundAgain()
    {
        DirectTransport initiator = await InsertAsync();
        Assert.AreEqual((Empty, 0), await DescribeAsync(initiator));
        await WriteAsync(initiator, 0, 0x11);
        await CloseAsync(initiator, function: 2);
        await WriteAsync(initiator, 1, 0x22);
        DirectTransport elsewhere = await InsertAsync();
        Assert.AreEqual((Appendable, 2), await DescribeAsync(elsewhere));
        Reply read = await elsewhere.RunAsync(BlockDevice.Cdb(WriteOnceDevice.Read10, 0, 2));
        Assert.AreEqual(0x11, read.DataIn[0]);
        Assert.AreEqual(0x22, read.DataIn[2048]);
    }

    [TestMethod]
    public async Task Write_OverRecordedBlocks_IsRefusedByTheDeviceAndByTheMedium()
    {
        DirectTransport initiator = await InsertAsync();
        await WriteAsync(initiator, 0, 0x11);
        Reply again = await initiator.RunAsync(BlockDevice.Cdb(WriteOnceDevice.Write10, 0, 1), new byte[2048]);
        Assert.AreEqual(AdditionalSense.InvalidAddressForWrite, again.Outcome.Sense.Additional);
        StorageResult direct = await _disc.WriteRecordAsync(default, default, CancellationToken.None);
        Assert.AreEqual(StorageStatus.ReadOnly, direct.Status);
        Assert.AreEqual(StorageStatus.ReadOnly, (await _disc.FormatAsync(default, CancellationToken.None)).Status);
    }

    [TestMethod]
    public async Task Disc_Finalized_TakesNoMore()
    {
        DirectTransport initiator = await InsertAsync();
        await WriteAsync(initiator, 0, 0x11);
        await CloseAsync(initiator, function: 6);
        Assert.AreEqual((Complete, 1), await DescribeAsync(initiator));
        Reply write = await initiator.RunAsync(BlockDevice.Cdb(WriteOnceDevice.Write10, 1, 1), new byte[2048]);
        Assert.AreEqual(ScsiOutcome.Check(Sense.WriteProtected), write.Outcome);
    }

    private async Task<DirectTransport> InsertAsync()
    {
        WriteOnceDevice device = new(new MiniUnit("burner", null, ("store", _disc)));
        await device.RecognizeAsync();
        return new DirectTransport(new MiniTarget("target", (0, device)));
    }

    private static async Task WriteAsync(DirectTransport initiator, uint address, byte value)
    {
        byte[] data = [.. Enumerable.Repeat(value, 2048)];
        Assert.AreEqual(ScsiOutcome.Good, (await initiator.RunAsync(BlockDevice.Cdb(WriteOnceDevice.Write10, address, 1), data)).Outcome);
    }

    private static async Task CloseAsync(DirectTransport initiator, byte function) =>
        Assert.AreEqual(ScsiOutcome.Good, (await initiator.RunAsync([WriteOnceDevice.CloseTrackSession, 0, function, 0, 0, 0, 0, 0, 0, 0])).Outcome);

    private static async Task<(byte Status, int Sessions)> DescribeAsync(DirectTransport initiator)
    {
        Reply reply = await initiator.RunAsync(BlockDevice.Cdb(WriteOnceDevice.ReadDiscInformation, 0, 34));
        return (reply.DataIn[2], reply.DataIn[4]);
    }
}
