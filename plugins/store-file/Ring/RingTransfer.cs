using TgtModular.Buffers;
using TgtModular.Stores.Native;

namespace TgtModular.Stores.Ring;

/// <summary>
/// Makes requests of operations and goes on with what a request has left: vectored, past partial transfers and signals, through aligned memory where direct I/O
/// needs it. <see cref="FileTransfer{TSystem}"/> does the same with calls that block.
/// </summary>
internal sealed unsafe class RingTransfer(int alignment) : IDisposable
{
    private readonly BounceBuffers? _bounce = alignment > 1 ? new BounceBuffers() : null;

    /// <summary>Adds a request for what is left of an operation.</summary>
    public void Add(IRing ring, int key, RingOperation operation)
    {
        if (operation.Call == RingCall.DataSync)
        {
            Add(ring, key, operation, null, 0);
            return;
        }

        DataSlice left = operation.Slice.Slice(operation.Moved);
        SegmentVectors vectors = default;
        try
        {
            if (vectors.TryFill(left, alignment))
            {
                operation.TakePins(ref vectors);
                Add(ring, key, operation, vectors.Pointer, vectors.Count);
                return;
            }
        }
        finally
        {
            vectors.Dispose();
        }

        IoVector vector = FillBounce(operation, left);
        Add(ring, key, operation, &vector, 1);
    }

    /// <summary>Takes a request's result.</summary>
    /// <returns>False when the operation goes on with another request.</returns>
    public bool IsOver(RingOperation operation, int result, out int error)
    {
        operation.Unpin();
        if (operation.Bounce != 0) EmptyBounce(operation, result);
        error = 0;
        if (result == -ErrorNumber.Interrupted) return false;
        if (result == -ErrorNumber.WouldBlock && !operation.OnKernelThread)
        {
            // Only that it could not be done without waiting.
            operation.OnKernelThread = true;
            return false;
        }

        if (result < 0) error = -result;
        if (result < 0 || operation.Call == RingCall.DataSync) return true;
        operation.Moved += result;
        return operation.Moved >= operation.Slice.Length || TransferEnd.IsReached(result, alignment);
    }

    public void Dispose() => _bounce?.Dispose();

    private static void Add(IRing ring, int key, RingOperation operation, IoVector* vectors, int count) => ring.Add(new RingRequest
    {
        Key = key,
        Call = operation.Call,
        Descriptor = operation.Descriptor,
        Vectors = vectors,
        Count = count,
        Offset = operation.Offset + operation.Moved,
        OnKernelThread = operation.OnKernelThread,
    });

    private IoVector FillBounce(RingOperation operation, DataSlice left)
    {
        operation.Bounce = _bounce!.Rent();
        int length = Math.Min(left.Length, BounceBuffers.Length);
        if (operation.Call != RingCall.Read) left.Slice(0, length).CopyTo(new Span<byte>((void*)operation.Bounce, length));
        return new IoVector { Base = operation.Bounce, Length = (nuint)length };
    }

    private void EmptyBounce(RingOperation operation, int result)
    {
        if (operation.Call == RingCall.Read && result > 0)
            operation.Slice.Slice(operation.Moved, result).CopyFrom(new ReadOnlySpan<byte>((void*)operation.Bounce, result));
        _bounce!.Return(operation.Bounce);
        operation.Bounce = 0;
    }
}
