using TgtModular.ContractShapes.Devices;
using TgtModular.ContractShapes.Engine;
using TgtModular.Scsi;

namespace TgtModular.ContractShapes.Transports;

[TestClass]
public sealed class RingTransportTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly FlatStore _store = new(64 * BlockDevice.BlockLength);
    private readonly BlockDevice _device;
    private readonly MiniTarget _target;
    private readonly RingFile _kernel;
    private readonly RingFile _ours;

    public RingTransportTests()
    {
        _device = new BlockDevice(new MiniUnit("unit", null, ("store", _store)));
        _target = new MiniTarget("target", (0, _device));
        _kernel = new RingFile(_path);
        _ours = new RingFile(_path);
    }

    public void Dispose()
    {
        _kernel.Dispose();
        _ours.Dispose();
        File.Delete(_path);
    }

    [TestMethod]
    public void WriteAndRead_MoveStraightBetweenMappedPagesAndStore()
    {
        RingTransport transport = new(_ours, _target);
        DataOf(3).Fill(0x77);
        Queue(3, BlockDevice.Cdb(BlockDevice.Write10, 5, 2));
        Queue(4, BlockDevice.Cdb(BlockDevice.Read10, 5, 2));
        transport.Poll();
        Assert.AreEqual((byte)ScsiStatus.Good, StatusOf(3));
        Assert.AreEqual((byte)ScsiStatus.Good, StatusOf(4));
        Assert.IsFalse(DataOf(4)[..1024].ContainsAnyExcept((byte)0x77));
        Assert.IsFalse(_store.Bytes.Slice(5 * 512, 1024).ContainsAnyExcept((byte)0x77));
    }

    [TestMethod]
    public void Command_ThatIsRefused_LeavesTheRingGoing()
    {
        RingTransport transport = new(_ours, _target);
        Queue(0, BlockDevice.Cdb(0xEE));
        Queue(1, BlockDevice.Cdb(BlockDevice.Read10, 0, 1));
        transport.Poll();
        Assert.AreEqual((byte)ScsiStatus.CheckCondition, StatusOf(0));
        Assert.AreEqual((byte)ScsiStatus.Good, StatusOf(1));
    }

    [TestMethod]
    public void Units_AreDescribedToTheKernelByTheEngine()
    {
        MiniEngine engine = new(_target);
        Assert.AreEqual(new Shape(512, 64), Describe(engine));
        _device.StoreResized("store", 128 * 512);
        Assert.AreEqual(new Shape(512, 128), Describe(engine));
    }

    private static Shape Describe(MiniEngine engine)
    {
        TgtModular.Devices.UnitGeometry geometry = engine.GetGeometry(engine.FindTarget("target")!, engine.Targets[0].GetLuns(new("kernel"))[0])!;
        return new Shape(geometry.BlockLength, geometry.BlockCount);
    }

    /// <summary>Slots are taken in order: the head moves to behind this one.</summary>
    private void Queue(int slot, byte[] cdb)
    {
        Span<byte> entry = _kernel.Slot(slot);
        entry.Clear();
        entry[1] = (byte)cdb.Length;
        cdb.CopyTo(entry[8..]);
        if (_kernel.Head == 0 && _kernel.Tail == 0) _kernel.Tail = slot;
        Volatile.Write(ref _kernel.Head, slot + 1);
    }

    private byte StatusOf(int slot)
    {
        Assert.AreEqual(1, _kernel.Slot(slot)[RingTransport.DoneAt], "the command is not done");
        return _kernel.Slot(slot)[RingTransport.StatusAt];
    }

    private unsafe Span<byte> DataOf(int slot) => new((void*)_kernel.DataOf(slot), RingFile.DataLength);

    private sealed record Shape(int BlockLength, long BlockCount);
}
