using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Core.Nexuses;
using TgtModular.Core.Threading;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Commands;

/// <summary>
/// A command on its way through the engine: gateway, task set, Data-Out, device server, answer. The object belongs to its nexus and is used again
/// and again; all transitions go through one atomic state word, so that an abort from any thread meets it in a known place.
/// </summary>
internal sealed class CoreCommand : ScsiCommand, IThreadPoolWorkItem
{
    private const int StateMask = 0xFF;
    private const int AbortedFlag = 0x100;
    private const int Generation = 0x200;

    private readonly Nexus _owner;
    private readonly Lock _abortLock = new();
    private readonly Action _continuation;
    private int _state;
    private ValueTaskAwaiter<ScsiOutcome> _pending;
    private long _wantedDataIn;
    private long _charged; // bytes counted against the nexus
    private DataBuffer? _outBuffer;
    private DataBuffer? _inBuffer;
    private byte[]? _sense;
    private int _senseLength;
    private DataOutResult _dataOutResult;
    private CancellationTokenSource? _cancellation;
    private List<AbortOperation>? _waiters;
    private bool _answerTaskAborted;

    public CoreCommand(Nexus owner)
    {
        _owner = owner;
        _continuation = FinishPending;
        TaskSetNode = new LinkedListNode<CoreCommand>(this);
    }

    /// <summary>Next in the nexus' free list.</summary>
    public CoreCommand? NextFree { get; set; }

    /// <summary>Its place in a task set's queue.</summary>
    public LinkedListNode<CoreCommand> TaskSetNode { get; }

    /// <summary>The I_T_L nexus; null when there is no logical unit.</summary>
    public UnitNexus? UnitNexus { get; private set; }

    public CommandOrder Order { get; private set; }

    public bool IsOrdered => Attribute == TaskAttribute.Ordered;

    public bool IsConcurrent => Descriptor!.Serialization == SerializationClass.Concurrent;

    public bool IsAborted => (Volatile.Read(ref _state) & AbortedFlag) != 0;

    public override ReadOnlySpan<byte> SenseBytes => _sense.AsSpan(0, _senseLength);

    public override CancellationToken Aborted
    {
        get
        {
            // The exchange orders this store before the look at the flag: an abort either finds the source, or is seen here.
            if (_cancellation is null) Interlocked.Exchange(ref _cancellation, new CancellationTokenSource());
            if (IsAborted) _cancellation.Cancel();
            return _cancellation.Token;
        }
    }

    /// <summary>Begins a new life.</summary>
    public void Begin(UnitNexus? unitNexus)
    {
        Nexus = _owner;
        UnitNexus = unitNexus;
        Order = CommandOrder.Outside;
        _dataOutResult = DataOutResult.Arrived;
        Volatile.Write(ref _state, (NextGeneration() & ~(StateMask | AbortedFlag)) | (int)CommandState.Submitted);
    }

    /// <summary>Sets the row, and with it how the command enters the task set.</summary>
    public void Bind(CommandDescriptor descriptor)
    {
        Descriptor = descriptor;
        if (UnitNexus is not { } unitNexus) return;
        Order = Ordering.Of(Attribute, unitNexus.Unit.SerializationOf(descriptor));
    }

    /// <summary>The command has entered the task set, or needs none.</summary>
    public void Start()
    {
        if (IsAborted)
        {
            Finish(default);
            return;
        }

        if (!Gateway.Admit(this, out ScsiOutcome refusal) || !TryGrant(out refusal))
        {
            Finish(refusal);
            return;
        }

        if (DataOut.IsEmpty) Run();
        else RequestDataOut();
    }

    /// <summary>Computes the data lengths; the CDB is as long as its row's mask.</summary>
    public void Measure()
    {
        DataLengths lengths = Descriptor!.DataLength(Cdb);
        WantedDataOut = lengths.Out;
        _wantedDataIn = lengths.In;
    }

    /// <summary>Ends the command with an outcome found before it was started.</summary>
    public void Refuse(ScsiOutcome refusal) => Finish(refusal);

    /// <summary>The transport has the Data-Out, or has failed to get it.</summary>
    public void DataOutArrived(DataOutResult result)
    {
        _dataOutResult = result;
        while (true)
        {
            int state = Volatile.Read(ref _state);
            switch ((CommandState)(state & StateMask))
            {
                case CommandState.Requesting:
                    if (TryMove(state, CommandState.Arrived)) return;
                    continue;
                case CommandState.AwaitingData:
                    if (!TryMove(state, CommandState.Running)) continue;
                    Run();
                    return;
                default:
                    return; // aborted in the meantime
            }
        }
    }

    /// <summary>On a worker thread: runs this command, and then what waits for the unit's workers.</summary>
    public void Execute()
    {
        UnitDispatcher dispatcher = UnitNexus!.Unit.Dispatcher;
        CoreCommand? command = this;
        do
        {
            command.ExecuteHandler(promise: null);
        }
        while ((command = dispatcher.TakeNext()) is not null);
    }

    /// <summary>Aborts the command if <paramref name="filter"/> matches it.</summary>
    /// <param name="filter">Which commands.</param>
    /// <param name="operation">Waits until the command is done.</param>
    /// <param name="answerTaskAborted">End it with TASK ABORTED rather than silently.</param>
    public void TryAbort(in CommandFilter filter, AbortOperation operation, bool answerTaskAborted)
    {
        bool finishHere;
        lock (_abortLock)
        {
            int state;
            do
            {
                state = Volatile.Read(ref _state);
                if (!IsLive(state) || !filter.Matches(this)) return;
            }
            while (Interlocked.CompareExchange(ref _state, MarkAborted(state), state) != state);

            // From here on Finish waits for this lock: it sees the flag.
            operation.Add();
            (_waiters ??= []).Add(operation);
            _answerTaskAborted |= answerTaskAborted;
            finishHere = (CommandState)(state & StateMask) switch
            {
                CommandState.AwaitingData => true,
                CommandState.Submitted => UnitNexus is { } unitNexus && unitNexus.Unit.TaskSet.TryRemove(this),
                _ => false,
            };
            if (finishHere && (CommandState)(state & StateMask) == CommandState.Submitted) Order = CommandOrder.Outside; // never entered
            if (!finishHere) _ = _cancellation?.CancelAsync();
        }

        if (finishHere) Finish(default);
    }

    /// <summary>True when the command is in flight and <paramref name="filter"/> matches it.</summary>
    public bool IsInFlight(in CommandFilter filter) => IsLive(Volatile.Read(ref _state)) && filter.Matches(this);

    public override void Release()
    {
        _outBuffer?.Dispose();
        _inBuffer?.Dispose();
        _outBuffer = _inBuffer = null;
        if (_charged != 0) _owner.Discharge(_charged);
        _charged = 0;
        _wantedDataIn = 0;
        _senseLength = 0;
        _answerTaskAborted = false;
        if (_cancellation is { } source && !source.TryReset()) _cancellation = null;
        UnitNexus = null;
        Clear();
        Volatile.Write(ref _state, NextGeneration() & ~(StateMask | AbortedFlag));
        _owner.Return(this);
    }

    private static bool IsLive(int state) => (CommandState)(state & StateMask) is not (CommandState.Free or CommandState.Done);

    /// <summary>A command that waits for data is ended by the abort itself; every other one is only marked.</summary>
    private static int MarkAborted(int state) => (CommandState)(state & StateMask) == CommandState.AwaitingData
        ? (state & ~StateMask) | (int)CommandState.Done | AbortedFlag
        : state | AbortedFlag;

    private int NextGeneration() => unchecked(_state + Generation);

    private bool TryMove(int from, CommandState to) =>
        Interlocked.CompareExchange(ref _state, (from & ~StateMask) | (int)to, from) == from;

    private void Move(CommandState to)
    {
        int state;
        do state = Volatile.Read(ref _state);
        while (!TryMove(state, to));
    }

    private bool TryGrant(out ScsiOutcome refusal)
    {
        int maximum = _owner.MaximumTransferLength;
        refusal = default;
        if (WantedDataOut > maximum)
        {
            refusal = Gateway.TransferTooLong(Descriptor!);
            return false;
        }

        int outLength = (int)Math.Min(WantedDataOut, ExpectedDataOut);
        int inLength = (int)Math.Min(_wantedDataIn, maximum);
        if (outLength > 0) _outBuffer = Borrow(DataDirection.Out, outLength);
        if (inLength > 0) _inBuffer = Borrow(DataDirection.In, inLength);
        if (!TryRentRest(_outBuffer is null ? outLength : 0, _inBuffer is null ? inLength : 0))
        {
            refusal = ScsiOutcome.Of(ScsiStatus.Busy); // the pool's bound, or the nexus' share of it: the initiator tries again
            return false;
        }

        if (_outBuffer is { } outBuffer) DataOut = outBuffer.Slice();
        if (_inBuffer is { } inBuffer) DataIn = inBuffer.Slice();
        return true;
    }

    /// <summary>Memory of the transport's or the store's own, which its owner bounds.</summary>
    private DataBuffer? Borrow(DataDirection direction, int length) =>
        Transport.TryRent(this, direction, length) ?? UnitNexus?.Unit.TryRentFromStore(length);

    /// <summary>Memory of the pool, which counts against the nexus.</summary>
    private bool TryRentRest(int outLength, int inLength)
    {
        if (outLength + inLength == 0) return true;
        if (!_owner.TryCharge(_charged = (long)outLength + inLength)) return false;
        if (outLength > 0 && (_outBuffer = _owner.Buffers.TryRent(outLength, "command")) is null) return false;
        return inLength == 0 || (_inBuffer = _owner.Buffers.TryRent(inLength, "command")) is not null;
    }

    private void RequestDataOut()
    {
        Move(CommandState.Requesting);
        if (Transport.ReceiveDataOut(this) == DataOutProgress.Completed)
        {
            Run();
            return;
        }

        while (true)
        {
            int state = Volatile.Read(ref _state);
            if ((CommandState)(state & StateMask) == CommandState.Arrived)
            {
                Run();
                return;
            }

            if ((state & AbortedFlag) != 0)
            {
                if (!TryMove(state, CommandState.Running)) continue;
                Finish(default);
                return;
            }

            if (TryMove(state, CommandState.AwaitingData)) return;
        }
    }

    private void Run()
    {
        Move(CommandState.Running);
        if (IsAborted || _dataOutResult != DataOutResult.Arrived)
        {
            Finish(Gateway.ToOutcome(_dataOutResult));
            return;
        }

        if (UnitNexus is not { } unitNexus || !unitNexus.Unit.RunsOnWorkers(Descriptor!)) ExecuteHandler(UnitNexus?.Unit);
        else if (!TryExecuteImmediately()) unitNexus.Unit.Dispatcher.Queue(this);
    }

    /// <summary>Spares a command the way to a worker thread and back if it need not wait for anything.</summary>
    private bool TryExecuteImmediately()
    {
        if (Descriptor!.Immediate is not { } immediate) return false;
        ScsiOutcome outcome;
        CallMark mark = new(UnitNexus!.Unit);
        try
        {
            bool isDone = immediate(this, out outcome);
            mark.End();
            if (!isDone) return false;
        }
#pragma warning disable CA1031 // As in ExecuteHandler.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            mark.End();
            outcome = Faulted(fault);
        }

        Finish(outcome);
        return true;
    }

    /// <summary>Has the device server do it.</summary>
    /// <param name="promise">The unit, where the handler is not to block.</param>
    private void ExecuteHandler(LogicalUnit? promise)
    {
        if (IsAborted)
        {
            Finish(default);
            return;
        }

        ScsiOutcome outcome;
        CallMark mark = new(promise);
        try
        {
            ValueTask<ScsiOutcome> task = Descriptor!.Handler(this);
            mark.End();
            if (!TryTakeOutcome(task, out outcome)) return;
        }
#pragma warning disable CA1031 // Whatever a plugin throws is one command's failure and nothing more.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            mark.End();
            outcome = Faulted(fault);
        }

        Finish(outcome);
    }

    /// <summary>Takes the outcome of a handler that has ended; else arranges for <see cref="FinishPending"/>, without allocating.</summary>
    private bool TryTakeOutcome(ValueTask<ScsiOutcome> task, out ScsiOutcome outcome)
    {
        if (task.IsCompletedSuccessfully)
        {
            outcome = task.Result;
            return true;
        }

        outcome = default;
        _pending = task.GetAwaiter();
        _pending.UnsafeOnCompleted(_continuation);
        return false;
    }

    private void FinishPending()
    {
        ScsiOutcome outcome;
        try
        {
            outcome = _pending.GetResult();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            outcome = Faulted(fault);
        }

        _pending = default;
        Finish(outcome);
    }

    private ScsiOutcome Faulted(Exception fault)
    {
        DataInLength = 0;
        if (!(fault is OperationCanceledException && IsAborted)) _owner.ReportFault(this, fault);
        return Sense.InternalTargetFailure;
    }

    /// <summary>Answers or drops the command. The transport may release it, and the nexus use it again, before this method ends.</summary>
    private void Finish(ScsiOutcome outcome)
    {
        int before = Volatile.Read(ref _state);
        while (!TryMove(before, CommandState.Done)) before = Volatile.Read(ref _state);

        List<AbortOperation>? waiters = null;
        bool drop = false;
        if ((before & AbortedFlag) != 0)
        {
            lock (_abortLock)
            {
                waiters = _waiters;
                _waiters = null;
                drop = !_answerTaskAborted;
            }

            outcome = ScsiOutcome.Of(ScsiStatus.TaskAborted);
            DataInLength = 0;
        }

        Outcome = outcome;
        UnitNexus? unitNexus = UnitNexus;
        CommandOrder order = Order;
        bool ordered = IsOrdered;
        if (outcome.Status == ScsiStatus.CheckCondition)
            _senseLength = outcome.Sense.Write(_sense ??= new byte[SenseData.MaxLength], unitNexus?.Unit.DescriptorSense ?? false);
        unitNexus?.Count(this);

        if (drop) Transport.Drop(this);
        else Transport.Complete(this);

        unitNexus?.Unit.TaskSet.Exit(order, ordered);
        if (waiters is null) return;
        foreach (AbortOperation waiter in waiters) waiter.Release();
    }
}
