using System.Buffers;
using System.Runtime.CompilerServices;
using TgtModular.Buffers;

namespace TgtModular.TestKit;

/// <summary>A lease of <see cref="DiagnosticBufferPool"/>.</summary>
public sealed class DiagnosticBuffer : DataBuffer
{
    private readonly DiagnosticBufferPool _pool;
    private readonly string _tag;
    private readonly Block[] _blocks;
    private readonly bool _hidePointers;
    private volatile bool _returned;

    internal DiagnosticBuffer(DiagnosticBufferPool pool, int length, string tag)
    {
        _pool = pool;
        _tag = tag;
        _hidePointers = pool.HidePointers;
        Length = length;
        int segment = Math.Min(length, pool.SegmentLength);
        _blocks = new Block[((length - 1) / segment) + 1];
        for (int i = 0; i < _blocks.Length; i++)
            _blocks[i] = new Block(this, Math.Min(segment, length - (i * segment)), pool.Misalignment);
    }

    /// <inheritdoc/>
    public override int Length { get; }

    /// <inheritdoc/>
    public override int SegmentCount => _blocks.Length;

    /// <inheritdoc/>
    public override DataSegment GetSegment(int index)
    {
        CheckInUse();
        return new DataSegment(_blocks[index].Memory, _hidePointers ? 0 : _blocks[index].Address);
    }

    /// <summary>Length and tag.</summary>
    public override string ToString() => $"{Length} bytes of '{_tag}'";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _pool.Return(this);
        _returned = true;
    }

    internal void Poison()
    {
        foreach (Block block in _blocks) block.Poison();
    }

    internal string? FindOverrun() => Array.Exists(_blocks, block => !block.GuardsIntact) ? $"written past the end: {this}" : null;

    internal string? FindLateWrite() => Array.Exists(_blocks, block => !block.PoisonIntact) ? $"written after its return: {this}" : null;

    private void CheckInUse()
    {
        if (!_returned) return;
        _pool.Report($"used after its return: {this}");
        throw new ObjectDisposedException(nameof(DiagnosticBuffer), $"used after its return: {this}");
    }

    /// <summary>Pinned bytes between two guards; as a memory manager it also catches spans that are taken late from a kept Memory.</summary>
    private sealed class Block : MemoryManager<byte>
    {
        private const int Guard = 64;
        private const int PageLength = 4096;
        private const byte GuardByte = 0xC3;
        private const byte PoisonByte = 0xDB;

        private readonly DiagnosticBuffer _owner;
        private readonly byte[] _array;
        private readonly int _start;
        private readonly int _length;

        public Block(DiagnosticBuffer owner, int length, int misalignment)
        {
            _owner = owner;
            _length = length;
            _array = GC.AllocateUninitializedArray<byte>(length + misalignment + PageLength + (2 * Guard), pinned: true);
            nint address = Base + Guard;
            _start = Guard + (int)((PageLength - (address % PageLength)) % PageLength) + misalignment;
            _array.AsSpan(_start - Guard, Guard).Fill(GuardByte);
            Bytes.Fill(DiagnosticBufferPool.FreshByte);
            _array.AsSpan(_start + length, Guard).Fill(GuardByte);
        }

        public nint Address => Base + _start;

        public bool GuardsIntact =>
            !_array.AsSpan(_start - Guard, Guard).ContainsAnyExcept(GuardByte) && !_array.AsSpan(_start + _length, Guard).ContainsAnyExcept(GuardByte);

        public bool PoisonIntact => !Bytes.ContainsAnyExcept(PoisonByte);

        private unsafe nint Base => (nint)Unsafe.AsPointer(ref _array[0]);

        private Span<byte> Bytes => _array.AsSpan(_start, _length);

        public void Poison() => Bytes.Fill(PoisonByte);

        public override Span<byte> GetSpan()
        {
            _owner.CheckInUse();
            return Bytes;
        }

        public override unsafe MemoryHandle Pin(int elementIndex = 0)
        {
            _owner.CheckInUse();
            return new MemoryHandle((void*)(Address + elementIndex));
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
