using TgtModular.ContractShapes.Devices;
using TgtModular.ContractShapes.Engine;
using TgtModular.Scsi;

namespace TgtModular.ContractShapes.Transports;

[TestClass]
public sealed class FrameTransportTests
{
    private readonly FlatStore _store = new(64 * BlockDevice.BlockLength);
    private readonly List<Frame> _sent = [];
    private readonly FrameTransport _transport;

    public FrameTransportTests()
    {
        BlockDevice device = new(new MiniUnit("unit", null, ("store", _store)));
        _transport = new FrameTransport(new MiniTarget("target", (0, device)), 0x2001_0000_0000_0001, _sent.Add);
    }

    [TestMethod]
    public void Write_IsAskedForInBurstsAndArrivesInFrames()
    {
        byte[] data = [.. Enumerable.Range(0, 9 * 512).Select(i => (byte)(i / 3))];
        _transport.Receive(new Frame(FrameKind.Command, 7, data.Length, BlockDevice.Cdb(BlockDevice.Write10, 1, 9)));
        while (_sent[^1] is { Kind: FrameKind.TransferReady } ready)
        {
            for (int offset = ready.Offset; offset < ready.Offset + ready.Length; offset += 512)
                _transport.Receive(new Frame(FrameKind.Data, 7, offset, data[offset..(offset + 512)]));
        }

        CollectionAssert.AreEqual(new[] { 2048, 2048, 512 }, _sent.Where(frame => frame.Kind == FrameKind.TransferReady).Select(frame => frame.Length).ToArray());
        Assert.AreEqual((int)ScsiStatus.Good, _sent[^1].Length);
        Assert.IsTrue(_store.Bytes.Slice(512, data.Length).SequenceEqual(data));
        Assert.AreEqual(0, _transport.OpenExchanges);
    }

    [TestMethod]
    public void Read_ComesInFramesBeforeItsResponse()
    {
        Random.Shared.NextBytes(_store.Bytes);
        _transport.Receive(new Frame(FrameKind.Command, 8, 0, BlockDevice.Cdb(BlockDevice.Read10, 2, 3), 3 * 512));
        byte[] data = [.. _sent.Where(frame => frame.Kind == FrameKind.Data).SelectMany(frame => frame.Payload)];
        Assert.IsTrue(_store.Bytes.Slice(1024, 3 * 512).SequenceEqual(data));
        Assert.AreEqual(FrameKind.Response, _sent[^1].Kind);
    }

    [TestMethod]
    public void Write_FrameLost_EndsTheCommandAlone()
    {
        _transport.Receive(new Frame(FrameKind.Command, 9, 2048, BlockDevice.Cdb(BlockDevice.Write10, 0, 4)));
        _transport.Receive(new Frame(FrameKind.Data, 9, 0, new byte[512]));
        _transport.Receive(new Frame(FrameKind.Data, 9, 1024, new byte[512]));
        Assert.AreEqual((int)ScsiStatus.CheckCondition, _sent[^1].Length);
        _transport.Receive(new Frame(FrameKind.Command, 10, 0, BlockDevice.Cdb(BlockDevice.Read10, 0, 1), 512));
        Assert.AreEqual((int)ScsiStatus.Good, _sent[^1].Length);
    }

    [TestMethod]
    public void Abort_WhileDataAreDue_EndsTheExchangeAndWritesNothing()
    {
        _transport.Receive(new Frame(FrameKind.Command, 11, 2048, BlockDevice.Cdb(BlockDevice.Write10, 0, 4)));
        _transport.Receive(new Frame(FrameKind.Data, 11, 0, [.. Enumerable.Repeat((byte)1, 512)]));
        _transport.Receive(new Frame(FrameKind.Abort, 11, 0, []));
        Assert.AreEqual(FrameKind.AbortAccepted, _sent[^1].Kind);
        Assert.AreEqual(0, _transport.OpenExchanges);
        _transport.Receive(new Frame(FrameKind.Data, 11, 512, new byte[512])); // late: its exchange is over
        Assert.IsFalse(_store.Bytes.ContainsAnyExcept((byte)0));
    }
}
