using System.Buffers;
using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>The first segments of a slice as an I/O vector; segments that do not tell their address are pinned until it is disposed.</summary>
internal unsafe ref struct SegmentVectors
{
    /// <summary>Segments in one system call; longer slices take several.</summary>
    public const int Most = 32;

    private Vectors _vectors;
    private Handles _handles;
    private int _pinned;

    /// <summary>Vectors filled.</summary>
    public int Count { get; private set; }

    /// <summary>Takes the segments.</summary>
    /// <param name="slice">Not empty.</param>
    /// <param name="alignment">Of addresses and lengths; 1 when it does not matter.</param>
    /// <returns>False when a segment is not aligned: then a copy must be made.</returns>
    public bool TryFill(DataSlice slice, int alignment)
    {
        foreach (DataSegment segment in slice)
        {
            if (Count == Most) break;
            nint address = segment.Pointer != 0 ? segment.Pointer : Pin(segment);
            if (((address | segment.Length) & (alignment - 1)) != 0) return false;
            _vectors[Count++] = new IoVector { Base = address, Length = (nuint)segment.Length };
        }

        return true;
    }

    /// <summary>The vectors; valid while this value does not move: on the stack.</summary>
    public IoVector* Pointer => (IoVector*)Unsafe.AsPointer(ref _vectors);

    /// <summary>Hands the pins over to somebody who keeps the segments for longer.</summary>
    /// <param name="kept">Where they go; made when there are any.</param>
    /// <returns>Their number.</returns>
    public int MovePins(ref MemoryHandle[]? kept)
    {
        int count = _pinned;
        if (count > 0) ((ReadOnlySpan<MemoryHandle>)_handles)[..count].CopyTo(kept ??= new MemoryHandle[Most]);
        _pinned = 0;
        return count;
    }

    public void Dispose()
    {
        for (int i = 0; i < _pinned; i++) _handles[i].Dispose();
    }

    private nint Pin(DataSegment segment)
    {
        MemoryHandle handle = segment.Memory.Pin();
        _handles[_pinned++] = handle;
        return (nint)handle.Pointer;
    }

    [InlineArray(Most)]
    private struct Vectors
    {
        private IoVector _first;
    }

    [InlineArray(Most)]
    private struct Handles
    {
        private MemoryHandle _first;
    }
}
