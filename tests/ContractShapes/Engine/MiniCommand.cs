using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.ContractShapes.Engine;

/// <summary>The engine's side of a command.</summary>
internal sealed class MiniCommand(MiniNexus owner) : ScsiCommand
{
    private readonly CancellationTokenSource _abort = new();
    private readonly byte[] _sense = new byte[SenseData.MaxLength];
    private int _senseLength;
    private bool _ended;
    private DataBuffer? _out;
    private DataBuffer? _in;

    public override CancellationToken Aborted => _abort.Token;

    public override ReadOnlySpan<byte> SenseBytes => _sense.AsSpan(0, _senseLength);

    public bool IsAborted => _abort.IsCancellationRequested;

    /// <summary>True while its Data-Out is on its way.</summary>
    public bool AwaitsData { get; set; }

    /// <summary>Completes when the command was answered or dropped.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Number of times its transport released it: once is right.</summary>
    public int Releases { get; private set; }

    public void Bind(CommandDescriptor? row)
    {
        Nexus = owner;
        Descriptor = row;
    }

    public void Grant(long wantedOut, DataBuffer? dataOut, DataBuffer? dataIn)
    {
        WantedDataOut = wantedOut;
        _out = dataOut;
        _in = dataIn;
        DataOut = dataOut?.Slice() ?? default;
        DataIn = dataIn?.Slice() ?? default;
    }

    public void Finish(ScsiOutcome outcome)
    {
        Outcome = outcome;
        if (outcome.Status == ScsiStatus.CheckCondition) _senseLength = outcome.Sense.Write(_sense, descriptorFormat: false);
    }

    /// <summary>True for the first who ends it.</summary>
    public bool TryEnd() => !Interlocked.Exchange(ref _ended, true);

    public void Abort() => _abort.Cancel();

    public override void Release()
    {
        Releases++;
        _out?.Dispose();
        _in?.Dispose();
        owner.Forget(this);
    }
}
