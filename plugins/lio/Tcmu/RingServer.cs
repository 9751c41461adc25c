using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Tcmu;

/// <summary>What a pass over a ring came to.</summary>
internal enum ServeResult
{
    /// <summary>Nothing more is there.</summary>
    Idle,

    /// <summary>There may be more, and others shall have their turn first.</summary>
    More,

    /// <summary>The nexus has no command free, or a reset is under way: again when a command or the reset has ended.</summary>
    Stalled,

    /// <summary>It is over: the ring is damaged, the device is gone, or it was stopped.</summary>
    Ended,
}

/// <summary>
/// Serves one ring through one LUN of one nexus. Commands are taken on the thread that calls <see cref="Serve"/>; they end on any. Data lies in the ring's
/// pages, where the device server works on it.
/// </summary>
internal sealed class RingServer : ICommandTransport
{
    /// <summary>Commands taken in one pass.</summary>
    private const int PassLimit = 256;

    /// <summary>Answers of commands that ended as they were submitted, before the kernel is told of them: it can go on while the rest is taken.</summary>
    private const int AnswerBatch = 16;

    /// <summary>Data-In of such answers: the kernel copies it as it is told.</summary>
    private const int AnswerBatchBytes = 256 * 1024;

    private readonly TcmuRing _ring;
    private readonly RingMapping _mapping;
    private readonly RingTarget _target;
    private readonly RingTaskManagement _taskManagement;
    private readonly AnswerQueue _answers;
    private readonly RingCommandPool _pool = new();
    private readonly long[] _running = new long[(ushort.MaxValue + 1) / 64]; // by command identifier
    private readonly Lock _idleGate = new();
    private TaskCompletionSource? _idle;
    private int _inFlight;
    private int _passThread; // managed id of the thread inside Serve; 0 for none
    private int _passAnswers;
    private int _passBytes;
    private volatile bool _stopped;
    private Task _held = Task.CompletedTask;

    /// <summary>Serves a ring.</summary>
    /// <param name="mapping">Its memory.</param>
    /// <param name="ring">The ring.</param>
    /// <param name="doorbell">The kernel.</param>
    /// <param name="target">What it stands for.</param>
    /// <param name="inOrder">Answer in the order of the ring, even where the kernel takes any.</param>
    public RingServer(RingMapping mapping, TcmuRing ring, IDoorbell doorbell, RingTarget target, bool inOrder)
    {
        _mapping = mapping;
        _ring = ring;
        _target = target;
        _taskManagement = new RingTaskManagement(target, WaitIdleAsync);
        _answers = new AnswerQueue(ring, doorbell, Answered, inOrder || (ring.Flags & MailboxFlags.OutOfOrder) == 0);
    }

    /// <summary>Told when a command has ended, on any thread; a stalled ring may then go on.</summary>
    public Action? CommandEnded { get; set; }

    /// <summary>Commands under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Why serving ended by itself; null while it goes on.</summary>
    public string? Failure => _ring.Damage ?? (_answers.IsGone && !_stopped ? "the kernel removed the device" : null);

    /// <summary>Completes when the reset is through that the next commands wait for.</summary>
    internal Task Held => _held;

    /// <summary>Takes no more commands: they stay in the ring.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Writes no more answers: the ring belongs to somebody else now.</summary>
    public void Abandon()
    {
        _stopped = true;
        _answers.Close();
    }

    /// <summary>Completes when no command is under way; call while none is taken.</summary>
    public Task WaitIdleAsync()
    {
        lock (_idleGate)
        {
            // The exchange orders it before the look at the count: who ends the last command either finds it, or is seen here.
            if (_idle is null) Interlocked.Exchange(ref _idle, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            Task idle = _idle.Task;
            if (InFlight == 0) EndIdle();
            return idle;
        }
    }

    /// <summary>Takes what is in the ring. One thread at a time, the nexus' own.</summary>
    public ServeResult Serve()
    {
        _passAnswers = _passBytes = 0;
        Volatile.Write(ref _passThread, Environment.CurrentManagedThreadId);
        ServeResult result = ServeResult.More;
        for (int i = 0; i < PassLimit && result == ServeResult.More; i++)
        {
            result = TakeOne();
            if (_passAnswers >= AnswerBatch || _passBytes >= AnswerBatchBytes) FlushPass();
        }

        Volatile.Write(ref _passThread, 0);
        _answers.Flush();
        return Failure is null ? result : ServeResult.Ended;
    }

    /// <inheritdoc/>
    public DataBuffer? TryRent(ScsiCommand command, DataDirection direction, int length)
    {
        RingCommand asked = Of(command);
        if (asked.Lent != DataDirection.None || length > asked.Data.Capacity) return null;
        asked.Lent = direction;
        // The ring does not tell the direction, so both ways were announced; now it is known.
        if (direction == DataDirection.Out) command.ExpectedDataIn = 0;
        else command.ExpectedDataOut = 0;
        asked.Data.SetLength(length);
        return asked.Data;
    }

    /// <inheritdoc/>
    public DataOutProgress ReceiveDataOut(ScsiCommand command)
    {
        RingCommand asked = Of(command);
        if (asked.Lent == DataDirection.Out) return DataOutProgress.Completed;
        asked.Data.SetLength(command.DataOut.Length);
        command.DataOut.CopyFrom(asked.Data.Slice());
        return DataOutProgress.Completed;
    }

    /// <inheritdoc/>
    public void Complete(ScsiCommand command)
    {
        RingCommand asked = Of(command);
        if (!command.Outcome.IsGood) TcmuLog.CommandFailed(_target.Logger, _target.Name, asked.Identifier, command.Outcome);
        asked.Status = command.Outcome.Status;
        bool writes = asked.Lent == DataDirection.Out || command.Descriptor is { Direction: DataDirection.Out };
        if (!writes && asked.Data.Capacity > 0) PlaceDataIn(asked, command);
        Add(asked);
    }

    /// <summary>
    /// The kernel wants an answer for every command: what was aborted without a word to its initiator ends with TASK ABORTED, which the kernel passes on
    /// only where nobody there asked for the abort.
    /// </summary>
    public void Drop(ScsiCommand command)
    {
        RingCommand asked = Of(command);
        asked.Status = ScsiStatus.TaskAborted;
        Add(asked);
    }

    private static RingCommand Of(ScsiCommand command) => (RingCommand)command.TransportState!;

    private ServeResult TakeOne()
    {
        if (_stopped || _answers.IsGone) return ServeResult.Ended;
        if (!_held.IsCompleted) return ServeResult.Stalled;
        switch (_ring.TryPeek(out RingEntry entry))
        {
            case RingLook.Empty:
                return ServeResult.Idle;
            case RingLook.Damaged:
                return ServeResult.Ended;
        }

        if (entry.Operation == RingOperation.Command) return TakeCommand(entry);
        if (entry.Operation == RingOperation.TaskManagement) Hold(_taskManagement.Execute(entry.Function, entry.Identifiers));
        else if (entry.Operation != RingOperation.Pad) TcmuLog.UnknownOperation(_target.Logger, _target.Name, (int)entry.Operation, entry.Position);
        _ring.Take(entry);
        _answers.Taken();
        return ServeResult.More;
    }

    private void Hold(Task reset)
    {
        _held = reset;
        if (!reset.IsCompleted) reset.GetAwaiter().UnsafeOnCompleted(() => CommandEnded?.Invoke());
    }

    private ServeResult TakeCommand(in RingEntry entry)
    {
        if (IsRunning(entry.Identifier))
        {
            _ring.RefuseIdentifier(entry);
            return ServeResult.Ended;
        }

        ScsiCommand? command = null;
        SenseData refusal = default;
        bool refused = IsRefused(entry, out refusal);
        if (!refused && (command = _target.Nexus.TryRentCommand()) is null) return ServeResult.Stalled;
        RingCommand asked = _pool.Rent();
        asked.Begin(entry.Identifier);
        if (!TryPlaceData(entry, asked))
        {
            _pool.Return(asked);
            command?.Release();
            return ServeResult.Ended;
        }

        if (command is not null) Fill(command, asked, entry);
        _ring.Take(entry);
        _answers.Asked(asked);
        Interlocked.Increment(ref _inFlight);
        SetRunning(entry.Identifier, true);
        if (refused) Refuse(asked, refusal);
        else _target.Nexus.Submit(command!);
        return ServeResult.More;
    }

    /// <summary>What the engine cannot be asked.</summary>
    private static bool IsRefused(in RingEntry entry, out SenseData refusal)
    {
        refusal = default;
        if (entry.IsBidirectional) refusal = Sense.InvalidOperationCode; // as if the command did not exist, which for a kernel device it does not
        else if (entry.Cdb.Length > ScsiCommand.MaxCdbLength) refusal = Sense.InvalidFieldInCdb(CdbLength.VariableHeaderLength - 1);
        else return false;
        return true;
    }

    private bool TryPlaceData(in RingEntry entry, RingCommand asked)
    {
        long total = 0;
        for (int i = 0; i < entry.VectorCount; i++)
        {
            if (!_ring.TryGetVector(entry, i, out long offset, out int length)) return false;
            total += length;
            if (total > int.MaxValue)
            {
                _ring.RefuseLength(entry, total);
                return false;
            }

            asked.Data.Add(_mapping.GetSegment(offset, length));
        }

        return true;
    }

    private void Fill(ScsiCommand command, RingCommand asked, in RingEntry entry)
    {
        SetCdb(command, entry.Cdb);
        command.Lun = _target.Lun;
        command.Tag = _target.TagOf(entry.Identifier);
        command.Attribute = TaskAttribute.Simple; // the kernel has put what is ordered in order
        command.ExpectedDataOut = command.ExpectedDataIn = asked.Data.Capacity;
        command.Transport = this;
        command.TransportState = asked;
        asked.Command = command;
        TcmuLog.Command(_target.Logger, _target.Name, entry.Identifier, command, asked.Data.Capacity);
    }

    /// <summary>
    /// Until it knows a unit's standard, Linux puts the LUN into the CDB as SCSI-2 had it (byte 1, bits 7 to 5), where newer standards have reserved bits;
    /// fabrics that have the LUN elsewhere take it out again, and the kernel's loopback does not.
    /// </summary>
    private void SetCdb(ScsiCommand command, ReadOnlySpan<byte> cdb)
    {
        if (cdb[0] is not (OpCode.Inquiry or OpCode.TestUnitReady or OpCode.RequestSense) || cdb[1] >> 5 == 0)
        {
            command.SetCdb(cdb);
            return;
        }

        Span<byte> cleared = stackalloc byte[CdbLength.Shortest];
        cdb[..CdbLength.Shortest].CopyTo(cleared);
        cleared[1] &= 0x1F;
        command.SetCdb(cleared);
    }

    private void Refuse(RingCommand asked, SenseData refusal)
    {
        byte[] sense = new byte[SenseData.MaxLength];
        asked.OwnSense = sense[..refusal.Write(sense, descriptorFormat: false)];
        asked.Status = ScsiStatus.CheckCondition;
        Add(asked);
    }

    /// <summary>
    /// The kernel hands all pages to the initiator unless it is told how many bytes were read, and none with CHECK CONDITION. It takes 0 as not told, so
    /// an answer without data says one byte, of zeroes: what an earlier command left in the pages is nobody's business.
    /// </summary>
    private void PlaceDataIn(RingCommand asked, ScsiCommand command)
    {
        int sent = command.SentDataIn;
        if (asked.Lent != DataDirection.In && sent > 0)
        {
            asked.Data.SetLength(sent);
            asked.Data.Slice().CopyFrom(command.DataIn.Slice(0, sent));
        }

        int capacity = asked.Data.Capacity;
        bool isCheck = asked.Status == ScsiStatus.CheckCondition;
        if ((_ring.Flags & MailboxFlags.ReadLength) == 0)
        {
            asked.Data.SetLength(capacity);
            if (!isCheck) asked.Data.Slice(sent, capacity - sent).Clear();
            return;
        }

        if (sent == 0 && !isCheck)
        {
            asked.Data.SetLength(1);
            asked.Data.Slice().Clear();
            sent = 1;
        }

        if (sent < capacity || isCheck) asked.ReadLength = (uint)sent;
        if (Volatile.Read(ref _passThread) == Environment.CurrentManagedThreadId) _passBytes += sent;
    }

    private void Add(RingCommand asked)
    {
        _answers.Add(asked);
        // Inside a pass its end takes the answers along: many are then one call of the kernel.
        if (Volatile.Read(ref _passThread) == Environment.CurrentManagedThreadId) _passAnswers++;
        else _answers.Flush();
    }

    private void FlushPass()
    {
        _passAnswers = _passBytes = 0;
        _answers.Flush();
    }

    private void Answered(RingCommand asked)
    {
        ScsiCommand? command = asked.Command;
        SetRunning(asked.Identifier, false);
        asked.Command = null;
        command?.Release();
        _pool.Return(asked);
        if (Interlocked.Decrement(ref _inFlight) == 0 && Volatile.Read(ref _idle) is not null)
        {
            lock (_idleGate) EndIdle();
        }

        CommandEnded?.Invoke();
    }

    private void EndIdle()
    {
        _idle?.TrySetResult();
        _idle = null;
    }

    private bool IsRunning(ushort identifier) => (Volatile.Read(ref _running[identifier >> 6]) & (1L << (identifier & 63))) != 0;

    private void SetRunning(ushort identifier, bool running)
    {
        long bit = 1L << (identifier & 63);
        if (running) Interlocked.Or(ref _running[identifier >> 6], bit);
        else Interlocked.And(ref _running[identifier >> 6], ~bit);
    }
}
