using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>
/// Counts the calls that are within the store, so that its descriptor is closed after the last of them: one closed earlier may already be somebody else's file.
/// </summary>
internal sealed class OperationGate
{
    private const int ClosedMark = int.MinValue;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    /// <summary>Enters; false when the gate is closed.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _state) > 0) return true;
        Leave();
        return false;
    }

    /// <summary>Enters for a call with a range, unless the call is to be refused.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="storeLength">Size of the store in bytes.</param>
    /// <param name="alignment">What offset and length must be multiples of.</param>
    /// <param name="cancellationToken">Of the call.</param>
    /// <param name="refusal">With false: what the call answers.</param>
    public bool TryEnter(long offset, long length, long storeLength, int alignment, CancellationToken cancellationToken, out StorageResult refusal)
    {
        refusal = default;
        if (!TryEnter())
        {
            refusal = StorageStatus.Unavailable;
            return false;
        }

        if (cancellationToken.IsCancellationRequested) refusal = StorageStatus.Cancelled;
        else if (!StoreRange.Fits(offset, length, storeLength)) refusal = StorageStatus.OutOfRange;
        else if (!StoreRange.IsAligned(offset, length, alignment)) refusal = StorageStatus.NotSupported;
        else return true;
        Leave();
        return false;
    }

    /// <summary>Leaves after a successful <see cref="TryEnter()"/>.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _state) == ClosedMark) _drained.TrySetResult();
    }

    /// <summary>Lets nobody in any more; completes when everybody has left.</summary>
    /// <returns>False for every call but the first.</returns>
    public async ValueTask<bool> CloseAsync()
    {
        int before = Interlocked.Or(ref _state, ClosedMark);
        if (before == 0) _drained.TrySetResult();
        await _drained.Task;
        return before >= 0;
    }
}
