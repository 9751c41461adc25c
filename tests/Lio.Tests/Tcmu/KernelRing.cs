using System.Runtime.InteropServices;
using TgtModular.Lio.Tcmu;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>An answer as the kernel would pass it on.</summary>
/// <param name="Status">Status.</param>
/// <param name="Sense">The sense buffer.</param>
/// <param name="Data">Data-In that reaches the initiator.</param>
internal sealed record KernelAnswer(byte Status, byte[] Sense, byte[] Data);

/// <summary>
/// The kernel's side of a ring (drivers/target/target_core_user.c) in memory of this process: puts entries in, gives out pages of the data area, takes
/// answers, and breaks the ring over what the kernel would break it over.
/// </summary>
internal sealed class KernelRing : IDoorbell, IDisposable
{
    public const int PageLength = 4096;

    private const int RingStart = 128;

    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, Asked> _commands = [];
    private readonly SortedSet<int> _freePages;
    private readonly int _size;
    private ushort _lastIdentifier;
    private uint _head;
    private uint _cleaned;

    public KernelRing(int ringLength = 64 * 1024, int pages = 256, MailboxFlags flags = MailboxFlags.OutOfOrder | MailboxFlags.ReadLength | MailboxFlags.TaskManagement)
    {
        _size = ringLength - RingStart;
        DataStart = ringLength;
        Mapping = new RingMapping(ringLength + ((long)pages * PageLength), device: null);
        _freePages = [.. Enumerable.Range(0, pages)];
        Mapping.Write16(RingLayout.VersionOffset, RingLayout.Version);
        Mapping.Write16(RingLayout.FlagsOffset, (ushort)flags);
        Mapping.Write32(RingLayout.RingOffsetOffset, RingStart);
        Mapping.Write32(RingLayout.RingSizeOffset, (uint)_size);
    }

    public RingMapping Mapping { get; }

    public int DataStart { get; }

    /// <summary>What broke the ring; null while it is whole.</summary>
    public string? Broken { get; private set; }

    /// <summary>Calls of the kernel for answers.</summary>
    public int Rings { get; private set; }

    /// <summary>Answers come; set before the handler runs.</summary>
    public Action<ushort, KernelAnswer>? Answered { get; set; }

    /// <summary>False: the device was removed.</summary>
    public bool IsThere { get; set; } = true;

    /// <summary>Pages that a new command's data is made to start on, in turn, so that it has more than one piece.</summary>
    public bool Scatters { get; set; }

    public uint Head => _head;

    public uint Tail => Mapping.ReadShared(RingLayout.TailOffset);

    /// <summary>Offset of an entry in the map.</summary>
    public static long At(uint position) => RingStart + position;

    /// <summary>Opens it for a handler, as after a start.</summary>
    public TcmuRing Open()
    {
        Assert.IsTrue(TcmuRing.TryOpen(Mapping, out TcmuRing? ring, out string? problem), problem);
        return ring;
    }

    /// <summary>Puts a command in.</summary>
    /// <returns>Its identifier.</returns>
    public ushort Send(ReadOnlySpan<byte> cdb, ReadOnlySpan<byte> dataOut = default, int dataIn = 0)
    {
        lock (_gate)
        {
            int length = Math.Max(dataOut.Length, dataIn);
            int[] pages = TakePages((length + PageLength - 1) / PageLength);
            List<(long Offset, int Length)> pieces = Join(pages, length);
            Asked asked = new(pages, pieces, dataIn);
            foreach ((long offset, int count) in pieces)
            {
                if (dataOut.IsEmpty) continue;
                dataOut[..count].CopyTo(Mapping.GetSpan(offset, count));
                dataOut = dataOut[count..];
            }

            ushort identifier = NextIdentifier();
            _commands.Add(identifier, asked);
            WriteCommand(identifier, cdb, pieces);
            return identifier;
        }
    }

    /// <summary>Tells of a task management function.</summary>
    public void SendTaskManagement(RingFunction function, params ushort[] identifiers)
    {
        lock (_gate)
        {
            uint at = Reserve(RingLayout.IdentifiersOffset + (identifiers.Length * 2), RingOperation.TaskManagement, out uint length);
            Mapping.Write8(At(at) + RingLayout.FunctionOffset, (byte)function);
            Mapping.Write32(At(at) + RingLayout.IdentifierCountOffset, (uint)identifiers.Length);
            identifiers.CopyTo(MemoryMarshal.Cast<byte, ushort>(Mapping.GetSpan(At(at) + RingLayout.IdentifiersOffset, identifiers.Length * 2)));
            Publish(at, length);
        }
    }

    /// <summary>Puts an entry in that has only a header.</summary>
    /// <returns>Its position.</returns>
    public uint SendOperation(int operation, int length = RingLayout.MinCommandLength)
    {
        lock (_gate)
        {
            uint at = Reserve(length, (RingOperation)operation, out uint rounded);
            Publish(at, rounded);
            return at;
        }
    }

    /// <summary>The time limit of a command has passed: its initiator was told; its pages are kept until the handler answers.</summary>
    public void Expire(ushort identifier)
    {
        lock (_gate) _commands[identifier].IsExpired = true;
    }

    /// <summary>Moves the head as it stands, whatever is there.</summary>
    public void SetHead(uint head) => Mapping.WriteShared(RingLayout.HeadOffset, _head = head);

    public bool Ring()
    {
        List<(ushort Identifier, KernelAnswer Answer)> answers = [];
        lock (_gate)
        {
            Rings++;
            if (!IsThere) return false;
            while (Broken is null && _cleaned != Tail) Clean(answers);
        }

        foreach ((ushort identifier, KernelAnswer answer) in answers) Answered?.Invoke(identifier, answer);
        return true;
    }

    public void Dispose() => Mapping.Dispose();

    private void Clean(List<(ushort Identifier, KernelAnswer Answer)> answers)
    {
        uint word = Mapping.Read32(At(_cleaned));
        RingOperation operation = (RingOperation)(word & RingLayout.OperationMask);
        if (operation == RingOperation.Command)
        {
            ushort identifier = Mapping.Read16(At(_cleaned) + RingLayout.IdentifierOffset);
            if (!_commands.Remove(identifier, out Asked? asked))
            {
                Broken = $"command {identifier} is not known";
                return;
            }

            if (!asked.IsExpired) answers.Add((identifier, Gather(asked)));
            foreach (int page in asked.Pages) _freePages.Add(page);
        }

        _cleaned = (_cleaned + (word & ~RingLayout.OperationMask)) % (uint)_size;
    }

    private KernelAnswer Gather(Asked asked)
    {
        long at = At(_cleaned);
        byte flags = Mapping.Read8(at + RingLayout.HandlerFlagsOffset);
        byte status = Mapping.Read8(at + RingLayout.StatusOffset);
        uint said = Mapping.Read32(at + RingLayout.ReadLengthOffset);
        bool tells = (flags & (byte)HandlerFlags.ReadLength) != 0 && said > 0;
        int length = status == 2 && !tells ? 0 : tells ? (int)Math.Min(said, asked.DataIn) : asked.DataIn;
        byte[] data = new byte[length];
        int done = 0;
        foreach ((long offset, int count) in asked.Pieces)
        {
            int part = Math.Min(count, length - done);
            if (part <= 0) break;
            Mapping.GetSpan(offset, part).CopyTo(data.AsSpan(done));
            done += part;
        }

        return new KernelAnswer(status, Mapping.GetSpan(at + RingLayout.SenseOffset, RingLayout.SenseLength).ToArray(), data);
    }

    private int[] TakePages(int count)
    {
        Assert.IsGreaterThanOrEqualTo(count, _freePages.Count, "the data area is full");
        int[] pages = new int[count];
        for (int i = 0; i < count; i++)
        {
            pages[i] = Scatters && i % 2 == 1 ? _freePages.Max : _freePages.Min;
            _freePages.Remove(pages[i]);
        }

        return pages;
    }

    private List<(long Offset, int Length)> Join(int[] pages, int length)
    {
        List<(long Offset, int Length)> pieces = [];
        foreach (int page in pages)
        {
            long offset = DataStart + ((long)page * PageLength);
            int count = Math.Min(length, PageLength);
            length -= count;
            if (pieces.Count > 0 && pieces[^1].Offset + pieces[^1].Length == offset) pieces[^1] = (pieces[^1].Offset, pieces[^1].Length + count);
            else pieces.Add((offset, count));
        }

        return pieces;
    }

    private ushort NextIdentifier()
    {
        do _lastIdentifier = (ushort)(_lastIdentifier == ushort.MaxValue ? 1 : _lastIdentifier + 1);
        while (_commands.ContainsKey(_lastIdentifier));
        return _lastIdentifier;
    }

    private void WriteCommand(ushort identifier, ReadOnlySpan<byte> cdb, List<(long Offset, int Length)> pieces)
    {
        int cdbAt = Math.Max(RingLayout.MinCommandLength, RingLayout.VectorsOffset + (pieces.Count * RingLayout.VectorLength));
        uint at = Reserve(cdbAt + cdb.Length, RingOperation.Command, out uint length);
        long entry = At(at);
        Mapping.Write16(entry + RingLayout.IdentifierOffset, identifier);
        Mapping.Write32(entry + RingLayout.VectorCountOffset, (uint)pieces.Count);
        Write64(entry + RingLayout.CdbOffsetOffset, (ulong)(entry + cdbAt));
        cdb.CopyTo(Mapping.GetSpan(entry + cdbAt, cdb.Length));
        for (int i = 0; i < pieces.Count; i++)
        {
            long vector = entry + RingLayout.VectorsOffset + (i * RingLayout.VectorLength);
            Write64(vector, (ulong)pieces[i].Offset);
            Write64(vector + 8, (ulong)pieces[i].Length);
        }

        Publish(at, length);
    }

    /// <summary>Room for an entry, all zeroes but for its header; pads the end of the ring where it is too short.</summary>
    private uint Reserve(int wanted, RingOperation operation, out uint length)
    {
        length = (uint)((wanted + 7) & ~7);
        if (_head + length > _size)
        {
            Mapping.GetSpan(At(_head), RingLayout.HeaderLength).Clear();
            Mapping.Write32(At(_head), ((uint)_size - _head) | (uint)RingOperation.Pad);
            Publish(_head, (uint)_size - _head);
        }

        uint used = (_head + (uint)_size - _cleaned) % (uint)_size;
        Assert.IsLessThan((uint)_size, used + length, "the ring is full");
        Mapping.GetSpan(At(_head), (int)length).Clear();
        Mapping.Write32(At(_head), length | (uint)operation);
        return _head;
    }

    private void Publish(uint at, uint length) => Mapping.WriteShared(RingLayout.HeadOffset, _head = (at + length) % (uint)_size);

    private void Write64(long offset, ulong value) => MemoryMarshal.Write(Mapping.GetSpan(offset, sizeof(ulong)), value);

    private sealed record Asked(int[] Pages, List<(long Offset, int Length)> Pieces, int DataIn)
    {
        public bool IsExpired { get; set; }
    }
}
