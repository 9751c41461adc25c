using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.TestKit;

/// <summary>
/// A nexus of <see cref="TestEngine"/>: a disk with a handful of commands, whose course a test can hold. Commands: TEST UNIT READY, INQUIRY, READ(10), WRITE(10),
/// XDWRITEREAD(10), and 7Fh, which gives back its CDB.
/// </summary>
public sealed class EngineNexus : INexus
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockLength = 512;

    private readonly TestTarget _target;

    private readonly Lock _gate = new();
    private readonly Stack<TestScsiCommand> _free = new();
    private readonly List<TestScsiCommand> _all = [];
    private readonly List<TestScsiCommand> _waiting = []; // parked or held
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _commands;
    private int _unfinished; // submitted, and neither completed nor dropped

    internal EngineNexus(TestTarget target, NexusRequest request)
    {
        _target = target;
        Request = request;
        MaxCommands = Math.Min(request.MaxCommands, target.MaxCommands);
        TargetPort = new TargetPortIdentity(
            target.Name, request.InitiatorPort.Protocol, 1, request.PortalGroupTag, $"{target.Name},t,0x{request.PortalGroupTag:x4}");
    }

    /// <inheritdoc/>
    public TransportId Initiator => Request.InitiatorPort;

    /// <inheritdoc/>
    public TargetPortIdentity TargetPort { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Lun> Luns => _target.GetLuns(Request.Initiator);

    /// <inheritdoc/>
    public int MaxCommands { get; }

    /// <summary>Whom the engine tells.</summary>
    public INexusObserver Observer => Request.Observer;

    /// <summary>What the transport asked for.</summary>
    public NexusRequest Request { get; }

    /// <summary>True from CloseAsync on.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Why it was closed.</summary>
    public NexusEnd? End { get; private set; }

    /// <summary>Commands that came so far.</summary>
    public int Submitted => Volatile.Read(ref _commands);

    /// <summary>What task management functions answer; null: they are carried out.</summary>
    public TaskManagementResponse? TaskManagementAnswer { get; set; }

    /// <summary>The functions asked for.</summary>
    public List<TaskManagementRequest> TaskManagement { get; } = [];

    /// <summary>Commands held or parked.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>CDBs of the commands held or parked, in the order in which they came.</summary>
    public IReadOnlyList<byte[]> WaitingCdbs
    {
        get
        {
            lock (_gate) return [.. _waiting.Select(command => command.Cdb.ToArray())];
        }
    }

    /// <summary>Commands in flight.</summary>
    public int InFlight
    {
        get
        {
            lock (_gate) return _all.Count - _free.Count;
        }
    }

    /// <inheritdoc/>
    public ScsiCommand? TryRentCommand()
    {
        lock (_gate)
        {
            if (_free.TryPop(out TestScsiCommand? command)) return command;
            if (_all.Count >= MaxCommands) return null;
            command = new TestScsiCommand(this);
            _all.Add(command);
            return command;
        }
    }

    internal void Return(TestScsiCommand command)
    {
        lock (_gate)
        {
            if (command.State != TestCommandState.Done) throw new InvalidOperationException($"released in state {command.State}");
            command.State = TestCommandState.Free;
            _free.Push(command);
        }
    }

    /// <inheritdoc/>
    public void Submit(ScsiCommand command)
    {
        TestScsiCommand own = (TestScsiCommand)command;
        Interlocked.Increment(ref _commands);
        lock (_gate)
        {
            _unfinished++;
            if (_target.ParkCommands)
            {
                own.State = TestCommandState.Parked;
                _waiting.Add(own);
                return;
            }

            own.State = TestCommandState.Running;
        }

        Start(own);
    }

    /// <summary>Starts what was parked.</summary>
    public void StartParked()
    {
        foreach (TestScsiCommand command in TakeWaiting(TestCommandState.Parked)) Start(command);
    }

    /// <summary>Finishes what was held.</summary>
    public void ReleaseHeld()
    {
        foreach (TestScsiCommand command in TakeWaiting(TestCommandState.Held)) Run(command);
    }

    /// <inheritdoc/>
    public void DataOutArrived(ScsiCommand command, DataOutResult result)
    {
        TestScsiCommand own = (TestScsiCommand)command;
        lock (_gate)
        {
            if (own.State == TestCommandState.Done) return; // dropped
            if (own.State == TestCommandState.Running)
            {
                own.Arrived = result;
                return;
            }

            if (own.State != TestCommandState.AwaitingData) throw new InvalidOperationException($"data arrived in state {own.State}");
            own.State = TestCommandState.Running;
        }

        AfterData(own, result);
    }

    /// <inheritdoc/>
    public ValueTask<TaskManagementResponse> ExecuteAsync(TaskManagementRequest request)
    {
        lock (_gate) TaskManagement.Add(request);
        if (TaskManagementAnswer is { } answer) return new(answer);
        if (!Luns.Contains(request.Lun) && request.Function <= TaskManagementFunction.LogicalUnitReset) return new(TaskManagementResponse.LunDoesNotExist);
        bool single = request.Function == TaskManagementFunction.AbortTask;
        int count = Abort(command => !single || command.Tag == request.Tag);
        return new(single && count == 0 ? TaskManagementResponse.TaskDoesNotExist : TaskManagementResponse.FunctionComplete);
    }

    /// <inheritdoc/>
    public ValueTask CloseAsync(NexusEnd end)
    {
        lock (_gate)
        {
            if (IsClosed) return new ValueTask(_idle.Task);
            IsClosed = true;
            End = end;
        }

        Abort(_ => true);
        lock (_gate)
        {
            if (_unfinished == 0) _idle.TrySetResult();
        }

        return new ValueTask(_idle.Task); // what runs elsewhere ends first
    }

    private int Abort(Func<TestScsiCommand, bool> filter)
    {
        List<TestScsiCommand> aborted;
        lock (_gate)
        {
            aborted = [.. _all.Where(command => command.State is TestCommandState.Parked or TestCommandState.AwaitingData or TestCommandState.Held
                && filter(command))];
            foreach (TestScsiCommand command in aborted)
            {
                command.State = TestCommandState.Done;
                _waiting.Remove(command);
            }
        }

        foreach (TestScsiCommand command in aborted)
        {
            command.Transport.Drop(command);
            CountFinished();
        }

        return aborted.Count;
    }

    private List<TestScsiCommand> TakeWaiting(TestCommandState state)
    {
        lock (_gate)
        {
            List<TestScsiCommand> taken = [.. _waiting.Where(command => command.State == state)];
            foreach (TestScsiCommand command in taken)
            {
                _waiting.Remove(command);
                command.State = TestCommandState.Running;
            }

            return taken;
        }
    }

    private void Start(TestScsiCommand command)
    {
        (long wantedOut, int wantedIn) = Lengths(command.Cdb);
        if (!command.Lun.TryGetNumber(out int number) || number > 1)
        {
            Finish(command, Sense.LogicalUnitNotSupported);
            return;
        }

        if (!command.TryGrant(wantedOut, wantedIn, _target.Buffers))
        {
            Finish(command, ScsiOutcome.Of(ScsiStatus.Busy));
            return;
        }

        if (command.DataOut.IsEmpty)
        {
            AfterData(command, DataOutResult.Arrived);
            return;
        }

        if (command.Transport.ReceiveDataOut(command) == DataOutProgress.Completed)
        {
            AfterData(command, DataOutResult.Arrived);
            return;
        }

        lock (_gate)
        {
            if (command.Arrived is null)
            {
                command.State = TestCommandState.AwaitingData;
                return;
            }
        }

        AfterData(command, command.Arrived.Value);
    }

    private void AfterData(TestScsiCommand command, DataOutResult result)
    {
        if (result != DataOutResult.Arrived)
        {
            Finish(command, result switch
            {
                DataOutResult.DigestError => Sense.ProtocolServiceCrcError,
                DataOutResult.UnexpectedUnsolicited => Sense.UnexpectedUnsolicitedData,
                _ => Sense.DataPhaseError,
            });
            return;
        }

        lock (_gate)
        {
            if (_target.HoldOpCode == command.Cdb[0])
            {
                command.State = TestCommandState.Held;
                _waiting.Add(command);
                return;
            }
        }

        if (_target.CompleteElsewhere) ThreadPool.UnsafeQueueUserWorkItem(Run, command, preferLocal: false);
        else Run(command);
    }

    private void Run(TestScsiCommand command)
    {
        ReadOnlySpan<byte> cdb = command.Cdb;
        switch (cdb[0])
        {
            case 0x00:
                Finish(command, ScsiOutcome.Good);
                return;
            case 0x12:
                Reply(command, "\0\0\x06\x02\x1f\0\0\0TEST    disk            0001"u8);
                return;
            case 0x28 when TryRange(cdb, out int offset, out int length):
                command.DataIn.CopyFrom(_target.Disk.AsSpan(offset, length));
                command.DataInLength = length;
                Finish(command, ScsiOutcome.Good);
                return;
            case 0x2A when TryRange(cdb, out int offset, out _):
                command.DataOut.CopyTo(_target.Disk.AsSpan(offset));
                Finish(command, ScsiOutcome.Good);
                return;
            case 0x53 when TryRange(cdb, out int offset, out int length): // XDWRITEREAD(10): returns the exclusive or
                ExchangeXor(command, offset, length);
                Finish(command, ScsiOutcome.Good);
                return;
            case 0x7F: // returns the CDB itself
                Reply(command, cdb);
                return;
            case 0x28 or 0x2A or 0x53:
                Finish(command, Sense.LbaOutOfRange);
                return;
            default:
                Finish(command, Sense.InvalidOperationCode);
                return;
        }
    }

    private void Reply(TestScsiCommand command, ReadOnlySpan<byte> data)
    {
        int length = Math.Min(data.Length, command.DataIn.Length);
        command.DataIn.CopyFrom(data[..length]);
        command.DataInLength = length;
        Finish(command, ScsiOutcome.Good);
    }

    private void ExchangeXor(TestScsiCommand command, int offset, int length)
    {
        byte[] bytes = new byte[length];
        command.DataOut.CopyTo(bytes);
        for (int i = 0; i < length; i++) bytes[i] ^= _target.Disk[offset + i];
        command.DataIn.CopyFrom(bytes);
        command.DataInLength = length;
    }

    private static (long Out, int In) Lengths(ReadOnlySpan<byte> cdb)
    {
        int blocks = cdb.Length < 9 ? 0 : BlockLength * BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]);
        return cdb[0] switch
        {
            0x12 => (0, BinaryPrimitives.ReadUInt16BigEndian(cdb[3..])),
            0x28 => (0, blocks),
            0x2A => (blocks, 0),
            0x53 => (blocks, blocks),
            0x7F => (0, cdb.Length),
            _ => (0, 0),
        };
    }

    private bool TryRange(ReadOnlySpan<byte> cdb, out int offset, out int length)
    {
        long first = BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]) * (long)BlockLength;
        length = BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]) * BlockLength;
        offset = (int)Math.Min(first, int.MaxValue);
        return first + length <= _target.Disk.Length;
    }

    private void Finish(TestScsiCommand command, ScsiOutcome outcome)
    {
        lock (_gate) command.State = TestCommandState.Done;
        command.SetOutcome(outcome);
        command.Transport.Complete(command);
        CountFinished();
    }

    private void CountFinished()
    {
        lock (_gate)
        {
            if (--_unfinished == 0 && IsClosed) _idle.TrySetResult();
        }
    }
}
