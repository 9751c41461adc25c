using TgtModular.Buffers;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>Which way data go.</summary>
internal enum TransferKind
{
    Read,
    Write,

    /// <summary>Only what the page cache holds: EAGAIN, or fewer bytes, where a device would have to be waited for.</summary>
    CachedRead,

    /// <summary>Only into the page cache.</summary>
    CachedWrite,

    /// <summary>Stable when it returns.</summary>
    DurableWrite,
}

/// <summary>Where a transfer that moved fewer bytes than it was asked for cannot go on.</summary>
internal static class TransferEnd
{
    /// <summary>True at the end of the file. Direct I/O stops within a unit only there, and could not go on from there.</summary>
    /// <param name="count">Bytes that the last call moved.</param>
    /// <param name="alignment">Of direct I/O, else 1.</param>
    public static bool IsReached(int count, int alignment) => count == 0 || (count & (alignment - 1)) != 0;
}

/// <summary>
/// Moves bytes between slices and a descriptor: vectored, past partial transfers and signals, through aligned memory where direct I/O needs it.
/// </summary>
internal sealed unsafe class FileTransfer<TSystem>(TSystem system, int alignment) : IDisposable
    where TSystem : struct, ISystemCalls
{
    private readonly BounceBuffers? _bounce = alignment > 1 ? new BounceBuffers() : null;

    /// <summary>Moves a whole slice.</summary>
    /// <param name="descriptor">The open file.</param>
    /// <param name="kind">Which way.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="slice">The data.</param>
    /// <param name="moved">Bytes moved before the end or the error.</param>
    /// <returns>0, or a positive errno; 0 with fewer bytes moved than asked for is the end of the file.</returns>
    public int Move(int descriptor, TransferKind kind, long offset, DataSlice slice, out int moved)
    {
        moved = 0;
        while (moved < slice.Length)
        {
            nint count = MoveSome(descriptor, kind, offset + moved, slice.Slice(moved));
            if (count == -ErrorNumber.Interrupted) continue;
            if (count < 0) return (int)-count;
            moved += (int)count;
            if (TransferEnd.IsReached((int)count, alignment)) return 0;
        }

        return 0;
    }

    public void Dispose() => _bounce?.Dispose();

    private nint MoveSome(int descriptor, TransferKind kind, long offset, DataSlice slice)
    {
        if (slice.TryGetSingle(out DataSegment single) && single.Pointer != 0 && ((single.Pointer | single.Length) & (alignment - 1)) == 0)
        {
            IoVector vector = new() { Base = single.Pointer, Length = (nuint)single.Length };
            return Call(descriptor, kind, &vector, 1, offset);
        }

        SegmentVectors vectors = default;
        try
        {
            if (vectors.TryFill(slice, alignment)) return Call(descriptor, kind, vectors.Pointer, vectors.Count, offset);
        }
        finally
        {
            vectors.Dispose();
        }

        return MoveThroughBounce(descriptor, kind, offset, slice);
    }

    private nint MoveThroughBounce(int descriptor, TransferKind kind, long offset, DataSlice slice)
    {
        nint address = _bounce!.Rent();
        try
        {
            int length = Math.Min(slice.Length, BounceBuffers.Length);
            DataSlice part = slice.Slice(0, length);
            Span<byte> buffer = new((void*)address, length);
            if (kind != TransferKind.Read) part.CopyTo(buffer);
            IoVector vector = new() { Base = address, Length = (nuint)length };
            nint count = Call(descriptor, kind, &vector, 1, offset);
            if (kind == TransferKind.Read && count > 0) part.CopyFrom(buffer[..(int)count]);
            return count;
        }
        finally
        {
            _bounce.Return(address);
        }
    }

    private nint Call(int descriptor, TransferKind kind, IoVector* vectors, int count, long offset) => kind switch
    {
        TransferKind.Read => system.Read(descriptor, vectors, count, offset),
        TransferKind.Write => system.Write(descriptor, vectors, count, offset),
        TransferKind.CachedRead => system.ReadCached(descriptor, vectors, count, offset),
        TransferKind.CachedWrite => system.WriteCached(descriptor, vectors, count, offset),
        _ => system.WriteDurably(descriptor, vectors, count, offset),
    };
}
