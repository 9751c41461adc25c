namespace TgtModular.Buffers;

/// <summary>A contiguous piece of a <see cref="DataBuffer"/>: pinned or native memory that looks the same to whoever fills or sends it.</summary>
/// <param name="Memory">The bytes.</param>
/// <param name="Pointer">Their address while the buffer is held, or 0 when the memory is not pinned.</param>
public readonly record struct DataSegment(Memory<byte> Memory, nint Pointer)
{
    /// <summary>The bytes.</summary>
    public Span<byte> Span => Memory.Span;

    /// <summary>Length in bytes.</summary>
    public int Length => Memory.Length;

    /// <summary>A part of the segment.</summary>
    public DataSegment Slice(int start, int length) => new(Memory.Slice(start, length), Pointer == 0 ? 0 : Pointer + start);

    /// <summary>A sequence segment's own memory as a segment without a known address.</summary>
    public static implicit operator DataSegment(Memory<byte> memory) => new(memory, 0);

    /// <summary>The named alternative of the conversion.</summary>
    public static DataSegment FromMemory(Memory<byte> memory) => new(memory, 0);
}
