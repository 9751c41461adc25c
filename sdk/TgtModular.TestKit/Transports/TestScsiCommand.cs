using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.TestKit;

/// <summary>Where a command of the test engine stands.</summary>
internal enum TestCommandState
{
    Free,
    Parked,
    AwaitingData,
    Held,
    Running,
    Done,
}

/// <summary>A command of the test engine. Guarded by its nexus' lock.</summary>
internal sealed class TestScsiCommand(EngineNexus nexus) : ScsiCommand
{
    private readonly byte[] _sense = new byte[SenseData.MaxLength];
    private int _senseLength;
    private DataBuffer? _outBuffer;
    private DataBuffer? _inBuffer;

    public TestCommandState State { get; set; }

    /// <summary>Told by the transport while the engine was still asking.</summary>
    public Transports.DataOutResult? Arrived { get; set; }

    public override ReadOnlySpan<byte> SenseBytes => _sense.AsSpan(0, _senseLength);

    public bool TryGrant(long wantedOut, int wantedIn, IBufferPool buffers)
    {
        WantedDataOut = wantedOut;
        int outLength = (int)Math.Min(wantedOut, ExpectedDataOut);
        if (outLength > 0) _outBuffer = buffers.TryRent(outLength, "test out");
        if (wantedIn > 0) _inBuffer = buffers.TryRent(wantedIn, "test in");
        if (_outBuffer is not null) DataOut = _outBuffer.Slice();
        if (_inBuffer is not null) DataIn = _inBuffer.Slice();
        return (outLength == 0 || _outBuffer is not null) && (wantedIn == 0 || _inBuffer is not null);
    }

    public void SetOutcome(ScsiOutcome outcome)
    {
        Outcome = outcome;
        if (outcome.Status == ScsiStatus.CheckCondition) _senseLength = outcome.Sense.Write(_sense, descriptorFormat: false);
    }

    public override void Release()
    {
        _outBuffer?.Dispose();
        _inBuffer?.Dispose();
        _outBuffer = _inBuffer = null;
        _senseLength = 0;
        Arrived = null;
        Clear();
        nexus.Return(this);
    }
}
