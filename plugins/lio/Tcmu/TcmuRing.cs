using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TgtModular.Lio.Tcmu;

/// <summary>
/// The command ring in a <see cref="RingMapping"/>. One thread looks and takes, one at a time answers; they may be two. Everything that stands in the map is
/// checked before it is used: content that makes no sense marks the ring as damaged for good, and nothing is read or written any more.
/// </summary>
internal sealed class TcmuRing
{
    private readonly RingMapping _mapping;
    private readonly Lock _tailGate = new();
    private readonly uint _start;
    private readonly uint _size;
    private volatile string? _damage;
    private uint _position; // written by the taker
    private uint _tail; // written by the answerer, under the gate

    private TcmuRing(RingMapping mapping, uint start, uint size)
    {
        _mapping = mapping;
        _start = start;
        _size = size;
        Flags = (MailboxFlags)mapping.Read16(RingLayout.FlagsOffset);
        _position = _tail = mapping.ReadShared(RingLayout.TailOffset);
    }

    /// <summary>What the kernel can do.</summary>
    public MailboxFlags Flags { get; }

    /// <summary>What is wrong with the ring; null while nothing is.</summary>
    public string? Damage => _damage;

    /// <summary>First byte of the data area.</summary>
    private long DataStart => (long)_start + _size;

    /// <summary>Takes a ring over where its last handler left it: at the first entry that is not answered.</summary>
    /// <param name="mapping">The memory.</param>
    /// <param name="ring">The ring.</param>
    /// <param name="problem">Why it cannot be served.</param>
    public static bool TryOpen(RingMapping mapping, [NotNullWhen(true)] out TcmuRing? ring, [NotNullWhen(false)] out string? problem)
    {
        ring = null;
        problem = FindProblem(mapping);
        if (problem is not null) return false;
        ring = new TcmuRing(mapping, mapping.Read32(RingLayout.RingOffsetOffset), mapping.Read32(RingLayout.RingSizeOffset));
        if (!ring.IsPosition(ring._tail)) problem = $"its tail {ring._tail} is no place in a ring of {ring._size} bytes";
        return problem is null;
    }

    /// <summary>Looks at the next entry.</summary>
    public RingLook TryPeek(out RingEntry entry)
    {
        entry = default;
        if (_damage is not null) return RingLook.Damaged;
        if (_mapping.ReadShared(RingLayout.TailOffset) != Volatile.Read(ref _tail) && !HasOwnTail()) return RingLook.Damaged;
        uint head = _mapping.ReadShared(RingLayout.HeadOffset);
        if (head == _position) return RingLook.Empty;
        if (!IsPosition(head)) return Damaged($"its head {head} is no place in a ring of {_size} bytes");
        uint available = head > _position ? head - _position : _size - _position;
        if (!TryReadHeader(_position, available, out RingOperation operation, out uint length)) return RingLook.Damaged;
        switch (operation)
        {
            case RingOperation.Command:
                return PeekCommand(_position, length, out entry);
            case RingOperation.TaskManagement:
                return PeekTaskManagement(_position, length, out entry);
            default:
                entry = new RingEntry { Operation = operation, Position = _position, Length = length };
                return RingLook.Entry;
        }
    }

    /// <summary>The entry was taken: the next look is at the one after it.</summary>
    public void Take(in RingEntry entry)
    {
        if (entry.Operation > RingOperation.TaskManagement)
            _mapping.Write8((long)_start + entry.Position + RingLayout.HandlerFlagsOffset, (byte)HandlerFlags.UnknownOperation);
        Volatile.Write(ref _position, Advance(entry.Position, entry.Length));
    }

    /// <summary>One piece of a command's data, once the entry was looked at and before it is answered.</summary>
    /// <returns>False when the ring is damaged.</returns>
    public bool TryGetVector(in RingEntry entry, int index, out long offset, out int length)
    {
        long at = entry.Vectors + ((long)index * RingLayout.VectorLength);
        ulong from = _mapping.Read64(at);
        ulong count = _mapping.Read64(at + sizeof(ulong));
        offset = (long)from;
        length = (int)count;
        if (count <= RingMapping.MaxSegmentLength && from >= (ulong)DataStart && _mapping.Contains(from, count)) return true;
        Damaged($"the command at {entry.Position}: piece {index} of its data, {count} bytes at {from}, does not lie in the data area ({DataStart} to {_mapping.Length})");
        return false;
    }

    /// <summary>More data than a command can have.</summary>
    public void RefuseLength(in RingEntry entry, long length) => Damaged($"the command at {entry.Position} has {length} bytes of data");

    /// <summary>The number of a command that is still running came again.</summary>
    public void RefuseIdentifier(in RingEntry entry) => Damaged($"the command at {entry.Position} has the number {entry.Identifier} of one that is still running");

    /// <summary>
    /// Answers a command in the place of the oldest entry: the kernel looks there for the number of what was answered, whatever command was asked for there.
    /// </summary>
    /// <returns>False when the ring is damaged.</returns>
    public bool TryAnswer(in RingAnswer answer)
    {
        if (!HasOwnTail() || !TrySkip(out uint tail, out uint length)) return false;
        if (tail == Volatile.Read(ref _position))
        {
            Damaged($"command {answer.Identifier} is answered, and none is asked");
            return false;
        }

        long at = (long)_start + tail;
        _mapping.Write16(at + RingLayout.IdentifierOffset, answer.Identifier);
        _mapping.Write8(at + RingLayout.HandlerFlagsOffset, (byte)(answer.ReadLength > 0 ? HandlerFlags.ReadLength : HandlerFlags.None));
        _mapping.Write8(at + RingLayout.StatusOffset, answer.Status);
        _mapping.Write32(at + RingLayout.ReadLengthOffset, answer.ReadLength);
        if (!answer.Sense.IsEmpty)
        {
            Span<byte> sense = _mapping.GetSpan(at + RingLayout.SenseOffset, RingLayout.SenseLength);
            sense.Clear();
            answer.Sense[..Math.Min(answer.Sense.Length, sense.Length)].CopyTo(sense);
        }

        Publish(Advance(tail, length));
        return true;
    }

    /// <summary>Gives back entries at the tail that need no answer.</summary>
    /// <returns>True when there were some.</returns>
    public bool Settle()
    {
        uint before = _tail;
        if (before == Volatile.Read(ref _position) || !HasOwnTail() || !TrySkip(out uint tail, out _) || tail == before) return false;
        Publish(tail);
        return true;
    }

    private static string? FindProblem(RingMapping mapping)
    {
        if (mapping.Length < RingLayout.MailboxLength) return $"its map has only {mapping.Length} bytes";
        ushort version = mapping.Read16(RingLayout.VersionOffset);
        if (version != RingLayout.Version) return $"its ring has version {version}, and only {RingLayout.Version} is known";
        uint start = mapping.Read32(RingLayout.RingOffsetOffset);
        uint size = mapping.Read32(RingLayout.RingSizeOffset);
        bool possible = start >= RingLayout.MailboxLength && start % RingLayout.EntryAlignment == 0
            && size >= RingLayout.EntryAlignment && size % RingLayout.EntryAlignment == 0 && mapping.Contains(start, size);
        return possible ? null : $"a ring of {size} bytes at {start} cannot lie in a map of {mapping.Length}";
    }

    private RingLook PeekCommand(uint position, uint length, out RingEntry entry)
    {
        entry = default;
        long offset = (long)_start + position;
        uint vectors = _mapping.Read32(offset + RingLayout.VectorCountOffset);
        uint bidirectional = _mapping.Read32(offset + RingLayout.BidirectionalCountOffset);
        uint protection = _mapping.Read32(offset + RingLayout.ProtectionCountOffset);
        ulong all = (ulong)vectors + bidirectional + protection;
        if (RingLayout.VectorsOffset + (all * RingLayout.VectorLength) > length)
            return Damaged($"the command at {position} has {all} pieces of data in an entry of {length} bytes");
        if (!TryReadCdb(position, _mapping.Read64(offset + RingLayout.CdbOffsetOffset), out ReadOnlySpan<byte> cdb)) return RingLook.Damaged;
        entry = new RingEntry
        {
            Operation = RingOperation.Command,
            Position = position,
            Length = length,
            Identifier = _mapping.Read16(offset + RingLayout.IdentifierOffset),
            Cdb = cdb,
            IsBidirectional = bidirectional != 0 || protection != 0,
            VectorCount = (int)vectors,
            Vectors = offset + RingLayout.VectorsOffset,
        };
        return RingLook.Entry;
    }

    private bool TryReadCdb(uint position, ulong at, out ReadOnlySpan<byte> cdb)
    {
        cdb = default;
        int header = IsInRing(at, 1) && _mapping.Read8((long)at) == Scsi.OpCode.VariableLength ? CdbLength.VariableHeaderLength : 1;
        if (IsInRing(at, header))
        {
            int length = CdbLength.Of(_mapping.GetSpan((long)at, header));
            if (IsInRing(at, length))
            {
                cdb = _mapping.GetSpan((long)at, length);
                return true;
            }
        }

        Damaged($"the command at {position} has its CDB at {at}, where there is none: the ring goes from {_start} to {DataStart}");
        return false;
    }

    private RingLook PeekTaskManagement(uint position, uint length, out RingEntry entry)
    {
        entry = default;
        long offset = (long)_start + position;
        uint count = length < RingLayout.IdentifiersOffset ? uint.MaxValue : _mapping.Read32(offset + RingLayout.IdentifierCountOffset);
        if (RingLayout.IdentifiersOffset + ((ulong)count * RingLayout.CommandIdentifierLength) > length)
            return Damaged($"the task management at {position} names {count} commands in an entry of {length} bytes");
        Span<byte> identifiers = _mapping.GetSpan(offset + RingLayout.IdentifiersOffset, (int)count * RingLayout.CommandIdentifierLength);
        entry = new RingEntry
        {
            Operation = RingOperation.TaskManagement,
            Position = position,
            Length = length,
            Function = (RingFunction)_mapping.Read8(offset + RingLayout.FunctionOffset),
            Identifiers = MemoryMarshal.Cast<byte, ushort>(identifiers),
        };
        return RingLook.Entry;
    }

    private bool TryReadHeader(uint position, uint available, out RingOperation operation, out uint length)
    {
        long at = (long)_start + position;
        uint word = _mapping.ReadShared(at);
        operation = (RingOperation)(word & RingLayout.OperationMask);
        length = word & ~RingLayout.OperationMask;
        int least = operation == RingOperation.Command ? RingLayout.MinCommandLength : RingLayout.HeaderLength;
        if (length < least || length > available)
        {
            Damaged($"the entry at {position} ({operation}) has {length} bytes: at least {least} are needed, and {available} are there");
            return false;
        }

        byte flags = _mapping.Read8(at + RingLayout.KernelFlagsOffset);
        if (flags == 0) return true;
        Damaged($"the entry at {position} ({operation}) has flags 0x{flags:x2} of the kernel, which are not known");
        return false;
    }

    /// <summary>Goes over entries that need no answer, from the tail on.</summary>
    private bool TrySkip(out uint tail, out uint length)
    {
        uint position = Volatile.Read(ref _position);
        tail = _tail;
        length = 0;
        while (tail != position)
        {
            uint available = position > tail ? position - tail : _size - tail;
            if (!TryReadHeader(tail, available, out RingOperation operation, out length)) return false;
            if (operation == RingOperation.Command) return true;
            tail = Advance(tail, length);
        }

        return true;
    }

    private void Publish(uint tail)
    {
        lock (_tailGate)
        {
            _mapping.WriteShared(RingLayout.TailOffset, tail);
            Volatile.Write(ref _tail, tail);
        }
    }

    /// <summary>True when the tail is where this handler left it; else somebody reset the ring, and what stands in it is old.</summary>
    private bool HasOwnTail()
    {
        if (_damage is not null) return false;
        lock (_tailGate)
        {
            uint tail = _mapping.ReadShared(RingLayout.TailOffset);
            if (tail == _tail) return true;
            Damaged($"its tail was left at {_tail} and is now at {tail}: the ring was reset, or has another handler");
            return false;
        }
    }

    private uint Advance(uint position, uint length) => position + length == _size ? 0 : position + length;

    private bool IsPosition(uint value) => value < _size && value % RingLayout.EntryAlignment == 0;

    private bool IsInRing(ulong offset, int length) => offset >= _start && offset <= (ulong)DataStart && (ulong)length <= (ulong)DataStart - offset;

    private RingLook Damaged(string what)
    {
        Interlocked.CompareExchange(ref _damage, what, null);
        return RingLook.Damaged;
    }
}
