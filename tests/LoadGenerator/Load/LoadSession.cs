using System.Buffers.Binary;
using System.Diagnostics;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Numbers;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Wire;

namespace TgtModular.LoadGenerator.Load;

/// <summary>
/// One session under load: keeps its depth of commands outstanding. Everything a readable socket holds is parsed at once, and everything
/// that follows from it leaves in one send. Owned by one thread; allocates nothing per command.
/// </summary>
internal sealed unsafe class LoadSession : IDisposable
{
    private const byte Read16 = 0x88;
    private const byte Write16 = 0x8a;
    private const int SmallReceiveBuffer = 256 * 1024;

    private readonly Session _session;
    private readonly SessionParameters _parameters;
    private readonly ConnectionParameters _connection;
    private readonly LoadOptions _options;
    private readonly LoadClock _clock;
    private readonly LoadTally _tally;
    private readonly Workload _workload;
    private readonly ulong _lun;
    private readonly int _blockLength;
    private readonly uint _writer;
    private readonly TaskSlot[] _slots;
    private readonly int[] _freeSlots;
    private readonly OutputQueue _output;
    private readonly NativeMemoryBlock _writeData;
    private readonly ReceiveBuffer _input;
    private int _freeCount;
    private bool _budgetSpent;

    public LoadSession(Session session, LoadOptions options, LoadClock clock, LoadTally tally, Workload workload, int blockLength, uint writer)
    {
        (_session, _parameters, _connection) = (session, session.Parameters, session.Connection);
        (_options, _clock, _tally, _workload) = (options, clock, tally, workload);
        _lun = options.Address.LunField;
        _blockLength = blockLength;
        _writer = writer;
        Descriptor = (int)session.Stream.Socket.Handle;
        _slots = new TaskSlot[options.Depth];
        _freeSlots = [.. Enumerable.Range(0, options.Depth).Reverse()];
        _freeCount = options.Depth;
        int dataPdus = (options.TransferLength + _connection.MaxSendDataSegmentLength - 1) / _connection.MaxSendDataSegmentLength;
        _output = new OutputQueue((options.Depth * (1 + dataPdus)) + 1, _connection.HeaderDigest, _connection.DataDigest);
        // Stamped data belongs to its command until the target has all of it; otherwise one piece serves all commands.
        _writeData = new NativeMemoryBlock(options.TransferLength * (options.Verify ? options.Depth : 1));
        new Random((int)writer).NextBytes(_writeData.Span);
        bool whole = options.Verify || _connection.DataDigest;
        _input = new ReceiveBuffer(
            session.Stream.Limits, whole ? SmallReceiveBuffer + (2 * session.Stream.Limits.MaxDataSegmentLength) : SmallReceiveBuffer, skipReadData: !whole);
        _input.Take(session.Stream.TakeRest());
    }

    public int Descriptor { get; }

    /// <summary>Commands that were measured.</summary>
    public long Measured { get; private set; }

    public int Outstanding => _options.Depth - _freeCount;

    /// <summary>Whether nothing is outstanding and nothing more will be issued.</summary>
    public bool IsDone => Outstanding == 0 && _budgetSpent;

    public bool HasOutput => !_output.IsEmpty;

    public void Start() => Issue();

    /// <summary>Takes in what the socket holds and sends what follows. With <paramref name="wait"/> it blocks until there is something.</summary>
    public void OnReadable(bool wait)
    {
        int got = _input.Receive(Descriptor, wait);
        if (got < 0 && !wait)
            return;
        if (got <= 0)
            throw new InitiatorException(got == 0 ? "target closed the connection" : $"nothing from the target with {Outstanding} commands outstanding");
        long now = Stopwatch.GetTimestamp();
        while (_input.TryRead(out PduFrame frame, out int skippedLength))
            Handle(frame, skippedLength, now);
        Issue();
    }

    public void OnWritable() => _ = _output.Flush(Descriptor);

    public void Finish() => _session.Logout();

    public void Dispose()
    {
        _session.Dispose();
        _output.Dispose();
        _writeData.Dispose();
        _input.Dispose();
    }

    private void Issue()
    {
        long now = Stopwatch.GetTimestamp();
        while (_freeCount > 0 && !_budgetSpent && SerialNumber.IsLessOrEqual(_session.CmdSN, _session.MaxCmdSN))
        {
            if (!_clock.MayIssue(now))
            {
                _budgetSpent = true;
                break;
            }

            int index = _freeSlots[--_freeCount];
            ref TaskSlot slot = ref _slots[index];
            slot.Begin(_workload.Next());
            if (slot.Operation.IsWrite)
                PrepareWrite(index, ref slot);
            Submit(index, ref slot, now);
        }

        _ = _output.Flush(Descriptor);
    }

    private void PrepareWrite(int index, ref TaskSlot slot)
    {
        slot.Generation = _workload.NextGeneration(slot.Operation.Chunk);
        if (_options.Verify)
            BlockStamp.Fill(new Span<byte>(WriteData(index), _options.TransferLength), slot.Operation.Block, _blockLength, _writer, slot.Generation);
    }

    private byte* WriteData(int index) => _writeData.Address + (_options.Verify ? (long)index * _options.TransferLength : 0);

    private void Submit(int index, ref TaskSlot slot, long now)
    {
        slot.SubmittedTicks = now;
        slot.ReceivedBytes = 0;
        Span<byte> cdb = stackalloc byte[16];
        cdb.Clear();
        cdb[0] = slot.Operation.IsWrite ? Write16 : Read16;
        BinaryPrimitives.WriteUInt64BigEndian(cdb[2..], slot.Operation.Block);
        BinaryPrimitives.WriteInt32BigEndian(cdb[10..], _options.TransferLength / _blockLength);
        int immediate = slot.Operation.IsWrite && _parameters.ImmediateData
            ? Math.Min(_options.TransferLength, Math.Min(_parameters.FirstBurstLength, _connection.MaxSendDataSegmentLength))
            : 0;
        int unsolicited = slot.Operation.IsWrite && !_parameters.InitialR2T ? Math.Min(_options.TransferLength, _parameters.FirstBurstLength) : immediate;
        ScsiCommandFlags flags = (slot.Operation.IsWrite ? ScsiCommandFlags.Write : ScsiCommandFlags.Read)
            | (unsolicited == immediate ? ScsiCommandFlags.Final : ScsiCommandFlags.None);
        ScsiCommandWriter.Write(
            _output.NextHeader(), immediate: false, flags, TaskAttribute.Simple, _lun, (uint)index, (uint)_options.TransferLength,
            new InitiatorSequence(_session.CmdSN++, _session.ExpStatSN), cdb, immediate);
        _output.Commit(WriteData(index), immediate);
        if (unsolicited > immediate)
            SendData(index, BasicHeader.ReservedTag, immediate, unsolicited - immediate);
    }

    private void SendData(int index, uint targetTransferTag, int offset, int length)
    {
        uint dataSN = 0;
        while (length > 0)
        {
            int segment = Math.Min(length, _connection.MaxSendDataSegmentLength);
            ulong lun = targetTransferTag == BasicHeader.ReservedTag ? 0 : _lun;
            DataOutWriter.Write(
                _output.NextHeader(), segment == length, lun, (uint)index, targetTransferTag, _session.ExpStatSN, dataSN++, (uint)offset, segment);
            _output.Commit(WriteData(index) + offset, segment);
            offset += segment;
            length -= segment;
        }
    }

    private void Handle(in PduFrame frame, int skippedLength, long now)
    {
        switch (frame.Basic.Opcode)
        {
            case Opcode.DataIn:
                OnDataIn(frame, skippedLength, now);
                break;
            case Opcode.ScsiResponse:
                OnResponse(frame, now);
                break;
            case Opcode.ReadyToTransfer:
                OnReadyToTransfer(new ReadyToTransferHeader(frame.Bhs));
                break;
            case Opcode.NopIn:
                OnNopIn(new NopInHeader(frame.Bhs));
                break;
            case Opcode.Reject:
                throw new InitiatorException($"target rejects: {new RejectHeader(frame.Bhs).Reason}");
            case Opcode.AsyncMessage:
                throw new InitiatorException($"target announces: {new AsyncMessageHeader(frame.Bhs).Event}");
            default:
                throw new InitiatorException($"target sent {frame.Basic.Opcode}");
        }
    }

    private void OnDataIn(in PduFrame frame, int skippedLength, long now)
    {
        DataInHeader header = new(frame.Bhs);
        int index = SlotOf(header.InitiatorTaskTag);
        ref TaskSlot slot = ref _slots[index];
        bool hasStatus = (header.Flags & DataInFlags.Status) != 0;
        Note(header.Sequence, hasStatus);
        int length = frame.Data.Length + skippedLength;
        if (slot.Operation.IsWrite || header.BufferOffset != slot.ReceivedBytes || slot.ReceivedBytes + length > _options.TransferLength)
            throw new InitiatorException($"Data-In of {length} bytes at {header.BufferOffset} does not fit its command, which has {slot.ReceivedBytes}");
        if (_options.Verify)
            Verify(slot, frame.Data);
        slot.ReceivedBytes += length;
        if (hasStatus)
            Complete(index, header.Status, default, now);
    }

    private void Verify(in TaskSlot slot, ReadOnlySpan<byte> data)
    {
        if (_workload.GenerationOf(slot.Operation.Chunk) is not { } generation)
            return;
        if (slot.ReceivedBytes % _blockLength != 0 || data.Length % _blockLength != 0)
            throw new InitiatorException("Data-In is cut within a block: cannot be verified");
        ulong block = slot.Operation.Block + (ulong)(slot.ReceivedBytes / _blockLength);
        _tally.Verified++;
        if (BlockStamp.Check(data, block, _blockLength, _writer, generation) is not { } fault)
            return;
        _tally.Mismatches++;
        _tally.Fault(fault);
    }

    private void OnResponse(in PduFrame frame, long now)
    {
        ScsiResponseHeader header = new(frame.Bhs);
        Note(header.Sequence, carriesStatus: true);
        if (header.Response != ScsiServiceResponse.CommandCompleted)
            throw new InitiatorException($"target failure, response {(byte)header.Response:x2}h");
        _ = SenseSegment.TryRead(frame.Data, out ReadOnlySpan<byte> sense, out _);
        Complete(SlotOf(header.InitiatorTaskTag), header.Status, sense, now);
    }

    private void Complete(int index, byte status, ReadOnlySpan<byte> sense, long now)
    {
        ref TaskSlot slot = ref _slots[index];
        bool good = status == ScsiReply.Good;
        if (!good)
        {
            ScsiReply reply = new(status, [], sense.ToArray());
            if (status == ScsiReply.CheckCondition && reply.SenseKey == ScsiReply.UnitAttention)
            {
                Submit(index, ref slot, now);
                return;
            }

            _tally.Errors++;
            _tally.Fault($"{(slot.Operation.IsWrite ? "write" : "read")} at block {slot.Operation.Block}: {reply}");
        }
        else if (!slot.Operation.IsWrite && slot.ReceivedBytes != _options.TransferLength)
        {
            throw new InitiatorException($"read returned {slot.ReceivedBytes} bytes of {_options.TransferLength}");
        }

        if (slot.SubmittedTicks >= _clock.MeasureFrom && now <= _clock.MeasureUntil)
        {
            Measured++;
            _tally.Latency.AddTicks(now - slot.SubmittedTicks);
        }

        _tally.Commands++;
        _workload.Done(slot.Operation, slot.Generation, good);
        slot.IsActive = false;
        _freeSlots[_freeCount++] = index;
    }

    private void OnReadyToTransfer(in ReadyToTransferHeader header)
    {
        int index = SlotOf(header.InitiatorTaskTag);
        Note(header.Sequence, carriesStatus: false);
        ulong end = (ulong)header.BufferOffset + header.DesiredDataTransferLength;
        if (!_slots[index].Operation.IsWrite || header.DesiredDataTransferLength == 0 || end > (ulong)_options.TransferLength)
            throw new InitiatorException($"R2T for {header.DesiredDataTransferLength} bytes at {header.BufferOffset} does not fit its command");
        SendData(index, header.TargetTransferTag, (int)header.BufferOffset, (int)header.DesiredDataTransferLength);
    }

    private void OnNopIn(in NopInHeader header)
    {
        if (header.TargetTransferTag == BasicHeader.ReservedTag)
            return;
        NopOutWriter.Write(
            _output.NextHeader(), immediate: true, header.Lun, BasicHeader.ReservedTag, header.TargetTransferTag,
            new InitiatorSequence(_session.CmdSN, _session.ExpStatSN));
        _output.Commit();
    }

    private int SlotOf(uint tag) => tag < (uint)_slots.Length && _slots[tag].IsActive
        ? (int)tag
        : throw new InitiatorException($"target answers tag {tag:x8}h, which is not outstanding");

    private void Note(in TargetSequence sequence, bool carriesStatus)
    {
        if (carriesStatus && sequence.StatSN != _session.ExpStatSN)
            throw new InitiatorException($"StatSN {sequence.StatSN} where {_session.ExpStatSN} was due");
        _session.Note(sequence, carriesStatus);
    }

    private struct TaskSlot
    {
        public Operation Operation;
        public long SubmittedTicks;
        public int ReceivedBytes;
        public uint Generation;
        public bool IsActive;

        public void Begin(in Operation operation)
        {
            Operation = operation;
            Generation = 0;
            IsActive = true;
        }
    }
}
