using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Tasks;

/// <summary>
/// The Data-Out of one command: immediate data, unsolicited Data-Out, then R2Ts and their bursts, all in order (DataPDUInOrder and DataSequenceInOrder are
/// always Yes). Data that comes before the engine wants it waits in a stash of at most FirstBurstLength.
/// </summary>
/// <remarks>
/// The receive loop brings data while the engine may ask, complete or drop on other threads, so the state has a lock; it is held for a few instructions and
/// a copy of unsolicited data at most. While <c>_busy</c> the receive loop writes into the destination outside of the lock, and a drop is left to it.
/// </remarks>
internal sealed class DataOutTransfer(CommandTask task, CommandPath path)
{
    private readonly Lock _gate = new();
    private readonly BurstList _bursts = new();
    private ulong _lun;
    private bool _used;
    private bool _requested; // the engine wants the data
    private bool _over; // the engine has the result, or has answered or dropped the command
    private bool _dropped;
    private bool _held; // answered while unsolicited data was still to come
    private bool _busy;
    private bool _delivering; // the engine is being told of the end
    private bool _unsolicitedOpen;
    private bool _moreUnsolicited;
    private int _unsolicitedLimit;
    private int _unsolicitedReceived;
    private uint _unsolicitedDataSN;
    private ReadOnlyMemory<byte> _offer; // immediate data in the receive buffer, valid until EndOffer
    private DataBuffer? _stash;
    private DataSlice _destination;
    private int _opening; // bytes of the destination that the PDU being received fills
    private int _placed; // bytes that are where they belong
    private int _granted; // bytes asked for, unsolicited ones included
    private DataOutResult _result;

    /// <summary>Begins a command that writes, or that came with data.</summary>
    /// <param name="lun">LUN field of the PDU.</param>
    /// <param name="announced">Expected Data Transfer Length.</param>
    /// <param name="immediateLength">Bytes of immediate data.</param>
    /// <param name="moreUnsolicited">The F bit is 0: unsolicited Data-Out follows.</param>
    /// <param name="fault">What is already known to be wrong with the unsolicited data.</param>
    public void Begin(ulong lun, long announced, int immediateLength, bool moreUnsolicited, DataOutResult fault)
    {
        _lun = lun;
        _used = true;
        _requested = _over = _dropped = _held = _busy = _delivering = false;
        _moreUnsolicited = moreUnsolicited;
        _unsolicitedOpen = moreUnsolicited || immediateLength > 0;
        _unsolicitedLimit = (int)Math.Min(moreUnsolicited ? path.Parameters.FirstBurstLength : immediateLength, announced);
        _unsolicitedReceived = 0;
        _unsolicitedDataSN = 0;
        _destination = default;
        _opening = _placed = _granted = 0;
        _result = fault;
    }

    /// <summary>Begins a command without Data-Out: everything below is a no-op.</summary>
    public void BeginUnused() => _used = false;

    /// <summary>Immediate data lies whole in the receive buffer, until <see cref="EndOffer"/>.</summary>
    public void Offer(ReadOnlyMemory<byte> data)
    {
        _offer = data;
        _unsolicitedReceived = data.Length;
        _unsolicitedOpen = _moreUnsolicited;
    }

    /// <summary>After submission: immediate data that the engine has not taken yet moves into the stash.</summary>
    public void EndOffer()
    {
        lock (_gate)
        {
            if (!_offer.IsEmpty && !_over && TryRentStash())
            {
                _placed = Math.Min(_offer.Length, _stash!.Length);
                _stash.Slice(0, _placed).CopyFrom(_offer.Span[.._placed]);
            }

            _offer = default;
        }
    }

    /// <summary>The engine asks for the data. Any thread.</summary>
    public DataOutProgress Request(ScsiCommand command)
    {
        DataOutResult result;
        lock (_gate)
        {
            _requested = true;
            _destination = command.DataOut;
            if (!_offer.IsEmpty) TakeOffer();
            else if (!_busy) TakeStash();
            if (!TryFinish()) return DataOutProgress.Pending;
            result = _result;
        }

        if (result == DataOutResult.Arrived) return DataOutProgress.Completed;
        path.Nexus.DataOutArrived(command, result);
        return DataOutProgress.Pending;
    }

    /// <summary>Immediate data is about to be received.</summary>
    public DataOutSink OpenImmediate(int length)
    {
        lock (_gate) return Open(length);
    }

    /// <summary>A Data-Out PDU is about to be received: checks it and says where its data goes.</summary>
    public DataOutViolation TryOpen(in DataOutHeader header, out DataOutSink sink)
    {
        sink = DataOutSink.Discard;
        int length = header.Basic.DataSegmentLength;
        lock (_gate)
        {
            DataOutViolation violation = header.IsUnsolicited ? CheckUnsolicited(header, length) : CheckSolicited(header, length);
            if (violation == DataOutViolation.None) sink = Open(length);
            return violation;
        }
    }

    /// <summary>The data segment of a PDU has been received.</summary>
    /// <param name="length">Its bytes, those thrown away included.</param>
    /// <param name="isSolicited">It answers an R2T.</param>
    /// <param name="isFinal">Nothing of its sequence follows.</param>
    /// <param name="isIntact">The data digest was right.</param>
    public void Close(int length, bool isSolicited, bool isFinal, bool isIntact)
    {
        bool dropped, answer, finished = false;
        lock (_gate)
        {
            dropped = _busy && _dropped;
            _busy = false;
            _placed += _opening;
            _opening = 0;
            if (!isIntact) Damage();
            if (isSolicited) _bursts.Take(length, isFinal);
            else TakeUnsolicited(length, isFinal);
            answer = _held && !_unsolicitedOpen;
            if (answer) _held = false;
            if (_over) ReleaseStash();
            else if (_requested && !dropped) finished = TakeStash() && TryFinish();
            _delivering = finished;
        }

        if (dropped) path.FinishDrop(task);
        else if (answer) path.Answer(task);
        else if (finished) Deliver();
    }

    /// <summary>True while the initiator has still to send what it was asked for or has announced. Any thread.</summary>
    public bool AwaitsInitiator()
    {
        lock (_gate) return _used && !_dropped && (_unsolicitedOpen || (!_over && _bursts.Any));
    }

    /// <summary>The engine has answered the command. Any thread.</summary>
    /// <returns>
    /// False when the answer must wait for unsolicited data that is on its way (RFC 7143 section 11.4.7.2); <see cref="Close"/> sends it then.
    /// </returns>
    public bool TryComplete()
    {
        if (!_used) return true;
        lock (_gate)
        {
            _over = true;
            _held = _unsolicitedOpen && !path.IsClosed;
            if (!_busy) ReleaseStash();
            return !_held;
        }
    }

    /// <summary>The engine has dropped the command. Any thread.</summary>
    /// <returns>False while the receive loop writes into its memory; <see cref="Close"/> or <see cref="Abandon"/> finishes the drop then.</returns>
    public bool TryDrop()
    {
        if (!_used) return true;
        lock (_gate)
        {
            _dropped = true;
            return !_busy && !_delivering;
        }
    }

    /// <summary>Ends a dropped transfer.</summary>
    /// <returns>True when the engine still waits for the data and must be told.</returns>
    public bool EndDropped()
    {
        if (!_used) return false;
        lock (_gate)
        {
            bool pending = _requested && !_over;
            _over = true;
            _bursts.Clear();
            ReleaseStash();
            return pending;
        }
    }

    /// <summary>The connection is gone and nothing more comes; the receive loop calls it once for each command that is left.</summary>
    public void Abandon()
    {
        if (!_used) return;
        bool dropped, answer;
        lock (_gate)
        {
            dropped = _busy && _dropped;
            answer = _held;
            _busy = _held = false;
            _opening = 0;
            _unsolicitedOpen = false;
            if (_over) ReleaseStash();
        }

        if (dropped) path.FinishDrop(task);
        else if (answer) path.Answer(task);
    }

    /// <summary>
    /// Tells the engine that the data is there. A drop that comes from now on waits for the return, or the command could be released, and used again, before
    /// the engine has looked at it.
    /// </summary>
    private void Deliver()
    {
        path.Nexus.DataOutArrived(task.Command!, _result);
        bool dropped;
        lock (_gate)
        {
            _delivering = false;
            dropped = _dropped;
        }

        if (dropped) path.FinishDrop(task);
    }

    private DataOutViolation CheckUnsolicited(in DataOutHeader header, int length)
    {
        if (!_used || _dropped) return DataOutViolation.Stale;
        if (!_unsolicitedOpen) return _over ? DataOutViolation.Stale : DataOutViolation.NotExpected;
        if (header.DataSN != _unsolicitedDataSN) Damage();
        if (_result == DataOutResult.DigestError) return DataOutViolation.None; // thrown away until the F bit
        if (header.BufferOffset != _unsolicitedReceived) return DataOutViolation.Offset;
        if (length > _unsolicitedLimit - _unsolicitedReceived && _result == DataOutResult.Arrived) _result = DataOutResult.UnexpectedUnsolicited;
        _unsolicitedDataSN++;
        return DataOutViolation.None;
    }

    private DataOutViolation CheckSolicited(in DataOutHeader header, int length)
    {
        if (_used && !_over && !_dropped && _bursts.Find(header.TargetTransferTag) is { } burst)
        {
            DataOutViolation violation = _bursts.Check(burst, header, length);
            if (burst.IsDamaged) Damage();
            return violation;
        }

        return path.Tags.WasIssued(header.TargetTransferTag) ? DataOutViolation.Stale : DataOutViolation.UnknownTransferTag;
    }

    /// <summary>
    /// A gap in DataSN means that a Data-Out was lost, as to a wrong data digest: the command ends as it does for that, when all its data has come
    /// (RFC 7143 sections 7.8 and 7.9).
    /// </summary>
    private void Damage()
    {
        if (_result == DataOutResult.Arrived) _result = DataOutResult.DigestError;
    }

    private DataOutSink Open(int length)
    {
        if (_over || _dropped || length == 0 || _result == DataOutResult.DigestError || (!_requested && !TryRentStash())) return new DataOutSink(this, default);
        DataSlice room = _requested ? _destination : _stash!.Slice();
        _opening = Math.Clamp(room.Length - _placed, 0, length);
        _busy = _opening > 0;
        return new DataOutSink(this, room.Slice(Math.Min(_placed, room.Length), _opening));
    }

    private void TakeUnsolicited(int length, bool isFinal)
    {
        _unsolicitedReceived += length;
        if (isFinal) _unsolicitedOpen = false;
    }

    private void TakeOffer()
    {
        _placed = Math.Min(_offer.Length, _destination.Length);
        _destination.Slice(0, _placed).CopyFrom(_offer.Span[.._placed]);
        _offer = default;
    }

    /// <summary>Moves stashed data to its place; always true.</summary>
    private bool TakeStash()
    {
        if (_stash is null) return true;
        _placed = Math.Min(_placed, _destination.Length);
        _destination.CopyFrom(_stash.Slice(0, _placed));
        ReleaseStash();
        return true;
    }

    /// <summary>Asks for what is missing; true when nothing is, or when it cannot come any more.</summary>
    private bool TryFinish()
    {
        if (_unsolicitedOpen || _busy || _over) return false;
        if (_result == DataOutResult.Arrived && _placed < _destination.Length)
        {
            Ask();
            return false;
        }

        if (_bursts.Any) return false; // a damaged transfer still waits for the bursts under way (RFC 7143 section 7.8)
        _over = true;
        return true;
    }

    private void Ask()
    {
        _granted = Math.Max(_granted, _placed);
        while (_granted < _destination.Length && _bursts.Count < path.Parameters.MaxOutstandingR2T)
        {
            int length = Math.Min(path.Parameters.MaxBurstLength, _destination.Length - _granted);
            path.Pump.Add(_bursts.Begin(_lun, task.Tag, path.Tags.Take(), task.DataSN++, _granted, length));
            _granted += length;
        }
    }

    private bool TryRentStash()
    {
        if (_stash is not null) return true;
        if (_result != DataOutResult.Arrived || _unsolicitedLimit == 0) return false;
        _stash = path.Buffers.TryRent(_unsolicitedLimit, "iscsi unsolicited data");
        if (_stash is null) _result = DataOutResult.Failed; // the pool's bound: the command ends with DATA PHASE ERROR and the initiator tries again
        return _stash is not null;
    }

    private void ReleaseStash()
    {
        _stash?.Dispose();
        _stash = null;
    }
}
